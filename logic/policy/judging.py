"""Judging: a forecast is held against policies, moment by moment, in the sandbox."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from time import monotonic
from typing import Any, NamedTuple

from foretell.logic.forecast import forecast
from foretell.logic.order import natural
from foretell.logic.policy.frames import Atom, Failed, Head, Reply, Solve, Solved, Take
from foretell.logic.policy.lexing import Fault
from foretell.logic.policy.pace import Pace
from foretell.logic.policy.runs import Run, runs_of
from foretell.logic.policy.sandbox import Sandbox
from foretell.logic.policy.vetted import Ready, given, placed, vetted
from foretell.logic.policy.wording import Speaker
from foretell.logic.vocabulary import Term
from foretell.model.changes import Change
from foretell.model.cluster import Cluster
from foretell.model.errors import PolicyError
from foretell.model.forecast import Assumptions, Forecast
from foretell.model.meta import Key
from foretell.model.policy import Finding, Judged, Level, Limits, Policy, Report, Span

MOST_FOUND = 100_000
"""How many findings a policy's file may have in all."""


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
            found = _Found(policy, speaker)
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


class _Told(NamedTuple):
    """What makes a finding: of two that are alike in this there is one."""

    level: str
    policy: str
    message_name: str
    subject: str
    key: Key | None
    message: str


class _Found:
    """The findings of a file, with the moments in which they hold."""

    def __init__(self, policy: Ready, speaker: Speaker) -> None:
        self._policy, self._speaker = policy, speaker
        self._moments: dict[_Told, list[int | None]] = {}
        self._known: dict[Atom, _Told] = {}

    def take(self, run: Run, solved: Solved) -> list[str]:
        """Take what was found in a run; what there is to note of the rules."""
        told = [self._told(atom) for atom in solved.atoms]
        for moment, places in zip(run.moments, solved.states, strict=True):
            for place in places:
                moments = self._moments.setdefault(told[place], [])
                if not moments or moments[-1] != moment.number:
                    moments.append(moment.number)
            if len(self._moments) > MOST_FOUND:
                raise PolicyError(
                    f"{self._policy.source}: there are more than {MOST_FOUND:,} findings, at {moment}"
                )
        return [placed(self._policy.source, note) for note in solved.notes]

    def _told(self, atom: Atom) -> _Told:
        if atom not in self._known:
            policy, subject, *rest = atom.arguments
            message, words = rest[0] if rest else None, self._policy.words
            self._known[atom] = _Told(
                atom.level,
                policy.name if isinstance(policy, Term) else str(policy),
                message.name if isinstance(message, Term) else "",
                self._speaker.term(subject, words),
                self._speaker.key(subject),
                "" if message is None else self._speaker.term(message, words, subject),
            )
        return self._known[atom]

    def judged(self) -> list[Judged]:
        """The file's policies, in the order of their first rules."""
        first: dict[str, Head] = {}
        for head in self._policy.heads:
            first.setdefault(head.policy, head)
        findings = [
            self._finding(told, moments)
            for told, moments in self._moments.items()
            if any(number != 0 for number in moments)
        ]
        findings.sort(key=_order)
        words = self._policy.words
        return [
            Judged(
                name=name, source=self._policy.source, line=head.line,
                title=words.titles.get(name, ""), help=words.helps.get(name, ""),
                findings=tuple(each for each in findings if each.policy == name),
            )
            for name, head in first.items()
        ]  # fmt: skip

    def _finding(self, told: _Told, moments: list[int | None]) -> Finding:
        waves = [number for number in moments if number]
        return Finding(
            level=Level(told.level), policy=told.policy, line=self._line(told),
            subject=told.subject, object=told.key, message=told.message,
            waves=_spans(waves), outcome=None in moments, before=0 in moments,
        )  # fmt: skip

    def _line(self, told: _Told) -> int:
        """The line of the first rule that can have found it."""
        own = [head for head in self._policy.heads if (head.level, head.policy) == (told.level, told.policy)]
        alike = [head.line for head in own if head.message == told.message_name]
        return min(alike or [head.line for head in own])


def _spans(waves: list[int]) -> tuple[Span, ...]:
    """Waves in order, those that follow each other together."""
    spans: list[Span] = []
    for number in sorted(set(waves)):
        if spans and spans[-1].last == number - 1:
            spans[-1] = Span(first=spans[-1].first, last=number)
        else:
            spans.append(Span(first=number, last=number))
    return tuple(spans)


def _order(finding: Finding) -> tuple[object, ...]:
    """The order of findings.

    1. those that deny; 2. the first wave, the outcome coming last; 3. subject; 4. message.
    """
    begins = finding.waves[0].first if finding.waves else float("inf")
    return finding.level is not Level.DENY, begins, natural(finding.subject), finding.message
