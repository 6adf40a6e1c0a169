"""Why a node's drain, or the eviction of its pods, is refused."""

from __future__ import annotations

from foretell.logic.carried import moment_of
from foretell.logic.disruption import counted_budgets
from foretell.logic.drain import chosen, drain_facts
from foretell.logic.evictions import eviction_facts, rulings
from foretell.logic.finding import find_node
from foretell.logic.verdict import SENTENCES
from foretell.logic.vocabulary import text_of
from foretell.logic.why.derivation import derivations
from foretell.logic.why.grounds import ground
from foretell.logic.why.origins import Origins
from foretell.logic.why.words import said_of_budget
from foretell.model.changes import Drain
from foretell.model.cluster import Cluster
from foretell.model.explanation import About, Explanation, Ground
from foretell.model.forecast import Why
from foretell.model.objects import Pod, PodDisruptionBudget


def drain_answer(cluster: Cluster, about: About) -> Explanation:
    """Which pods refuse a node's drain as kubectl does it, and which budgets refuse to let pods go now."""
    node = find_node(cluster, about.name)
    drain = Drain(node=node.name, kubectl=True)
    pods, refusing = chosen(cluster, drain, moment_of(cluster))
    grounds = [refusal_ground(cluster, drain, pod, why) for pod, why in refusing]
    if not refusing:
        counted = cluster.replaced(counted_budgets(cluster, moment_of(cluster)))
        grounds = [one for pod in pods for one in budget_grounds(counted, pod)]
    if refusing:
        answer = f"{node.key} isn't drained: {len(refusing):,} of its pods refuse that"
    elif grounds:
        answer = (
            f"{node.key} isn't drained at once: {len(grounds):,} of {len(pods):,} pods may not be evicted now"
        )
    else:
        answer = f"nothing refuses the drain of {node.key}: {len(pods):,} pods would go"
    return Explanation(about=about, answer=answer, holds=bool(grounds), grounds=tuple(grounds))


def refusal_ground(cluster: Cluster, drain: Drain, pod: Pod, why: Why) -> Ground:
    """Why a pod refuses a drain."""
    facts = drain_facts(cluster, drain, {pod.key.path: pod}, moment_of(cluster))
    found = derivations(("drain.lp",), facts, f"refuses_drain({text_of(pod.key.path)},Why)")
    derived = [one for atom in found.asked for one in found.every(atom)]
    sentence, remedy = SENTENCES[why]
    origins = Origins(cluster)
    path = "spec.volumes" if why is Why.LOCAL_DATA else "metadata.ownerReferences"
    return ground(
        why, derived, origins, about=str(pod.key), sentence=f"{pod.key} {sentence}", remedy=remedy,
        first=[origins.at(pod.key, path)],
    )  # fmt: skip


def budget_grounds(cluster: Cluster, pod: Pod) -> list[Ground]:
    """Why a pod's eviction is refused now: by which budget; nothing where it is allowed."""
    (ruling,) = rulings(cluster, [pod])
    if ruling.allowed or ruling.budget is None:
        return []
    facts, _ = eviction_facts(cluster, [pod])
    found = derivations(("evict.lp",), facts, f"refuses_eviction({text_of(pod.key.path)},Budget,Why)")
    derived = [one for atom in found.asked for one in found.every(atom)]
    why = Why.SEVERAL_BUDGETS if ruling.why == "several_budgets" else Why.BUDGET
    _, remedy = SENTENCES[why]
    origins = Origins(cluster)
    budget: PodDisruptionBudget = ruling.budget
    first = [
        source
        for field in ("minAvailable", "maxUnavailable")
        if (source := origins.at(budget.key, f"spec.{field}")).value
    ]
    return [
        ground(
            why, derived, origins, about=str(budget.key), first=first, remedy=remedy,
            sentence=said_of_budget(budget, pod),
        )
    ]  # fmt: skip
