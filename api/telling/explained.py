"""An explanation with names as people see them, and as a versioned JSON document (docs/why.md)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cache
from typing import Any, Literal

import msgspec

from foretell.api.telling.invented import Names
from foretell.api.telling.whys import in_words, question_text
from foretell.logic.gates import DEFAULT_VERSION
from foretell.model.changes import Change, change_to_json
from foretell.model.explanation import Act, Awaited, Explanation, Ground, Group, Rule, Source, Step
from foretell.model.forecast import Assumptions, Forecast, Outcome, Verb

replace = msgspec.structs.replace
_Shown = Callable[[str], str]
FORMAT: Literal["foretell.why/1"] = "foretell.why/1"


class _Part(msgspec.Struct, frozen=True, kw_only=True):
    pass


class ToldAct(_Part, frozen=True, kw_only=True, omit_defaults=True):
    """An action of a forecast; see `foretell.model.explanation.Act`."""

    number: int
    wave: int
    at: float
    verb: Verb
    kind: str
    namespace: str = ""
    name: str
    owner: str | None = None
    node: str | None = None
    reason: str
    rule: Rule | None = None
    sources: tuple[Source, ...] = ()
    because: tuple[Step, ...] = ()
    waited_for: tuple[Awaited, ...] = ()
    next: tuple[int, ...] = ()


class ToldGround(_Part, frozen=True, kw_only=True, omit_defaults=True):
    """One reason; see `foretell.model.explanation.Ground`."""

    code: str
    about: str = ""
    sentence: str
    remedy: str = ""
    rule: Rule | None = None
    sources: tuple[Source, ...] = ()
    because: tuple[Step, ...] = ()

    @classmethod
    def of(cls, one: Ground) -> ToldGround:
        """The ground in a document."""
        return cls(
            code=one.code.value, about=one.about, sentence=one.sentence, remedy=one.remedy, rule=one.rule,
            sources=one.sources, because=one.because,
        )  # fmt: skip


class ToldGroup(_Part, frozen=True, kw_only=True):
    """Nodes that say the same."""

    nodes: tuple[str, ...]
    grounds: tuple[ToldGround, ...]

    @classmethod
    def of(cls, group: Group) -> ToldGroup:
        """The group in a document."""
        return cls(nodes=group.nodes, grounds=tuple(map(ToldGround.of, group.grounds)))


class WhyDocument(_Part, frozen=True, kw_only=True):
    """An explanation; `changes` have the JSON form in which `foretell why` reads them."""

    format: Literal["foretell.why/1"]
    kubernetes: str
    changes: tuple[Any, ...]
    assume: Assumptions
    question: str
    namespace: str
    answer: str
    holds: bool
    said: str
    outcome: Outcome | None
    grounds: tuple[ToldGround, ...]
    groups: tuple[ToldGroup, ...]
    acts: tuple[ToldAct, ...]
    more: int


def why_document(
    told: Explanation,
    *,
    changes: Iterable[Change] = (),
    assume: Assumptions | None = None,
    kubernetes: str = DEFAULT_VERSION,
) -> WhyDocument:
    """The document of an explanation whose names are those that people are shown."""
    return WhyDocument(
        format=FORMAT,
        kubernetes=kubernetes,
        changes=tuple(map(change_to_json, changes)),
        assume=assume or Assumptions(),
        question=question_text(told.about),
        namespace=told.about.namespace,
        answer=told.answer,
        holds=told.holds,
        said=told.said,
        outcome=told.outcome,
        grounds=tuple(map(ToldGround.of, told.grounds)),
        groups=tuple(map(ToldGroup.of, told.groups)),
        acts=tuple(map(_act, told.acts)),
        more=told.more,
    )


def _act(act: Act) -> ToldAct:
    action, one = act.action, act.ground
    return ToldAct(
        number=act.number, wave=act.wave, at=act.at, verb=action.verb, kind=action.kind,
        namespace=action.namespace, name=action.name, owner=action.owner, node=action.node,
        reason=action.reason.value, rule=one.rule, sources=one.sources, because=one.because,
        waited_for=act.waited_for, next=act.next,
    )  # fmt: skip


@cache
def why_schema() -> dict[str, Any]:
    """The JSON schema of the document."""
    return msgspec.json.schema(WhyDocument)


def shown(told: Explanation, forecast: Forecast | None, changes: Iterable[Change] = ()) -> Explanation:
    """The explanation in words, with names that a forecast has invented up to what is random in them."""
    told = replace(told, groups=tuple(_in_words(group) for group in told.groups))
    if forecast is None:
        grounds = tuple(_shown_ground(one, str) for one in told.grounds)
        return replace(told, answer=in_words(told.answer), grounds=grounds)
    names = Names(forecast, changes)
    known = {}
    for action in forecast.actions:
        if action.verb is Verb.CREATE:
            name = names.of(action)
            place = (
                f" on {action.node}" if name.endswith("*") and action.kind == "Pod" and action.node else ""
            )
            known[f"{action.kind}/{action.name}"] = (f"{action.kind}/{name}", place)
    other = {raw: pair for raw, pair in known.items() if pair[0] != raw}

    def of(text: str) -> str:
        for raw, (name, place) in other.items():
            if raw in text:
                text = text.replace(raw, f"{name}{place}" if text != raw else name)
        return text

    return replace(
        told,
        answer=in_words(of(told.answer)),
        grounds=tuple(_shown_ground(one, of) for one in told.grounds),
        acts=tuple(
            replace(
                act,
                action=replace(act.action, name=names.of(act.action)),
                ground=_shown_ground(act.ground, of),
                waited_for=tuple(
                    replace(one, object="".join(other.get(one.object, (one.object,))))
                    for one in act.waited_for
                ),
            )
            for act in told.acts
        ),
    )


def _shown_ground(one: Ground, of: _Shown) -> Ground:
    sources = tuple(replace(source, object=of(source.object)) for source in one.sources)
    return replace(one, about=of(one.about), sentence=in_words(of(one.sentence)), sources=sources)


def _in_words(group: Group) -> Group:
    return replace(group, grounds=tuple(_shown_ground(one, str) for one in group.grounds))
