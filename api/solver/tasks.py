"""What workers can be asked: a handler for each question, over the revisions of a store."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

import msgspec

from foretell.api.solver import questions as q
from foretell.api.solver.explained import ExplainQuestion
from foretell.api.solver.explaining import explain_answer
from foretell.api.solver.impact import impact_of
from foretell.api.solver.listing import desired_answer, diff_answer
from foretell.api.solver.placements import best_answer, placement_answer
from foretell.api.solver.states import States
from foretell.api.store.store import Store
from foretell.api.telling.invented import Names
from foretell.api.telling.making import Made, made
from foretell.api.telling.manifests import changes_in
from foretell.api.telling.planned import PlannedEviction, plan_document, wave_document
from foretell.logic.carried import latest_stamp, moment_of
from foretell.logic.forecast import unfolding
from foretell.model.changes import Wait, change_from_json, change_to_json
from foretell.model.cluster import Cluster
from foretell.model.deltas import delta_between, encode_delta
from foretell.model.errors import ManifestError
from foretell.model.forecast import Forecast, Outcome, Verdict, Wave
from foretell.model.reading import read_with_notes

Handler = Callable[[object], object]
Q = TypeVar("Q", bound=msgspec.Struct)


def tasks(argument: object) -> Mapping[str, Handler]:
    """The handlers by name, for a worker on the store whose URL is given."""
    assert isinstance(argument, dict)
    return Tasks(States(Store.open(str(argument["store"]), read_only=True))).handlers()


class Tasks:
    """The handlers; what they share is the states that they have seen."""

    def __init__(self, states: States) -> None:
        self._states = states

    def handlers(self) -> Mapping[str, Handler]:
        """By name: a function of the decoded question."""
        return {
            "read": _takes(q.ReadQuestion, self.read),
            "manifests": _takes(q.ManifestsQuestion, self.manifests),
            "change": _takes(q.ChangeQuestion, self.change),
            "revert": _takes(q.RevertQuestion, self.revert),
            "forecast": _takes(q.ForecastQuestion, self.forecast),
            "waves": _takes(q.ForecastQuestion, self.waves),
            "diff": _takes(q.DiffQuestion, lambda asked: diff_answer(self._states, asked)),
            "desired": _takes(q.DesiredQuestion, lambda asked: desired_answer(self._states, asked)),
            "placement": _takes(q.PlacementQuestion, lambda asked: placement_answer(self._states, asked)),
            "explain": _takes(ExplainQuestion, lambda asked: explain_answer(self._states, asked)),
            "best": _takes(q.BestQuestion, lambda asked: best_answer(self._states, asked)),
        }

    def read(self, asked: q.ReadQuestion) -> q.ReadAnswer:
        """Read a dump or manifests; raises ManifestError."""
        with _told_of(asked.source):
            cluster, notes = read_with_notes(Path(asked.path) if asked.path else asked.text)
            moment = moment_of(cluster)
        before = Cluster() if asked.onto is None else self._states.cluster(asked.onto)
        cluster = cluster.at(max(moment, before.moment))
        delta = delta_between(before, cluster)
        return q.ReadAnswer(delta=encode_delta(delta), objects=len(cluster), notes=notes)

    def manifests(self, asked: q.ManifestsQuestion) -> q.ManifestsAnswer:
        """Read manifests as changes; raises ManifestError."""
        with _told_of("the manifests"):
            changes = changes_in([asked.text.encode()], asked.namespace)
        return q.ManifestsAnswer(changes=tuple(map(change_to_json, changes)))

    def change(self, asked: q.ChangeQuestion) -> q.ChangeAnswer:
        """Make changes; raises RejectedError where the API server refuses one, ManifestError for a wait."""
        before = self._states.cluster(asked.base)
        changes = [change_from_json(document) for document in asked.changes]
        if any(isinstance(change, Wait) for change in changes):
            raise ManifestError("time passes in forecasts alone: expected a change of objects", path="$.wait")
        after, steps = made(before, changes, self._states.gates(asked.base), before.moment)
        delta = delta_between(before, after)
        # A timestamp that can't be read is refused here: it would spoil the cluster for good.
        delta = delta._replace(moment=max([before.moment, *map(latest_stamp, delta.puts)]))
        return q.ChangeAnswer(
            delta=encode_delta(delta),
            told=tuple(line for step in steps for line in step.told),
            objects=tuple(result for step in steps for result in _results(step)),
            evictions=tuple(PlannedEviction.of(a) for step in steps for a in step.edit.answers),
        )

    def revert(self, asked: q.RevertQuestion) -> q.DeltaAnswer:
        """Find what brings an earlier revision back; the clock isn't turned back."""
        before = self._states.cluster(asked.base)
        earlier = self._states.cluster(msgspec.structs.replace(asked.base, revision=asked.to, changes=()))
        delta = delta_between(before, earlier.at(max(before.moment, earlier.moment)))
        return q.DeltaAnswer(delta=encode_delta(delta), puts=len(delta.puts), drops=len(delta.drops))

    def forecast(self, asked: q.ForecastQuestion) -> q.ForecastAnswer:
        """Forecast to the end, or for so many waves."""
        for item in self.waves(asked, keep_waves=True):
            if item.end is not None:
                return item.end
        raise AssertionError("a forecast has an end")

    def waves(self, asked: q.ForecastQuestion, *, keep_waves: bool = False) -> Iterator[q.WaveItem]:
        """Forecast, and give each wave as it is derived."""
        states, base = self._states, asked.base
        # The changes are a part of the forecast, as some of them let time pass.
        before = states.cluster(msgspec.structs.replace(base, changes=()))
        changes = tuple(change_from_json(document) for document in base.changes)
        story = unfolding(
            before, changes, asked.assume, asked.horizon,
            waves=asked.waves, gates=states.gates(base), now=before.moment,
        )  # fmt: skip
        # What was there is known from the start, so that names can be told wave by wave.
        names = Names(
            Forecast(before=before, waves=(), verdict=Verdict(outcome=Outcome.CUT), after=before), changes
        )
        ends: list[Forecast] = []

        def unfolded() -> Iterator[Wave]:
            ends.append((yield from story))

        for number, wave in enumerate(unfolded(), start=1):
            if not keep_waves:
                yield q.WaveItem(wave=wave_document(wave, number, names))
        (end,) = ends
        yield q.WaveItem(end=_answer(end, before, asked, keep_waves=keep_waves))


