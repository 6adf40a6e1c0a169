"""The scheduler's queue: which waiting pods are tried again because of what has happened."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Collection, Iterable, Sequence

from foretell.logic import vocabulary as v
from foretell.logic.amounts import Port, allocatable_of, bound_of, conflicts, ports_of, requests_of
from foretell.logic.neighbours import Neighbours
from foretell.logic.seen_nodes import Orders, orders_of, port_text
from foretell.logic.sentences import plugins_in
from foretell.logic.shapes import Shapes
from foretell.logic.solve import solve
from foretell.logic.vocabulary import Term
from foretell.model.cluster import Cluster
from foretell.model.meta import Key, Object
from foretell.model.objects import Node, PersistentVolume, PersistentVolumeClaim, Pod, StorageClass

SCHEDULED = "PodScheduled"
News = Sequence[tuple[Object | None, Object | None]]
"""What has been written: objects as they were and as they are."""

_STORAGE = (PersistentVolumeClaim, PersistentVolume, StorageClass)


def sentence_of(pod: Pod) -> str:
    """What the scheduler last said of a pod that it couldn't place; empty where it has said nothing."""
    return next((c.message for c in pod.status.conditions if c.type == SCHEDULED and c.status == "False"), "")


def concerns_scheduler(old: Object | None, new: Object | None) -> bool:
    """Whether a write may let the scheduler try a waiting pod again."""
    thing = new if new is not None else old
    if isinstance(thing, Pod):
        return bool(thing.spec.node_name) or (isinstance(old, Pod) and bool(old.spec.node_name))
    return isinstance(thing, (Node, *_STORAGE))


def requeued(cluster: Cluster, news: News, waiting: Iterable[Pod]) -> set[Key]:
    """The waiting pods that are tried again because of the news."""
    pods = [pod for pod in waiting if sentence_of(pod)]
    if not pods or not news:
        return set()
    shapes = Shapes()
    neighbours = Neighbours(cluster, shapes)
    lines: list[str] = []
    sizes = orders_of(requests_of(pod.spec) for pod in pods)
    for pod in pods:
        lines += _pod(neighbours, shapes, pod)
        for resource, amount in sorted(requests_of(pod.spec).items()):
            place = bisect_right(sizes[resource], amount)
            lines.append(v.REQUESTS(pod.key.path, resource, place))
    nodes = [(old, new) for old, new in news if isinstance(new, Node)]
    for number, (old, new) in enumerate(nodes):
        lines += _node(new, new.name, neighbours, sizes)
        if isinstance(old, Node):
            former = f"{new.name}~{number}"
            lines += _node(old, former, neighbours, sizes)
            lines += [v.BECAME(former, new.name), *_growth(old, new)]
        else:
            lines.append(v.ARRIVES(new.name))
    if any(isinstance(thing, _STORAGE) for pair in news for thing in pair):
        lines.append(v.STORAGE_NEWS())
    lines += _guests(neighbours, news, {port for pod in pods for port in ports_of(pod.spec)})
    values = [taint.value for _, node in nodes for taint in node.spec.taints]
    values += [value for _, node in nodes for value in node.labels.values()]
    facts = [*lines, *neighbours.facts(pods, 0), *shapes.facts, *shapes.integer_facts(values)]
    answer = solve(("requeue.lp",), "\n".join(facts))
    return {v.key_of("Pod", str(path)) for (path,) in answer.get("requeued", ())}


def _pod(neighbours: Neighbours, shapes: Shapes, pod: Pod) -> list[str]:
    path = pod.key.path
    neighbours.ask(pod)
    lines = [v.PENDING(path), v.SHAPE(path, shapes.of_spec(pod.spec, pinned=bool(pod.confined_to)))]
    lines += [v.WANTS_PORT(path, port_text(port)) for port in sorted(ports_of(pod.spec))]
    if pod.confined_to:
        lines.append(v.PINNED(path, pod.confined_to))
    lines += [v.REJECTED_BY(path, plugin) for plugin in sorted(plugins_in(sentence_of(pod)))]
    return lines


def _node(node: Node, name: str, neighbours: Neighbours, sizes: Orders) -> list[str]:
    lines = [v.NODE(name)]
    lines += [v.TAINT(name, Term("taint", (t.key, t.value, t.effect))) for t in node.spec.taints]
    lines += [v.HAS(name, Term("label", (k,)), x) for k, x in sorted(node.labels.items())]
    lines.append(v.HAS(name, Term("field", ("metadata.name",)), node.name))
    if node.spec.unschedulable:
        lines.append(v.UNSCHEDULABLE(name))
    for key in sorted(neighbours.topology_keys & set(node.labels)):
        lines.append(v.TOPOLOGY(name, key, node.labels[key]))
    size = allocatable_of(node)
    for resource, order in sizes.items():
        whole = bound_of(size, resource)
        held = len(order) if whole is None else bisect_right(order, whole)
        lines.append(v.HOLDS(name, resource, held))
    return lines


def _growth(old: Node, new: Node) -> list[str]:
    before, after = allocatable_of(old) or {}, allocatable_of(new) or {}
    return [
        v.GROWS(new.name, resource) for resource in sorted(after) if after[resource] > before.get(resource, 0)
    ]


def _guests(neighbours: Neighbours, news: News, wanted: Collection[Port]) -> list[str]:
    """Pods that have come to a node or left one, as kinds of pods by what terms see of them.

    Of their ports it is told which wanted ones they conflict with.
    """
    lines: list[str] = []
    for old, new in news:
        was, now = _guest(old), _guest(new)
        if was is not None and now is not None and was.labels == now.labels:
            continue
        for guest, predicate in ((was, v.LEAVES_NODE), (now, v.ENTERS_NODE)):
            if guest is None:
                continue
            kinds, minds = neighbours.of_guests([guest], [guest])
            for kind in kinds or ["somebody"]:
                lines.append(predicate(kind))
                lines += [v.GUARDS(kind, term, n) for (term, weight), n in minds.items() if not weight]
                taken = ports_of(guest.spec)
                lines += [v.PORT_TAKEN(kind, port_text(p)) for p in sorted(wanted) if conflicts(p, taken)]
    return lines


def _guest(thing: Object | None) -> Pod | None:
    """A pod that is on a node and hasn't ended."""
    if isinstance(thing, Pod) and thing.spec.node_name and not thing.finished:
        return thing
    return None
