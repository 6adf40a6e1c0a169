"""Pods whose placement is asked about: those that are there, and those that manifests would make."""

from __future__ import annotations

from foretell.api.telling.manifests import changes_in
from foretell.logic.edits import edit
from foretell.logic.finding import find_pod
from foretell.logic.forecast import moment_of
from foretell.logic.stamps import candidate_pod
from foretell.model.changes import Apply
from foretell.model.cluster import Cluster
from foretell.model.errors import ManifestError
from foretell.model.objects import CronJob, Pod, Workload


def named_pod(cluster: Cluster, name: str, namespace: str) -> Pod:
    """The pod of a name, or of `owner@node`; raises NotFoundError."""
    return find_pod(cluster, name, namespace)


def candidate_pods(cluster: Cluster, source: str, namespace: str, gates: frozenset[str]) -> list[Pod]:
    """The pods of a file's manifests: pods themselves, and the next pod of each workload.

    Raises ManifestError for what is neither, RejectedError for what the API server refuses.
    """
    pods: list[Pod] = []
    for change in changes_in((source,), namespace):
        if not isinstance(change, Apply):
            raise ManifestError("a change has no place: expected manifests of pods or workloads", path="$")
        wanted = edit(cluster, change, moment_of(cluster), gates)
        for thing in wanted.puts:
            if isinstance(thing, Pod):
                pods.append(thing)
            elif isinstance(thing, Workload) and not isinstance(thing, CronJob):
                pods.append(candidate_pod(cluster, thing))
            else:
                raise ManifestError(
                    f"{thing.kind} {thing.name!r} has no pods to place: expected a pod or a workload",
                    path="$.kind",
                )
    return pods
