"""A workload's template and its revisions: what is remembered, under which hash."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import msgspec

from foretell.model.objects import (
    ControllerRevision,
    Deployment,
    PodOwner,
    ReplicaSet,
    Revisioned,
    StatefulSet,
)
from foretell.model.revisions import compact, fnv1, revision_hash, safe_encoded

HASH_LABEL = "controller-revision-hash"
SET_LABEL = "pod-template-hash"
INDEX_LABEL = "apps.kubernetes.io/pod-index"
NAME_LABEL = "statefulset.kubernetes.io/pod-name"


@lru_cache(maxsize=1024)
def _document(origin: bytes) -> dict[str, Any]:
    document: dict[str, Any] = msgspec.json.decode(origin)
    return document


def template_of(workload: PodOwner | Deployment) -> dict[str, Any]:
    """The workload's template as it is stored."""
    template: dict[str, Any] = _document(workload.origin)["spec"]["template"]
    return template


def remembered_template(revision: ControllerRevision) -> dict[str, Any]:
    """The template that a revision remembers; empty where it remembers something else."""
    template = _document(revision.origin).get("data", {}).get("spec", {}).get("template", {})
    return {key: value for key, value in template.items() if key != "$patch"}


@lru_cache(maxsize=4096)
def _identity(origin: bytes, kind: str) -> str:
    document = _document(origin)
    template = document.get("data" if kind == "ControllerRevision" else "spec", {})
    template = template.get("spec", template).get("template", {})
    return compact({key: value for key, value in template.items() if key != "$patch"})


def template_identity(thing: Revisioned | ControllerRevision) -> str:
    """A text that is equal for equal templates."""
    return _identity(thing.origin, thing.kind)


@lru_cache(maxsize=4096)
def _pattern(origin: bytes) -> str:
    template = dict(_document(origin)["spec"].get("template", {}))
    meta = {key: value for key, value in template.get("metadata", {}).items() if value}
    labels = {key: value for key, value in meta.pop("labels", {}).items() if key != SET_LABEL}
    return compact({**template, "metadata": {**meta, "labels": labels}})


def pattern_of(workload: ReplicaSet | Deployment) -> str:
    """A text that is equal for templates that are, but for the label that tells ReplicaSets apart.

    Source: Kubernetes deployment_util.go (`EqualIgnoreHash`).
    """
    return _pattern(workload.origin)


@lru_cache(maxsize=1024)
def _hash(origin: bytes, collisions: int) -> str:
    return revision_hash(_document(origin)["spec"]["template"], collisions)


@lru_cache(maxsize=1024)
def _set_hash(origin: bytes, collisions: int) -> str:
    return safe_encoded(fnv1(compact(_document(origin)["spec"].get("template", {})) + str(collisions)))


def set_hash(workload: Deployment, collisions: int) -> str:
    """The hash of the template of a Deployment's next ReplicaSet.

    It is a stable stand-in: the real one hashes a dump of Go structures.
    Source: Kubernetes controller_utils.go (`ComputeHash`).
    """
    return _set_hash(workload.origin, collisions)


def next_revision_name(workload: Revisioned) -> str:
    """What a revision of the workload's present template is called."""
    return f"{workload.name}-{_hash(workload.origin, workload.status.collision_count)}"


def pod_label(workload: Revisioned, revision_name: str) -> str:
    """What pods of a revision bear: StatefulSets use its whole name, DaemonSets the hash alone."""
    if isinstance(workload, StatefulSet):
        return revision_name
    return revision_name.removeprefix(f"{workload.name}-")


def label_of_revision(workload: Revisioned, revision: ControllerRevision) -> str:
    """What pods of this revision bear."""
    if isinstance(workload, StatefulSet):
        return revision.name
    return revision.labels.get(HASH_LABEL) or pod_label(workload, revision.name)
