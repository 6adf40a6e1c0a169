"""The lines of a plan: what is done to an object, with a pod's binding told along with its creation."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass

from foretell.api.cli.invented import Names
from foretell.api.cli.kinds import short_name
from foretell.model.forecast import Action, Reason, Verb, Wave

SYMBOLS = {
    Verb.CREATE: "+", Verb.UPDATE: "~", Verb.PATCH: "~", Verb.DELETE: "-", Verb.EVICT: "-", Verb.BIND: ">",
}  # fmt: skip
_DAEMONIC = "ds/"
_NOUNS = {"ControllerRevision": "revision", "PersistentVolumeClaim": "claim"}


@dataclass(frozen=True)
class Line:
    """One action as people are told of it; `placed` says that a new pod is bound in the same wave."""

    verb: Verb
    kind: str
    namespace: str
    name: str
    owner: str
    node: str
    placed: bool
    revision: str
    owners: tuple[str, ...] | None
    reason: Reason

    @property
    def likeness(self) -> tuple[object, ...]:
        """What alike lines of a wave have in common."""
        return (self.verb, self.kind, self.namespace, self.owner, self.placed, self.reason)

    @property
    def noun(self) -> str:
        """The kind as people call it."""
        return _NOUNS.get(self.kind, self.kind.lower())

    @property
    def subject(self) -> str:
        """What tells the line from alike ones: the node of a daemon pod, else the name."""
        return self.node if self.node and self.owner.startswith(_DAEMONIC) else self.name

    def phrase(self, namespace: str) -> str:
        """The line without symbol and reason, as seen from a namespace."""
        name = self.name if self.namespace in ("", namespace) else f"{self.namespace}/{self.name}"
        return f"{self.verb} {self.noun} {name}{self._place()}{self._detail()}"

    def _place(self) -> str:
        if self.kind != "Pod":
            return ""
        if self.verb is Verb.BIND:
            return f" to {self.node}"
        if self.verb is Verb.CREATE and not self.placed:
            return f" for {self.node}, not bound" if self.node else ", not bound"
        return f" on {self.node}" if self.node else ""

    def _detail(self) -> str:
        if self.kind == "ControllerRevision" and self.revision:
            return f", {'as ' if self.verb is Verb.UPDATE else ''}number {self.revision}"
        if self.verb is Verb.UPDATE and self.owners is not None:
            owners = ", ".join(short_name(*owner.split("/", 1)) for owner in self.owners)
            return f", owned by {owners or 'nothing'}"
        return ""


def lines_of(wave: Wave, names: Names) -> list[Line]:
    """The lines of a wave, in its order."""
    places = _places(wave.actions)
    told: set[int] = set()
    lines: list[Line] = []
    for action in wave.actions:
        bound = action.node or ""
        placed = False
        if action.kind == "Pod" and action.verb is Verb.CREATE:
            queue = places.get((action.namespace, action.name))
            if queue:
                place, bind = queue.popleft()
                told.add(place)
                bound, placed = bind.node or "", True
        lines.append(_line(action, names.of(action), bound, placed=placed))
    return [line for place, line in enumerate(lines) if place not in told]


def _places(actions: Iterable[Action]) -> dict[tuple[str, str], deque[tuple[int, Action]]]:
    """Where pods are bound, by namespace and name: each binding with its place in the wave."""
    places: dict[tuple[str, str], deque[tuple[int, Action]]] = {}
    for place, action in enumerate(actions):
        if action.verb is Verb.BIND:
            places.setdefault((action.namespace, action.name), deque()).append((place, action))
    return places


def _line(action: Action, name: str, node: str, *, placed: bool) -> Line:
    kind, slash, owner = (action.owner or "").partition("/")
    return Line(
        verb=action.verb,
        kind=action.kind,
        namespace=action.namespace,
        name=name,
        owner=short_name(kind, owner) if slash else "",
        node=node,
        placed=placed,
        revision="" if action.revision is None else str(action.revision),
        owners=action.owners,
        reason=action.reason,
    )
