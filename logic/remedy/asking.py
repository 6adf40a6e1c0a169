"""What a goal asks of the rules, as facts: what it wants, and what stood in its way in a failed trial."""

from __future__ import annotations

from functools import singledispatch

from foretell.logic import vocabulary as v
from foretell.logic.covering import covered
from foretell.logic.facts import gate_facts
from foretell.logic.finding import find_node
from foretell.logic.remedy.edits import Surroundings
from foretell.logic.remedy.placement import placement_of
from foretell.logic.remedy.subject import own_pods, top_of
from foretell.logic.remedy.told import Asked, Told, is_daemonic
from foretell.logic.remedy.trial import Bench, Trial, drain_of
from foretell.logic.shapes import Shapes
from foretell.logic.vocabulary import Term
from foretell.model.cluster import Cluster
from foretell.model.forecast import Obstacle, Why
from foretell.model.meta import Key
from foretell.model.objects import (
    DaemonSet,
    PodDisruptionBudget,
    StatefulSet,
)
from foretell.model.remedy import Drained, Goal, RunsOn, Schedulable, Spared, Unstuck

_ON_DELETE = "OnDelete"


@singledispatch
def asked(goal: Goal, bench: Bench, trial: Trial) -> Asked:  # noqa: ARG001 - each goal has its own
    """The facts of a goal that doesn't hold as things stand; raises NotFoundError."""
    raise TypeError(f"no such goal: {goal!r}")


@asked.register
def _(goal: RunsOn, bench: Bench, trial: Trial) -> Asked:
    told = Told(bench, trial)
    subject = told.subject(goal.workload)
    told.hindrances(subject)
    cluster = trial.story.after
    running = {pod.spec.node_name for pod in own_pods(cluster, subject.thing)}
    wanted = [find_node(cluster, name) for name in goal.nodes] if goal.nodes else list(cluster.nodes)
    there = [node for node in wanted if node.name in running]
    nodes = [node for node in wanted if node.name not in running] or there
    told.lines.append(v.WANTS_PODS(subject.term, len(wanted)))
    found = told.asked(nodes, several=True)
    firsts = tuple(found.surroundings.members)
    wants = [v.WANTS_POD_ON(subject.term, first) for first in firsts]
    found = found._replace(text="\n".join([found.text, *wants]))
    if not is_daemonic(subject):
        return found
    others = placement_of(cluster, (subject,), there, bench.gates).members
    return found._replace(near=tuple(sorted({*firsts, *others})))


@asked.register
def _(goal: Schedulable, bench: Bench, trial: Trial) -> Asked:
    told = Told(bench, trial)
    subject = told.subject(goal.thing)
    told.hindrances(subject)
    told.lines.append(v.WANTS_NODE(subject.term))
    if subject.key == goal.thing:
        told.placed(subject)
    return told.asked(trial.story.after.nodes, several=is_daemonic(subject))


@asked.register
def _(goal: Unstuck, bench: Bench, trial: Trial) -> Asked:
    told = Told(bench, trial)
    subject = told.subject(goal.workload)
    told.hindrances(subject)
    unplaced = any(obstacle.why is Why.POD_UNPLACED for obstacle in told.obstacles.values())
    if unplaced:
        told.lines.append(v.WANTS_NODE(subject.term))
        told.placed(subject)
    return told.asked(trial.story.after.nodes if unplaced else (), several=is_daemonic(subject))


@asked.register
def _(goal: Spared, bench: Bench, trial: Trial) -> Asked:
    told = Told(bench, trial)
    assert trial.sequel is not None
    before = trial.story.after
    lines = [*gate_facts(bench.gates), v.NODE(goal.node)]
    lines.append(v.TAINT(goal.node, Term("taint", (goal.key, goal.value, goal.effect))))
    shapes = Shapes()
    for pod in trial.lost(goal):
        top = top_of(before, pod)
        subject = told.subject(top.key)
        daemonic = isinstance(top, DaemonSet)
        shape = shapes.of_daemon(subject.spec) if daemonic else shapes.of_spec(subject.spec)
        lines += [v.WANTS_TO_STAY(subject.term, goal.node), v.SHAPE(subject.term, shape)]
        lines += [v.DAEMONSET(subject.term)] * daemonic
        if isinstance(top, StatefulSet | DaemonSet) and top.spec.update_strategy.type == _ON_DELETE:
            path = pod.key.path
            lines += [
                v.STRATEGY(subject.term, _ON_DELETE),
                v.OWNER(path, subject.term),
                v.BOUND(path, goal.node),
            ]
    values = [goal.value] if shapes.compares else []
    lines += [*told.lines, *shapes.facts, *shapes.integer_facts(values)]
    around = Surroundings(told.subjects, {goal.node: (goal.node,)}, {}, several=True)
    return Asked("\n".join(dict.fromkeys(lines)), around, {}, (goal.node,))


@asked.register
def _(goal: Drained, bench: Bench, trial: Trial) -> Asked:
    told = Told(bench, trial)
    assert trial.sequel is not None
    after = trial.sequel.after
    drain = Term("drain", (goal.node,))
    budgets: dict[Key, Obstacle] = {}
    obstacles = list(trial.sequel.verdict.obstacles)
    if trial.sequel.refusals:
        # What budgets would hold is only seen where no pod refuses.
        forced = bench.story([drain_of(goal, force=True)], trial.story.after)
        obstacles += forced.verdict.obstacles
    for obstacle in obstacles:
        kind, _, name = obstacle.on.partition("/")
        if kind == "PodDisruptionBudget":
            budgets[Key(kind, obstacle.namespace, name)] = obstacle
        elif obstacle.workload == f"Node/{goal.node}":
            told.hindrance(drain, obstacle)
    for key, obstacle in sorted(budgets.items()):
        budget = after.get(key)
        if isinstance(budget, PodDisruptionBudget):
            told.lines += _budget_facts(told, after, budget, goal.node)
            told.obstacles[Term("budget", (key.path,))] = obstacle
    waiting = [
        pod for pod in after.pods if not pod.spec.node_name and not pod.terminating and not pod.finished
    ]
    homeless = {top_of(after, pod).key for pod in waiting if pod.key not in trial.story.after}
    for key in sorted(homeless):
        if told.cluster.get(key) is not None:
            told.lines.append(v.SEEKS_NODE(told.subject(key).term))
    others = [node for node in after.nodes if node.name != goal.node] if homeless else []
    return told.asked(others, several=False)


def _budget_facts(told: Told, cluster: Cluster, budget: PodDisruptionBudget, node: str) -> list[str]:
    """What of a budget may be altered, and whose pods it covers."""
    path, spec, status = budget.key.path, budget.spec, budget.status
    bound = "max_unavailable" if spec.max_unavailable is not None else "min_available"
    pods = covered(cluster, budget)
    there = sum(pod.spec.node_name == node for pod in pods)
    lines = [
        v.HOLDS_DRAIN(path, Term(bound)),
        v.STANDS_AT(path, status.current_healthy, status.expected_pods),
        v.DRAIN_TAKES(path, there),
    ]
    tops = {top_of(cluster, pod).key for pod in pods}
    known = [key for key in sorted(tops) if key.kind != "Pod" and told.cluster.get(key) is not None]
    return [*lines, *(v.PROTECTS(path, told.subject(key).term) for key in known)]
