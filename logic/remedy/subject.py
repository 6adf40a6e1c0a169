"""The subject of a goal: a workload, or a pod that none has made, with the pod template that edits alter."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from foretell.logic.finding import find
from foretell.logic.vocabulary import Term
from foretell.model.belonging import pods_of
from foretell.model.cluster import Cluster
from foretell.model.meta import Key, Object
from foretell.model.objects import CronJob, Pod, PodSpec

_IN_TEMPLATE = ("spec", "template", "spec")
_PATHS = {"Pod": ("spec",), "CronJob": ("spec", "jobTemplate", *_IN_TEMPLATE)}


class Subject(NamedTuple):
    """A workload or pod, what its pods ask for, and where its document has that."""

    thing: Object
    spec: PodSpec
    path: tuple[str, ...]

    @property
    def key(self) -> Key:
        """The object's key."""
        return self.thing.key

    @property
    def term(self) -> Term:
        """The subject as the rules call it, such as `daemonset("default/agent")`."""
        return Term(self.key.kind.lower(), (self.key.path,))


def subject_of(cluster: Cluster, key: Key) -> Subject:
    """The subject of a key: of what a controller has made the one at the top; raises NotFoundError."""
    top = top_of(cluster, find(cluster, key.kind, key.name, key.namespace))
    if isinstance(top, Pod):
        spec = top.spec
    elif isinstance(top, CronJob):
        spec = top.spec.job_template.spec.template.spec
    else:
        spec = top.spec.template.spec  # type: ignore[attr-defined]
    return Subject(top, spec, _PATHS.get(top.kind, _IN_TEMPLATE))


def top_of(cluster: Cluster, thing: Object) -> Object:
    """The workload at the top of those that control an object, or the object itself."""
    owner = thing.metadata.controller
    above = cluster.by_uid(owner.uid) if owner is not None and owner.uid else None
    if above is None or above not in cluster.workloads:
        return thing
    return top_of(cluster, above)


def own_pods(cluster: Cluster, top: Object) -> Sequence[Pod]:
    """The pods of a workload, in the order of keys, or the subject itself while it is there."""
    if not isinstance(top, Pod):
        return pods_of(cluster, top)
    there = cluster.get(top.key)
    return (there,) if isinstance(there, Pod) else ()
