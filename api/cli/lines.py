"""The lines of a plan: what is done to an object, with a pod's binding told along with its creation."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

from foretell.api.telling.counts import counted
from foretell.api.telling.invented import Names
from foretell.api.telling.kinds import called, noun, short_name
from foretell.model.cluster import Cluster
from foretell.model.forecast import Action, Forecast, Reason, Verb, Wave
from foretell.model.meta import Key
from foretell.model.objects import ReplicaSet

SYMBOLS = {
    Verb.CREATE: "+", Verb.UPDATE: "~", Verb.PATCH: "~", Verb.DELETE: "-", Verb.EVICT: "-", Verb.BIND: ">",
}  # fmt: skip
_DAEMONIC = "ds/"


@dataclass(frozen=True)
class Line:
    """One action as people are told of it.

    `placed` says that a new pod is bound in the same wave, `scaled` that an update sets another number of
    replicas.
    """

    verb: Verb
    kind: str
    namespace: str
    name: str
    owner: str
    node: str
    placed: bool
    revision: str
    replicas: int | None
    scaled: bool
    owners: tuple[str, ...] | None
    reason: Reason

    @property
    def likeness(self) -> tuple[object, ...]:
        """What alike lines of a wave have in common."""
        return (self.verb, self.kind, self.namespace, self.owner, self.placed, self.reason)

    @property
    def subject(self) -> str:
        """What tells the line from alike ones: the node of a daemon pod, else the name."""
        return self.node if self.node and self.owner.startswith(_DAEMONIC) else self.name

    def phrase(self, namespace: str) -> str:
        """The line without symbol and reason, as seen from a namespace."""
        name = self.name if self.namespace in ("", namespace) else f"{self.namespace}/{self.name}"
        verb = "scale" if self.scaled else self.verb
        return f"{verb} {noun(self.kind)} {name}{self._place()}{self._detail()}"

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
        if self.replicas is not None and self.verb is Verb.CREATE:
            return f", with {counted(self.replicas, 'replica')}"
        if self.scaled:
            return f" to {self.replicas:,}"
        if self.owners or (self.owners is not None and self.verb is Verb.UPDATE):
            return f", owned by {', '.join(map(called, self.owners)) or 'nothing'}"
        return ""


def lines_of(wave: Wave, names: Names, earlier: Cluster) -> list[Line]:
    """The lines of a wave, by the cluster before it: in its order, but that what is replaced goes first."""
    slots: list[list[Line]] = []
    made: dict[tuple[str, ...], list[Line]] = {}
    for action, line in _told(wave, names, earlier):
        identity = (line.kind, line.namespace, line.owner, line.subject)
        old = Key(action.kind, action.namespace, action.name) in earlier
        if line.verb is Verb.DELETE and old and identity in made:
            made[identity].insert(0, line)
            continue
        slots.append([line])
        if line.verb is Verb.CREATE:
            made[identity] = slots[-1]
    return [line for slot in slots for line in slot]


def lines_by_wave(forecast: Forecast, names: Names) -> list[list[Line]]:
    """The lines of every wave."""
    earlier = (forecast.before, *forecast.states)
    return [lines_of(wave, names, state) for wave, state in zip(forecast.waves, earlier, strict=False)]


def _told(wave: Wave, names: Names, earlier: Cluster) -> list[tuple[Action, Line]]:
    """The actions with their lines; a pod's binding and a claim's owners are told with its creation."""
    binds, updates = _later(wave, Verb.BIND, "Pod"), _later(wave, Verb.UPDATE, "PersistentVolumeClaim")
    lines: list[tuple[Action, Line]] = []
    sizes: dict[Key, int | None] = {}
    along: set[int] = set()
    for action in wave.actions:
        node, owners, placed = action.node or "", action.owners, False
        key = (action.namespace, action.name)
        if action.verb is Verb.CREATE and action.kind == "Pod" and binds.get(key):
            place, bind = binds[key].popleft()
            along.add(place)
            node, placed = bind.node or "", True
        elif action.verb is Verb.CREATE and action.kind == "PersistentVolumeClaim" and updates.get(key):
            place, update = updates[key].popleft()
            along.add(place)
            owners = update.owners
        scaled = action.replicas is not None and action.replicas != _size(action, sizes, earlier)
        sizes[Key(action.kind, *key)] = action.replicas
        lines.append((action, _line(action, names, node, owners, placed=placed, scaled=scaled)))
    return [told for place, told in enumerate(lines) if place not in along]


def _later(wave: Wave, verb: Verb, kind: str) -> dict[tuple[str, str], deque[tuple[int, Action]]]:
    """The actions that are told along with a creation, each with its place, by namespace and name."""
    found: dict[tuple[str, str], deque[tuple[int, Action]]] = {}
    for place, action in enumerate(wave.actions):
        if action.verb is verb and action.kind == kind:
            found.setdefault((action.namespace, action.name), deque()).append((place, action))
    return found


def _size(action: Action, sizes: dict[Key, int | None], earlier: Cluster) -> int | None:
    """How many replicas were asked for before an action; None where nothing was there to ask for them."""
    key = Key(action.kind, action.namespace, action.name)
    before = earlier.get(key)
    return sizes.get(key, before.spec.replicas if isinstance(before, ReplicaSet) else None)


def _line(
    action: Action, names: Names, node: str, owners: tuple[str, ...] | None, *, placed: bool, scaled: bool
) -> Line:
    kind, _, owner = names.reference(action.owner, action.namespace).partition("/")
    return Line(
        verb=action.verb,
        kind=action.kind,
        namespace=action.namespace,
        name=names.of(action),
        owner=short_name(kind, owner) if kind else "",
        node=node,
        placed=placed,
        revision="" if action.revision is None else str(action.revision),
        replicas=action.replicas,
        scaled=scaled and action.verb is not Verb.CREATE,
        owners=owners,
        reason=action.reason,
    )
