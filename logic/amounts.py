"""What pods ask of nodes and what nodes have, in whole units: thousandths of a core, bytes, pieces."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache
from math import ceil

from foretell.model.objects import Container, Node, PodSpec
from foretell.model.quantity import parse_quantity

Amounts = dict[str, int]
Texts = Mapping[str, str | int | float]
Port = tuple[str, str, int]
_SIDECAR = "Always"
_THOUSANDTHS = ("cpu",)
# What every kubelet reports: where a node written by hand leaves it out, there is no bound.
REPORTED = ("cpu", "memory", "ephemeral-storage", "pods")
# What a container that doesn't say is taken to ask for when nodes are scored.
# Source: pkg/scheduler/util/pod_resources.go.
UNSAID = {"cpu": 100, "memory": 200 * 2**20}


@lru_cache(maxsize=65536)
def units(resource: str, text: str | int | float) -> int:
    """A quantity in the resource's whole units, rounded up. Source: `Quantity.MilliValue`, `Value`."""
    return ceil(parse_quantity(text) * (1000 if resource in _THOUSANDTHS else 1))


def amounts_of(texts: Texts) -> Amounts:
    """Quantities by resource, in whole units."""
    return {resource: units(resource, text) for resource, text in texts.items()}


def allocatable_of(node: Node) -> Amounts | None:
    """What a node has in all; None where it was written by hand without numbers, which means no bounds."""
    return amounts_of(node.status.allocatable) if node.status.allocatable else None


def bound_of(size: Amounts | None, resource: str) -> int | None:
    """How much of a resource a node of this size has; None where it has as much as anybody asks for."""
    if size is None:
        return None
    return size.get(resource, None if resource in REPORTED else 0)


def _asked(container: Container) -> tuple[tuple[str, str | int | float], ...]:
    # What isn't requested but limited is requested up to the limit.
    return tuple({**container.resources.limits, **container.resources.requests}.items())


def requests_of(spec: PodSpec) -> Amounts:
    """What a pod asks of a node, by resource; itself counts as one of `pods`.

    Source: Kubernetes resource helpers (`PodRequests`): init containers run before the others, those that
    restart always run beside them.
    """
    return _requests(*_containers(spec), ())


def scored_requests_of(spec: PodSpec) -> Amounts:
    """The same with what a container that says nothing is taken to ask for when nodes are scored."""
    return _requests(*_containers(spec), tuple(UNSAID.items()))


Asked = tuple[tuple[str, str | int | float], ...]


def _containers(
    spec: PodSpec,
) -> tuple[tuple[Asked, ...], tuple[tuple[Asked, bool], ...], Asked, Asked]:
    main = tuple(_asked(container) for container in spec.containers)
    first = tuple((_asked(c), c.restart_policy == _SIDECAR) for c in spec.init_containers)
    whole = {**spec.resources.limits, **spec.resources.requests}
    return main, first, tuple(spec.overhead.items()), tuple(whole.items())


@lru_cache(maxsize=16384)
def _requests(
    main: tuple[Asked, ...],
    first: tuple[tuple[Asked, bool], ...],
    overhead: Asked,
    whole: Asked,
    unsaid: tuple[tuple[str, int], ...],
) -> Amounts:
    total: Amounts = {}
    for asked in main:
        _add(total, amounts_of(dict(asked)), unsaid)
    sidecars: Amounts = {}
    most: Amounts = {}
    for asked, beside_others in first:
        amounts = amounts_of(dict(asked))
        if beside_others:
            _add(sidecars, amounts, unsaid)
            _raise_to(most, sidecars)
        else:
            beside = dict(sidecars)
            _add(beside, amounts, unsaid)
            _raise_to(most, beside)
    _add(total, sidecars, ())
    _raise_to(total, most)
    # What the pod asks for as a whole counts in place of what its containers ask for.
    total.update(amounts_of(dict(whole)))
    _add(total, amounts_of(dict(overhead)), ())
    total["pods"] = 1
    return total


def _add(total: Amounts, more: Amounts, unsaid: Iterable[tuple[str, int]]) -> None:
    for resource, amount in {**dict(unsaid), **more}.items():
        total[resource] = total.get(resource, 0) + amount


def _raise_to(total: Amounts, least: Amounts) -> None:
    for resource, amount in least.items():
        total[resource] = max(total.get(resource, 0), amount)


def ports_of(spec: PodSpec) -> frozenset[Port]:
    """The host ports that a pod wants, also for its sidecars: address, protocol and number."""
    sidecars = (container for container in spec.init_containers if container.restart_policy == _SIDECAR)
    ports = (p for container in (*spec.containers, *sidecars) for p in container.ports if p.host_port)
    return frozenset((p.host_ip or "0.0.0.0", p.protocol or "TCP", p.host_port) for p in ports)


def conflicts(port: Port, taken: Iterable[Port]) -> bool:
    """Whether a wanted host port is taken; the address 0.0.0.0 stands for all."""
    address, protocol, number = port
    return any(
        (protocol, number) == other[1:] and (address == other[0] or "0.0.0.0" in (address, other[0]))
        for other in taken
    )
