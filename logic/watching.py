"""Watching a forecast: its rounds as the rules derive them, and what is remembered where it ends."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from foretell.logic.memory import Memory
from foretell.logic.round import Round
from foretell.model.cluster import Cluster


@dataclass
class Watch:
    """Keeps the rounds in which something was done, of so many waves, or of one alone; and the end.

    The watched waves are derived one by one, also where they recur. `now` is in seconds since the epoch.
    """

    waves: int = 0
    only: int | None = None
    rounds: dict[int, list[Round]] = field(default_factory=dict)
    cluster: Cluster | None = None
    memory: Memory = field(default_factory=Memory)
    now: float = 0.0

    def wants(self, wave: int) -> bool:
        """Whether a wave, counted from nought, is still to be derived by itself."""
        return wave < self.waves if self.only is None else wave <= self.only

    def keep(self, work: Round, wave: int) -> None:
        """Keep a round of a wave."""
        if work.actions and (self.wants(wave) if self.only is None else wave == self.only):
            # What stands for what is kept up to date as the forecast goes on: here, as it is now.
            facts = replace(work.facts, stacks=dict(work.facts.stacks), places=dict(work.facts.places))
            self.rounds.setdefault(wave, []).append(replace(work, facts=facts))

    def end(self, cluster: Cluster, memory: Memory, now: float) -> None:
        """Keep the end."""
        self.cluster, self.memory, self.now = cluster, memory, now
