"""Judging: a forecast is held against policies, moment by moment, in the sandbox."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from time import monotonic
from typing import Any

from foretell.logic.forecast import forecast
from foretell.logic.policy.findings import Found
from foretell.logic.policy.frames import Failed, Reply, Solve, Solved, Take
from foretell.logic.policy.lexing import Fault
from foretell.logic.policy.pace import Pace
from foretell.logic.policy.runs import Run, runs_of
from foretell.logic.policy.sandbox import Sandbox
from foretell.logic.policy.vetted import Ready, given, placed, vetted
from foretell.logic.policy.wording import Speaker
from foretell.model.changes import Change
from foretell.model.cluster import Cluster
from foretell.model.errors import PolicyError
from foretell.model.forecast import Assumptions, Forecast
from foretell.model.meta import Key
from foretell.model.policy import Judged, Limits, Policy, Report


def check(
    cluster: Cluster,
    policies: Iterable[Policy],
    changes: Iterable[Change | Mapping[str, Any]] = (),
    assume: Assumptions | Mapping[str, Any] | None = None,
    horizon: int | None = None,
    *,
    constants: Mapping[str, str | int] | None = None,
    limits: Limits | None = None,
) -> Report:
    """What policies say of all that follows from changes.

    Changes, assumptions and the horizon are those of `forecast`, the rest is as for `judge`.
    """
    story = forecast(cluster, changes, assume, horizon)
    return judge(policies, story, constants=constants, limits=limits)


def judge(
    policies: Iterable[Policy],
    story: Forecast,
    *,
    constants: Mapping[str, str | int] | None = None,
    limits: Limits | None = None,
    called: Callable[[Key], str] = str,
) -> Report:
    """What policies say of a forecast.

    `constants` set those that the policies have otherwise; `called` says how objects are called in findings.
    What is found in a wave or in the outcome counts, what was so before alone does not. Raises PolicyError
    where a policy can't be taken, or takes more than its limits.
    """
    limits = limits or Limits()
    speaker = Speaker(called, {*story.before.kinds, *story.after.kinds})
    judged: list[Judged] = []
    notes: list[str] = []
    with Sandbox(limits) as sandbox:
        ready = vetted(policies, sandbox)
        _check_names(ready)
        for policy, set_ in zip(ready, given(ready, constants or {}), strict=True):
            found = Found(policy, speaker)
            for run, solved in _answers(policy, set_, story, sandbox):
                notes += found.take(run, solved)
            judged += found.judged()
    return Report(policies=tuple(judged), notes=tuple(dict.fromkeys(notes)))


def _check_names(ready: Iterable[Ready]) -> None:
    """Refuse two files with policies of one name: reports couldn't tell them apart."""
    homes: dict[str, str] = {}
    for policy in ready:
        for name in dict.fromkeys(head.policy for head in policy.heads):
            if homes.setdefault(name, policy.source) != policy.source:
                raise PolicyError(f"{policy.source}: there is a policy {name} in {homes[name]}, too")


def _answers(
    policy: Ready, constants: dict[str, str], story: Forecast, sandbox: Sandbox
) -> Iterator[tuple[Run, Solved]]:
    """What a policy finds, run by run; raises PolicyError where it takes more than its limits."""
    reply = sandbox.ask(Take(policy.text, constants, policy.rules))
    if isinstance(reply, Failed):
        raise PolicyError(f"{policy.source}: {reply.sentence}")
    holding: frozenset[str] = frozenset()
    # A sum over what varies is prepared for every selection of it, which are far too many.
    pace = Pace(limit=0) if policy.sums else Pace()
    for run in runs_of(story, policy.told, policy.paths, policy.sorts, pace):
        fallen, risen = holding - run.shared, run.shared - holding
        holding, began = run.shared, monotonic()
        reply = sandbox.ask(Solve(tuple(fallen), tuple(sorted(risen)), run.varying, run.states))
        if not isinstance(reply, Solved):
            raise PolicyError(_failure(policy, run, reply))
        pace.note(len(run.moments), monotonic() - began)
        yield run, reply


def _failure(policy: Ready, run: Run, reply: Reply) -> str:
    failed = reply if isinstance(reply, Failed) else Failed("the sandbox doesn't answer what it was asked")
    if failed.line:
        return placed(policy.source, Fault(failed.line, failed.column, failed.sentence))
    first, last = run.moments[0], run.moments[-1]
    when = f"at {first}" if first == last else f"between {first} and {last}"
    return f"{policy.source}: {failed.sentence}, {when}"
