"""The executor: graphql-core's, but that fields which only show an attribute are taken on a shorter way."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from operator import attrgetter
from typing import Any, NamedTuple

from graphql import (
    GraphQLEnumType,
    GraphQLField,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLScalarType,
    GraphQLSchema,
)
from strawberry.schema.schema import StrawberryGraphQLCoreExecutionContext
from strawberry.schema.schema_converter import GraphQLCoreConverter
from strawberry.types.field import StrawberryField


class _Plain(NamedTuple):
    """A field that shows an attribute: how to get it, and the leaf that it is."""

    get: Callable[[object], object]
    leaf: GraphQLScalarType | GraphQLEnumType
    nullable: bool


class Executor(StrawberryGraphQLCoreExecutionContext):
    """Executes one operation.

    A page of 100 rows has hundreds of fields that only show an attribute: they need neither arguments nor a
    ResolveInfo, and are never awaited. Taken on the usual way they make a page cost almost twice as much
    (benchmarks/bench_graphql.py). Whatever is out of the ordinary goes the usual way.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._plain = _plain_fields(self.schema)

    def build_per_event_executor(self, payload: Any) -> Any:
        """The executor of one event of a subscription."""
        executor = super().build_per_event_executor(payload)
        # graphql-core lets all events share this memo, to which each adds entries that none finds again: a
        # subscription would take more memory with every event.
        executor._relevant_sub_fields = {}
        return executor

    # The signature is graphql-core's.
    def execute_field(
        self,
        parent_type: GraphQLObjectType,
        source: Any,
        field_details_list: Any,
        path: Any,
        position_context: Any,
    ) -> Any:
        """The value of a field in the answer."""
        plain = self._plain.get((parent_type.name, field_details_list[0].node.name.value))
        if plain is not None:
            try:
                value = plain.get(source)
                if value is not None:
                    return self.complete_leaf_value(plain.leaf, value)
            except Exception:
                # It is raised once more on the usual way, where it is told with its place.
                value = source
            if value is None and plain.nullable:
                return None
        return super().execute_field(parent_type, source, field_details_list, path, position_context)


@lru_cache(maxsize=8)
def _plain_fields(schema: GraphQLSchema) -> Mapping[tuple[str, str], _Plain]:
    """The plain fields of a schema, by the names of type and field."""
    return {
        (form.name, name): plain
        for form in schema.type_map.values()
        if isinstance(form, GraphQLObjectType)
        for name, field in form.fields.items()
        if (plain := _plain(field)) is not None
    }


def _plain(field: GraphQLField) -> _Plain | None:
    """How to show a field, if it has neither resolver nor arguments nor extensions and is a leaf."""
    definition = field.extensions.get(GraphQLCoreConverter.DEFINITION_BACKREF)
    leaf = field.type.of_type if isinstance(field.type, GraphQLNonNull) else field.type
    if not isinstance(definition, StrawberryField) or not isinstance(
        leaf, GraphQLScalarType | GraphQLEnumType
    ):
        return None
    if not definition.is_basic_field or definition.extensions or field.args:
        return None
    nullable = not isinstance(field.type, GraphQLNonNull)
    return _Plain(attrgetter(definition.python_name), leaf, nullable)
