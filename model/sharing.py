"""Sharing: what is equal in the objects of one source is one value in memory."""

from __future__ import annotations

from collections import defaultdict
from typing import Any, TypeVar

import msgspec

from foretell.model.kept import Keeper
from foretell.model.meta import Object, ObjectMeta
from foretell.model.objects import DaemonSet, Deployment, Job, ReplicaSet, StatefulSet
from foretell.model.pods import Condition, Node, NodeStatus, Pod, PodSpec, PodStatus, Volume

T = TypeVar("T")
C = TypeVar("C", bound=Condition)
_TEMPLATED = (DaemonSet, StatefulSet, ReplicaSet, Deployment, Job)
replace = msgspec.structs.replace
_encoded = msgspec.json.encode
_UNNAMED = Volume()
_MOST = 16384
"""How many values of a sort are known at a time: most that are seen once are never seen again."""


class Sharing:
    """The values that the objects of one source have in common; to be dropped once they are all read.

    Two values are one if they are of the same type and the same JSON.
    """

    def __init__(self) -> None:
        self._strings = _Strings()
        self._values: defaultdict[object, dict[bytes, Any]] = defaultdict(dict)
        self._keeper = Keeper()

    def shared(self, thing: Object, text: bytes) -> Object:
        """The same object, decoded from this text, made of values that others have, too."""
        if isinstance(thing, Pod):
            owners = thing.metadata.owner_references
            return Pod(
                api_version=self._strings[thing.api_version],
                kind=self._strings[thing.kind],
                metadata=self._metadata(thing.metadata),
                spec=self._spec(thing.spec, self._unnamed(thing.spec.volumes)),
                status=self._status(thing.status),
                text=self._keeper.kept(text, *((owners[0].uid, owners[0].kind) if owners else ("Pod",))),
            )
        strings = {"api_version": self._strings[thing.api_version], "kind": self._strings[thing.kind]}
        thing = replace(thing, metadata=self._metadata(thing.metadata), text=text, **strings)
        if isinstance(thing, Node):
            return replace(thing, status=self._node(thing.status), text=self._keeper.kept(text, "Node"))
        if isinstance(thing, _TEMPLATED):
            # Texts of workloads are asked for again and again, so they stay whole.
            template, spec = thing.spec.template, thing.spec.template.spec
            template = replace(template, spec=self._spec(spec, tuple(map(self._volume, spec.volumes))))
            return replace(thing, spec=replace(thing.spec, template=template))
        return thing

    def _metadata(self, metadata: ObjectMeta) -> ObjectMeta:
        return replace(
            metadata,
            name=self._strings[metadata.name],
            generate_name=self._strings[metadata.generate_name],
            namespace=self._strings[metadata.namespace],
            creation_timestamp=self._time(metadata.creation_timestamp),
            labels=self._value(metadata.labels),
            annotations=self._value(metadata.annotations),
            owner_references=self._value(metadata.owner_references),
        )

    def _node(self, status: NodeStatus) -> NodeStatus:
        return replace(
            status,
            capacity=self._value(status.capacity),
            allocatable=self._value(status.allocatable),
            conditions=tuple(map(self._condition, status.conditions)),
        )

    def _spec(self, spec: PodSpec, volumes: tuple[Volume, ...]) -> PodSpec:
        """What makes a pod of a template apart from its siblings is left out, and then put in again."""
        alike = replace(spec, node_name="", hostname="", affinity=None, volumes=())
        return replace(
            self._value(alike),
            node_name=self._strings[spec.node_name],
            hostname=self._strings[spec.hostname],
            affinity=self._value(spec.affinity),
            volumes=volumes,
        )

    def _unnamed(self, volumes: tuple[Volume, ...]) -> tuple[Volume, ...]:
        """A pod's volumes; those that aren't looked at leave their names, which are its own, to its text."""
        if any(volume.looked_at for volume in volumes):
            return tuple([self._volume(volume) if volume.looked_at else _UNNAMED for volume in volumes])
        return self._value((_UNNAMED,) * len(volumes))

    def _volume(self, volume: Volume) -> Volume:
        """Many have a name of their own, and aren't worth more than a look."""
        values: dict[bytes, Volume] = self._values[Volume]
        _bound(values)
        return values.setdefault(_encoded(volume), volume)

    def _status(self, status: PodStatus) -> PodStatus:
        return replace(
            status,
            phase=self._strings[status.phase],
            reason=self._strings[status.reason],
            container_statuses=self._value(status.container_statuses),
            init_container_statuses=self._value(status.init_container_statuses),
            conditions=tuple(map(self._condition, status.conditions)),
            start_time=self._time(status.start_time),
        )

    def _condition(self, condition: C) -> C:
        return replace(
            condition,
            type=self._strings[condition.type],
            status=self._strings[condition.status],
            reason=self._strings[condition.reason],
            message=self._strings[condition.message],
            last_transition_time=self._time(condition.last_transition_time),
        )

    def _time(self, time: str | None) -> str | None:
        return None if time is None else self._strings[time]

    def _value(self, value: T) -> T:
        """The one value that is equal to this one; its parts are shared, too."""
        if value is None or value == ():
            return value
        sort = (tuple, type(value[0])) if isinstance(value, tuple) else type(value)
        values: dict[bytes, T] = self._values[sort]
        key = _encoded(value)
        known = values.get(key)
        if known is None:
            _bound(values)
            known = values[key] = self._parted(value)
        return known

    def _parted(self, value: Any) -> Any:
        if isinstance(value, tuple):
            return tuple(map(self._part, value))
        if isinstance(value, dict):
            return {self._strings[name]: self._part(part) for name, part in value.items()}
        if isinstance(value, msgspec.Struct):
            return replace(
                value, **{name: self._part(getattr(value, name)) for name in value.__struct_fields__}
            )
        return value

    def _part(self, value: Any) -> Any:
        if isinstance(value, str):
            return self._strings[value]
        return self._value(value) if isinstance(value, (tuple, dict, msgspec.Struct)) else value


class _Strings(dict[str, str]):
    """The strings that were asked for, by themselves."""

    def __missing__(self, string: str) -> str:
        _bound(self)
        self[string] = string
        return string


def _bound(values: dict[Any, Any]) -> None:
    """Begin anew where there are too many values: what objects have in common, they have with neighbours."""
    if len(values) >= _MOST:
        values.clear()
