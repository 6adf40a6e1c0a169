"""Remedies: a goal, the edits that may serve it, and the smallest sets of them after which it holds."""

from __future__ import annotations

from enum import StrEnum
from fnmatch import fnmatchcase

import msgspec

from foretell.model.changes import Change
from foretell.model.forecast import Because, Obstacle
from foretell.model.meta import Key


class Goal(msgspec.Struct, frozen=True, kw_only=True, tag_field="goal"):
    """What is to hold once the controllers have done what they will."""


class RunsOn(Goal, frozen=True, kw_only=True, tag="runs-on"):
    """A workload has a running pod on each of these nodes; on every node where none are named."""

    workload: Key
    nodes: tuple[str, ...] = ()


class Schedulable(Goal, frozen=True, kw_only=True, tag="schedulable"):
    """A pod finds a node, or what its controller puts in its place does; of a workload, every pod."""

    thing: Key


class Unstuck(Goal, frozen=True, kw_only=True, tag="unstuck"):
    """A workload waits for nothing any more."""

    workload: Key


class Drained(Goal, frozen=True, kw_only=True, tag="drained"):
    """A drain that passes over daemon pods empties the node, within what disruption budgets allow.

    `force` and `delete_emptydir_data` are the flags of `kubectl drain`.
    """

    node: str
    force: bool = False
    delete_emptydir_data: bool = False


class Spared(Goal, frozen=True, kw_only=True, tag="spared"):
    """No pod that is on the node is lost to this taint."""

    node: str
    key: str
    value: str = ""
    effect: str = "NoExecute"


class EditKind(StrEnum):
    """What an edit is about; a closed set, in the order in which edits are made and listed."""

    RESUME = "resume"
    SUSPEND = "suspend"
    TOUCH = "touch"
    TOLERATION = "toleration"
    SELECTOR = "selector"
    AFFINITY = "affinity"
    REQUESTS = "requests"
    UNDO = "undo"
    PARTITION = "partition"
    REPLICAS = "replicas"
    BUDGET = "budget"
    CORDON = "cordon"
    TAINT = "taint"
    LABEL = "label"
    DELETE_POD = "delete-pod"


WEIGHTS: dict[EditKind, int] = {
    EditKind.RESUME: 1, EditKind.SUSPEND: 1, EditKind.TOUCH: 1,
    EditKind.TOLERATION: 2, EditKind.UNDO: 2, EditKind.DELETE_POD: 2, EditKind.BUDGET: 2,
    EditKind.SELECTOR: 3, EditKind.AFFINITY: 3, EditKind.REQUESTS: 3, EditKind.PARTITION: 3,
    EditKind.REPLICAS: 4,
    EditKind.CORDON: 5, EditKind.TAINT: 5, EditKind.LABEL: 5,
}  # fmt: skip
"""What an edit of each kind costs for every object that it touches, where nothing else is asked for."""


class EditPattern(msgspec.Struct, frozen=True, kw_only=True):
    """Which edits are meant: by kind of edit, and by the objects that they touch (`*` matches anything)."""

    edit: str = "*"
    kind: str = "*"
    name: str = "*"
    text: str = ""

    def __str__(self) -> str:
        """The pattern as it was given, or else as `taint:Node/*`."""
        return self.text or f"{self.edit}:{self.kind}/{self.name}"

    def matches(self, edit: EditKind, thing: Key) -> bool:
        """Whether an edit of this kind that touches the object is meant."""
        return (
            fnmatchcase(edit, self.edit)
            and fnmatchcase(thing.kind, self.kind)
            and fnmatchcase(thing.name, self.name)
        )


class Edit(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One edit: what it is about, the objects that it touches, in order, what becomes of them, its cost.

    `alike` are nodes of which any would do as well as the one that is touched.
    """

    kind: EditKind
    objects: tuple[Key, ...]
    detail: str
    cost: int = 0
    alike: tuple[str, ...] = ()


class Remedy(msgspec.Struct, frozen=True, kw_only=True):
    """Edits after which a forecast says that the goal holds.

    `changes` are what does them, in order; `waves` is in how many waves the controllers follow, `seconds`
    after how long the last one comes: None where only the goal's vicinity was forecast. `obstacles` is what
    still stands in the way of something else. With `renewed` pods that are made anew from an earlier
    template are taken to work, whatever was assumed of those that were there.
    """

    cost: int
    edits: tuple[Edit, ...]
    changes: tuple[Change, ...]
    waves: int | None
    seconds: float | None
    obstacles: tuple[Obstacle, ...] = ()
    renewed: bool = False


class Against(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One thing that stands against a goal: a reason of a node, an obstacle, or a prohibition."""

    workload: Key | None = None
    nodes: tuple[str, ...] = ()
    reason: Because | None = None
    obstacle: Obstacle | None = None
    never: str = ""


class Remedies(msgspec.Struct, frozen=True, kw_only=True):
    """The cheapest remedies of a goal, in order, or what stands against it.

    `holds` says that the goal is met as things stand. `complete` says that no other remedy costs as little;
    without remedies, that there is none at all among `candidates`, the edits that bear on the goal. `tried`
    is how many sets of edits were forecast; where none of them did, `nearest` is the first one, and
    `refused` what the API server says to the first that it refuses. Each of `conflicts` is a smallest set of
    things that together rule out every remedy. `obstacles` is what the forecast of things as they stand ends
    with. `unmatched` are the patterns that match no edit.
    """

    goal: Goal
    holds: bool
    remedies: tuple[Remedy, ...] = ()
    complete: bool = True
    tried: int = 0
    nearest: Remedy | None = None
    refused: str = ""
    candidates: tuple[Edit, ...] = ()
    conflicts: tuple[tuple[Against, ...], ...] = ()
    obstacles: tuple[Obstacle, ...] = ()
    unmatched: tuple[str, ...] = ()
