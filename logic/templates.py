"""A workload's template and its revisions: what is remembered, under which hash."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import msgspec

from foretell.model.objects import ControllerRevision, Job, Revisioned, StatefulSet
from foretell.model.revisions import compact, revision_hash

HASH_LABEL = "controller-revision-hash"


@lru_cache(maxsize=1024)
def _document(origin: bytes) -> dict[str, Any]:
    document: dict[str, Any] = msgspec.json.decode(origin)
    return document


def template_of(workload: Revisioned | Job) -> dict[str, Any]:
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


@lru_cache(maxsize=1024)
def _hash(origin: bytes, collisions: int) -> str:
    return revision_hash(_document(origin)["spec"]["template"], collisions)


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
