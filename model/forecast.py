"""What a forecast says: actions in waves, a verdict, and the cluster that comes out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum
from fnmatch import fnmatchcase

import msgspec

from foretell.model.cluster import Cluster
from foretell.model.errors import ManifestError
from foretell.model.meta import Key


class Verb(StrEnum):
    """What an action does to its object."""

    CREATE = "create"
    UPDATE = "update"
    PATCH = "patch"
    DELETE = "delete"
    BIND = "bind"
    EVICT = "evict"


class Reason(StrEnum):
    """Why a controller acts; a closed set, documented in docs/reasons.md. Reasons never steer."""

    MISSING = "missing"
    DUPLICATE = "duplicate"
    FAILED = "failed"
    SUCCEEDED = "succeeded"
    NOT_ELIGIBLE = "not-eligible"
    NODE_GONE = "node-gone"
    OUTDATED = "outdated"
    OUTDATED_UNHEALTHY = "outdated-unhealthy"
    SURGE = "surge"
    SURGED = "surged"
    SCALED_DOWN = "scaled-down"
    NEW_TEMPLATE = "new-template"
    ROLLED_BACK = "rolled-back"
    ROLLS_OUT = "rolls-out"
    RESIZED = "resized"
    SHARED = "shared"
    FOLLOWS = "follows"
    SAME_TEMPLATE = "same-template"
    HISTORY_LIMIT = "history-limit"
    ADOPTED = "adopted"
    RELEASED = "released"
    RELABELLED = "relabelled"
    CLAIM_MISSING = "claim-missing"
    RETENTION = "retention"
    OWNER_GONE = "owner-gone"
    OWNER_DELETING = "owner-deleting"
    ORPHANED = "orphaned"
    NO_EXECUTE = "no-execute"
    TOLERATION_ENDED = "toleration-ended"
    FEASIBLE = "feasible"
    PREEMPTED = "preempted"
    DRAINED = "drained"
    COUNTED = "counted"
    UNTRACKED = "untracked"
    SUSPENDED = "suspended"
    OUT_OF_RANGE = "out-of-range"
    DUPLICATE_INDEX = "duplicate-index"
    JOB_OVER = "job-over"
    EXPIRED = "expired"
    SCHEDULED = "scheduled"
    REPLACED = "replaced"


class Action(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One write of a controller.

    `name` ends in `*` for a pod that got (or will get) a random name during the forecast. `revision` is a
    pod's revision label, or a ControllerRevision's number. `owners` are those that a claim has afterwards,
    `replicas` is how many pods a ReplicaSet is to have.
    """

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


class Wave(msgspec.Struct, frozen=True, kw_only=True):
    """The actions that the controllers issue until they wait for the world.

    `turn` counts how often the world has answered before; `at` is in seconds since the forecast began.
    """

    turn: int
    at: float
    actions: tuple[Action, ...]


class Outcome(StrEnum):
    """How a forecast ends."""

    SETTLED = "SETTLED"
    STUCK = "STUCK"
    CUT = "CUT"


class Why(StrEnum):
    """Why a workload waits; a closed set."""

    POD_TERMINATING = "pod-terminating"
    POD_FAILED = "pod-failed"
    POD_UNPLACED = "pod-unplaced"
    POD_NOT_STARTED = "pod-not-started"
    POD_NOT_READY = "pod-not-ready"
    POD_NOT_AVAILABLE = "pod-not-available"
    POD_BLOCKS_SCALE_DOWN = "pod-blocks-scale-down"
    POD_ON_LOST_NODE = "pod-on-lost-node"
    CLAIM_TERMINATING = "claim-terminating"
    CLAIM_OF_FORMER_POD = "claim-of-former-pod"
    NAME_TAKEN = "name-taken"
    BUDGET = "budget"
    PAUSED = "paused"
    DEADLINE_EXCEEDED = "deadline-exceeded"
    SEVERAL_BUDGETS = "several-budgets"
    DAEMON_POD = "daemon-pod"
    DAEMONSET_GONE = "daemonset-gone"
    LOCAL_DATA = "local-data"
    NO_CONTROLLER = "no-controller"
    MISSIZED = "missized"
    ASLEEP = "asleep"
    SELECTS_EVERYTHING = "selects-everything"
    POD_RUNS = "pod-runs"
    BACKS_OFF = "backs-off"
    SUSPENDED = "suspended"
    FAILED_TOO_OFTEN = "failed-too-often"
    FAILED_BY_DEADLINE = "failed-by-deadline"
    FAILED_BY_POLICY = "failed-by-policy"
    FAILED_INDEXES = "failed-indexes"


