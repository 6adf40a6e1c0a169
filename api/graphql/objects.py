"""What all objects have in common: Relay's `Node`, and the interface of Kubernetes' objects."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from enum import StrEnum
from typing import Annotated, TypeVar

import strawberry

from foretell.api.graphql.enums import closed
from foretell.api.graphql.ids import Named, global_id
from foretell.api.service.snapshots import Snapshot
from foretell.api.telling.ownership import children
from foretell.model.clock import seconds
from foretell.model.cluster import Cluster as State
from foretell.model.documents import to_document
from foretell.model.meta import Object, OwnerReference
from foretell.model.pods import Condition as ModelCondition
from foretell.model.writing import write_document

T = TypeVar("T")
W = TypeVar("W", bound="Callable[..., KubernetesObject]")
Wrap = Callable[[Snapshot, Object], "KubernetesObject"]
_WRAPS: dict[type[Object], Wrap] = {}


def shows(kind: type[Object]) -> Callable[[W], W]:
    """Register what makes the GraphQL object of a kind of objects."""

    def register(wrap: W) -> W:
        _WRAPS[kind] = wrap
        return wrap

    return register


def wrapped(snapshot: Snapshot, thing: Object) -> KubernetesObject:
    """The GraphQL object of an object."""
    return _WRAPS[type(thing)](snapshot, thing)


def owner_of(cluster: State, reference: OwnerReference | None) -> Object | None:
    """The object that a reference names, if it is there."""
    return None if reference is None else cluster.by_uid(reference.uid)


@closed("How a document is written.", {"YAML": "As YAML.", "JSON": "As JSON."})
class Format(StrEnum):
    """How a document is written."""

    YAML = "yaml"
    JSON = "json"


@strawberry.type(description="A label, an annotation, or another pair of a key and a value.")
class Pair:
    """A key and a value."""

    key: str = strawberry.field(description="The key.")
    value: str = strawberry.field(description="The value.")


def pairs(values: dict[str, T]) -> list[Pair]:
    """Pairs in the order of keys."""
    return [Pair(key=key, value=str(value)) for key, value in sorted(values.items())]


@strawberry.type(description="An observed condition of a node, a pod or a workload.")
class Condition:
    """A condition."""

    type: str = strawberry.field(description="What is observed, such as `Ready`.")
    status: str = strawberry.field(description="`True`, `False` or `Unknown`.")
    reason: str = strawberry.field(description="Why, in one word; may be empty.")
    message: str = strawberry.field(description="Why, in a sentence; may be empty.")
    since: datetime | None = strawberry.field(description="When the status last changed.")


def conditions_of(conditions: Iterable[ModelCondition]) -> list[Condition]:
    """Conditions in GraphQL, in their order."""
    return [
        Condition(
            type=c.type, status=c.status, reason=c.reason, message=c.message,
            since=moment(c.last_transition_time),
        )
        for c in conditions
    ]  # fmt: skip


def moment(timestamp: str | None) -> datetime | None:
    """A timestamp as a date and time; None for one that can't be read, as statuses may have."""
    try:
        return None if timestamp is None else datetime.fromisoformat(timestamp)
    except ValueError:
        return None


@strawberry.interface(description="Anything that has a global id; see Relay's object identification.")
class Node:
    """Relay's interface."""

    @strawberry.field(description="The global id; the same in every revision.")
    def id(self) -> strawberry.ID:
        """The global id."""
        raise NotImplementedError


@strawberry.interface(description="An object of the cluster, as the API server stores it.")
class KubernetesObject(Node):
    """What every object has."""

    snapshot: strawberry.Private[Snapshot]
    thing: strawberry.Private[Object]
    name: str = strawberry.field(description="`metadata.name`.")
    namespace: str | None = strawberry.field(description="`metadata.namespace`; null for what has none.")

    @strawberry.field(description="The global id; the same in every revision.")
    def id(self) -> strawberry.ID:
        """The global id."""
        return strawberry.ID(global_id(Named(self.snapshot.name, key=self.thing.key)))

    @strawberry.field(description="The kind, such as `Pod`.")
    def kind(self) -> str:
        """The kind."""
        return self.thing.kind

    @strawberry.field(description="The version of the API, such as `apps/v1`.")
    def api_version(self) -> str:
        """The version of the API."""
        return self.thing.api_version

    @strawberry.field(description="`metadata.uid`.")
    def uid(self) -> str:
        """The uid."""
        return self.thing.metadata.uid

    @strawberry.field(description="`metadata.generation`; 0 where generations aren't counted.")
    def generation(self) -> int:
        """The generation."""
        return self.thing.metadata.generation

    @strawberry.field(description="When the object was created, if that is known.")
    def created_at(self) -> datetime | None:
        """When it was created."""
        return moment(self.thing.metadata.creation_timestamp)

    @strawberry.field(description="When its deletion was asked for; null while it isn't terminating.")
    def deleted_at(self) -> datetime | None:
        """When its deletion was asked for."""
        return moment(self.thing.metadata.deletion_timestamp)

    @strawberry.field(
        description="How old it is at the snapshot's moment, in seconds; null where that isn't known."
    )
    def age_seconds(self) -> float | None:
        """How old it is."""
        created = self.thing.metadata.creation_timestamp
        return None if created is None else max(0.0, self.snapshot.cluster.moment - seconds(created))

    @strawberry.field(description="Its labels, in the order of keys.")
    def labels(self) -> list[Pair]:
        """Its labels."""
        return pairs(self.thing.labels)

    @strawberry.field(description="The value of one label; null where there is none.")
    def label(self, key: Annotated[str, strawberry.argument(description="The label's key.")]) -> str | None:
        """One label."""
        return self.thing.labels.get(key)

    @strawberry.field(description="Its annotations, in the order of keys.")
    def annotations(self) -> list[Pair]:
        """Its annotations."""
        return pairs(self.thing.metadata.annotations)

    @strawberry.field(description="The object that controls it, if one does and is there.")
    def owner(self) -> KubernetesObject | None:
        """Its controller."""
        owner = owner_of(self.snapshot.cluster, self.thing.metadata.controller)
        return None if owner is None else wrapped(self.snapshot, owner)

    @strawberry.field(description="What it owns, in the order of kinds and names; at most 100 objects.")
    def owns(self) -> list[KubernetesObject]:
        """What it owns."""
        return [wrapped(self.snapshot, child) for child in children(self.snapshot.cluster, self.thing)[:100]]

    @strawberry.field(description="The whole object as a manifest.")
    def manifest(
        self, format: Annotated[Format, strawberry.argument(description="How it is written.")] = Format.YAML
    ) -> str:
        """The whole object."""
        return write_document(to_document(self.thing), format.value).decode()
