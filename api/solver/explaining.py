"""Why something is so: explanations as small answers, whatever the size of the cluster."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from foretell.api.solver.explained import (
    ExplainAnswer,
    ExplainedAct,
    ExplainedGround,
    ExplainedGroup,
    ExplainedStep,
    ExplainQuestion,
)
from foretell.api.solver.states import States
from foretell.api.telling.explained import shown
from foretell.api.telling.planned import PlannedAction
from foretell.api.telling.whys import about_of, question_text
from foretell.logic.why.answers import explained
from foretell.model.changes import change_from_json
from foretell.model.explanation import Act, Ground, Group, Step


def explain_answer(states: States, asked: ExplainQuestion) -> ExplainAnswer:
    """Why something of a state is so; raises NotFoundError, RejectedError, or ManifestError for a wait."""
    base = asked.base
    before = states.cluster(msgspec.structs.replace(base, changes=()))
    changes = tuple(change_from_json(document) for document in base.changes)
    about = about_of(asked.question.split(), asked.namespace)
    told, forecast = explained(
        before, about, changes, asked.assume, asked.horizon,
        wave=asked.wave, most=asked.most, gates=states.gates(base),
    )  # fmt: skip
    told = shown(told, forecast, changes)
    return ExplainAnswer(
        question=question_text(about),
        answer=told.answer,
        holds=told.holds,
        said=told.said,
        outcome=told.outcome,
        grounds=tuple(_ground(one, asked.most) for one in told.grounds[: asked.most]),
        groups=tuple(_group(one, asked.most) for one in told.groups[: asked.most]),
        group_count=len(told.groups),
        acts=tuple(_act(one, asked.most) for one in told.acts),
        more=told.more,
    )


def _ground(one: Ground, most: int) -> ExplainedGround:
    steps = (step for each in one.because for step in _steps(each, 0))
    return ExplainedGround(
        code=one.code.value,
        about=one.about,
        sentence=one.sentence,
        remedy=one.remedy,
        rule=one.rule,
        sources=one.sources,
        steps=tuple(step for _, step in zip(range(most), steps, strict=False)),
    )


def _steps(step: Step, depth: int) -> Iterator[ExplainedStep]:
    """A step and those beneath it, from the top."""
    yield ExplainedStep(depth=depth, holds=step.holds, rule=step.rule, source=step.source)
    for one in step.because:
        yield from _steps(one, depth + 1)


def _group(group: Group, most: int) -> ExplainedGroup:
    grounds = tuple(_ground(one, most) for one in group.grounds)
    return ExplainedGroup(nodes=group.nodes[:most], count=len(group.nodes), grounds=grounds)


def _act(act: Act, most: int) -> ExplainedAct:
    return ExplainedAct(
        number=act.number,
        wave=act.wave,
        at=act.at,
        action=msgspec.convert(msgspec.to_builtins(act.action), PlannedAction),
        ground=_ground(act.ground, most),
        waited_for=act.waited_for,
        next=act.next,
    )
