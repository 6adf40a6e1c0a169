"""What a worker is asked and what it answers about why something is so."""

from __future__ import annotations

from foretell.api.solver.questions import Base, Value
from foretell.api.telling.planned import PlannedAction
from foretell.model.explanation import Awaited, Rule, Source
from foretell.model.forecast import Assumptions, Outcome


class ExplainQuestion(Value, frozen=True, kw_only=True):
    """Why something is so: `question` in the words of `foretell why`, such as `not ds/agent@worker-1`.

    `wave` is the one of which the order is told; `most` is how many actions, groups and steps are told.
    """

    base: Base
    question: str
    namespace: str = "default"
    assume: Assumptions = Assumptions()
    horizon: int | None = None
    wave: int | None = None
    most: int = 100


class ExplainedStep(Value, frozen=True, kw_only=True):
    """A step of a derivation, so many levels below what is derived."""

    depth: int
    holds: str
    rule: Rule | None = None
    source: Source | None = None


class ExplainedGround(Value, frozen=True, kw_only=True):
    """One reason (`foretell.model.explanation.Ground`), its derivation as a list from the top."""

    code: str
    about: str = ""
    sentence: str
    remedy: str = ""
    rule: Rule | None = None
    sources: tuple[Source, ...] = ()
    steps: tuple[ExplainedStep, ...] = ()


class ExplainedGroup(Value, frozen=True, kw_only=True):
    """Nodes that say the same: the first of them, and how many there are."""

    nodes: tuple[str, ...]
    count: int
    grounds: tuple[ExplainedGround, ...]


class ExplainedAct(Value, frozen=True, kw_only=True):
    """An action of a forecast (`foretell.model.explanation.Act`)."""

    number: int
    wave: int
    at: float
    action: PlannedAction
    ground: ExplainedGround
    waited_for: tuple[Awaited, ...] = ()
    next: tuple[int, ...] = ()


class ExplainAnswer(Value, frozen=True, kw_only=True):
    """An explanation (`foretell.model.explanation.Explanation`); `group_count` counts all groups."""

    question: str
    answer: str
    holds: bool
    said: str = ""
    outcome: Outcome | None = None
    grounds: tuple[ExplainedGround, ...] = ()
    groups: tuple[ExplainedGroup, ...] = ()
    group_count: int = 0
    acts: tuple[ExplainedAct, ...] = ()
    more: int = 0
