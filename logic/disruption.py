"""What the eviction API says, as the rules of disruption budgets have it."""

from __future__ import annotations

from foretell.logic import vocabulary as v
from foretell.logic.shapes import Shapes, clamped
from foretell.logic.solve import solve
from foretell.logic.vocabulary import Term
from foretell.model.cluster import Cluster
from foretell.model.meta import Key
from foretell.model.objects import Pod


def eviction(cluster: Cluster, pod: Pod) -> tuple[bool, Key | None]:
    """Whether the pod may be evicted now, and the budget that the eviction is charged to."""
    shapes, path = Shapes(), pod.key.path
    lines = [v.POD(path), v.PHASE(path, pod.phase)]
    lines += [v.READY(path)] if pod.ready else []
    lines += [v.TERMINATING(path)] if pod.terminating else []
    lines += [v.HAS(path, Term("label", (key,)), value) for key, value in sorted(pod.labels.items())]
    for budget in cluster.budgets:
        if budget.namespace != pod.namespace or budget.spec.selector is None:
            continue
        name, status = budget.key.path, budget.status
        lines.append(v.BUDGET(name, shapes.label_selector(budget.spec.selector)))
        lines.append(v.BUDGET_ALLOWS(name, clamped(status.disruptions_allowed)))
        lines.append(v.BUDGET_HEALTH(name, clamped(status.current_healthy), clamped(status.desired_healthy)))
        if budget.spec.unhealthy_pod_eviction_policy == "AlwaysAllow":
            lines.append(v.BUDGET_SPARES_UNHEALTHY(name))
    if len(lines) == 0:
        return True, None
    answer = solve(("evict.lp",), "\n".join(lines + shapes.facts))
    charged = [v.key_of("PodDisruptionBudget", str(budget)) for _, budget in answer.get("charges", ())]
    return bool(answer.get("evictable")), charged[0] if charged else None
