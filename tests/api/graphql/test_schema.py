"""The schema as clients see it: committed, described, and guarded."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from graphql import (
    GraphQLSchema,
    build_schema,
    find_breaking_changes,
    is_introspection_type,
)
from graphql.type import is_specified_scalar_type

from foretell.api.graphql.schema import schema_text

ROOT = Path(__file__).resolve().parent.parent.parent.parent
COMMITTED = ROOT / "api" / "schema.graphql"


def parts(schema: GraphQLSchema) -> Iterator[tuple[str, object]]:
    """Everything that can have a description, with its place."""
    for name, form in schema.type_map.items():
        if is_introspection_type(form) or is_specified_scalar_type(form):
            continue
        yield name, form
        for field_name, field in getattr(form, "fields", {}).items():
            yield f"{name}.{field_name}", field
            for argument_name, argument in getattr(field, "args", {}).items():
                yield f"{name}.{field_name}({argument_name})", argument
        for value_name, value in getattr(form, "values", {}).items():
            yield f"{name}.{value_name}", value


def test_the_committed_schema_is_the_one_that_is_served() -> None:
    """Make it anew with `make schema`."""
    assert COMMITTED.read_text() == schema_text()


def test_every_type_field_argument_and_value_has_a_description() -> None:
    """A sentence: it begins with a capital or a name in backticks, and ends with a full stop."""
    bare = [
        place
        for place, part in parts(build_schema(schema_text()))
        if not (text := getattr(part, "description", "") or "").endswith(".")
        or not (text[0].isupper() or text[0] == "`")
        if place not in ("DateTime", "JSON")
    ]
    assert bare == []


def test_a_schema_without_a_field_is_told_from_the_committed_one() -> None:
    """The comparison can fail."""
    text = COMMITTED.read_text()
    lesser = build_schema(text.replace("  head: Int!", "  newest: Int!", 1))
    assert find_breaking_changes(build_schema(text), lesser)
