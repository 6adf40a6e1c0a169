"""A forecast as a JSON document, whose schema is versioned (docs/plan-json.md)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from functools import cache
from typing import Any, Literal

import msgspec

from foretell.api.telling.invented import Names
from foretell.logic.gates import DEFAULT_VERSION
from foretell.model.changes import Change, change_to_json
from foretell.model.forecast import (
    Assumptions,
    EvictionAnswer,
    Forecast,
    Obstacle,
    Outcome,
    Reason,
    Verb,
    Wave,
    Why,
)

FORMAT: Literal["foretell.plan/1"] = "foretell.plan/1"


class _Part(msgspec.Struct, frozen=True, kw_only=True):
    pass


class PlannedAction(_Part, frozen=True, kw_only=True, omit_defaults=True):
    """One write of a controller. A name that ends in `-*` can't be known before."""

    verb: Verb
    kind: str
    namespace: str = ""
    name: str
    owner: str | None = None
    node: str | None = None
    revision: str | int | None = None
    owners: tuple[str, ...] | None = None
    replicas: int | None = None
    by: tuple[str, ...]
    reason: Reason


class PlannedWave(_Part, frozen=True, kw_only=True):
    """What controllers do until they wait for the world: wave `wave`, `at` seconds after the beginning."""

    wave: int
    turn: int
    at: float
    actions: tuple[PlannedAction, ...]


class PlannedEviction(_Part, frozen=True, kw_only=True):
    """What the API server says to an eviction.

    `budget` is the one that refuses it, or pays for it; `code` and `message` are the server's own.
    """

    namespace: str
    pod: str
    allowed: bool
    budget: str
    code: int = 0
    message: str = ""

    @classmethod
    def of(cls, answer: EvictionAnswer) -> PlannedEviction:
        """The answer in a plan."""
        return cls(
            namespace=answer.namespace, pod=answer.pod, allowed=answer.allowed, budget=answer.budget,
            code=answer.code, message=answer.message,
        )  # fmt: skip


class PlannedObstacle(_Part, frozen=True, kw_only=True):
    """What a workload waits for, and what would free it.

    `node` is empty but for pods, `message` but for what the scheduler says of a pod that it can't place.
    """

    workload: str
    namespace: str
    on: str
    node: str
    why: Why
    sentence: str
    message: str
    remedy: str


class PlannedVerdict(_Part, frozen=True, kw_only=True):
    """How the forecast ends."""

    outcome: Outcome
    note: str
    obstacles: tuple[PlannedObstacle, ...]


class Summary(_Part, frozen=True, kw_only=True):
    """How many actions of each verb there are, in how many waves."""

    create: int = 0
    update: int = 0
    patch: int = 0
    delete: int = 0
    evict: int = 0
    bind: int = 0
    waves: int


class PlanDocument(_Part, frozen=True, kw_only=True):
    """A plan; `changes` have the JSON form in which `foretell plan` reads them."""

    format: Literal["foretell.plan/1"]
    foretell: str
    kubernetes: str
    gates: tuple[str, ...]
    changes: tuple[dict[str, Any], ...]
    assume: Assumptions
    evictions: tuple[PlannedEviction, ...]
    waves: tuple[PlannedWave, ...]
    summary: Summary
    verdict: PlannedVerdict


def plan_document(
    forecast: Forecast,
    *,
    changes: Iterable[Change] = (),
    assume: Assumptions | None = None,
    kubernetes: str = DEFAULT_VERSION,
    gates: frozenset[str] = frozenset(),
) -> PlanDocument:
    """The document of a forecast, and what was asked."""
    changes = tuple(changes)
    names = Names(forecast, changes)
    verbs = Counter(action.verb for action in forecast.actions)
    return PlanDocument(
        format=FORMAT,
        foretell=release(),
        kubernetes=kubernetes,
        gates=tuple(sorted(gates)),
        changes=tuple(change_to_json(change) for change in changes),
        assume=assume or Assumptions(),
        evictions=tuple(map(PlannedEviction.of, forecast.answers)),
        waves=waves_document(forecast, names),
        summary=Summary(waves=len(forecast.waves), **{verb.value: count for verb, count in verbs.items()}),
        verdict=verdict_document(forecast, names),
    )


def verdict_document(forecast: Forecast, names: Names) -> PlannedVerdict:
    """How a forecast ends."""
    verdict = forecast.verdict
    return PlannedVerdict(
        outcome=verdict.outcome,
        note=verdict.note,
        obstacles=tuple(_obstacle(obstacle, names) for obstacle in verdict.obstacles),
    )


def waves_document(forecast: Forecast, names: Names) -> tuple[PlannedWave, ...]:
    """The waves of a forecast, counted from 1."""
    return tuple(wave_document(wave, number, names) for number, wave in enumerate(forecast.waves, start=1))


def wave_document(wave: Wave, number: int, names: Names) -> PlannedWave:
    """One wave of a forecast."""
    return PlannedWave(
        wave=number,
        turn=wave.turn,
        at=wave.at,
        actions=tuple(
            PlannedAction(
                verb=action.verb, kind=action.kind, namespace=action.namespace, name=names.of(action),
                owner=names.reference(action.owner, action.namespace) or None, node=action.node,
                revision=action.revision, owners=action.owners,
                replicas=action.replicas, by=action.by, reason=action.reason,
            )
            for action in wave.actions
        ),
    )  # fmt: skip


def _obstacle(obstacle: Obstacle, names: Names) -> PlannedObstacle:
    on, node = obstacle.on, ""
    kind, _, name = on.partition("/")
    if kind != "Pod":
        on = names.reference(on, obstacle.namespace)
    else:
        name, pod = names.pod(obstacle.namespace, name)
        on, node = f"Pod/{name}", (pod.spec.node_name or pod.pinned_to) if pod else ""
    return PlannedObstacle(
        workload=names.reference(obstacle.workload, obstacle.namespace),
        namespace=obstacle.namespace, on=on, node=node,
        why=obstacle.why, sentence=obstacle.sentence, message=names.message(obstacle), remedy=obstacle.remedy,
    )  # fmt: skip


@cache
def release() -> str:
    """The version of Foretell; looked up once, as that reads files."""
    # No text asks for it, and the import takes a tenth of a short command's time.
    from importlib.metadata import version

    return version("foretell")
