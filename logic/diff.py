"""The diff engine: one round from facts to the rules' answer to writes."""

from __future__ import annotations

from collections.abc import Iterable

from foretell.logic import vocabulary as v
from foretell.logic.alike import by_uid
from foretell.logic.facts import facts_of
from foretell.logic.memory import Memory
from foretell.logic.renaming import all_solved, solved
from foretell.logic.round import Round
from foretell.logic.scope import scope_of
from foretell.logic.write_claims import write_claims
from foretell.logic.write_cron import write_cron
from foretell.logic.write_garbage import write_garbage, write_taints
from foretell.logic.write_jobs import write_jobs
from foretell.logic.write_pods import write_pods
from foretell.logic.write_replicas import write_replicas
from foretell.logic.write_revisions import write_ownership, write_revisions
from foretell.logic.write_status import write_status
from foretell.model.cluster import Cluster
from foretell.model.meta import Key
from foretell.model.objects import Pod


def derived(cluster: Cluster, memory: Memory, now: float, gates: frozenset[str]) -> Round:
    """The round that the rules derive from a cluster and what is remembered; nothing is written yet."""
    facts = facts_of(cluster, scope_of(cluster, memory, now), memory, now, gates)
    answer = solved(("round.lp",), facts.text, facts.names)
    facts.nodes.learn(answer)
    return Round(cluster, facts, answer, memory, now)


def possible(
    cluster: Cluster,
    memory: Memory,
    now: float,
    gates: frozenset[str],
    told: Iterable[str],
    most: int,
) -> list[Round]:
    """The rounds that may come where controllers choose, so many at most; the one that is derived is first.

    `told` are facts beside those of the cluster: which nodes are twins, and what is known of uids.
    """
    facts = facts_of(cluster, scope_of(cluster, memory, now), memory, now, gates, grouped=False)
    # Where any node may come first, none has a rank.
    lines = [line for line in facts.text.splitlines() if not line.startswith("rank(")]
    text = "\n".join([*lines, *told])
    groups = [(node, *(pod.path for pod in facts.stacks.get(node, ()))) for node in facts.grouping.members]
    found = all_solved(("orders.lp",), text, groups, most)
    rounds = [Round(cluster, facts, answer, memory, now) for answer in found]
    return sorted(rounds, key=_in_rank)


def _in_rank(work: Round) -> tuple[list[tuple[str, int]], list[tuple[str, Key]]]:
    """Who is granted room by rank, and who goes by uid."""
    ranks = work.facts.grouping.ranks
    granted = sorted((repr(term), ranks[str(node)]) for term, node, _, _ in work.answer.get("granted", ()))
    pods = (work.get(v.key_of("Pod", str(path))) for _, path in work.answer.get("goes", ()))
    return granted, sorted(by_uid(pod) for pod in pods if isinstance(pod, Pod))


def write(work: Round) -> None:
    """Turn the answer into writes.

    1. revisions, so that new pods can bear their labels
    2. adoptions, releases and relabelled pods
    3. deleted, then created pods
    4. ReplicaSets and their pods, Jobs and their pods, then CronJobs and their Jobs
    5. claims, whose owners may be pods made just now
    6. garbage, 7. taints of nodes, 8. status
    """
    write_revisions(work)
    write_ownership(work)
    write_pods(work)
    write_replicas(work)
    write_jobs(work)
    write_cron(work)
    write_claims(work)
    write_garbage(work)
    write_taints(work)
    write_status(work)
