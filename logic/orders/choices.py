"""Choices: what is taken where the control plane may choose, and which ways are left."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Hashable, Iterable, Sequence
from typing import TYPE_CHECKING, NamedTuple

from foretell.logic.diff import possible
from foretell.logic.orders.likeness import Likeness
from foretell.logic.orders.readiness import Lows, lowered, owner_of_pod
from foretell.logic.orders.sight import Sight
from foretell.logic.orders.ways import choices_among, common_to, first_of_each, taken_by
from foretell.logic.schedule import rivals
from foretell.model.meta import Key
from foretell.model.objects import Pod
from foretell.model.orders import Choice, ChoiceKind

if TYPE_CHECKING:
    from foretell.logic.round import Round
    from foretell.logic.simulation import Simulation

MOST_ROUNDS = 2_000
"""How many ways for one round are looked at."""


class JoinedError(Exception):
    """An order comes by a state that an earlier one came by, too."""


class Turning(NamedTuple):
    """A place where ways part: which was taken, of how many, and what that was about."""

    taken: int
    ways: int
    choices: tuple[Choice, ...]


class Milestone(NamedTuple):
    """A simulation between two turns, with what its order has come by so far."""

    simulation: Simulation
    seen: frozenset[Hashable]
    turnings: tuple[Turning, ...]
    lows: Lows
    counted: int


class Choices:
    """Takes a way where they part: first as `path` says, then always the first.

    `known` are the states that earlier orders came by; one that comes by such a state is `joined` to those.
    """

    def __init__(
        self, likeness: Likeness, path: Sequence[int] = (), known: set[Hashable] | None = None
    ) -> None:
        self.likeness, self.path = likeness, path
        self.known = set() if known is None else known
        self.turnings: list[Turning] = []
        self.milestones: list[Milestone] = []
        self.complete = True
        self.joined = False
        self._lows: Lows = {}
        self._counted = 0

    def after(self, path: Sequence[int]) -> tuple[Choices, Milestone | None]:
        """The choices of another path, and the last milestone that it has in common with this one, if any."""
        other = Choices(self.likeness, path, self.known)
        common = [each for each in self.milestones if len(each.turnings) < len(path)]
        if not common:
            return other, None
        last = common[-1]
        other.turnings, other.milestones = list(last.turnings), common
        other._lows, other._counted, other.complete = last.lows, last.counted, self.complete
        return other, last

    # --- asked by the simulation ---

    def keep(self, simulation: Simulation, seen: Collection[Hashable]) -> None:
        """Keep a milestone, unless one has been kept since the last turning."""
        if self.milestones and len(self.milestones[-1].turnings) == len(self.turnings):
            self.milestones.pop()
        turnings = tuple(self.turnings)
        self.milestones.append(
            Milestone(simulation.copy(), frozenset(seen), turnings, self._lows, self._counted)
        )

    def round(self, simulation: Simulation) -> Round:
        """The round that is taken among those that may come."""
        # Who was touched decides what may be done in this round, and nothing beyond it.
        sight = Sight(self.likeness, simulation, touched=())
        rounds = possible(
            simulation.cluster, simulation.memory, simulation.now, simulation.gates, sight.told(), MOST_ROUNDS
        )  # fmt: skip
        self.complete = self.complete and len(rounds) < MOST_ROUNDS
        choices = list(choices_among(rounds, simulation))
        if not choices:
            return rounds[0]
        self._join((self._seen(sight), sight.pending(), common_to(rounds)))
        marks = [frozenset(Counter(taken_by(work, sight)).items()) for work in rounds]
        return rounds[self._take(first_of_each(marks), choices)]

    def node(self, simulation: Simulation, kind: ChoiceKind, pod: Pod, nodes: Sequence[str]) -> str:
        """The node that is taken for a pod among those that are as good as each other."""
        if len(nodes) == 1:
            return nodes[0]
        sight = Sight(self.likeness, simulation, simulation.memory.touched)
        about = (owner_of_pod(simulation.cluster, pod) or pod.key,)
        choice = Choice(kind=kind, about=about, wave=len(simulation.waves) + 1, nodes=tuple(sorted(nodes)))
        return nodes[self._take(first_of_each([sight.node(node) for node in nodes]), [choice])]

    def first(
        self, simulation: Simulation, queue: Sequence[Pod], tried: Collection[Key], again: Collection[Key]
    ) -> Pod:
        """The pod that comes first among those that came at the same time.

        Some have been `tried` in vain, and some are to be tried `again`, aloud.
        """
        pods = rivals(queue)
        if len(pods) == 1:
            return pods[0]
        sight = Sight(self.likeness, simulation, simulation.memory.touched)
        awake = frozenset(key for key in simulation.memory.touched if key.kind not in ("Node", "Pod"))
        waiting = [frozenset(keys).intersection(simulation.active) for keys in (tried, again)]
        self._join((self._seen(sight), awake, *waiting))
        owners = {owner_of_pod(simulation.cluster, pod) or pod.key for pod in pods}
        choice = Choice(kind=ChoiceKind.QUEUE, about=tuple(sorted(owners)), wave=len(simulation.waves) + 1)
        return pods[self._take(range(len(pods)), [choice])]

    def pause(self, simulation: Simulation) -> None:
        """All is quiet: raises JoinedError where an earlier order came by the same state."""
        self._join(self._seen(Sight(self.likeness, simulation, simulation.memory.touched)))

    # --- ways ---

    def _seen(self, sight: Sight) -> Hashable:
        """The state, and all of what was on the way that is told in the end."""
        simulation = sight.simulation
        fresh = [simulation.states[place] for place in range(self._counted, len(simulation.states))]
        self._counted += len(fresh)
        self._lows = lowered(self._lows, self.likeness.before, simulation.start, fresh)
        return (sight.state(), tuple(sorted(self._lows.items())))

    def _join(self, mark: Hashable) -> None:
        """Keep a state in mind; raises JoinedError where it is known.

        What has been on the way before the last turning of the path is no reason to stop.
        """
        if len(self.turnings) < len(self.path):
            return
        if mark in self.known:
            self.joined = True
            raise JoinedError
        self.known.add(mark)

    def _take(self, ways: Sequence[int], choices: Iterable[Choice]) -> int:
        place = len(self.turnings)
        taken = self.path[place] if place < len(self.path) else 0
        self.turnings.append(Turning(taken, len(ways), tuple(choices)))
        return ways[taken]

    @property
    def next_path(self) -> tuple[int, ...] | None:
        """The way to take next: another one at the last turning that has any left."""
        path = [turning.taken for turning in self.turnings]
        for place in range(len(path) - 1, -1, -1):
            if path[place] + 1 < self.turnings[place].ways:
                return (*path[:place], path[place] + 1)
        return None
