"""Recordings of a real control plane, forecasts of their steps, and what the two are compared by."""

from __future__ import annotations

import gzip
import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from foretell.logic.forecast import forecast, moment_of
from foretell.logic.gates import default_gates
from foretell.model.changes import change_from_json
from foretell.model.cluster import Cluster
from foretell.model.documents import from_document
from foretell.model.forecast import Action, Assumptions, Forecast
from foretell.model.meta import Object

TRACES = Path(__file__).parent / "traces"
HORIZON = 30
_HASH_LABEL = "controller-revision-hash"
_NOT_COMPARED = ("currentRevision", "updateRevision", "observedGeneration", "collisionCount")
"""Status fields that hold hashes, or that tell two runs of one scenario apart."""

Json = Any


@dataclass(frozen=True)
class Trace:
    """One scenario; `name` is its path below the folder of traces, without suffixes."""

    name: str
    gates: frozenset[str]
    ignored: frozenset[str]
    steps: tuple[Json, ...]


def trace_names() -> list[str]:
    """The names of all traces, in order."""
    return sorted(str(path.relative_to(TRACES)).removesuffix(".json.gz") for path in TRACES.rglob("*.json.gz"))


def read_trace(name: str) -> Trace:
    """The trace of a name."""
    document = json.loads(gzip.decompress((TRACES / f"{name}.json.gz").read_bytes()))
    gates = default_gates() | frozenset(document.get("gates", ()))
    return Trace(name, gates, frozenset(document.get("ignore", ())), tuple(document["steps"]))


def differing_parts(trace: Trace, step: Json) -> list[str]:
    """The parts in which the forecast of a step differs from what was recorded."""
    real = _compared(step, step, trace.ignored)
    made = _compared(_replayed(trace, step), step, trace.ignored)
    # Only sentences that were said in this step are known to be fresh.
    made["sentences"] &= real["sentences"]
    return [part for part in real if real[part] != made[part]]


# --- a forecast in the shape of a recording ---


def _replayed(trace: Trace, step: Json) -> Json:
    cluster = Cluster(map(from_document, step["before"]["items"]))
    made = forecast(
        cluster,
        [change_from_json(change) for change in step["changes"]],
        msgspec.convert(step["assume"], Assumptions),
        HORIZON,
        patience=step["quiet"],
        gates=trace.gates,
        resync=False,
        now=moment_of(cluster) + step["quiet"],
    )
    last = next((wave["turn"] for wave in step["waves"] if wave.get("cut")), HORIZON)
    return _recorded(made, last, _born_bare(cluster, step))


def _born_bare(cluster: Cluster, step: Json) -> set[str]:
    """The pods that no controller made: a recording tells a pod's owner as it was at its birth."""
    applied = {change["apply"]["metadata"]["name"] for change in step["changes"] if "apply" in change}
    return applied | {pod.name for pod in cluster.pods if not pod.metadata.generate_name}


def _recorded(made: Forecast, last: int, bare: set[str]) -> Json:
    """A forecast up to a turn, as the recorder would have told it."""
    waves = [wave for wave in made.waves if wave.turn <= last]
    whole = len(waves) == len(made.waves)
    answers = [{"evict": answer.pod, "allowed": answer.allowed} for answer in made.answers]
    return {
        "waves": [{"actions": [_action(action, bare) for action in wave.actions]} for wave in waves],
        "after": _state(made.after if whole else made.states[len(waves) - 1]),
        "results": answers,
    }


def _action(action: Action, bare: set[str]) -> Json:
    told = msgspec.to_builtins(action)
    return {**told, "owner": None} if action.kind == "Pod" and action.name in bare else told


def _state(cluster: Cluster) -> Json:
    return {
        "pods": [
            {"name": pod.name, "owner": _owner(pod), "node": pod.spec.node_name or None,
             "revision": pod.labels.get(_HASH_LABEL), "phase": pod.phase, "ready": pod.ready,
             "terminating": pod.terminating}
            for pod in cluster.pods
        ],
        "claims": [
            {"name": claim.name, "phase": claim.phase, "terminating": claim.terminating,
             "owners": [f"{o.kind}/{o.name}" for o in claim.metadata.owner_references]}
            for claim in cluster.claims
        ],
        "revisions": [
            {"owner": revision.metadata.controller.name if revision.metadata.controller else None}
            for revision in cluster.revisions
        ],
        "workloads": [
            {"kind": w.kind, "name": w.name, "replicas": getattr(w.spec, "replicas", None),
             "status": msgspec.to_builtins(w.status)}
            for w in cluster.workloads
        ],
        "budgets": [{"name": b.name, **msgspec.to_builtins(b.status)} for b in cluster.budgets],
    }  # fmt: skip


