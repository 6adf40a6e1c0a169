"""Where pods could go: what every node says of a pod, and placements of many pods at once."""

from __future__ import annotations

import msgspec

from foretell.model.forecast import Because


class NodeVerdict(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a node says of a pod: every reason against it, or the points that it gets.

    `said` are the phrases that the scheduler itself gives for the node: those of the first filter that fails.
    """

    node: str
    reasons: tuple[Because, ...] = ()
    said: tuple[str, ...] = ()
    points: int | None = None

    @property
    def feasible(self) -> bool:
        """Whether nothing speaks against the node."""
        return not self.reasons


class Preempted(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The pods that would have to go from a node so that a more important one gets room."""

    node: str
    victims: tuple[str, ...]


class Placing(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What the scheduler would do with a pod in a cluster as it stands.

    `verdicts` are in the order of nodes. `node` is where a forecast puts the pod; `ties` are all nodes with
    as many points, among which the real scheduler draws lots. `sentence` is the scheduler's own about a pod
    that fits nowhere, or that its scheduling gates (`gates`) hold back. `preempts` says whom it would drive
    off.
    """

    namespace: str
    pod: str
    verdicts: tuple[NodeVerdict, ...]
    node: str = ""
    ties: tuple[str, ...] = ()
    sentence: str = ""
    gates: tuple[str, ...] = ()
    preempts: Preempted | None = None


class Assignment(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A pod of a batch and its node; empty where it gets none."""

    namespace: str
    pod: str
    node: str = ""


class Best(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A placement of a batch of pods: the fewest pending, then the most evenly spread that was found.

    `crowding` counts pairs of alike pods that share a node. `proven` says that there is no better one; else
    `pending_at_least` is the bound that was reached at the time limit. `greedy_pending` is how many the
    scheduler itself leaves pending, one pod after the other.
    """

    assignments: tuple[Assignment, ...]
    pending: int
    crowding: int
    proven: bool
    pending_at_least: int
    greedy_pending: int
    seconds: float
    coarse: bool = False
