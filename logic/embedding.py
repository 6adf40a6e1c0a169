"""What an embedder needs to run the same rules in plain clingo."""

from __future__ import annotations

from foretell.logic.carried import moment_of
from foretell.logic.facts import facts_of
from foretell.logic.gates import default_gates
from foretell.logic.memory import Memory
from foretell.logic.scope import everything, scope_of
from foretell.model.cluster import Cluster


def facts_text(cluster: Cluster, gates: frozenset[str] | None = None, *, grouped: bool = False) -> str:
    """The facts of a cluster, with every controller awake, for `sync.lp`, `verdict.lp` and `desired.lp`.

    Ungrouped, every node is told by itself; grouped, one node stands for all that are alike.
    """
    memory = Memory(touched=set(everything(cluster)))
    now = moment_of(cluster)
    on = default_gates() if gates is None else gates
    return facts_of(cluster, scope_of(cluster, memory, now), memory, now, on, grouped=grouped).text + "\n"
