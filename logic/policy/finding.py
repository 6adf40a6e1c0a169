"""Findings: what rules have found, in which moments, and in how many stories."""

from __future__ import annotations

from collections.abc import Collection
from typing import NamedTuple

from foretell.logic.order import natural
from foretell.logic.policy.frames import Atom, Head, Solved
from foretell.logic.policy.runs import Run
from foretell.logic.policy.vetted import Ready, placed
from foretell.logic.policy.wording import Speaker
from foretell.logic.vocabulary import Term
from foretell.model.errors import PolicyError
from foretell.model.meta import Key
from foretell.model.policy import Finding, Judged, Level, Waves

MOST_FOUND = 100_000
"""How many findings a policy's file may have in all."""


class _Told(NamedTuple):
    """What makes a finding: of two that are alike in this there is one."""

    level: str
    policy: str
    message_name: str
    subject: str
    key: Key | None
    message: str


class Found:
    """The findings of a file, with the moments in which they hold, and in how many stories they do."""

    def __init__(self, policy: Ready) -> None:
        self._policy, self._stories = policy, 0
        self._moments: dict[_Told, dict[int | None, None]] = {}
        self._lately: dict[_Told, int] = {}
        self._often: dict[_Told, int] = {}

    def begin(self, speaker: Speaker) -> None:
        """Begin with a story, of whose objects is spoken so."""
        self._speaker, self._known = speaker, dict[Atom, _Told]()
        self._stories += 1

    def take(self, run: Run, solved: Solved) -> list[str]:
        """Take what was found in a run; what there is to note of the rules."""
        told = [self._told(atom) for atom in solved.atoms]
        for moment, places in zip(run.moments, solved.states, strict=True):
            for place in places:
                self._note(told[place], moment.number)
            if len(self._moments) > MOST_FOUND:
                raise PolicyError(
                    f"{self._policy.source}: there are more than {MOST_FOUND:,} findings, at {moment}"
                )
        return [placed(self._policy.source, note) for note in solved.notes]

    def _note(self, told: _Told, number: int | None) -> None:
        self._moments.setdefault(told, {})[number] = None
        if number != 0 and self._lately.get(told) != self._stories:
            self._lately[told] = self._stories
            self._often[told] = self._often.get(told, 0) + 1

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
            self._finding(told, moments) for told, moments in self._moments.items() if told in self._often
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

    def _finding(self, told: _Told, moments: Collection[int | None]) -> Finding:
        waves = [number for number in moments if number]
        return Finding(
            level=Level(told.level), policy=told.policy, line=self._line(told),
            subject=told.subject, object=told.key, message=told.message,
            waves=_spans(waves), outcome=None in moments, before=0 in moments,
            every=self._often[told] == self._stories,
        )  # fmt: skip

    def _line(self, told: _Told) -> int:
        """The line of the first rule that can have found it."""
        own = [head for head in self._policy.heads if (head.level, head.policy) == (told.level, told.policy)]
        alike = [head.line for head in own if head.message == told.message_name]
        return min(alike or [head.line for head in own])


def _spans(waves: list[int]) -> tuple[Waves, ...]:
    """Waves in order, those that follow each other together."""
    spans: list[Waves] = []
    for number in sorted(set(waves)):
        if spans and spans[-1].last == number - 1:
            spans[-1] = Waves(first=spans[-1].first, last=number)
        else:
            spans.append(Waves(first=number, last=number))
    return tuple(spans)


def _order(finding: Finding) -> tuple[object, ...]:
    """The order of findings.

    1. those that deny; 2. the first wave, the outcome coming last; 3. subject; 4. message.
    """
    begins = finding.waves[0].first if finding.waves else float("inf")
    return finding.level is not Level.DENY, begins, natural(finding.subject), finding.message
