"""Sharing: what is equal in the objects of one source is one value in memory."""

from __future__ import annotations

from collections import defaultdict
from typing import TypeVar

import msgspec

from foretell.model.kept import Keeper
from foretell.model.meta import Object, ObjectMeta
from foretell.model.pods import Condition, Node, Pod, PodSpec, PodStatus

T = TypeVar("T")
replace = msgspec.structs.replace
_encoded = msgspec.json.encode


class Sharing:
    """The values that the objects of one source have in common; to be dropped once they are all read."""

    def __init__(self) -> None:
        self._strings = _Strings()
        self._values: defaultdict[str, dict[bytes, object]] = defaultdict(dict)
        self._keeper = Keeper()

    def shared(self, thing: Object, text: bytes) -> Object:
        """The same object, decoded from this text; pods are made of values that others have, too."""
        if isinstance(thing, Pod):
            owners = thing.metadata.owner_references
            return Pod(
                api_version=self._strings[thing.api_version],
                kind=self._strings[thing.kind],
                metadata=self._metadata(thing.metadata),
                spec=self._spec(thing.spec),
                status=self._status(thing.status),
                text=self._keeper.kept(text, owners[0].uid if owners else "Pod"),
            )
        # Texts of workloads are asked for again and again, those of nodes hardly ever.
        return replace(thing, text=self._keeper.kept(text, "Node") if isinstance(thing, Node) else text)

    def _metadata(self, metadata: ObjectMeta) -> ObjectMeta:
        return replace(
            metadata,
            name=self._strings[metadata.name],
            generate_name=self._strings[metadata.generate_name],
            namespace=self._strings[metadata.namespace],
            creation_timestamp=self._time(metadata.creation_timestamp),
            labels=self._map("labels", metadata.labels),
            annotations=self._map("annotations", metadata.annotations),
            owner_references=self._value("owners", metadata.owner_references),
        )

    def _spec(self, spec: PodSpec) -> PodSpec:
        """What makes a pod of a template apart from its siblings is left out, and then put in again."""
        alike = replace(spec, node_name="", hostname="", affinity=None, volumes=())
        return replace(
            self._value("spec", alike),
            node_name=self._strings[spec.node_name],
            hostname=spec.hostname,
            affinity=self._value("affinity", spec.affinity),
            volumes=tuple(self._value("volume", volume) for volume in spec.volumes),
        )

    def _status(self, status: PodStatus) -> PodStatus:
        return replace(
            status,
            phase=self._strings[status.phase],
            reason=self._strings[status.reason],
            container_statuses=self._value("containers", status.container_statuses),
            init_container_statuses=self._value("containers", status.init_container_statuses),
            conditions=tuple(map(self._condition, status.conditions)),
            start_time=self._time(status.start_time),
        )

    def _condition(self, condition: Condition) -> Condition:
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

    def _map(self, name: str, strings: dict[str, str]) -> dict[str, str]:
        if not strings:
            return strings
        key = _encoded(strings)
        values = self._values[name]
        if key not in values:
            values[key] = {self._strings[k]: self._strings[v] for k, v in strings.items()}
        return values[key]  # type: ignore[return-value]

    def _value(self, name: str, value: T) -> T:
        """An equal value; what is equal as JSON is equal, as both are of the same type."""
        return self._values[name].setdefault(_encoded(value), value) if value else value  # type: ignore


class _Strings(dict[str, str]):
    """Every string that was asked for, by itself."""

    def __missing__(self, string: str) -> str:
        self[string] = string
        return string
