"""What every Kubernetes object has: a kind, a name, labels, owners; and where it was read from."""

from __future__ import annotations

from typing import Any, NamedTuple

import msgspec

from foretell.model.kept import Kept


class Key(NamedTuple):
    """An object's identity within a cluster; `namespace` is empty for kinds that have none."""

    kind: str
    namespace: str
    name: str

    def __str__(self) -> str:
        return f"{self.kind}/{self.name}"

    @property
    def path(self) -> str:
        """`namespace/name`, or the name alone for kinds without namespaces."""
        return f"{self.namespace}/{self.name}" if self.namespace else self.name


class OwnerReference(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, rename="camel", gc=False):
    """A reference to the object that this one depends on."""

    api_version: str = ""
    kind: str
    name: str
    uid: str = ""
    controller: bool = False
    block_owner_deletion: bool = False


class ObjectMeta(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, rename="camel", gc=False):
    """The part of `metadata` that controllers look at; timestamps are RFC 3339 strings."""

    name: str = ""
    generate_name: str = ""
    namespace: str = ""
    uid: str = ""
    generation: int = 0
    creation_timestamp: str | None = None
    deletion_timestamp: str | None = None
    deletion_grace_period_seconds: int | None = None
    labels: dict[str, str] = {}
    annotations: dict[str, str] = {}
    finalizers: tuple[str, ...] = ()
    owner_references: tuple[OwnerReference, ...] = ()

    @property
    def controller(self) -> OwnerReference | None:
        """The owner that manages the object, if one does."""
        for owner in self.owner_references:
            if owner.controller:
                return owner
        return None


class Object(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, rename="camel", gc=False):
    """A Kubernetes object: the fields that Foretell knows, typed, and all others in `origin`.

    `origin` is the JSON text that the object was decoded from (or, for a pod made from a template, the
    template's stamp). Writing lays the typed fields over it, so nothing that was read is lost. As texts are
    long and much alike, `text` may hold what makes this one of another one.
    """

    api_version: str = ""
    kind: str = ""
    metadata: ObjectMeta = ObjectMeta()
    # The name can't occur as a field of any manifest that a person writes.
    text: bytes | Kept = msgspec.field(default=b"", name="~origin")

    @property
    def origin(self) -> bytes:
        """The JSON text that the object was decoded from; empty where there is none."""
        return bytes(self.text)

    @property
    def key(self) -> Key:
        """The object's identity."""
        return Key(self.kind, self.metadata.namespace, self.metadata.name)

    @property
    def name(self) -> str:
        """`metadata.name`."""
        return self.metadata.name

    @property
    def namespace(self) -> str:
        """`metadata.namespace`."""
        return self.metadata.namespace

    @property
    def labels(self) -> dict[str, str]:
        """`metadata.labels`."""
        return self.metadata.labels

    @property
    def terminating(self) -> bool:
        """Deletion was asked for and hasn't ended."""
        return self.metadata.deletion_timestamp is not None


Json = Any
"""A JSON value as Python's own types; the one place where the shape is the user's and not ours."""
