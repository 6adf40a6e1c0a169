"""A forecast as text for people: what is asked, the waves, the sum, and the verdict."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import click

from foretell.api.cli.ages import human
from foretell.api.cli.groups import MOST_ALIKE, Stretch, grouped, likeness, phrase, some, stretches
from foretell.api.cli.lines import SYMBOLS, Line, lines_by_wave
from foretell.api.cli.question import Question
from foretell.api.cli.verdict_text import verdict_lines
from foretell.api.telling.counts import counted
from foretell.api.telling.invented import Names
from foretell.api.telling.reasons import WORDS
from foretell.api.telling.words import asked
from foretell.logic.evictions import TOO_MANY
from foretell.model.forecast import EvictionAnswer, Forecast, Verb

_COLOURS = {"+": "green", "-": "red", "~": "yellow", ">": "cyan"}
_WORKLOADS = ("DaemonSet", "StatefulSet", "Deployment", "ReplicaSet", "Job", "CronJob")
_WIDEST = 72
_COUNTED = {
    "create": (Verb.CREATE,), "update": (Verb.UPDATE, Verb.PATCH), "delete": (Verb.DELETE, Verb.EVICT),
    "bind": (Verb.BIND,),
}  # fmt: skip


def plan_text(question: Question, forecast: Forecast, *, everything: bool = False) -> str:
    """The plan; alike lines and rounds of waves are told as one unless everything is to be shown."""
    names = Names(forecast, question.changes)
    waves = lines_by_wave(forecast, names)
    text = [*head(question, forecast, everything=everything), ""]
    text += _Waves(forecast, waves, question.namespace, everything=everything).text()
    text += [_sum(forecast, waves)]
    text += verdict_lines(forecast, names, question.namespace, everything=everything)
    return "\n".join(text) + "\n"


def waves_text(question: Question, forecast: Forecast) -> str:
    """The waves alone."""
    names = Names(forecast, question.changes)
    waves = lines_by_wave(forecast, names)
    return "".join(
        f"{line}\n" for line in _Waves(forecast, waves, question.namespace, everything=False).text()
    )


def head(question: Question, forecast: Forecast, *, everything: bool) -> list[str]:
    """What the forecast is of, and what is assumed to change."""
    cluster = forecast.before
    # What another workload has made, such as a Deployment's ReplicaSets, is told with that one.
    kinds = Counter(workload.kind for workload in cluster.workloads if workload.metadata.controller is None)
    parts = [
        (len(cluster.nodes), "node"), *((kinds[kind], kind) for kind in _WORKLOADS),
        (len(cluster.pods), "pod"),
    ]  # fmt: skip
    shown = ", ".join(counted(count, noun) for count, noun in parts if count)
    what = f"Forecast for {shown or 'an empty cluster'} (Kubernetes {question.kubernetes})"
    lines = [click.style(f"{what}{', after:' if question.changes else ', as things stand.'}", bold=True)]
    told = len(question.changes) if everything else MOST_ALIKE
    lines += (f"  {asked(change, question.namespace)}" for change in question.changes[:told])
    if len(question.changes) > told:
        lines.append(f"  … and {len(question.changes) - told:,} changes more (--all)")
    lines += (click.style(f"  ! {refusal}", fg="red") for refusal in forecast.refusals)
    return [*lines, *_evictions(forecast.answers)]


def _evictions(answers: Sequence[EvictionAnswer]) -> list[str]:
    """What the API server says to evictions: the pods that go, and those that a budget holds.

    Of a pod that goes later, once its budget allows it, the waves tell that; here it is held at first.
    """
    first: dict[tuple[str, str], EvictionAnswer] = {}
    for answer in answers:
        first.setdefault((answer.namespace, answer.pod), answer)
    later = {(answer.namespace, answer.pod) for answer in answers if answer.allowed}
    allowed = [answer.pod for answer in first.values() if answer.allowed]
    lines = [f"pod {pod} is evicted" for pod in allowed]
    if len(allowed) > MOST_ALIKE:
        lines = [f"{len(allowed):,} pods are evicted: {some(allowed)}"]
    told = [f"  {click.style(SYMBOLS[Verb.EVICT], fg='red')} {line}" for line in lines]
    for key, answer in first.items():
        if not answer.allowed:
            when = "has to wait" if key in later else "is not evicted"
            told.append(click.style(f"  ! pod {answer.pod} {when}: {_hindrance(answer)}", fg="red"))
    return told


def _hindrance(answer: EvictionAnswer) -> str:
    return f"budget {answer.budget} allows none" if answer.code in (0, TOO_MANY) else answer.message


class _Waves:
    """The waves as text."""

    def __init__(
        self, forecast: Forecast, waves: list[list[Line]], namespace: str, *, everything: bool
    ) -> None:
        self.forecast, self.waves, self.namespace = forecast, waves, namespace
        self.most = None if everything else MOST_ALIKE
        shown = [[(group, phrase(group, namespace)) for group in grouped(wave, self.most)] for wave in waves]
        self.shown = shown
        self.width = max((len(text) for wave in shown for _, text in wave if len(text) <= _WIDEST), default=0)

    def text(self) -> list[str]:
        """Every wave, with rounds that repeat told once."""
        signs = [likeness(wave) for wave in self.waves]
        every = [Stretch(place, 1, 1) for place in range(len(self.waves))]
        text: list[str] = []
        for start, length, times in every if self.most is None else stretches(signs):
            for place in range(start, start + length):
                text += self._wave(place)
            if times > 1:
                text += self._rest(start, length, times)
        return text

    def _wave(self, place: int) -> list[str]:
        at = human(self.forecast.waves[place].at)
        lines = [click.style(f"Wave {place + 1}, +{at}", bold=True)]
        for group, text in self.shown[place]:
            symbol = SYMBOLS[group[0].verb]
            reason = click.style(f"({WORDS[group[0].reason]})", dim=True)
            lines.append(f"  {click.style(symbol, fg=_COLOURS[symbol])} {text:<{self.width}}  {reason}")
        return [*lines, ""]

    def _rest(self, start: int, length: int, times: int) -> list[str]:
        """What is said of the rounds after the first."""
        first, last = start + length, start + length * times - 1
        moments = [human(self.forecast.waves[place].at) for place in (first, last)]
        rounds = range(first, last + 1, length)
        subjects = [line.subject for place in rounds for line in self.waves[place]]
        many = f" with {len(subjects):,} others" if len(subjects) > len(rounds) else ""
        head = click.style(f"Waves {first + 1} to {last + 1}, +{moments[0]} to +{moments[1]}", bold=True)
        again = f"wave {start + 1}" if length == 1 else f"waves {start + 1} to {start + length}"
        return [head, f"  … as {again}, {times - 1:,} times more{many}: {some(subjects)}", ""]


def _sum(forecast: Forecast, waves: Sequence[Sequence[Line]]) -> str:
    verbs = Counter(line.verb for wave in waves for line in wave)
    counts = {word: sum(verbs[verb] for verb in verbs_) for word, verbs_ in _COUNTED.items()}
    parts = [f"{count:,} to {word}" for word, count in counts.items() if count]
    if not parts:
        return click.style("Nothing to do: no controller acts.", bold=True)
    end = f", the last after {human(forecast.waves[-1].at)}" if len(waves) > 1 else ""
    plan = f"Plan: {', '.join(parts)}, in {len(waves):,} wave{'s' if end else ''}{end}."
    return click.style(plan, bold=True)