def _owner(thing: Object) -> str | None:
    owner = thing.metadata.controller
    return f"{owner.kind}/{owner.name}" if owner else None


# --- what is compared: all but random suffixes, choices among equals and hashes of new revisions ---


def _compared(told: Json, real: Json, ignored: frozenset[str]) -> dict[str, Any]:
    """The comparable parts of a step, as it was recorded or forecast; `real` is the recorded one."""
    naming = _Naming(real)
    after = told["after"]
    waves = [_wave(wave["actions"], naming, ignored) for wave in told["waves"]]
    revisions = [] if "ControllerRevision" in ignored else after.get("revisions", ())
    return {
        "waves": [wave for wave in waves if wave],
        "pods": Counter(naming.pod_state(pod) for pod in after.get("pods", ())),
        "status": {
            **{(w["kind"], w["name"]): (w.get("replicas"), _numbers(w["status"])) for w in after.get("workloads", ())},
            **{("PodDisruptionBudget", b["name"]): _numbers(b) for b in after.get("budgets", ())},
        },
        "storage": (
            Counter((c["name"], c["phase"], *sorted(c["owners"] or ()), c["terminating"]) for c in after.get("claims", ())),
            Counter(revision.get("owner") for revision in revisions),
        ),
        "sentences": {
            (naming.pod(pod), pod["unschedulable"])
            for pod in after.get("pods", ()) if pod.get("unschedulable") and (told is not real or pod.get("said"))
        },
        "answers": told.get("results", []),
    }  # fmt: skip


def _numbers(status: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in status.items() if value and key not in _NOT_COMPARED}


def _wave(actions: Iterable[Json], naming: _Naming, ignored: frozenset[str]) -> Counter[tuple[Any, ...]]:
    told = (a for a in actions if a["verb"] not in ("bind", "patch") and a["kind"] not in ignored)
    return Counter((action["verb"], action["kind"], *naming.action(action)) for action in told)


class _Naming:
    """Names things so that two runs of one scenario call them the same."""

    def __init__(self, real: Json) -> None:
        items = real["before"]["items"]
        self._by_node = real["compare"] == "exact"
        self._pods = {item["metadata"]["name"] for item in items if item["kind"] == "Pod"}
        self._pods |= {c["apply"]["metadata"]["name"] for c in real["changes"] if "apply" in c}
        self._revisions = {item["metadata"]["name"] for item in items if item["kind"] == "ControllerRevision"}
        labels = (item["metadata"].get("labels") or {} for item in items)
        self._revisions |= {found[_HASH_LABEL] for found in labels if _HASH_LABEL in found}

    def pod(self, pod: Json) -> str:
        """A pod: one of a DaemonSet by its owner and node, one of a StatefulSet by its name."""
        owner = pod.get("owner") or ""
        at = f"@{pod.get('node')}" if self._by_node else ""
        if owner.startswith("DaemonSet/"):
            return owner + at
        if owner:
            return str(pod["name"])
        return (pod["name"] if pod["name"] in self._pods else "new") + ("" if "verb" in pod else at)

    def revision(self, name: str | None) -> str | None:
        """A revision label that was there before, `new`, or None where there is none."""
        return "new" if name is not None and name not in self._revisions else name

    def action(self, action: Json) -> tuple[Any, ...]:
        """What an action is about."""
        if action["kind"] == "Pod":
            return (self.pod(action), self.revision(action.get("revision")))
        if action["kind"] == "PersistentVolumeClaim":
            return (action["name"], *sorted(action.get("owners") or ()))
        return (action["name"].rpartition("-")[0], action.get("revision"))

    def pod_state(self, pod: Json) -> tuple[Any, ...]:
        """A pod and how it is."""
        return (self.pod(pod), self.revision(pod.get("revision")), pod["phase"], pod["ready"], pod["terminating"])
