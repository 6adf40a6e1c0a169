"""Replay: a recorded step is forecast from what was known before it, then laid beside what happened."""

from __future__ import annotations

from typing import Any

import msgspec

from foretell.api.comparison import Difference, differences
from foretell.api.summary import summary
from foretell.api.traces import Beginning, Step, Trace, read_trace
from foretell.logic.carried import moment_of
from foretell.logic.forecast import forecast
from foretell.logic.gates import DEFAULT_VERSION, gates_with
from foretell.model.changes import Apply, change_from_json
from foretell.model.cluster import Cluster
from foretell.model.documents import from_document
from foretell.model.forecast import Action, Forecast

__all__ = [
    "Beginning",
    "Difference",
    "Step",
    "Trace",
    "differences",
    "forecast_of",
    "read_trace",
    "replay",
    "summary",
]


def forecast_of(beginning: Beginning, gates: frozenset[str], *, horizon: int | None = None) -> Forecast:
    """The forecast of a step, by what was known before it.

    Controllers that have nothing to do with the changes stay asleep, as they did when the step was recorded.
    """
    cluster = Cluster(from_document(item) for item in beginning.before["items"])
    return forecast(
        cluster,
        [change_from_json(change) for change in beginning.changes],
        beginning.assume,
        horizon,
        patience=beginning.quiet,
        gates=gates,
        resync=False,
        now=moment_of(cluster) + beginning.quiet,
    )


def replay(trace: Trace, index: int) -> dict[str, Any]:
    """The forecast of a step as `waves`, `after` and `results`, in the form that traces have.

    Only then is it looked whether the recording was cut, and the forecast is cut at the same turn.
    """
    step = trace.steps[index]
    gates = gates_with(trace.kubernetes or DEFAULT_VERSION, dict.fromkeys(trace.gates, True))
    foretold = forecast_of(step, gates)
    cut = max((wave.turn for wave in step.waves if wave.cut), default=None)
    waves, after = foretold.waves, foretold.after
    if cut is not None:
        if not waves or waves[-1].turn < cut:
            # It goes round in circles, and was ended when that was plain.
            foretold = forecast_of(step, gates, horizon=cut)
        waves = tuple(wave for wave in foretold.waves if wave.turn <= cut)
        after = foretold.states[len(waves) - 1] if waves else foretold.after
    ownerless = _ownerless(foretold, step)
    return {
        "trace": trace.name,
        "step": index,
        "waves": [[_action(action, ownerless) for action in wave.actions] for wave in waves],
        "after": summary(after),
        "results": [{"evict": answer.pod, "allowed": answer.allowed} for answer in foretold.answers],
    }


def _ownerless(foretold: Forecast, step: Beginning) -> set[str]:
    """Pods that no controller made: a recording knows a pod's owner by how the pod was made, not adopted."""
    applied = (change for document in step.changes if isinstance(change := change_from_json(document), Apply))
    names = {change.object["metadata"]["name"] for change in applied}
    return names | {pod.name for pod in foretold.before.pods if not pod.metadata.generate_name}


def _action(action: Action, ownerless: set[str]) -> dict[str, Any]:
    document: dict[str, Any] = msgspec.to_builtins(action)
    if action.kind == "Pod" and action.name in ownerless:
        document.pop("owner", None)
    return document
