"""A forecast beside a recording: what differs, but for what two recordings of one scenario differ in too.

Never compared are random suffixes, hashes of revisions that are new, bindings (placement among equals) and
patches; with `compare: shape` neither are nodes.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from foretell.api.traces import Step
from foretell.model.meta import Json

NEW = "new"
_DAEMONIC, _STATEFUL = "DaemonSet/", "StatefulSet/"
_HASHED = "ReplicaSet/"
_LABELS = ("controller-revision-hash", "pod-template-hash")
_UNCOMPARED_VERBS = ("bind", "patch")
_UNCOMPARED_STATUS = frozenset({
    "collisionCount", "conditions", "currentRevision", "observedGeneration", "uncountedTerminatedPods",
    "updateRevision",
})  # fmt: skip


class Difference(NamedTuple):
    """What one part of a step has only in the recording, or only in the forecast.

    A part is `wave 1`, `pods`, `status`, `claims`, `revisions`, `sentences` or `evictions`.
    """

    part: str
    recorded: tuple[str, ...]
    forecast: tuple[str, ...]


class _Eyes:
    """How a step is looked at: which names and hashes were there before, and whether nodes count."""

    def __init__(self, step: Step, ignored: Iterable[str]) -> None:
        self.nodes = step.compare == "exact"
        self.ignored = frozenset(ignored)
        items = step.before.get("items", [])
        self.places = {_place(item): item["metadata"]["name"] for item in items if item.get("kind") == "Pod"}
        self.pods = {item["metadata"]["name"] for item in items if item.get("kind") == "Pod"}
        self.pods |= {c["apply"].get("metadata", {}).get("name") for c in step.changes if "apply" in c}
        self.hashes: set[str] = set()
        for item in items:
            labels = item["metadata"].get("labels") or {}
            self.hashes.update(labels[label] for label in _LABELS if label in labels)
            if item.get("kind") == "ControllerRevision":
                self.hashes.add(item["metadata"]["name"])

    def hash(self, value: Json) -> str:
        """A revision's hash, or that there is none, or that it is new."""
        return "none" if value is None else str(value) if value in self.hashes else NEW

    def who(self, pod: Json, *, exact: bool) -> str:
        """A pod by what of its identity two recordings agree on."""
        owner = pod.get("owner") or ""
        if owner.startswith(_DAEMONIC):
            return f"{owner}@{pod.get('node')}" if exact else owner
        if owner.startswith(_STATEFUL):
            return str(pod["name"])
        if owner:
            return _family(owner)
        return str(pod["name"]) if pod["name"] in self.pods else NEW

    def action(self, action: Json) -> str:
        """An action as a line."""
        verb, kind, name = action["verb"], action["kind"], action["name"]
        if kind == "Pod":
            who = self.who(action, exact=self.nodes)
            return f"{verb} pod {who}, revision {self.hash(action.get('revision'))}"
        if kind == "PersistentVolumeClaim":
            return f"{verb} claim {name}, owners {sorted(action.get('owners') or [])}"
        if kind == "ControllerRevision":
            return f"{verb} revision of {_unhashed(name)}, number {action.get('revision')}"
        if kind == "ReplicaSet":
            return f"{verb} ReplicaSet of {_unhashed(name)}, replicas {action.get('replicas')}"
        return f"{verb} {kind} {'' if verb == 'create' else name}".rstrip()

    def waves(self, waves: Iterable[Sequence[Json]]) -> list[Counter[str]]:
        """Waves as counted lines; those without any line don't count."""
        seen = (Counter(map(self.action, filter(self._counts, _final(actions)))) for actions in waves)
        return [wave for wave in seen if wave]

    def answers(self, results: Iterable[Json]) -> Counter[str]:
        """What the server says to evictions, as counted lines; `owner@node` is the pod that is there."""
        names = ((self.places.get(r.get("evict"), r.get("evict")), r.get("allowed")) for r in results)
        return Counter(f"{name} {'allowed' if allowed else 'refused'}" for name, allowed in names)

    def _counts(self, action: Json) -> bool:
        return action["verb"] not in _UNCOMPARED_VERBS and action["kind"] not in self.ignored

    def after(self, after: Json) -> dict[str, Counter[str]]:
        """What is there at the end, by part, as counted lines."""
        parts = {
            "pods": map(self._pod, after.get("pods", ())),
            "status": (*map(_workload, after.get("workloads", ())), *map(_budget, after.get("budgets", ()))),
            "claims": map(_claim, after.get("claims", ())),
            "revisions": (f"of {revision.get('owner')}" for revision in after.get("revisions", ())),
        }
        if "ControllerRevision" in self.ignored:
            del parts["revisions"]
        return {part: Counter(lines) for part, lines in parts.items()}

    def _pod(self, pod: Json) -> str:
        who = self.who(pod, exact=self.nodes)
        if self.nodes and not pod.get("owner"):
            who = f"{who}@{pod.get('node')}"
        state = [pod["phase"], *(word for word in ("ready", "terminating") if pod[word])]
        return f"{who}, revision {self.hash(pod.get('revision'))}: {', '.join(state)}"

    def sentences(self, after: Json, *, said: bool) -> set[str]:
        """What the scheduler says of pods; with `said` only what it said in this very step."""
        pods = [
            pod for pod in after.get("pods", ()) if pod.get("unschedulable") and (pod.get("said") or not said)
        ]
        return {f"{self._speaker(pod)}: {pod['unschedulable']}" for pod in pods}

    def _speaker(self, pod: Json) -> str:
        owner = pod.get("owner") or ""
        return _family(owner) if owner and not owner.startswith(_STATEFUL) else str(pod["name"])


