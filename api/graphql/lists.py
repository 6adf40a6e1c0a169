"""Pages as fields: the arguments that say which page is asked for are written down here alone."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Annotated, Any

import strawberry
from strawberry.annotation import StrawberryAnnotation
from strawberry.extensions import FieldExtension
from strawberry.types.arguments import StrawberryArgument
from strawberry.types.field import StrawberryField

from foretell.api.graphql.objects import wrapped
from foretell.api.graphql.paging import Connection, Paging, page
from foretell.model.meta import Object

_PAGING = "paging"
_ARGUMENTS = {
    "first": Annotated[
        int | None,
        strawberry.argument(
            description="How many rows from the beginning: 1 to 100; 20 without `first` and `last`."
        ),
    ],
    "after": Annotated[str | None, strawberry.argument(description="Only rows after this cursor.")],
    "last": Annotated[int | None, strawberry.argument(description="How many rows from the end: 1 to 100.")],
    "before": Annotated[str | None, strawberry.argument(description="Only rows before this cursor.")],
}


class _Paged(FieldExtension):
    """Gives a field the arguments of a page, of which its resolver's `paging` is made.

    A page that can't be asked for raises InvalidInputError.
    """

    def apply(self, field: StrawberryField) -> None:
        """Put the arguments of the page before the field's own."""
        own = [argument for argument in field.arguments if argument.python_name != _PAGING]
        paging = (
            StrawberryArgument(name, None, StrawberryAnnotation(form), default=None)
            for name, form in _ARGUMENTS.items()
        )
        field.arguments = [*paging, *own]

    def resolve(self, next_: Callable[..., Any], source: Any, info: strawberry.Info, **kwargs: Any) -> Any:
        """Resolve with `paging`."""
        paging = Paging(*(kwargs.pop(name, None) for name in _ARGUMENTS))
        return next_(source, info, **kwargs, paging=paging)

    async def resolve_async(
        self, next_: Callable[..., Any], source: Any, info: strawberry.Info, **kwargs: Any
    ) -> Any:
        """Resolve with `paging`."""
        return await self.resolve(next_, source, info, **kwargs)


class _Listed(_Paged):
    """Shows a page of the objects that a resolver finds; it has to know nothing of pages."""

    def resolve(self, next_: Callable[..., Any], source: Any, info: strawberry.Info, **kwargs: Any) -> Any:
        """The page."""
        paging = Paging(*(kwargs.pop(name, None) for name in _ARGUMENTS))
        return page(source.snapshot, next_(source, info, **kwargs), paging, wrapped)


def paged(options: dict[str, Any] | None = None) -> dict[str, Any]:
    """The keyword arguments by which a `strawberry.field` takes a page; its resolver gets it as `paging`.

    `options` are others, such as those of `guard`.
    """
    given = options or {}
    return {**given, "extensions": [*given.get("extensions", ()), _Paged()]}


def listed(rows: object, description: str) -> Callable[[Callable[..., Sequence[Object]]], Any]:
    """The field of a page of objects, whose resolver gives all of them in the order of their keys.

    `rows` is the GraphQL type of the objects: where that is in a module that can't be imported yet,
    `Annotated["Pod", strawberry.lazy(…)]`.
    """
    form: Any = Connection
    field: Any = strawberry.field(description=description, graphql_type=form[rows], extensions=[_Listed()])
    return field  # type: ignore[no-any-return]
