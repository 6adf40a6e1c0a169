"""Where pods could go: verdicts of nodes by pages, and the best placement of pods that wait."""

from __future__ import annotations

import msgspec

from foretell.api.solver import questions as q
from foretell.api.solver.states import States
from foretell.api.telling.candidates import manifest_pods, named_pod
from foretell.logic.optimal import best_placement
from foretell.logic.placing import placing
from foretell.model.errors import ManifestError
from foretell.model.objects import Pod
from foretell.model.placement import NodeVerdict

MOST_ASSIGNMENTS = 1_000


def placement_answer(states: States, asked: q.PlacementQuestion) -> q.PlacementAnswer:
    """A page of what the nodes of a state say of a pod.

    Raises NotFoundError, RejectedError, or ManifestError for a manifest that isn't of one pod or workload.
    """
    told = states.placing(
        asked.base,
        (asked.namespace, asked.pod, asked.manifest),
        lambda: placing(
            states.cluster(asked.base),
            _pod(states, asked),
            gates=states.gates(asked.base),
            now=states.cluster(asked.base).moment,
        ),
    )
    rows = [one for one in sorted(told.verdicts, key=lambda one: _rank(one, told.node)) if _shown(one, asked)]
    start, limit = asked.page.start, asked.page.limit
    return q.PlacementAnswer(
        namespace=told.namespace,
        pod=told.pod,
        rows=tuple(rows[start : start + limit]),
        total=len(rows),
        feasible=sum(one.feasible for one in told.verdicts),
        ties=len(told.ties),
        node=told.node,
        sentence=told.sentence,
        preempts=told.preempts,
    )


def _pod(states: States, asked: q.PlacementQuestion) -> Pod:
    cluster = states.cluster(asked.base)
    if asked.pod:
        return named_pod(cluster, asked.pod, asked.namespace)
    pods = manifest_pods(cluster, asked.manifest, asked.namespace, states.gates(asked.base))
    if len(pods) != 1:
        raise ManifestError(f"{len(pods)} pods or workloads: expected one", source="the manifests")
    return pods[0]


def _rank(one: NodeVerdict, chosen: str) -> tuple[bool, int, bool, str]:
    """Nodes that would take the pod first, by points, the chosen one before its ties; then all others."""
    return not one.feasible, -(one.points or 0), one.node != chosen, one.node


def _shown(one: NodeVerdict, asked: q.PlacementQuestion) -> bool:
    return asked.feasible in (None, one.feasible) and asked.node in ("", one.node)


def best_answer(states: States, asked: q.BestQuestion) -> q.BestAnswer:
    """The best placement of pods of a state; raises NotFoundError."""
    cluster = states.cluster(asked.base)
    keys = [named_pod(cluster, name, asked.namespace).key for name in asked.pods] or None
    best = best_placement(cluster, keys, seconds=asked.seconds, gates=states.gates(asked.base))
    shown = msgspec.structs.replace(best, assignments=best.assignments[:MOST_ASSIGNMENTS])
    return q.BestAnswer(best=shown, total=len(best.assignments))
