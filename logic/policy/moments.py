"""The moments of a forecast that policies are held against, and what is so in each, besides its objects."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from itertools import chain

from foretell.logic.desired import desired
from foretell.logic.policy.terms import term_of
from foretell.logic.vocabulary import Argument, Term, text_of
from foretell.model.cluster import Cluster
from foretell.model.forecast import Forecast, Wave
from foretell.model.meta import Key

Names = frozenset[str]


@dataclass(frozen=True)
class Moment:
    """A state of a forecast: after a wave (counted from 1), before all (0), or in the end (None)."""

    number: int | None
    cluster: Cluster
    at: float
    wave: Wave | None = None

    def __str__(self) -> str:
        return "the outcome" if self.number is None else f"wave {self.number}" if self.number else "the start"


BEFORE, WAVES, OUTCOME = "before", "wave", "outcome"
EVERY = frozenset({BEFORE, WAVES, OUTCOME})
_SORTS = {
    "before": {BEFORE}, "wave": {WAVES}, "outcome": {OUTCOME}, "at_rest": {BEFORE, OUTCOME},
    "action": {WAVES}, "verdict": {OUTCOME}, "waits": {OUTCOME}, "evicted": {OUTCOME}, "refused": {OUTCOME},
}  # fmt: skip


def sorts_of(conditions: Iterable[str]) -> frozenset[str]:
    """The sorts of moments in which a rule can apply that can't do without atoms of these predicates."""
    return EVERY.intersection(*(_SORTS[name] for name in conditions if name in _SORTS))


def moments_of(forecast: Forecast, sorts: Collection[str] = EVERY) -> Iterator[Moment]:
    """What was before, the state after each wave, and the outcome; of these the sorts that are asked for."""
    if BEFORE in sorts:
        yield Moment(0, forecast.before, 0.0)
    if WAVES in sorts:
        pairs = zip(forecast.waves, forecast.states, strict=True)
        for number, (wave, state) in enumerate(pairs, start=1):
            yield Moment(number, state, wave.at, wave)
    if OUTCOME in sorts:
        last = forecast.waves[-1].at if forecast.waves else 0.0
        yield Moment(None, forecast.after, last)


def facts_of_moment(moment: Moment, forecast: Forecast, told: Names) -> Iterator[str]:
    """The facts that no object tells by itself, without full stops."""
    rows = chain(_time(moment), _wave(moment), _end(moment, forecast), _wanted(moment, told))
    for name, *arguments in rows:
        if name in told:
            said = ",".join(map(text_of, arguments))
            yield f"{name}({said})" if said else str(name)


def existed(forecast: Forecast) -> Iterator[str]:
    """That the objects were there that were there before; it is so in every moment."""
    for thing in forecast.before:
        yield f"existed({text_of(term_of(thing.key))})"


Row = tuple[Argument, ...]


def _time(moment: Moment) -> Iterator[Row]:
    if moment.number is None:
        yield ("outcome",)
    else:
        yield ("wave", moment.number) if moment.number else ("before",)
    yield "at", int(moment.at)


def _wave(moment: Moment) -> Iterator[Row]:
    for action in moment.wave.actions if moment.wave else ():
        key = Key(action.kind, action.namespace, action.name)
        yield "action", action.verb.value, term_of(key), action.reason.value


def _end(moment: Moment, forecast: Forecast) -> Iterator[Row]:
    if moment.number is not None:
        return
    yield "verdict", forecast.verdict.outcome.value.lower()
    for obstacle in forecast.verdict.obstacles:
        things = (_referred(reference, obstacle.namespace) for reference in (obstacle.workload, obstacle.on))
        yield "waits", *things, obstacle.why.value
    for answer in forecast.answers:
        pod = term_of(Key("Pod", answer.namespace, answer.pod))
        if answer.allowed:
            yield "evicted", pod
        elif answer.budget:
            yield "refused", pod, term_of(Key("PodDisruptionBudget", answer.namespace, answer.budget))


def _referred(reference: str, namespace: str) -> Term:
    kind, _, name = reference.partition("/")
    return term_of(Key(kind, "" if kind == "Node" else namespace, name))


def _wanted(moment: Moment, told: Names) -> Iterator[Row]:
    if "wanted" in told:
        pods = desired(moment.cluster)
        for key in pods.workloads:
            yield "wanted", term_of(key), pods.count(key)


def distinct(facts: Iterable[str]) -> tuple[str, ...]:
    """Each fact once; the solver's texts end at a NUL, so that another character stands for it."""
    return tuple(dict.fromkeys([fact.replace("\0", "\ufffd") for fact in facts]))