class Obstacle(msgspec.Struct, frozen=True, kw_only=True):
    """What a workload waits for: an object, why, and what would free it.

    `workload` and `on` are such as `StatefulSet/web` and `Pod/web-1`; `sentence` goes on from the name of
    the object, `remedy` says what has to happen.
    """

    workload: str
    namespace: str
    on: str
    why: Why
    sentence: str
    remedy: str


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """How a forecast ends, and what stands in the way where it isn't SETTLED."""

    outcome: Outcome
    obstacles: tuple[Obstacle, ...] = ()
    note: str = ""


class Assumptions(
    msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True, rename="camel"
):
    """Where the world is to answer otherwise.

    Patterns (`*` matches any run of characters) over a pod's name, or `owner@node`; nodes and claims by name.
    """

    never_start: tuple[str, ...] = ()
    never_ready: tuple[str, ...] = ()
    never_gone: tuple[str, ...] = ()
    fails: tuple[str, ...] = ()
    job_fails: tuple[str, ...] = ()
    never_ends: tuple[str, ...] = ()
    dead_nodes: tuple[str, ...] = ()
    unbound_claims: tuple[str, ...] = ()


def assumptions_from_json(document: Mapping[str, object]) -> Assumptions:
    """Assumptions from their JSON form, such as `{"neverReady": ["web-*"]}`; raises ManifestError."""
    try:
        return msgspec.convert(document, Assumptions)
    except msgspec.ValidationError as error:
        problem, _, path = str(error).partition(" - at `")
        raise ManifestError(problem, path=path.rstrip("`")) from None


def matches(patterns: tuple[str, ...], *names: str) -> bool:
    """Whether any of the names matches any of the patterns."""
    return any(fnmatchcase(name, pattern) for pattern in patterns for name in names)


class EvictionAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """What the API server said to an eviction.

    `budget` is the one that is charged, or that refuses; `code` is the HTTP status, `message` the server's
    own sentence where it refuses.
    """

    namespace: str = "default"
    pod: str
    allowed: bool
    budget: str = ""
    code: int = 0
    message: str = ""


class Forecast(msgspec.Struct, frozen=True, kw_only=True):
    """What will happen: the waves, the verdict, and the cluster afterwards.

    `answers` holds the API server's to evictions, `refusals` what kubectl says of drains that it refuses;
    `states` the cluster after each wave (same length as
    `waves`), so that a story can be stopped anywhere.
    """

    before: Cluster
    waves: tuple[Wave, ...]
    verdict: Verdict
    after: Cluster
    states: Sequence[Cluster] = ()
    answers: tuple[EvictionAnswer, ...] = ()
    refusals: tuple[str, ...] = ()

    @property
    def actions(self) -> tuple[Action, ...]:
        """The actions of all waves, in order."""
        return tuple(action for wave in self.waves for action in wave.actions)

    def cut_after(self, waves: int) -> Forecast:
        """The forecast up to a wave, with the cluster as it is right after it; of none, as it was before."""
        asked = "1 wave was" if waves == 1 else f"{waves:,} waves were"
        return msgspec.structs.replace(
            self,
            waves=self.waves[:waves],
            states=self.states[:waves],
            after=self.states[waves - 1] if waves else self.before,
            verdict=Verdict(outcome=Outcome.CUT, note=f"{asked} asked for"),
        )


class Because(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A reason of the rules for or against a pod, such as `any-node`, `tolerates` or `taint`.

    Where it is about a taint, `key`, `value` and `effect` are the taint's. `about` is what another reason is
    about: a resource, a claim, or the label that tells domains apart.
    """

    reason: str
    about: str = ""
    key: str = ""
    value: str = ""
    effect: str = ""


class LeftOut(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A node on which a DaemonSet wants no pod, with every reason against it."""

    workload: Key
    node: str
    reasons: tuple[Because, ...]


class DesiredPod(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A pod that should exist by the rules: of a DaemonSet on a node, or of a StatefulSet by ordinal."""

    kind: str
    namespace: str
    owner: str
    node: str | None = None
    ordinal: int | None = None
    name: str | None = None

    @property
    def workload(self) -> Key:
        """The workload's key."""
        return Key(self.kind, self.namespace, self.owner)
