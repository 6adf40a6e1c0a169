"""What the inputs of changes are made of: fields with descriptions, objects by name, closed sets."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

import strawberry

from foretell.api.graphql.enums import closed
from foretell.api.service.errors import InvalidInputError
from foretell.api.telling.kinds import kind_of
from foretell.model.meta import Json


def told(description: str, **more: Any) -> Any:
    """A field with a description."""
    return strawberry.field(description=description, **more)


def optional(description: str) -> Any:
    """A field that may be left out, with a description."""
    return strawberry.field(description=description, default=None)


DEFAULT_NAMESPACE = "The namespace; `default` where it isn't said."
KIND = "The kind, or what kubectl calls it: `StatefulSet`, `sts`."
POD = "The pod: a name, or `owner@node`."


@closed(
    "What a taint does to pods that don't tolerate it.",
    {
        "NO_SCHEDULE": "None is put on the node any more.",
        "PREFER_NO_SCHEDULE": "None is put on the node while there is room elsewhere.",
        "NO_EXECUTE": "None is put on the node, and those that are there go.",
    },
)
class TaintEffect(StrEnum):
    """The effect of a taint."""

    NO_SCHEDULE = "NoSchedule"
    PREFER_NO_SCHEDULE = "PreferNoSchedule"
    NO_EXECUTE = "NoExecute"


@closed(
    "The status of a condition.",
    {"TRUE": "It holds.", "FALSE": "It doesn't hold.", "UNKNOWN": "Nobody knows."},
)
class ConditionStatus(StrEnum):
    """The status of a condition."""

    TRUE = "True"
    FALSE = "False"
    UNKNOWN = "Unknown"


@closed(
    "What becomes of what a deleted object owns.",
    {
        "BACKGROUND": "It is deleted afterwards.",
        "FOREGROUND": "It is deleted before.",
        "ORPHAN": "It stays, without an owner.",
    },
)
class Cascade(StrEnum):
    """The propagation policy of a deletion."""

    BACKGROUND = "Background"
    FOREGROUND = "Foreground"
    ORPHAN = "Orphan"


def kind_in(text: str) -> str:
    """The kind that a word means; raises InvalidInputError."""
    try:
        return kind_of(text)
    except ValueError as error:
        raise InvalidInputError(str(error), "input", "kind") from None


def change(form: str, /, **fields: Any) -> tuple[Json, ...]:
    """A change in its JSON form, without the fields that weren't given."""
    return ({form: {key: value for key, value in fields.items() if value is not None}},)


@strawberry.input(description="An object of a workload's or any other kind.")
class ObjectInput:
    """Names an object."""

    kind: str = told(KIND)
    name: str = told("The name.")
    namespace: str = told(DEFAULT_NAMESPACE, default="default")

    def named(self) -> dict[str, str]:
        """The fields that name it."""
        return {"kind": kind_in(self.kind), "name": self.name, "namespace": self.namespace}