def _final(actions: Sequence[Json]) -> list[Json]:
    """The actions, of several updates of one ReplicaSet the last: in how many it gets its size is timing."""
    sized = {
        action["name"]: place
        for place, action in enumerate(actions)
        if action["kind"] == "ReplicaSet" and action["verb"] == "update"
    }
    return [
        action
        for place, action in enumerate(actions)
        if not (action["kind"] == "ReplicaSet" and action["verb"] == "update")
        or sized[action["name"]] == place
    ]


def _place(pod: Json) -> str:
    """A pod of a recording as `owner@node`."""
    owners = pod["metadata"].get("ownerReferences") or ()
    owner = next((each["name"] for each in owners if each.get("controller")), "")
    return f"{owner}@{pod.get('spec', {}).get('nodeName', '')}"


def _unhashed(name: str) -> str:
    return name.rpartition("-")[0]


def _family(owner: str) -> str:
    return _unhashed(owner) if owner.startswith(_HASHED) else owner


def _workload(workload: Json) -> str:
    name = _unhashed(workload["name"]) if workload["kind"] == "ReplicaSet" else workload["name"]
    numbers = {
        k: v for k, v in workload["status"].items() if v not in (0, None, "") and k not in _UNCOMPARED_STATUS
    }
    told = ", ".join(f"{key} {value}" for key, value in sorted(numbers.items()))
    return f"{workload['kind']}/{name}: wants {workload.get('replicas')}; {told}"


def _budget(budget: Json) -> str:
    numbers = (f"{k} {v}" for k, v in sorted(budget.items()) if k not in ("name", "observedGeneration"))
    return f"PodDisruptionBudget/{budget['name']}: {', '.join(numbers)}"


def _claim(claim: Json) -> str:
    state = f"{claim['phase']}{', terminating' if claim['terminating'] else ''}"
    return f"{claim['name']}: {state}, owners {sorted(claim.get('owners') or [])}"


def differences(step: Step, forecast: Json, *, ignored: Iterable[str] = ()) -> list[Difference]:
    """What differs between a step and a forecast of it (its `waves`, `after` and `results`)."""
    eyes = _Eyes(step, ignored)
    recorded_waves = eyes.waves(wave.actions for wave in step.waves)
    forecast_waves = eyes.waves(forecast["waves"])
    found = []
    for place in range(max(len(recorded_waves), len(forecast_waves))):
        both = [
            waves[place] if place < len(waves) else Counter() for waves in (recorded_waves, forecast_waves)
        ]
        found.append(_difference(f"wave {place + 1}", *both))
    recorded, foretold = eyes.after(step.after), eyes.after(forecast["after"])
    found += [_difference(part, recorded[part], foretold[part]) for part in recorded]
    # A sentence that is older than the step may be stale, so it is neither wanted nor wrong.
    wanted = eyes.sentences(step.after, said=True)
    missing = wanted - eyes.sentences(forecast["after"], said=False)
    others = eyes.sentences(forecast["after"], said=False) - eyes.sentences(step.after, said=False)
    found.append(_difference("sentences", Counter(missing), Counter(others if missing else ())))
    found.append(_difference("evictions", eyes.answers(step.results), eyes.answers(forecast["results"])))
    return [difference for difference in found if difference.recorded or difference.forecast]


def _difference(part: str, recorded: Counter[str], forecast: Counter[str]) -> Difference:
    only = (sorted((recorded - forecast).elements()), sorted((forecast - recorded).elements()))
    return Difference(part, tuple(only[0]), tuple(only[1]))
