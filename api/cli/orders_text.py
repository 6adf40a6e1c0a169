"""Sure and possible as text for people: the statements, what holds in every order, and what in some."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import click

from foretell.api.cli.ages import human
from foretell.api.cli.groups import some
from foretell.api.cli.plan_text import head, waves_text
from foretell.api.cli.question import Question
from foretell.api.cli.verdict_text import verdict_lines
from foretell.api.telling.counts import counted
from foretell.api.telling.invented import Names
from foretell.api.telling.kinds import short_name
from foretell.api.telling.statements import in_words
from foretell.logic.order import natural
from foretell.model.forecast import Outcome
from foretell.model.meta import Key
from foretell.model.orders import Assured, Choice, ChoiceKind, End, Holds, Lowest, Orders, Span
from foretell.model.statements import Settles

_HOLDS = {
    Holds.EVERY: ("Sure", "green", ""),
    Holds.SOME: ("Not sure", "red", ", it holds in some orders"),
    Holds.NONE: ("Never", "red", ", it holds in no order"),
    Holds.UNKNOWN: ("Not known", "yellow", ""),
}
_OUTCOMES = {
    Outcome.SETTLED: "everything is as wanted in the end",
    Outcome.STUCK: "it gets stuck",
    Outcome.CUT: "it is cut",
}


def orders_text(question: Question, found: Orders, *, everything: bool) -> str:
    """What is sure, and what is possible."""
    told = _Told(question, found, everything=everything)
    parts = [
        head(question, found.first, everything=everything), told.choices(), told.statements(),
        told.every(), told.some(),
    ]  # fmt: skip
    return "\n".join("\n".join(lines) + "\n" for lines in parts if lines)


class _Told:
    """The parts of the text."""

    def __init__(self, question: Question, found: Orders, *, everything: bool) -> None:
        self.question, self.found, self.everything = question, found, everything
        self.names = Names(found.first, question.changes)

    def _called(self, key: Key) -> str:
        """An object as it is seen from the namespace that is asked about."""
        name = self.names.reference(str(key), key.namespace).partition("/")[2]
        place = "" if key.namespace in ("", self.question.namespace) else f"{key.namespace}/"
        if key.kind == "Pod":
            return f"pod {place}{self.names.pod(key.namespace, key.name)[0]}"
        return f"{place}{short_name(key.kind, name)}"

    # --- how many orders, and where they part ---

    def choices(self) -> list[str]:
        """How many orders there are, and what is chosen."""
        found = self.found
        if found.complete and not found.choices:
            return [click.style("There is one order: the control plane has nothing to choose.", bold=True)]
        number = f"{counted(found.number, 'order')} {'was' if found.number == 1 else 'were'} looked at"
        looked = f"{number}, alike ones once." if found.complete else f"{number}, not all."
        if found.complete and found.number == 1:
            looked = "There is one order, but for nodes that are alike."
        merged: dict[tuple[ChoiceKind, tuple[Key, ...]], list[Choice]] = {}
        for choice in found.choices:
            about = () if choice.kind is ChoiceKind.QUEUE else choice.about
            merged.setdefault((choice.kind, about), []).append(choice)
        lines = [self._choice(kind, alike) for (kind, _), alike in merged.items()]
        return [click.style(f"{looked} The control plane chooses:", bold=True), *lines]

    def _choice(self, kind: ChoiceKind, choices: Sequence[Choice]) -> str:
        nodes = some(sorted({node for choice in choices for node in choice.nodes}, key=natural))
        waves = sorted({choice.wave for choice in choices})
        when = f"wave {waves[0]}" if len(waves) == 1 else f"waves {waves[0]} to {waves[-1]}"
        who = some([self._called(key) for key in sorted({key for choice in choices for key in choice.about})])
        whose = who if who.startswith("pod ") else f"a pod of {who}"
        what = {
            ChoiceKind.ROLL_OUT: f"which nodes {who} goes on with, among {nodes}",
            ChoiceKind.TIE: f"which node {whose} gets, among {nodes}",
            ChoiceKind.PREEMPTION: f"from which node {whose} drives others off, among {nodes}",
            ChoiceKind.VICTIMS: f"which pods of {who} go" + (f", on {nodes}" if nodes else ""),
            ChoiceKind.QUEUE: f"whose pods are placed first, among {who}",
        }[kind]
        return f"  {what} ({when})"

    # --- statements ---

    def statements(self) -> list[str]:
        """In which orders each statement holds, and an order in which it doesn't."""
        return [line for each in self.found.assured for line in self._statement(each)]

    def _statement(self, assured: Assured) -> list[str]:
        word, colour, more = _HOLDS[assured.holds]
        text = in_words(assured.statement, self.question.namespace)
        if assured.holds is Holds.UNKNOWN:
            broken = assured.counterexample is not None
            more = ", but it doesn't hold in every order" if broken else ", though none of these breaks it"
        lines = [click.style(f"{word}: {text}{more}.", fg=colour, bold=True)]
        if assured.counterexample is None:
            return lines
        waves = waves_text(self.question, assured.counterexample).rstrip("\n").split("\n")
        told = [f"    {line}".rstrip() for line in [*waves, *self._verdict(assured)]]
        which = "The shortest order in which it doesn't:" if assured.holds is Holds.SOME else "Such as this:"
        return [*lines, f"  {which}", *told]

    def _verdict(self, assured: Assured) -> list[str]:
        """How an order ends, where it is asked whether it settles."""
        told = assured.counterexample
        if told is None or not isinstance(assured.statement, Settles):
            return []
        names = Names(told, self.question.changes)
        return ["", *verdict_lines(told, names, self.question.namespace, everything=self.everything)]

    # --- what holds ---

    def every(self) -> list[str]:
        """What all orders have in common."""
        found = self.found
        lines = [line for end in found.ends for line in self._end(end)] if len(found.ends) == 1 else []
        lines += [
            line for low in found.lowest for line in self._low(low, low.ready.least, low.available.least)
        ]
        lines += self._gone([gone.pod for gone in found.gone if gone.holds in (Holds.EVERY, Holds.UNKNOWN)])
        lines += [f"  {self._news(spot.subject)} on {some(spot.sure)}" for spot in found.placed if spot.sure]
        lines += [f"  {_waves(found.waves, found.seconds)}"] if found.waves.most else []
        return [click.style(self._all, bold=True), *lines]

    @property
    def _all(self) -> str:
        if self.found.complete:
            return "In every order:"
        number = self.found.number
        return f"In {'the one order' if number == 1 else f'each of the {number:,} orders'} looked at:"

    def some(self) -> list[str]:
        """What is so in some orders only."""
        found = self.found
        lines = [line for end in found.ends for line in self._end(end)] if len(found.ends) > 1 else []
        for low in found.lowest:
            if low.ready.most > low.ready.least or low.available.most > low.available.least:
                lines += self._low(low, low.ready.most, low.available.most)
        lines += self._gone([gone.pod for gone in found.gone if gone.holds is Holds.SOME])
        for spot in found.placed:
            possible = [node for node in spot.possible if node not in spot.sure]
            if possible:
                lines.append(f"  {self._news(spot.subject)} on {some(possible)}")
        return [click.style("In some orders:", bold=True), *lines] if lines else []

    def _end(self, end: End) -> list[str]:
        """How orders end, and what stands in the way there."""
        names = Names(end.example, self.question.changes)
        told = verdict_lines(end.example, names, self.question.namespace, everything=self.everything)
        note = end.example.verdict.note if end.outcome is Outcome.CUT else ""
        head = f"  {_OUTCOMES[end.outcome]}{note and f': {note}'}"
        if len(self.found.ends) == 1:
            return [head, *(f"  {line}" for line in told[1:])]
        # What would free it is told where it is asked for, lest there be much of it.
        short = [f"  {line}" for line in told[1:] if line[:3].count(" ") == len("  ")]
        return [head + (" (as in the plan)" if end.example is self.found.first else ""), *short]

    def _low(self, low: Lowest, ready: float, available: float) -> list[str]:
        """How many pods of a workload that was there before are ready at any time, and available."""
        if low.workload not in self.found.first.before:
            return []
        name, counts = self._called(low.workload), {"ready": ready}
        if available != ready:
            counts["available"] = available
        return [
            f"  at least {count:.0f} of {low.wanted:,} pods of {name} stay {word}"
            if count
            else f"  at some time no pod of {name} is {word}"
            for word, count in counts.items()
        ]  # fmt: skip

    def _gone(self, pods: Iterable[Key]) -> list[str]:
        names = [self._called(pod).removeprefix("pod ") for pod in pods]
        return [f"  {'gone is' if len(names) == 1 else 'gone are'} {some(names)}"] if names else []

    def _news(self, subject: Key) -> str:
        name = self._called(subject)
        return f"{name} is" if subject.kind == "Pod" else f"new pods of {name} are"


def _waves(waves: Span, seconds: Span) -> str:
    numbers = [f"{number:,.0f}" for number in dict.fromkeys(waves)]
    moments = [human(moment) for moment in seconds]
    number, moment = " to ".join(numbers), " to ".join(dict.fromkeys(moments))
    return f"{number} wave{'' if number == '1' else 's'}, all done after {moment}"
