"""The facts that policies read of objects, predicate by predicate (`inputs.lp`)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from foretell.logic.amounts import units
from foretell.logic.policy.fields import leaves
from foretell.logic.policy.terms import term_of
from foretell.logic.vocabulary import Argument, text_of
from foretell.model.errors import QuantityError
from foretell.model.meta import Key, Object
from foretell.model.objects import (
    Container,
    CronJob,
    DaemonSet,
    Deployment,
    Job,
    Node,
    Pod,
    PodDisruptionBudget,
    PodOwner,
    PodSpec,
    PodTemplate,
    ReplicaSet,
    StatefulSet,
    Workload,
)

Row = tuple[Argument, ...]
"""The arguments of a fact after the object itself."""
_MEBIBYTE = 2**20
_GREATEST = 2**31 - 1
_BYTES = ("memory", "ephemeral-storage", "storage", "hugepages-")
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


def template_of(thing: Object) -> PodTemplate | None:
    """The template of a workload's pods; None for other objects."""
    if isinstance(thing, CronJob):
        return thing.spec.job_template.spec.template
    return thing.spec.template if isinstance(thing, PodOwner | Deployment) else None


def _spec(thing: Object) -> PodSpec:
    template = template_of(thing)
    return template.spec if template else thing.spec if isinstance(thing, Pod) else PodSpec()


def _containers(thing: Object) -> Iterator[Container]:
    spec = _spec(thing)
    yield from spec.init_containers
    yield from spec.containers


def _amount(resource: str, text: str | int | float) -> int:
    """An amount in thousandths of a core, MiB or pieces."""
    whole = units(resource, text)
    if resource.startswith(_BYTES):
        whole = -(-whole // _MEBIBYTE)
    return min(whole, _GREATEST)


def _amounts(texts: dict[str, str | int | float]) -> Iterator[tuple[str, int]]:
    for resource, text in texts.items():
        try:
            yield resource, _amount(resource, text)
        except QuantityError:
            continue


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
    node = _spec(thing).node_name
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
    yield from _amounts(thing.status.allocatable if isinstance(thing, Node) else {})


def _tag(image: str) -> str:
    """The digest of an image or else its tag, as its name has it; that is latest where there is neither."""
    name, _, digest = image.partition("@")
    return digest or name.rpartition("/")[2].partition(":")[2] or "latest"


def _requests(thing: Object) -> Iterator[Row]:
    for container in _containers(thing):
        for resource, amount in _amounts({**container.resources.limits, **container.resources.requests}):
            yield container.name, resource, amount


def _limits(thing: Object) -> Iterator[Row]:
    for container in _containers(thing):
        for resource, amount in _amounts(container.resources.limits):
            yield container.name, resource, amount


def _tolerations(thing: Object) -> Iterator[Row]:
    for each in _spec(thing).tolerations:
        yield each.key, each.operator or "Equal", each.value, each.effect


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
    "image": Teller(_PODS, lambda thing: [(each.name, each.image) for each in _containers(thing)]),
    "tag": Teller(_PODS, lambda thing: [(each.name, _tag(each.image)) for each in _containers(thing)]),
    "container": Teller(_PODS, lambda thing: [(each.name,) for each in _spec(thing).containers]),
    "request": Teller(_PODS, _requests),
    "limit": Teller(_PODS, _limits),
    "toleration": Teller(_PODS, _tolerations),
    "priority": Teller(_POD, lambda thing: [(_spec(thing).priority,)]),
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
