"""What every node says of a pod, and what the scheduler would do with it."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from foretell.logic.carried import leave, standing_of
from foretell.logic.gates import default_gates
from foretell.logic.neighbours import Neighbours
from foretell.logic.question import Question
from foretell.logic.requeue import sentence_of
from foretell.logic.schedule import Go, Outcome, pending_pods
from foretell.logic.sentences import GATED, phrase_of
from foretell.logic.solve import solve
from foretell.logic.standing import Standing
from foretell.logic.vocabulary import Argument, Term
from foretell.model.cluster import Cluster
from foretell.model.collector import collector_paused
from foretell.model.forecast import Because, Verb
from foretell.model.objects import Pod
from foretell.model.placement import NodeVerdict, Placing, Preempted

replace = msgspec.structs.replace
_FILES = ("place.lp",)
# What reasons are about: terms and constraints, or claims, which are in the pod's own namespace.
_BY_LABEL = frozenset({"keyless", "skew", "far", "too_near", "kept_away"})
_OF_CLAIMS = frozenset({
    "claim_in_use", "claim_missing", "claim_leaving", "claim_unbound", "no_volume", "volume_elsewhere",
    "volume_zone",
})  # fmt: skip


def placing(cluster: Cluster, pod: Pod, *, gates: Iterable[str] | None = None, now: float = 0.0) -> Placing:
    """What the scheduler would do with a pod: the verdict of every node, and its own.

    The pod need not be in the cluster. One that is bound is judged as if it weren't there.
    """
    on = frozenset(default_gates() if gates is None else gates)
    with collector_paused():
        go, waiting = going(cluster, pod, on, now)
        verdicts, points = _verdicts(go, waiting)
        held = bool(waiting.spec.scheduling_gates)
        outcome = Outcome([], []) if held else go.place([waiting], lambda _: True)
    after = next((thing for key, thing in outcome.writes if key == waiting.key), waiting)
    assert isinstance(after, Pod)
    best = max(points.values(), default=0)
    victims = tuple(action.name for action in outcome.actions if action.verb is Verb.DELETE)
    node = after.status.nominated_node_name
    return Placing(
        namespace=pod.namespace,
        pod=pod.name,
        verdicts=verdicts,
        node=after.spec.node_name,
        ties=tuple(name for name, number in points.items() if number == best),
        sentence=GATED if held else sentence_of(after),
        gates=tuple(gate.name for gate in pod.spec.scheduling_gates),
        preempts=Preempted(node=node, victims=victims) if node else None,
    )


def going(
    cluster: Cluster, pod: Pod, gates: frozenset[str], now: float, standing: Standing | None = None
) -> tuple[Go, Pod]:
    """What the scheduler would go by, and the pod as one that waits: a bound one as if it weren't there.

    Without a `standing`, what is known of the nodes since the last forecast or question is used again.
    """
    # Made once, these indexes are carried over to the snapshot that is asked about, and are there next time.
    cluster.occupied_nodes()
    cluster.pods_labelled("", "", "")
    there = cluster.replaced((), [pod.key]) if pod.key in cluster else cluster
    waiting = replace(
        pod,
        spec=replace(pod.spec, node_name=""),
        status=replace(pod.status, phase="Pending", nominated_node_name="", conditions=()),
    )
    there = there.replaced([waiting])
    others = pending_pods(there, [p.key for p in there.pods if not p.spec.node_name], {})
    if standing is None:
        standing = standing_of(there)
        leave(there, standing)
    return Go(there, standing, gates, now, others), waiting


def asking(go: Go) -> Question:
    """The question that every node answers for itself."""
    return Question(go.cluster, go.standing, go.gates, nominated=go.nominated, apart=True)


def _verdicts(go: Go, pod: Pod) -> tuple[tuple[NodeVerdict, ...], dict[str, int]]:
    """Every node's verdict, in order, and the points of those that are feasible."""
    question = asking(go)
    asked = question.about(pod)
    answer = solve(_FILES, asked.text)
    reasons: dict[str, list[Argument]] = {}
    said: dict[str, set[str]] = {}
    for node, _, reason in answer.get("refuses", ()):
        reasons.setdefault(str(node), []).append(reason)
    for node, _, reason in answer.get("gives", ()):
        said.setdefault(str(node), set()).add(phrase_of(reason))
    scores = {str(node): int(str(points)) for node, _, points in answer.get("score", ())}
    verdicts: dict[str, NodeVerdict] = {}
    for first, members in asked.members.items():
        told = {because(reason, question.neighbours) for reason in reasons.get(first, ())}
        ordered = tuple(sorted(told, key=lambda b: (b.reason, b.about, b.key, b.value, b.effect)))
        phrases = tuple(sorted(said.get(first, ())))
        for name in members:
            verdicts[name] = NodeVerdict(node=name, reasons=ordered, said=phrases, points=scores.get(first))
    listed = tuple(verdicts[name] for name in sorted(verdicts))
    return listed, {one.node: one.points for one in listed if one.points is not None}


def because(reason: Argument, neighbours: Neighbours | None = None) -> Because:
    """A reason as a value; what terms and constraints are about is the label of their domains."""
    assert isinstance(reason, Term)
    name, arguments = reason.name.replace("_", "-"), tuple(map(str, reason.arguments))
    if reason.name == "taint":
        key, value, effect = arguments
        return Because(reason=name, key=key, value=value, effect=effect)
    about = arguments[0] if arguments else ""
    if reason.name in _BY_LABEL and neighbours is not None:
        about = neighbours.key_of(about)
    elif reason.name in _OF_CLAIMS:
        about = about.rpartition("/")[2]
    return Because(reason=name, about=about)
