"""What holds in whichever order the control plane chooses, and what in some orders only."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple

import msgspec

from foretell.model.forecast import Forecast, Obstacle, Outcome
from foretell.model.meta import Key
from foretell.model.statements import Statement


class ChoiceKind(StrEnum):
    """What the control plane may choose; a closed set, documented in docs/orders.md."""

    ROLL_OUT = "roll-out"
    TIE = "tie"
    PREEMPTION = "preemption"
    QUEUE = "queue"
    VICTIMS = "victims"


class Choice(msgspec.Struct, frozen=True, kw_only=True):
    """Where something was chosen: for which workloads or pods, in which wave (from 1), among which nodes.

    In the scheduler's queue it is chosen among several workloads or pods, else among nodes.
    """

    kind: ChoiceKind
    about: tuple[Key, ...]
    wave: int
    nodes: tuple[str, ...] = ()


class Holds(StrEnum):
    """In which orders something holds; `unknown` where not enough of them were looked at to say."""

    EVERY = "every"
    SOME = "some"
    NONE = "none"
    UNKNOWN = "unknown"


class Order(msgspec.Struct, frozen=True, kw_only=True):
    """One order: what happens, and what was chosen on the way.

    One that is not `whole` is told up to where it comes by a state that an earlier order came by as well; it
    goes on as that one does.
    """

    forecast: Forecast
    choices: tuple[Choice, ...]
    whole: bool


class Span(NamedTuple):
    """The least and the most that something comes to in any order."""

    least: float
    most: float


class Lowest(msgspec.Struct, frozen=True, kw_only=True):
    """How few pods of a workload are ready, and available, at the worst moment of an order.

    `wanted` is how many pods it wants in the end.
    """

    workload: Key
    wanted: int
    ready: Span
    available: Span


class Gone(msgspec.Struct, frozen=True, kw_only=True):
    """A pod that was there before and is deleted or evicted, in which orders."""

    pod: Key
    owner: str | None
    node: str
    holds: Holds


class Placed(msgspec.Struct, frozen=True, kw_only=True):
    """On which nodes new pods of a workload, or a pod by itself, are in the end: in every order, in some."""

    subject: Key
    sure: tuple[str, ...]
    possible: tuple[str, ...]


class End(msgspec.Struct, frozen=True, kw_only=True):
    """A way in which orders end: the outcome, what stands in the way, in which orders, and one of them."""

    outcome: Outcome
    obstacles: tuple[Obstacle, ...]
    holds: Holds
    example: Forecast


class Assured(msgspec.Struct, frozen=True, kw_only=True):
    """A statement, and in which orders it holds.

    `counterexample` is the shortest order in which it doesn't, up to the wave that breaks it.
    """

    statement: Statement
    holds: Holds
    counterexample: Forecast | None = None


class Orders(msgspec.Struct, frozen=True, kw_only=True):
    """What holds in every order, and what in some.

    `number` orders were looked at, alike ones once; `complete` says whether those are all. Where they aren't,
    nothing is said to hold in every order, or in none. `first` is the order that a forecast takes.
    """

    number: int
    complete: bool
    first: Forecast
    ends: tuple[End, ...]
    waves: Span
    seconds: Span
    lowest: tuple[Lowest, ...]
    gone: tuple[Gone, ...]
    placed: tuple[Placed, ...]
    choices: tuple[Choice, ...]
    assured: tuple[Assured, ...] = ()
