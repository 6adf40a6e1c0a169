"""The facts that policies read of objects, predicate by predicate (`inputs.lp`)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from foretell.logic.policy.containers import (
    Row,
    amounts_in,
    containers_of,
    limits,
    requests,
    spec_of,
    tag_of,
    template_of,
    tolerations,
)
from foretell.logic.policy.fields import leaves
from foretell.logic.policy.terms import term_of
from foretell.logic.vocabulary import text_of
from foretell.model.meta import Key, Object
from foretell.model.objects import (
    CronJob,
    DaemonSet,
    Deployment,
    Job,
    Node,
    Pod,
    PodDisruptionBudget,
    ReplicaSet,
    StatefulSet,
    Workload,
)

_SCALED = (StatefulSet, Deployment, ReplicaSet)
_ROLLED = (DaemonSet, StatefulSet)
_EMPTY: Row = ()


class Teller(NamedTuple):
    """What a predicate says of objects of some types: a row for each fact."""

    types: tuple[type[Object], ...]
    rows: Callable[[Object], Iterable[Row]]


def facts_of(thing: Object, predicates: Iterable[str], paths: frozenset[str] | None) -> Iterator[str]:
    """The facts of an object, without full stops; of its fields those at `paths`, or all."""
    subject = text_of(term_of(thing.key))
    for predicate in predicates:
        if predicate == "field":
            rows: Iterable[Row] = leaves(thing, paths)
        else:
            teller = TELLERS[predicate]
            rows = teller.rows(thing) if isinstance(thing, teller.types) else ()
        for row in rows:
            yield f"{predicate}({','.join((subject, *map(text_of, row)))})"


def _owners(thing: Object) -> Iterator[Row]:
    owner = thing.metadata.controller
    if owner is not None:
        yield (term_of(Key(owner.kind, thing.namespace, owner.name)),)


def _conditions(thing: Object) -> Iterator[Row]:
    for condition in getattr(getattr(thing, "status", None), "conditions", ()):
        yield condition.type, condition.status


def _said(flag: bool) -> tuple[Row, ...]:
    return (_EMPTY,) if flag else ()


def _bound(thing: Object) -> Iterator[Row]:
    node = spec_of(thing).node_name
    if node:
        yield (term_of(Key("Node", "", node)),)


def _claims(thing: Object) -> Iterator[Row]:
    if isinstance(thing, Pod):
        for name in thing.claims:
            yield (term_of(Key("PersistentVolumeClaim", thing.namespace, name)),)


def _taints(thing: Object) -> Iterator[Row]:
    for taint in thing.spec.taints if isinstance(thing, Node) else ():
        yield taint.key, taint.value, taint.effect


def _allocatable(thing: Object) -> Iterator[Row]:
    yield from amounts_in(thing.status.allocatable if isinstance(thing, Node) else {})


def _replicas(thing: Object) -> Iterator[Row]:
    if isinstance(thing, _SCALED):
        yield (1 if thing.spec.replicas is None else thing.spec.replicas,)


def _strategy(thing: Object) -> Iterator[Row]:
    if isinstance(thing, _ROLLED):
        yield (thing.spec.update_strategy.type or "RollingUpdate",)
    if isinstance(thing, Deployment):
        yield (thing.spec.strategy.type or "RollingUpdate",)


def _template_labels(thing: Object) -> Iterator[Row]:
    template = template_of(thing)
    yield from template.metadata.labels.items() if template else ()


def _is(*types: type[Object]) -> Teller:
    return Teller(types, lambda _: (_EMPTY,))


_ANY, _POD, _PODS = (Object,), (Pod,), (Pod, *Workload.__args__)

TELLERS = {
    "object": _is(Object),
    "kind": Teller(_ANY, lambda thing: [(thing.key.kind,)]),
    "namespace": Teller(_ANY, lambda thing: [(thing.namespace,)] if thing.namespace else []),
    "name": Teller(_ANY, lambda thing: [(thing.name,)]),
    "label": Teller(_ANY, lambda thing: thing.labels.items()),
    "annotation": Teller(_ANY, lambda thing: thing.metadata.annotations.items()),
    "owner": Teller(_ANY, _owners),
    "terminating": Teller(_ANY, lambda thing: _said(thing.terminating)),
    "condition": Teller(_ANY, _conditions),
    "node": _is(Node),
    "taint": Teller((Node,), _taints),
    "unschedulable": Teller((Node,), lambda t: _said(isinstance(t, Node) and t.spec.unschedulable)),
    "allocatable": Teller((Node,), _allocatable),
    "pod": _is(Pod),
    "phase": Teller(_POD, lambda thing: [(thing.phase,)] if isinstance(thing, Pod) else []),
    "ready": Teller(_POD, lambda thing: _said(isinstance(thing, Pod) and thing.ready)),
    "bound": Teller(_POD, _bound),
    "uses": Teller(_POD, _claims),
    "image": Teller(_PODS, lambda thing: [(each.name, each.image) for each in containers_of(thing)]),
    "tag": Teller(_PODS, lambda thing: [(each.name, tag_of(each.image)) for each in containers_of(thing)]),
    "container": Teller(_PODS, lambda thing: [(each.name,) for each in spec_of(thing).containers]),
    "request": Teller(_PODS, requests),
    "limit": Teller(_PODS, limits),
    "toleration": Teller(_PODS, tolerations),
    "priority": Teller(_POD, lambda thing: [(spec_of(thing).priority,)]),
    "daemonset": _is(DaemonSet),
    "statefulset": _is(StatefulSet),
    "deployment": _is(Deployment),
    "replicaset": _is(ReplicaSet),
    "job": _is(Job),
    "cronjob": _is(CronJob),
    "replicas": Teller(_SCALED, _replicas),
    "strategy": Teller((*_ROLLED, Deployment), _strategy),
    "template_label": Teller(_PODS, _template_labels),
    "budget": _is(PodDisruptionBudget),
    "allows": Teller(
        (PodDisruptionBudget,),
        lambda thing: [(thing.status.disruptions_allowed,)] if isinstance(thing, PodDisruptionBudget) else [],
    ),
    "healthy": Teller(
        (PodDisruptionBudget,),
        lambda thing: [(thing.status.current_healthy,)] if isinstance(thing, PodDisruptionBudget) else [],
    ),
}
"""The predicates that an object by itself tells of, but for `field`."""
