"""What a request costs, told before it runs: about how many fields it will resolve.

A field costs its weight, 1 unless `@cost(weight:)` in the schema says otherwise, and what is selected below
it. A list costs that times its rows: the `first` or `last` of the field, or of the connection that the list
is a part of; without any, the default of the argument, `@cost(rows:)` of the list, or ASSUMED_ROWS. `@skip`
and `@include` make nothing cheaper, `__typename` is free, and introspection costs as much as one field,
since validation limits its depth.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple, cast

import strawberry
from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLField,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLSchema,
    InlineFragmentNode,
    IntValueNode,
    OperationDefinitionNode,
    SelectionSetNode,
    VariableNode,
    get_named_type,
    is_list_type,
    is_non_null_type,
)
from strawberry.schema_directive import Location
from strawberry.types.field import StrawberryField

ASSUMED_ROWS = 20
_PAGING = ("first", "last")


@strawberry.schema_directive(
    locations=[Location.FIELD_DEFINITION],
    name="cost",
    description="What a field costs by itself, and the rows assumed of a list without first and last.",
)
class Cost:
    """The directive `@cost(weight:, rows:)`: `strawberry.field(directives=[Cost(weight=50)])`."""

    weight: int = strawberry.directive_field(name="weight", default=1)
    rows: int = strawberry.directive_field(name="rows", default=ASSUMED_ROWS)


class _Tariff(NamedTuple):
    """A field's own cost: `paging` are the defaults of its `first` and `last`, `below` its type."""

    weight: int
    rows: int
    is_list: bool
    paging: Mapping[str, int | None]
    below: GraphQLNamedType


class Pricing:
    """Prices the operations of a schema."""

    def __init__(self, schema: GraphQLSchema) -> None:
        self._schema = schema
        self._tariffs: dict[tuple[str, str], _Tariff | None] = {}

    def price(
        self, document: DocumentNode, operation: OperationDefinitionNode, variables: Mapping[str, object]
    ) -> int:
        """What an operation of a valid document costs with the coerced values of its variables.

        Takes time linear in the fields of the document, fragments counted wherever they are spread.
        """
        root = self._schema.get_root_type(operation.operation)
        fragments = {
            definition.name.value: definition
            for definition in document.definitions
            if isinstance(definition, FragmentDefinitionNode)
        }
        return _Walk(self, fragments, variables).selections(operation.selection_set, root, None)

    def tariff(self, parent: GraphQLNamedType | None, name: str) -> _Tariff | None:
        """The tariff of a type's field; None for what is free or unknown."""
        if not isinstance(parent, GraphQLObjectType | GraphQLInterfaceType):
            return None
        key = (parent.name, name)
        if key not in self._tariffs:
            field = parent.fields.get(name)
            self._tariffs[key] = None if field is None else _tariff_of(field)
        return self._tariffs[key]

    def type_named(self, name: str) -> GraphQLNamedType | None:
        """A type of the schema."""
        return self._schema.get_type(name)


def _tariff_of(field: GraphQLField) -> _Tariff:
    definition = field.extensions.get("strawberry-definition")
    said = Cost()
    if isinstance(definition, StrawberryField):
        said = next((each for each in definition.directives if isinstance(each, Cost)), said)
    form = field.type.of_type if is_non_null_type(field.type) else field.type
    paging = {}
    for name in _PAGING:
        argument = field.args.get(name)
        if argument is not None:
            default = argument.default_value
            paging[name] = default if isinstance(default, int) else None
    return _Tariff(said.weight, said.rows, is_list_type(form), paging, get_named_type(field.type))


class _Walk:
    """One pricing of an operation."""

    def __init__(
        self,
        pricing: Pricing,
        fragments: Mapping[str, FragmentDefinitionNode],
        variables: Mapping[str, object],
    ) -> None:
        self._pricing, self._fragments, self._variables = pricing, fragments, variables

    def selections(
        self, chosen: SelectionSetNode | None, parent: GraphQLNamedType | None, page: int | None
    ) -> int:
        """The cost of a selection set; `page` is how many rows the lists of a connection have."""
        total = 0
        for selection in chosen.selections if chosen is not None else ():
            if isinstance(selection, FieldNode):
                total += self._field(selection, parent, page)
            elif isinstance(selection, InlineFragmentNode):
                condition = selection.type_condition
                of = parent if condition is None else self._pricing.type_named(condition.name.value)
                total += self.selections(selection.selection_set, of, page)
            elif isinstance(selection, FragmentSpreadNode):
                fragment = self._fragments.get(selection.name.value)
                if fragment is not None:
                    of = self._pricing.type_named(fragment.type_condition.name.value)
                    total += self.selections(fragment.selection_set, of, page)
        return total

    def _field(self, field: FieldNode, parent: GraphQLNamedType | None, page: int | None) -> int:
        name = field.name.value
        tariff = self._pricing.tariff(parent, name)
        if tariff is None:
            return 0 if name == "__typename" else 1
        own = self._page(field, tariff)
        if not tariff.is_list:
            return tariff.weight + self.selections(field.selection_set, tariff.below, own)
        rows = own if own is not None else page if page is not None else tariff.rows
        if field.selection_set is None:
            return tariff.weight  # a list of plain values is one value
        return tariff.weight + rows * (1 + self.selections(field.selection_set, tariff.below, None))

    def _page(self, field: FieldNode, tariff: _Tariff) -> int | None:
        """How many rows are asked for; None where the field has no such argument."""
        if not tariff.paging:
            return None
        asked = dict(tariff.paging)
        for argument in field.arguments or ():
            name = argument.name.value
            if name not in asked:
                continue
            if isinstance(argument.value, IntValueNode):
                asked[name] = int(argument.value.value)
            elif isinstance(argument.value, VariableNode):
                value = self._variables.get(argument.value.name.value, asked[name])
                asked[name] = cast("int | None", value)
            else:
                asked[name] = None
        return max((number for number in asked.values() if number is not None), default=ASSUMED_ROWS)
