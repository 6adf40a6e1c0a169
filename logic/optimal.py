"""The best placement of a batch of pending pods, beside what the scheduler does one pod after the other."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Hashable, Iterable, Mapping, Sequence
from math import gcd
from time import monotonic

from foretell.logic import vocabulary as v
from foretell.logic.amounts import Amounts, bound_of, conflicts, ports_of, requests_of
from foretell.logic.gates import default_gates
from foretell.logic.question import Question
from foretell.logic.schedule import alike, bindings, pending_pods
from foretell.logic.solve import optimum
from foretell.logic.standing import Standing
from foretell.model.cluster import Cluster
from foretell.model.collector import collector_paused
from foretell.model.meta import Key
from foretell.model.objects import Pod
from foretell.model.placement import Assignment, Best

_FILES = ("optimal.lp",)
SECONDS = 10.0
"""For how long a best placement is looked for, where no limit is given."""

_LARGEST = 2**31 - 1


def best_placement(
    cluster: Cluster,
    pods: Iterable[Key] | None = None,
    *,
    seconds: float = SECONDS,
    gates: Iterable[str] | None = None,
) -> Best:
    """The best placement of these pending pods, by default of all: the fewest stay pending, evenly spread.

    Running pods stay where they are, priorities don't count, and nobody is driven off. Pods that scheduling
    gates hold back stay pending, and aren't among those that are taken by default. It is looked for
    during so many seconds; what is best by then is given, with the bound that has been reached.
    """
    on = frozenset(default_gates() if gates is None else gates)
    keys = [pod.key for pod in cluster.pods] if pods is None else list(pods)
    batch = pending_pods(cluster, keys, {})
    free = [pod for pod in batch if not pod.spec.scheduling_gates]
    if pods is None:
        batch = free
    groups: dict[Hashable, list[Pod]] = {}
    for pod in free:
        groups.setdefault(alike(pod), []).append(pod)
    kinds = list(groups.values())
    began = monotonic()
    with collector_paused():
        greedy = _Greedy(cluster).place(batch, on)
        places = greedy
        proven, bound, coarse = True, 0, False
        if kinds and cluster.nodes:
            standing = Standing()
            asked = Question(cluster, standing, on).about_batch([group[0] for group in kinds])
            amounts, coarse = _amounts(cluster, standing, kinds)
            facts = "\n".join([asked.text, *amounts, *_clashes(kinds)])
            found = optimum(_FILES, facts, seconds)
            if found is None:
                proven, bound = False, 0
            else:
                proven, bound = found.proven, max(0, len(batch) + found.bound)
                places = _places(kinds, found.answer.get("puts", ()))
                # Cut short, the search may not have come as far as one pod after the other gets; and what
                # comes last may break what an earlier one was bound to, without being bound to it itself.
                if _rank(batch, greedy) < _rank(batch, places):
                    places, proven, bound = greedy, False, 0 if proven else bound
    return Best(
        assignments=tuple(
            Assignment(namespace=p.namespace, pod=p.name, node=places.get(p.key, "")) for p in batch
        ),
        pending=len(batch) - len(places),
        crowding=_crowding(batch, places),
        proven=proven,
        pending_at_least=len(batch) - len(places) if proven else bound,
        greedy_pending=len(batch) - len(greedy),
        seconds=round(monotonic() - began, 3),
        coarse=coarse,
    )


def _rank(pods: Collection[Pod], places: Mapping[Key, str]) -> tuple[int, int]:
    """The less, the better: how many stay pending, and how crowded it gets."""
    return len(pods) - len(places), _crowding(pods, places)


def _crowding(pods: Iterable[Pod], places: Mapping[Key, str]) -> int:
    """How many pairs of alike pods share a node."""
    counts = Counter((alike(pod), places[pod.key]) for pod in pods if pod.key in places)
    return sum(count * (count - 1) // 2 for count in counts.values())


class _Greedy:
    """A cluster while the scheduler places pods one after the other."""

    def __init__(self, cluster: Cluster) -> None:
        self.cluster, self.standing = cluster, Standing()

    def place(self, pods: Sequence[Pod], gates: frozenset[str]) -> dict[Key, str]:
        """Place the pods; the node of each that gets one."""
        keys = {pod.key for pod in pods}
        story = bindings(
            lambda: self.cluster, lambda: keys, self.standing, gates, 0.0,
            queued=lambda _: False, arrivals={},
        )  # fmt: skip
        for outcome in story:
            for key, thing in outcome.writes:
                self.standing.forget(self.cluster.get(key), thing)
            self.cluster = self.cluster.replaced(thing for _, thing in outcome.writes if thing is not None)
        there = (pod for key in sorted(keys) if isinstance(pod := self.cluster.get(key), Pod))
        return {pod.key: pod.spec.node_name for pod in there if pod.spec.node_name}


def _places(kinds: Sequence[list[Pod]], puts: Iterable[tuple[v.Argument, ...]]) -> dict[Key, str]:
    """The node of each pod: of pods that are alike the first ones go to the first nodes."""
    wanted: dict[str, list[tuple[str, int]]] = {}
    for path, node, count in puts:
        wanted.setdefault(str(path), []).append((str(node), int(str(count))))
    places: dict[Key, str] = {}
    for group in kinds:
        rest = iter(group)
        for node, count in sorted(wanted.get(group[0].key.path, [])):
            for _ in range(count):
                places[next(rest).key] = node
    return places


def _amounts(cluster: Cluster, standing: Standing, kinds: Sequence[list[Pod]]) -> tuple[list[str], bool]:
    """What pods ask for and nodes have left, in a unit that divides all amounts of a resource.

    Where sums would be more than clingo counts to the unit is a coarser one: requests are rounded up and
    offers down, so that nothing is placed that doesn't fit. It is told whether that was so.
    """
    coarse = False
    asked = {group[0].key.path: requests_of(group[0].spec) for group in kinds}
    numbers = {group[0].key.path: len(group) for group in kinds}
    lines = [v.BATCH(path, number) for path, number in numbers.items()]
    for resource in sorted({resource for amounts in asked.values() for resource in amounts}):
        wanted = {path: amounts[resource] for path, amounts in asked.items() if amounts.get(resource)}
        left = _left(cluster, standing, resource)
        unit = max(1, gcd(*wanted.values(), *left.values()))
        most = max([*left.values(), sum(amount * numbers[path] for path, amount in wanted.items())])
        if most // unit > _LARGEST:
            unit, coarse = most // _LARGEST + 1, True
        lines += [v.ASKS(path, resource, -(-amount // unit)) for path, amount in wanted.items()]
        lines += [v.ROOM(name, resource, amount // unit) for name, amount in left.items()]
    return lines, coarse


def _left(cluster: Cluster, standing: Standing, resource: str) -> Amounts:
    """By node how much of a resource is left, where there is a bound."""
    left: Amounts = {}
    for node in cluster.nodes:
        whole = bound_of(standing.size(node), resource)
        if whole is not None:
            left[node.name] = max(0, whole - standing.use(cluster, node.name).taken.get(resource, 0))
    return left


def _clashes(kinds: Sequence[list[Pod]]) -> list[str]:
    """Pods that want the same port."""
    firsts: Collection[Pod] = [group[0] for group in kinds]
    return [
        v.CLASH(one.key.path, other.key.path)
        for one in firsts
        for other in firsts
        if any(conflicts(port, ports_of(other.spec)) for port in ports_of(one.spec))
    ]
