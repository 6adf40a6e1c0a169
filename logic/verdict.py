"""The verdict: whether all is as it is wanted, or what the workloads wait for."""

from __future__ import annotations

import msgspec

from foretell.logic import vocabulary as v
from foretell.logic.facts import facts_of
from foretell.logic.memory import Memory
from foretell.logic.order import natural
from foretell.logic.scope import everything, scope_of
from foretell.logic.solve import solve
from foretell.logic.vocabulary import Term
from foretell.model.cluster import Cluster
from foretell.model.forecast import EvictionAnswer, Obstacle, Outcome, Verdict, Why

_FILES = ("verdict.lp",)

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
}


def verdict_of(
    cluster: Cluster, memory: Memory, now: float, gates: frozenset[str], answers: list[EvictionAnswer]
) -> Verdict:
    """SETTLED when every workload is as it is wanted, else STUCK with every obstacle.

    Obstacles come in this order: by workload, then object (numbers in names by value), then reason.
    """
    remembered = memory.copy()
    remembered.touched |= everything(cluster)
    facts = facts_of(cluster, scope_of(cluster, remembered, now), remembered, now, gates)
    found: list[Obstacle] = []
    for term, thing, reason in solve(_FILES, facts.text).get("waits", ()):
        assert isinstance(thing, Term)
        assert isinstance(reason, Term)
        workload = v.workload_key(term)
        names = [str(workload)]
        if thing.name == "pod":
            names = [f"Pod/{key.name}" for key in facts.alike(v.key_of("Pod", str(thing.arguments[0])), {})]
        elif thing.name == "claim":
            names = [f"PersistentVolumeClaim/{str(thing.arguments[0]).rpartition('/')[2]}"]
        why = Why(reason.name.replace("_", "-"))
        found += [_obstacle(str(workload), name, why, workload.namespace) for name in names]
    refused = [answer for answer in answers if not answer.allowed]
    found += [
        _obstacle(f"Pod/{a.pod}", f"PodDisruptionBudget/{a.budget}", Why.BUDGET, a.namespace) for a in refused
    ]
    if not found:
        return Verdict(outcome=Outcome.SETTLED)
    order = sorted(set(found), key=lambda o: (o.namespace, o.workload, natural(o.on), o.why))
    return Verdict(outcome=Outcome.STUCK, obstacles=tuple(order))


def _obstacle(workload: str, on: str, why: Why, namespace: str) -> Obstacle:
    sentence, remedy = SENTENCES[why]
    return Obstacle(workload=workload, namespace=namespace, on=on, why=why, sentence=sentence, remedy=remedy)


def with_outcome(verdict: Verdict, outcome: Outcome, note: str) -> Verdict:
    """The verdict with another outcome, and a note that says why."""
    return msgspec.structs.replace(verdict, outcome=outcome, note=note)
