"""Why something is so, in GraphQL: every reason, the rule that derived it, and what the user wrote."""

from __future__ import annotations

import strawberry

from foretell.api.graphql.changes import ChangeInput, changes_of
from foretell.api.graphql.context import Info
from foretell.api.graphql.forecasts import Assumptions, assumed
from foretell.api.graphql.waves import Action, action_of
from foretell.api.service.errors import InvalidInputError
from foretell.api.service.snapshots import Snapshot
from foretell.api.solver.explained import ExplainAnswer, ExplainedAct, ExplainedGround, ExplainQuestion
from foretell.api.telling.whys import about_of
from foretell.model import explanation as e
from foretell.model.forecast import Outcome


@strawberry.type(description="A rule of the rule files.")
class LawfulRule:
    """A rule."""

    file: str = strawberry.field(description="Its file; `rules` tells its text.")
    line: int = strawberry.field(description="The line where it begins.")
    law: str = strawberry.field(description="The sentence that states its law.")


@strawberry.type(description="A field that somebody wrote.")
class SourceField:
    """A field of an object."""

    object: str = strawberry.field(description="The object, such as `Node/worker-1`.")
    namespace: str | None = strawberry.field(description="Its namespace; null for what has none.")
    path: str = strawberry.field(description="Where it stands, such as `spec.taints[1]`.")
    value: str | None = strawberry.field(
        description="What stands there: a text as it is, all else as JSON; null where it isn't set."
    )


@strawberry.type(description="A step of a derivation.")
class DerivationStep:
    """A step."""

    depth: int = strawberry.field(description="How many steps it is below what is derived.")
    holds: str = strawberry.field(description="What holds, as an atom of the rules; `not …` what doesn't.")
    rule: LawfulRule | None = strawberry.field(description="What derived it; null for a fact.")
    source: SourceField | None = strawberry.field(description="Where a fact was read from.")


@strawberry.type(description="One reason.")
class Ground:
    """A reason."""

    code: str = strawberry.field(description="What it is, out of the closed set of docs/why.md.")
    about: str = strawberry.field(description="The taint, resource, claim, label or object that it is about.")
    sentence: str = strawberry.field(description="The reason in words.")
    remedy: str | None = strawberry.field(description="What would undo it, in words.")
    rule: LawfulRule | None = strawberry.field(description="The rule that derived it.")
    sources: list[SourceField] = strawberry.field(description="The fields that it stands on.")
    derivation: list[DerivationStep] = strawberry.field(
        description="The whole derivation from the top; the first 100 steps."
    )


@strawberry.type(description="Nodes that say the same.")
class GroundGroup:
    """Nodes that say the same."""

    nodes: list[str] = strawberry.field(description="Their names; the first 100.")
    node_count: int = strawberry.field(description="How many they are.")
    grounds: list[Ground] = strawberry.field(description="What they say; fields are those of the first.")


@strawberry.type(description="What an action waited for.")
class AwaitedField:
    """What was waited for."""

    object: str = strawberry.field(description="The object.")
    namespace: str | None = strawberry.field(description="Its namespace; null for what has none.")
    path: str | None = strawberry.field(
        description="The field that changed; null for an object that went, or where only time passed."
    )
    before: str | None = strawberry.field(description="What stood there after the wave before.")
    after: str | None = strawberry.field(description="What stands there now.")
    seconds: float | None = strawberry.field(description="How much time passed, where nothing else changed.")


@strawberry.type(description="An action of a forecast: why it comes, why not earlier, and what comes of it.")
class Act:
    """An action, explained."""

    number: int = strawberry.field(description="Its number in the order, from 1.")
    wave: int = strawberry.field(description="Its wave, from 1.")
    at: float = strawberry.field(description="When, in virtual seconds since the beginning.")
    action: Action = strawberry.field(description="The action.")
    ground: Ground = strawberry.field(description="Why it comes; the sentence is the law.")
    waited_for: list[AwaitedField] = strawberry.field(description="What it waited for.")
    next: list[int] = strawberry.field(description="The numbers of the actions that waited for its object.")


@strawberry.type(description="Why something is so, or isn't.")
class Explanation:
    """An explanation."""

    question: str = strawberry.field(description="The question, as `foretell why` takes it.")
    answer: str = strawberry.field(description="The answer in one sentence.")
    holds: bool = strawberry.field(description="Whether what is asked about is so.")
    said: str | None = strawberry.field(description="What the scheduler itself says of a pod.")
    outcome: Outcome | None = strawberry.field(description="How the forecast ends, where one was asked.")
    grounds: list[Ground] = strawberry.field(description="Every reason; the first 100.")
    groups: list[GroundGroup] = strawberry.field(description="What nodes say, grouped; the first 100.")
    group_count: int = strawberry.field(description="How many groups there are.")
    acts: list[Act] = strawberry.field(description="The order of a forecast; the first 100 actions.")
    more_count: int = strawberry.field(description="How many more actions there are.")


async def explanation_page(
    info: Info,
    snapshot: Snapshot,
    question: str,
    namespace: str,
    changes: list[ChangeInput] | None,
    assume: Assumptions | None,
    wave: int | None,
) -> Explanation:
    """Why something of a snapshot is so; raises InvalidInputError, and what isn't there or is refused."""
    try:
        about_of(question.split(), namespace)
    except ValueError as error:
        raise InvalidInputError(str(error), "question") from None
    if wave is not None and wave < 1:
        raise InvalidInputError(f"wave is {wave}: expected a number from 1", "wave")
    base = snapshot.base.with_changes(await changes_of(info, changes))
    asked = ExplainQuestion(
        base=base, question=question, namespace=namespace, assume=assumed(assume), wave=wave
    )
    answer = await info.context.services.pool.run(
        "explain", asked, result=ExplainAnswer, prefer=base.place, heavy=True
    )
    return Explanation(
        question=answer.question,
        answer=answer.answer,
        holds=answer.holds,
        said=answer.said or None,
        outcome=answer.outcome,
        grounds=[_ground(one) for one in answer.grounds],
        groups=[
            GroundGroup(
                nodes=list(one.nodes), node_count=one.count, grounds=[_ground(each) for each in one.grounds]
            )
            for one in answer.groups
        ],
        group_count=answer.group_count,
        acts=[_act(one) for one in answer.acts],
        more_count=answer.more,
    )


def _ground(one: ExplainedGround) -> Ground:
    return Ground(
        code=one.code,
        about=one.about,
        sentence=one.sentence,
        remedy=one.remedy or None,
        rule=_rule(one.rule),
        sources=[_field(source) for source in one.sources],
        derivation=[
            DerivationStep(
                depth=step.depth,
                holds=step.holds,
                rule=_rule(step.rule),
                source=None if step.source is None else _field(step.source),
            )
            for step in one.steps
        ],
    )


def _rule(rule: e.Rule | None) -> LawfulRule | None:
    return None if rule is None else LawfulRule(file=rule.file, line=rule.line, law=rule.law)


def _field(source: e.Source) -> SourceField:
    return SourceField(
        object=source.object, namespace=source.namespace or None, path=source.path, value=source.value or None
    )


def _act(act: ExplainedAct) -> Act:
    return Act(
        number=act.number,
        wave=act.wave,
        at=act.at,
        action=action_of(act.action),
        ground=_ground(act.ground),
        waited_for=[
            AwaitedField(
                object=one.object, namespace=one.namespace or None, path=one.path or None,
                before=one.before or None, after=one.after or None, seconds=one.seconds or None,
            )
            for one in act.waited_for
        ],
        next=list(act.next),
    )  # fmt: skip
