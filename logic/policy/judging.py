"""Judging: a forecast is held against policies, moment by moment, in the sandbox."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from time import monotonic
from typing import Any

from foretell.logic.forecast import forecast
from foretell.logic.policy.finding import Found
from foretell.logic.policy.frames import Failed, Reply, Solve, Solved, Take
from foretell.logic.policy.lexing import Fault
from foretell.logic.policy.moments import OUTCOME
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
from foretell.model.policy import Limits, Policy, Report


def check(
    cluster: Cluster,
    policies: Iterable[Policy],
    changes: Iterable[Change | Mapping[str, Any]] = (),
    assume: Assumptions | Mapping[str, Any] | None = None,
    horizon: int | None = None,
    *,
    patience: float | None = None,
    gates: frozenset[str] | None = None,
    resync: bool = True,
    constants: Mapping[str, str | int] | None = None,
    limits: Limits | None = None,
) -> Report:
    """What policies say of all that follows from changes.

    It is asked as `forecast` is; the rest is as for `judge`.
    """
    story = forecast(cluster, changes, assume, horizon, patience=patience, gates=gates, resync=resync)
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
    with court_of(policies, constants=constants, limits=limits) as court:
        court.hear(story, called)
        return court.report()


@contextmanager
def court_of(
    policies: Iterable[Policy],
    *,
    constants: Mapping[str, str | int] | None = None,
    limits: Limits | None = None,
) -> Iterator[Court]:
    """A court that holds forecasts against policies, with a sandbox of its own for as long as it sits."""
    with Sandbox(limits or Limits()) as sandbox:
        ready = vetted(policies, sandbox)
        _check_names(ready)
        yield Court(sandbox, ready, given(ready, constants or {}))


class Court:
    """Hears forecasts, and reports what policies say of all of them."""

    def __init__(
        self, sandbox: Sandbox, ready: tuple[Ready, ...], constants: tuple[dict[str, str], ...]
    ) -> None:
        self._sandbox, self.ready, self._constants = sandbox, ready, constants
        self._found = [Found(policy) for policy in ready]
        self._notes: list[str] = []

    def hear(self, story: Forecast, called: Callable[[Key], str], *, whole: bool = True) -> None:
        """Hold a forecast against the policies; one that isn't told as a whole has no outcome."""
        speaker = Speaker(called, {*story.before.kinds, *story.after.kinds})
        for policy, set_, found in zip(self.ready, self._constants, self._found, strict=True):
            found.begin(speaker)
            sorts = policy.sorts if whole else policy.sorts - {OUTCOME}
            for run, solved in _answers(policy, set_, story, sorts, self._sandbox):
                self._notes += found.take(run, solved)

    def report(self) -> Report:
        """What has been found."""
        judged = [policy for found in self._found for policy in found.judged()]
        return Report(policies=tuple(judged), notes=tuple(dict.fromkeys(self._notes)))


def _check_names(ready: Iterable[Ready]) -> None:
    """Refuse two files with policies of one name: reports couldn't tell them apart."""
    homes: dict[str, str] = {}
    for policy in ready:
        for name in dict.fromkeys(head.policy for head in policy.heads):
            if homes.setdefault(name, policy.source) != policy.source:
                raise PolicyError(f"{policy.source}: there is a policy {name} in {homes[name]}, too")


def _answers(
    policy: Ready, constants: dict[str, str], story: Forecast, sorts: frozenset[str], sandbox: Sandbox
) -> Iterator[tuple[Run, Solved]]:
    """What a policy finds, run by run; raises PolicyError where it takes more than its limits."""
    reply = sandbox.ask(Take(policy.text, constants, policy.rules))
    if isinstance(reply, Failed):
        raise PolicyError(f"{policy.source}: {reply.sentence}")
    holding: frozenset[str] = frozenset()
    # A sum over what varies is prepared for every selection of it, which are far too many.
    pace = Pace(limit=0) if policy.sums else Pace()
    for run in runs_of(story, policy.told, policy.paths, sorts, pace):
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
