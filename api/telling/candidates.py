"""Pods whose placement is asked about: those that are there, and those that manifests would make."""

from __future__ import annotations

from collections.abc import Iterator

from foretell.api.telling.manifests import changes_in
from foretell.logic.carried import moment_of
from foretell.logic.edits import edit
from foretell.logic.finding import find_pod
from foretell.logic.stamps import candidate_pod
from foretell.model.changes import Apply, Change
from foretell.model.cluster import Cluster
from foretell.model.errors import ManifestError
from foretell.model.objects import CronJob, Pod, Workload

_STDIN = "<stdin>"


def named_pod(cluster: Cluster, name: str, namespace: str) -> Pod:
    """The pod of a name, or of `owner@node`; raises NotFoundError."""
    return find_pod(cluster, name, namespace)


def candidate_pods(cluster: Cluster, source: str, namespace: str, gates: frozenset[str]) -> list[Pod]:
    """The pods of a file's manifests: pods themselves, and the next pod of each workload.

    Raises ManifestError for what is neither, RejectedError for what the API server refuses.
    """
    try:
        return [
            pod for change in changes_in((source,), namespace) for pod in _pods_of(cluster, change, gates)
        ]
    except ManifestError as error:
        raise error.at(_STDIN if source == "-" else source) from None


def manifest_pods(cluster: Cluster, text: str, namespace: str, gates: frozenset[str]) -> list[Pod]:
    """The pods of a text of manifests; raises as `candidate_pods` does."""
    try:
        changes = changes_in((text.encode(),), namespace)
        return [pod for change in changes for pod in _pods_of(cluster, change, gates)]
    except ManifestError as error:
        raise ManifestError(
            error.problem, source="the manifests", document=error.document, path=error.path
        ) from None


def _pods_of(cluster: Cluster, change: Change, gates: frozenset[str]) -> Iterator[Pod]:
    """The pods that a manifest stands for."""
    if not isinstance(change, Apply):
        raise ManifestError("a change has no place: expected manifests of pods or workloads", path="$")
    for thing in edit(cluster, change, moment_of(cluster), gates).puts:
        if isinstance(thing, Pod):
            yield thing
        elif isinstance(thing, Workload) and not isinstance(thing, CronJob):
            yield candidate_pod(cluster, thing)
        else:
            raise ManifestError(
                f"{thing.kind} {thing.name!r} has no pods to place: expected a pod or a workload",
                path="$.kind",
            )
