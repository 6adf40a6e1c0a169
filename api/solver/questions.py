"""What a worker is asked and what it answers: small values, whatever the size of the cluster."""

from __future__ import annotations

from typing import Literal

import msgspec

from foretell.api.telling.planned import PlannedEviction, PlannedVerdict, PlannedWave, Summary
from foretell.model.forecast import Assumptions, Because
from foretell.model.meta import Json
from foretell.model.placement import Best, NodeVerdict, Preempted


class Value(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Something that goes to a worker or comes from it."""


class Advance(Value, frozen=True, kw_only=True):
    """The controllers act for so many waves, or else until nothing is left to do."""

    waves: int | None = None
    assume: Assumptions = Assumptions()


class Base(Value, frozen=True, kw_only=True):
    """The state that a question is about: a revision of a cluster, or else a `document` that isn't stored.

    `changes`, in their JSON form, are made to it first, then `advance` lets the controllers act.
    `kubernetes` and `gates` say whose laws hold.
    """

    cluster: int = 0
    revision: int = 0
    document: bytes = b""
    changes: tuple[Json, ...] = ()
    advance: Advance | None = None
    kubernetes: str
    gates: dict[str, bool] = {}

    @property
    def place(self) -> str:
        """What caches of this state are kept under; a worker that has it is asked first."""
        return f"{self.cluster}"

    def with_changes(self, changes: tuple[Json, ...]) -> Base:
        """The state after more changes."""
        return msgspec.structs.replace(self, changes=(*self.changes, *changes))

    def advanced(self, advance: Advance) -> Base:
        """The state after the controllers have acted."""
        return msgspec.structs.replace(self, advance=advance)


# --- reading ------------------------------------------------------------------------------------------


class ReadQuestion(Value, frozen=True, kw_only=True):
    """A dump or manifests as text; with `onto`, what makes a stored revision into it is asked for."""

    text: bytes = b""
    path: str = ""
    source: str = ""
    onto: Base | None = None


class ReadAnswer(Value, frozen=True, kw_only=True):
    """What was read, as a delta onto nothing or the state that was named; notes on kinds not looked at."""

    delta: bytes
    objects: int
    notes: tuple[str, ...] = ()


class ManifestsQuestion(Value, frozen=True, kw_only=True):
    """Manifests, or changes in JSON form, as text of YAML or JSON."""

    text: str
    namespace: str


class ManifestsAnswer(Value, frozen=True, kw_only=True):
    """The changes that they ask for, in their JSON form."""

    changes: tuple[Json, ...]


# --- changing -----------------------------------------------------------------------------------------


class ChangeQuestion(Value, frozen=True, kw_only=True):
    """Changes to make to a state, before any controller acts."""

    base: Base
    changes: tuple[Json, ...]


class ObjectResult(Value, frozen=True, kw_only=True):
    """What became of one object."""

    kind: str
    namespace: str
    name: str
    result: Literal["created", "configured", "unchanged", "deleted"]


class ChangeAnswer(Value, frozen=True, kw_only=True):
    """What the changes make of the state, in kubectl's words and by object; answers to evictions."""

    delta: bytes
    told: tuple[str, ...]
    objects: tuple[ObjectResult, ...]
    evictions: tuple[PlannedEviction, ...] = ()


class RevertQuestion(Value, frozen=True, kw_only=True):
    """What makes a state into an earlier one of the same cluster."""

    base: Base
    to: int


class DeltaAnswer(Value, frozen=True, kw_only=True):
    """A delta (`foretell.model.deltas`), and how much it changes."""

    delta: bytes
    puts: int
    drops: int


# --- forecasts ----------------------------------------------------------------------------------------


class ForecastQuestion(Value, frozen=True, kw_only=True):
    """What the controllers will do with a state; `waves` ends the forecast after so many of them.

    With `keep` the answer says what makes the state into the one afterwards.
    """

    base: Base
    assume: Assumptions = Assumptions()
    horizon: int | None = None
    waves: int | None = None
    keep: bool = False


class PodFate(Value, frozen=True, kw_only=True):
    """What becomes of one pod; a node is empty where there is none.

    `fate` is gone, appeared, moved (the same identity on another node) or replaced (on the same one).
    """

    fate: Literal["gone", "appeared", "moved", "replaced"]
    workload: str
    namespace: str
    name: str
    before: str = ""
    after: str = ""


class WorkloadImpact(Value, frozen=True, kw_only=True):
    """A workload's pods before and after, and the fewest that are ready after any wave in between."""

    workload: str
    namespace: str
    pods_before: int
    pods_after: int
    ready_before: int
    ready_after: int
    lowest_ready: int


class Impact(Value, frozen=True, kw_only=True):
    """What changes between the state before all changes and the one afterwards.

    `fates` holds the first of them (workloads, then pods in order), the numbers count all.
    """

    gone: int = 0
    appeared: int = 0
    moved: int = 0
    replaced: int = 0
    fates: tuple[PodFate, ...] = ()
    workloads: tuple[WorkloadImpact, ...] = ()


class ForecastAnswer(Value, frozen=True, kw_only=True):
    """A forecast as people are shown it (`foretell.api.telling.planned`)."""

    waves: tuple[PlannedWave, ...]
    verdict: PlannedVerdict
    summary: Summary
    seconds: float
    impact: Impact
    evictions: tuple[PlannedEviction, ...] = ()
    delta: bytes = b""


class WaveItem(Value, frozen=True, kw_only=True):
    """One item of a streamed forecast: a wave, or at the end the whole answer without its waves."""

    wave: PlannedWave | None = None
    end: ForecastAnswer | None = None


# --- diff and desired pods ----------------------------------------------------------------------------


class Page(Value, frozen=True, kw_only=True):
    """Which rows of a long list: from `start` on at most `limit`."""

    start: int = 0
    limit: int = 100


class DiffQuestion(Value, frozen=True, kw_only=True):
    """Desired against actual in a state; empty filters let everything through."""

    base: Base
    page: Page
    differences: tuple[str, ...] = ()
    workload: tuple[str, str, str] | None = None
    node: str = ""


class DiffRow(Value, frozen=True, kw_only=True):
    """One difference; see `foretell.model.diff`."""

    difference: str
    detail: str
    kind: str
    namespace: str
    owner: str
    node: str | None = None
    ordinal: int | None = None
    pod: str | None = None


class DiffAnswer(Value, frozen=True, kw_only=True):
    """A page of the differences, how many there are with the filters, and of each sort without them."""

    rows: tuple[DiffRow, ...]
    total: int
    counts: dict[str, int]


class DesiredQuestion(Value, frozen=True, kw_only=True):
    """Which pods should exist in a state, or (`left_out`) which nodes DaemonSets leave out."""

    base: Base
    page: Page
    workload: tuple[str, str, str] | None = None
    node: str = ""
    left_out: bool = False


class DesiredRow(Value, frozen=True, kw_only=True):
    """A pod that should exist, or a node that is left out, with every reason."""

    kind: str
    namespace: str
    owner: str
    node: str | None = None
    ordinal: int | None = None
    name: str | None = None
    reasons: tuple[Because, ...] = ()


class DesiredAnswer(Value, frozen=True, kw_only=True):
    """A page of the rows, and how many there are with the filters."""

    rows: tuple[DesiredRow, ...]
    total: int


# --- placement ----------------------------------------------------------------------------------------


class PlacementQuestion(Value, frozen=True, kw_only=True):
    """What every node of a state says of a pod, which is there (`pod`) or is told by its manifest.

    `node` and `feasible` let only some verdicts through.
    """

    base: Base
    page: Page
    namespace: str
    pod: str = ""
    manifest: str = ""
    node: str = ""
    feasible: bool | None = None


class PlacementAnswer(Value, frozen=True, kw_only=True):
    """A page of the verdicts, the best nodes first, and what the scheduler would do.

    `total` counts the rows with the filters, `feasible` and `ties` all nodes that would take the pod, and
    those with the most points.
    """

    namespace: str
    pod: str
    rows: tuple[NodeVerdict, ...]
    total: int
    feasible: int
    ties: int
    node: str = ""
    sentence: str = ""
    preempts: Preempted | None = None


class BestQuestion(Value, frozen=True, kw_only=True):
    """The best placement of pods by name, or without any of all that wait, looked for during `seconds`."""

    base: Base
    namespace: str
    pods: tuple[str, ...] = ()
    seconds: float


class BestAnswer(Value, frozen=True, kw_only=True):
    """The best placement that was found, with the first of its assignments; `total` counts all of them."""

    best: Best
    total: int
