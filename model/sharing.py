"""Sharing: what is equal in the objects of one source is one value in memory."""

from __future__ import annotations

from collections import defaultdict
from typing import TypeVar

import msgspec

from foretell.model.kept import Keeper
from foretell.model.meta import ObjectMeta
from foretell.model.pods import Condition, Pod, PodSpec, PodStatus

T = TypeVar("T")
replace = msgspec.structs.replace
_encoded = msgspec.json.encode


class Sharing:
    """The values that the objects of one source have in common; to be dropped once they are all read."""

    def __init__(self) -> None:
        self._strings: dict[str, str] = {}
        self._conditions: dict[Condition, Condition] = {}
        self._values: defaultdict[str, dict[bytes, object]] = defaultdict(dict)
        self._keeper = Keeper()

    def pod(self, pod: Pod, metadata: ObjectMeta, text: bytes | msgspec.Raw) -> Pod:
        """The pod with this metadata, decoded from this text, made of values that others have too."""
        metadata = self._metadata(metadata)
        return Pod(
            api_version=self._string(pod.api_version),
            kind=self._string(pod.kind),
            metadata=metadata,
            spec=self._spec(pod.spec),
            status=self._status(pod.status),
            text=self._keeper.kept(text, metadata.owner_references and metadata.owner_references[0].uid),
        )

    def _metadata(self, metadata: ObjectMeta) -> ObjectMeta:
        return replace(
            metadata,
            generate_name=self._string(metadata.generate_name),
            namespace=self._string(metadata.namespace),
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
            node_name=self._string(spec.node_name),
            hostname=spec.hostname,
            affinity=self._value("affinity", spec.affinity),
            volumes=tuple(self._value("volume", volume) for volume in spec.volumes),
        )

    def _status(self, status: PodStatus) -> PodStatus:
        return replace(
            status,
            phase=self._string(status.phase),
            reason=self._string(status.reason),
            container_statuses=self._value("containers", status.container_statuses),
            init_container_statuses=self._value("containers", status.init_container_statuses),
            conditions=tuple(map(self._condition, status.conditions)),
            start_time=self._time(status.start_time),
        )

    def _condition(self, condition: Condition) -> Condition:
        known = self._conditions.get(condition)
        if known is None:
            known = replace(
                condition,
                type=self._string(condition.type),
                status=self._string(condition.status),
                reason=self._string(condition.reason),
                message=self._string(condition.message),
                last_transition_time=self._time(condition.last_transition_time),
            )
            self._conditions[known] = known
        return known

    def _string(self, string: str) -> str:
        return self._strings.setdefault(string, string)

    def _time(self, time: str | None) -> str | None:
        return None if time is None else self._strings.setdefault(time, time)

    def _map(self, name: str, strings: dict[str, str]) -> dict[str, str]:
        if not strings:
            return strings
        key = _encoded(strings)
        values = self._values[name]
        if key not in values:
            values[key] = {self._string(k): self._string(v) for k, v in strings.items()}
        return values[key]  # type: ignore[return-value]

    def _value(self, name: str, value: T) -> T:
        """An equal value; what is equal as JSON is equal, as both are of the same type."""
        return self._values[name].setdefault(_encoded(value), value) if value else value  # type: ignore
