"""Checks of objects that were read: what the decoder lets pass, but no API server would have stored."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain

from foretell.model.errors import ManifestError, QuantityError
from foretell.model.faults import (
    NODE_OPERATORS,
    Fault,
    amount_faults,
    label_faults,
    number_faults,
    quantity_faults,
    requirement_faults,
    selector_faults,
    taint_faults,
    toleration_faults,
)
from foretell.model.meta import Object
from foretell.model.objects import (
    DaemonSet,
    Node,
    Other,
    PersistentVolume,
    PersistentVolumeClaim,
    Pod,
    PodDisruptionBudget,
    PodSpec,
    PodTemplate,
    Resources,
    StatefulSet,
)
from foretell.model.quantity import parse_quantity
from foretell.model.syntax import is_name, name_problems

_REQUIRED = "affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution"


def check(thing: Object) -> None:
    """Raise ManifestError for the first fault of an object; custom resources and the like have none."""
    if not isinstance(thing, Other):
        for path, problem in chain(_meta(thing), _own(thing)):
            raise ManifestError(problem, path=path)


class Checks:
    """Checks the objects of one source; what pods share (see `Sharing`) is looked at once."""

    def __init__(self) -> None:
        # The specs themselves are kept, so that no other value can have the identity of one of their parts.
        self._sound: dict[tuple[int, ...], PodSpec] = {}

    def check(self, thing: Object) -> None:
        """Raise ManifestError for the first fault of an object."""
        if not isinstance(thing, Pod) or not self._known(thing):
            check(thing)

    def _known(self, pod: Pod) -> bool:
        spec, metadata = pod.spec, pod.metadata
        parts = (
            id(spec.containers), id(spec.init_containers), id(spec.overhead), id(spec.tolerations),
            id(spec.node_selector), id(spec.affinity),
        )  # fmt: skip
        if self._sound.setdefault(parts, spec) is spec:
            return False
        return (
            is_name(metadata.name)
            and is_name(metadata.namespace)
            and not any(volume.empty_dir for volume in spec.volumes)
            and not any(label_faults(metadata.labels, ""))
        )


def _own(thing: Object) -> Iterator[Fault]:
    if isinstance(thing, Pod):
        return _pod_spec(thing.spec, "$.spec")
    if isinstance(thing, Node):
        return _node(thing)
    if isinstance(thing, DaemonSet):
        return _daemonset(thing)
    if isinstance(thing, StatefulSet):
        return _statefulset(thing)
    if isinstance(thing, PodDisruptionBudget):
        return _budget(thing)
    if isinstance(thing, PersistentVolumeClaim):
        return _resources(thing.spec.resources, "$.spec.resources")
    if isinstance(thing, PersistentVolume):
        return quantity_faults(thing.spec.capacity, "$.spec.capacity")
    return iter(())


def _meta(thing: Object) -> Iterator[Fault]:
    for field in ("name", "namespace"):
        name = getattr(thing.metadata, field)
        if name and not is_name(name) and name_problems(name):
            rule = "at most 253 lower case letters, digits, '-' and '.', with a letter or digit at both ends"
            yield f"$.metadata.{field}", f"{name!r} is no valid name: expected {rule} (RFC 1123)"
    yield from label_faults(thing.labels, "$.metadata.labels")


def _node(node: Node) -> Iterator[Fault]:
    yield from taint_faults(node.spec.taints, "$.spec.taints")
    yield from quantity_faults(node.status.capacity, "$.status.capacity")
    yield from quantity_faults(node.status.allocatable, "$.status.allocatable")


def _daemonset(daemonset: DaemonSet) -> Iterator[Fault]:
    spec = daemonset.spec
    yield from selector_faults(spec.selector, "$.spec.selector")
    yield from _template(spec.template)
    rolling = spec.update_strategy.rolling_update
    if rolling:
        yield from amount_faults(
            rolling.max_unavailable, "$.spec.updateStrategy.rollingUpdate.maxUnavailable"
        )
        yield from amount_faults(rolling.max_surge, "$.spec.updateStrategy.rollingUpdate.maxSurge")
    yield from number_faults(spec.min_ready_seconds, "$.spec.minReadySeconds")


def _statefulset(statefulset: StatefulSet) -> Iterator[Fault]:
    spec = statefulset.spec
    yield from number_faults(spec.replicas, "$.spec.replicas")
    yield from selector_faults(spec.selector, "$.spec.selector")
    yield from _template(spec.template)
    rolling = spec.update_strategy.rolling_update
    if rolling:
        yield from number_faults(rolling.partition, "$.spec.updateStrategy.rollingUpdate.partition")
        yield from amount_faults(
            rolling.max_unavailable, "$.spec.updateStrategy.rollingUpdate.maxUnavailable"
        )
    yield from number_faults(spec.min_ready_seconds, "$.spec.minReadySeconds")
    yield from number_faults(spec.ordinals.start if spec.ordinals else 0, "$.spec.ordinals.start")
    for index, claim in enumerate(spec.volume_claim_templates):
        yield from _resources(claim.spec.resources, f"$.spec.volumeClaimTemplates[{index}].spec.resources")


def _budget(budget: PodDisruptionBudget) -> Iterator[Fault]:
    yield from amount_faults(budget.spec.min_available, "$.spec.minAvailable")
    yield from amount_faults(budget.spec.max_unavailable, "$.spec.maxUnavailable")
    yield from selector_faults(budget.spec.selector, "$.spec.selector")


def _template(template: PodTemplate) -> Iterator[Fault]:
    yield from label_faults(template.metadata.labels, "$.spec.template.metadata.labels")
    yield from _pod_spec(template.spec, "$.spec.template.spec")


def _pod_spec(spec: PodSpec, path: str) -> Iterator[Fault]:
    for group, containers in (("containers", spec.containers), ("initContainers", spec.init_containers)):
        for index, container in enumerate(containers):
            yield from _resources(container.resources, f"{path}.{group}[{index}].resources")
    if spec.overhead:
        yield from quantity_faults(spec.overhead, f"{path}.overhead")
    if spec.tolerations:
        yield from toleration_faults(spec.tolerations, f"{path}.tolerations")
    if spec.node_selector:
        yield from label_faults(spec.node_selector, f"{path}.nodeSelector")
    affinity = spec.affinity and spec.affinity.node_affinity
    for index, term in enumerate(
        affinity.required.node_selector_terms if affinity and affinity.required else ()
    ):
        place = f"{path}.{_REQUIRED}.nodeSelectorTerms[{index}]"
        yield from requirement_faults(term.match_expressions, f"{place}.matchExpressions", NODE_OPERATORS)
        yield from requirement_faults(term.match_fields, f"{place}.matchFields", ("In", "NotIn"))
    for index, volume in enumerate(spec.volumes):
        limit = volume.empty_dir and volume.empty_dir.get("sizeLimit")
        if isinstance(limit, (str, int, float)):
            yield from _quantity(limit, f"{path}.volumes[{index}].emptyDir.sizeLimit")


def _resources(resources: Resources, path: str) -> Iterator[Fault]:
    if resources.requests:
        yield from quantity_faults(resources.requests, f"{path}.requests")
    if resources.limits:
        yield from quantity_faults(resources.limits, f"{path}.limits")


def _quantity(quantity: str | int | float, path: str) -> Iterator[Fault]:
    try:
        parse_quantity(quantity)
    except QuantityError as error:
        yield path, str(error)