def _answer(
    forecast: Forecast, before: Cluster, asked: q.ForecastQuestion, *, keep_waves: bool
) -> q.ForecastAnswer:
    changes = tuple(change_from_json(document) for document in asked.base.changes)
    plan = plan_document(forecast, changes=changes)
    last = forecast.waves[-1].at if forecast.waves else 0.0
    kept = encode_delta(delta_between(before, forecast.after)) if asked.keep else b""
    return q.ForecastAnswer(
        waves=plan.waves if keep_waves else (),
        verdict=plan.verdict,
        summary=plan.summary,
        seconds=last,
        impact=impact_of(forecast, Names(forecast, changes), before),
        evictions=plan.evictions,
        delta=kept,
    )


@contextmanager
def _told_of(source: str) -> Iterator[None]:
    """Name what was read in errors of a text, which has no name of its own."""
    try:
        yield
    except ManifestError as error:
        raise ManifestError(
            error.problem, source=source or error.source, document=error.document, path=error.path
        ) from None


def _results(step: Made) -> Iterator[q.ObjectResult]:
    """What became of each object of a change."""
    for thing, old in zip(step.edit.puts, step.olds, strict=True):
        result = "created" if old is None else "unchanged" if old == thing else "configured"
        yield q.ObjectResult(
            kind=thing.kind,
            namespace=thing.namespace,
            name=thing.name,
            result=result,  # type: ignore[arg-type]
        )
    for key in step.edit.drops:
        yield q.ObjectResult(kind=key.kind, namespace=key.namespace, name=key.name, result="deleted")


def _takes(form: type[Q], handler: Callable[[Q], object]) -> Handler:
    """The handler behind a check of the question's form."""
    return lambda asked: handler(msgspec.convert(asked, form))
