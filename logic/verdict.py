"""The verdict: whether all is as it is wanted, or what the workloads wait for."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from foretell.logic import vocabulary as v
from foretell.logic.facts import Facts, facts_of
from foretell.logic.memory import Memory
from foretell.logic.order import natural
from foretell.logic.quiet import restless
from foretell.logic.round import number_of
from foretell.logic.scope import scope_of
from foretell.logic.solve import solve
from foretell.logic.vocabulary import Argument, Term
from foretell.model.clock import timestamp
from foretell.model.cluster import Cluster
from foretell.model.forecast import Obstacle, Outcome, Verdict, Why

_FILES = ("verdict.lp",)
KINDS = {"pod": "Pod", "claim": "PersistentVolumeClaim"}
"""By what the rules call it: the kind of an object that is waited for."""

# By reason: what is said of the object, and what would free the workload.
SENTENCES: dict[Why, tuple[str, str]] = {
    Why.POD_TERMINATING: (
        "is terminating and does not go",
        "the node's kubelet confirms that it has stopped, or the pod is deleted with grace period 0",
    ),
    Why.POD_FAILED: ("has failed", "the pod is deleted once its back-off ends"),
    Why.POD_UNPLACED: (
        "is on no node: none is feasible",
        "a node takes it: mend its requests, selector or tolerations, or the nodes",
    ),
    Why.POD_NOT_STARTED: (
        "is bound to its node but does not start",
        "its node starts it, or the pod is deleted",
    ),
    Why.POD_NOT_READY: (
        "runs but is not ready",
        "it gets ready, or is deleted by hand: then it is made again from the template of today",
    ),
    Why.POD_NOT_AVAILABLE: ("is ready, but not for minReadySeconds yet", "time passes"),
    Why.POD_BLOCKS_SCALE_DOWN: (
        "is condemned and not ready; those above it wait for it",
        "it gets ready, or is deleted by hand",
    ),
    Why.POD_ON_LOST_NODE: (
        "is an old pod on a node that is gone, which stops a surging roll-out",
        "the pod is deleted (the pod collector does so by itself after a while)",
    ),
    Why.CLAIM_TERMINATING: ("is being deleted", "no pod uses it any more, so that it can go"),
    Why.CLAIM_OF_FORMER_POD: (
        "belongs to a pod that is no more",
        "the garbage collector removes it, then something touches the set",
    ),
    Why.NAME_TAKEN: ("has the name but does not belong to the set", "it is deleted or renamed"),
    Why.BUDGET: (
        "allows no disruption now, so an eviction was refused",
        "more of its pods are healthy, or the budget allows more",
    ),
    Why.PAUSED: ("is paused, so that it doesn't roll out", "it is resumed"),
    Why.DEADLINE_EXCEEDED: (
        "has made no progress for longer than progressDeadlineSeconds, and still waits",
        "its new pods are available, or an earlier template is put back",
    ),
    Why.SEVERAL_BUDGETS: (
        "is not the only budget that covers it, and the eviction API knows no way with several",
        "one budget alone covers it",
    ),
    Why.DAEMON_POD: (
        "is managed by a DaemonSet, so that kubectl doesn't drain the node",
        "the drain is to ignore such pods (--ignore-daemonsets)",
    ),
    Why.DAEMONSET_GONE: (
        "belongs to a DaemonSet that is gone, so that kubectl doesn't drain the node",
        "the drain is forced (--force)",
    ),
    Why.LOCAL_DATA: (
        "has local storage, so that kubectl doesn't drain the node",
        "the drain may delete what it holds (--delete-emptydir-data)",
    ),
    Why.NO_CONTROLLER: (
        "has no controller that would make it again, so that kubectl doesn't drain the node",
        "the drain is forced (--force)",
    ),
    Why.MISSIZED: (
        "has ReplicaSets that remember another size, but sizes none of them, and so does not roll out",
        "its replicas, or those of a ReplicaSet, are set to another number",
    ),
    Why.ASLEEP: (
        "would act, but nothing has woken its controller",
        "something touches it, such as any annotation",
    ),
    Why.SELECTS_EVERYTHING: (
        "has an empty selector, with which its controller refuses to work",
        "its selector selects something",
    ),
    Why.POD_RUNS: ("runs and does not end", "its work is done, or it is deleted"),
    Why.BACKS_OFF: ("starts no pod for a while, as pods have failed", "its back-off is over"),
    Why.SUSPENDED: ("is suspended", "it is resumed: spec.suspend becomes false"),
    Why.FAILED_TOO_OFTEN: (
        "has failed: more of its pods did than backoffLimit allows",
        "it is deleted and made again",
    ),
    Why.FAILED_BY_DEADLINE: (
        "has failed: activeDeadlineSeconds were over before it was done",
        "it is deleted and made again, with more time",
    ),
    Why.FAILED_BY_POLICY: (
        "has failed: a rule of its podFailurePolicy says so",
        "what made its pod fail is mended, and it is made again",
    ),
    Why.FAILED_INDEXES: (
        "has failed: so have indexes of it, as often as backoffLimitPerIndex allows",
        "what made them fail is mended, and it is made again",
    ),
}


def verdict_of(
    cluster: Cluster, memory: Memory, now: float, gates: frozenset[str], others: Iterable[Obstacle] = ()
) -> Verdict:
    """SETTLED when every workload is as it is wanted and nothing else is in the way, else STUCK.

    Obstacles come in this order: by workload, then object (numbers in names by value), then reason.
    """
    facts = verdict_facts(cluster, memory, now, gates)
    found = list(others)
    answer = solve(_FILES, facts.text)
    note = _coming(answer.get("expects_run", ()), now)
    for term, thing, reason in answer.get("waits", ()):
        assert isinstance(thing, Term)
        assert isinstance(reason, Term)
        workload = v.workload_key(term)
        names = [str(workload)]
        if thing.name in KINDS:
            kind, path = KINDS[thing.name], str(thing.arguments[0])
            names = [f"{kind}/{key.name}" for key in facts.alike(v.key_of(kind, path), {})]
        why = Why(reason.name.replace("_", "-"))
        found += [obstacle(str(workload), name, why, workload.namespace) for name in names]
    if not found:
        return Verdict(outcome=Outcome.SETTLED, note=note)
    order = sorted(set(found), key=lambda o: (o.namespace, o.workload, natural(o.on), o.why))
    return Verdict(outcome=Outcome.STUCK, obstacles=tuple(order), note=note)


def verdict_facts(cluster: Cluster, memory: Memory, now: float, gates: frozenset[str]) -> Facts:
    """The facts of the end of a forecast, with every controller awake that isn't sure to be content."""
    remembered = memory.copy()
    remembered.touched |= restless(cluster)
    return facts_of(cluster, scope_of(cluster, remembered, now), remembered, now, gates)


def _coming(expected: Iterable[tuple[Argument, ...]], now: float) -> str:
    """What is said of the next run of a CronJob: forecasts don't wait for it."""
    runs = sorted((number_of(seconds), v.workload_key(term)) for term, seconds in expected)
    if not runs:
        return ""
    seconds, key = runs[0]
    return f"the next run of {key} is due in {seconds:,} s, at {timestamp(now + seconds)}"


def obstacle(workload: str, on: str, why: Why, namespace: str) -> Obstacle:
    """What a workload waits for, with what is said of it."""
    sentence, remedy = SENTENCES[why]
    return Obstacle(workload=workload, namespace=namespace, on=on, why=why, sentence=sentence, remedy=remedy)


def with_outcome(verdict: Verdict, outcome: Outcome, note: str) -> Verdict:
    """The verdict with another outcome, and a note that says why, in front of what it says else."""
    note = "; ".join(filter(None, (note, verdict.note)))
    return msgspec.structs.replace(verdict, outcome=outcome, note=note)
