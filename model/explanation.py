"""Why something is so: grounds, with the rules that derived them and the fields that they stand on."""

from __future__ import annotations

from enum import StrEnum

import msgspec

from foretell.model.forecast import Action, Outcome, Reason, Why
from foretell.model.meta import Key


class Code(StrEnum):
    """Why a pod is or isn't wanted somewhere; closed, with `Reason` and `Why` all that a ground can be."""

    ANY_NODE = "any-node"
    SELECTED = "selected"
    TOLERATES = "tolerates"
    WITHIN_REPLICAS = "within-replicas"
    BEYOND_REPLICAS = "beyond-replicas"
    DELETING = "deleting"
    GATED = "gated"
    NOT_NAMED = "not-named"
    CORDONED = "cordoned"
    NODE_NAME = "node-name"
    TAINT = "taint"
    NODE_SELECTOR = "node-selector"
    NODE_AFFINITY = "node-affinity"
    PORT_TAKEN = "port-taken"
    INSUFFICIENT = "insufficient"
    CLAIM_IN_USE = "claim-in-use"
    VOLUME_ELSEWHERE = "volume-elsewhere"
    NO_VOLUME = "no-volume"
    VOLUME_ZONE = "volume-zone"
    KEYLESS = "keyless"
    SKEW = "skew"
    FAR = "far"
    TOO_NEAR = "too-near"
    KEPT_AWAY = "kept-away"
    NAMES_CONFLICT = "names-conflict"
    CLAIM_MISSING = "claim-missing"
    CLAIM_LEAVING = "claim-leaving"
    CLAIM_UNBOUND = "claim-unbound"


AnyCode = Code | Reason | Why
"""Every code that a ground can have; a value that several of these have means the same in all."""
CODES: tuple[str, ...] = tuple(sorted({code.value for kind in (Code, Reason, Why) for code in kind}))
"""The closed set of codes, documented in docs/why.md."""


class _Part(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    pass


class About(_Part, frozen=True, kw_only=True):
    """What is asked about: an object, with `node` its place there, or a forecast.

    `topic` is "object", "stuck" (what a forecast is stuck on) or "order" (of its actions, or those of one
    workload). `negated` asks why not; of a `Node` that is why its drain is refused.
    """

    topic: str = "object"
    kind: str = ""
    name: str = ""
    namespace: str = "default"
    node: str = ""
    negated: bool = False

    @property
    def key(self) -> Key:
        """The object's key."""
        return Key(self.kind, self.namespace, self.name)


class Rule(_Part, frozen=True, kw_only=True):
    """A rule of `logic/rules`: its file, the line where it begins, and the sentence that states its law."""

    file: str
    line: int
    law: str


class Source(_Part, frozen=True, kw_only=True):
    """A field that somebody wrote: of which object (`Node/worker-3`), where, and what stands there.

    The value is a text as it stands, anything else as JSON; it is empty where there is no such field.
    """

    object: str
    namespace: str = ""
    path: str
    value: str = ""


class Step(_Part, frozen=True, kw_only=True):
    """A step of a derivation: an atom of the rules, the rule that derived it, and from what.

    What no rule derived is a fact, with its source, or is denied (`not …`). An atom that stands twice in a
    derivation is told once.
    """

    holds: str
    rule: Rule | None = None
    source: Source | None = None
    because: tuple[Step, ...] = ()


class Ground(_Part, frozen=True, kw_only=True):
    """One reason: what it says, what it stands on, the rule that derived it, and what would undo it.

    `about` is what it is about: a taint, a resource, a claim, a label, or the object that is waited for.
    `because` is the whole derivation.
    """

    code: AnyCode
    about: str = ""
    sentence: str
    remedy: str = ""
    rule: Rule | None = None
    sources: tuple[Source, ...] = ()
    because: tuple[Step, ...] = ()


class Group(_Part, frozen=True, kw_only=True):
    """Nodes that say the same, in order, and what; the fields are those of the first of them."""

    nodes: tuple[str, ...]
    grounds: tuple[Ground, ...]


class Awaited(_Part, frozen=True, kw_only=True):
    """What an action waited for: a field that became another, or (with an empty path) an object that went.

    `before` is what stood there after the wave before, empty where there was nothing. With `seconds` nothing
    changed but that so much time went by, since the wave before.
    """

    object: str
    namespace: str = ""
    path: str = ""
    before: str = ""
    after: str = ""
    seconds: float = 0.0


class Act(_Part, frozen=True, kw_only=True):
    """An action of a forecast: why it comes, what it waited for, and the numbers of those that waited for it.

    Acts and waves are counted from 1; `at` is in seconds since the forecast began.
    """

    number: int
    wave: int
    at: float
    action: Action
    ground: Ground
    waited_for: tuple[Awaited, ...] = ()
    next: tuple[int, ...] = ()


class Explanation(_Part, frozen=True, kw_only=True):
    """The answer to a question of why.

    `holds` says whether what is asked about is so: else `answer` says so, and the grounds are those against
    it. `said` is the scheduler's own sentence. `more` counts what isn't told of: actions of later waves.
    """

    about: About
    answer: str
    holds: bool
    grounds: tuple[Ground, ...] = ()
    groups: tuple[Group, ...] = ()
    said: str = ""
    acts: tuple[Act, ...] = ()
    more: int = 0
    outcome: Outcome | None = None
