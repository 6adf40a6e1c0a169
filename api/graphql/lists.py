"""Lists of objects as fields: a resolver names the objects, and a page of them is what is shown."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import strawberry
from strawberry.annotation import StrawberryAnnotation
from strawberry.extensions import FieldExtension
from strawberry.types.arguments import StrawberryArgument
from strawberry.types.field import StrawberryField

from foretell.api.graphql.objects import wrapped
from foretell.api.graphql.paging import After, Before, Connection, First, Last, Paging, page
from foretell.model.meta import Object

_PAGING = {"first": First, "after": After, "last": Last, "before": Before}


class _Paged(FieldExtension):
    """Gives a field the arguments of a page, and shows that page of what its resolver finds."""

    def apply(self, field: StrawberryField) -> None:
        """Put the arguments of the page before the field's own."""
        paging = [
            StrawberryArgument(name, None, StrawberryAnnotation(form), default=None)
            for name, form in _PAGING.items()
        ]
        field.arguments = [*paging, *field.arguments]

    def resolve(self, next_: Callable[..., Any], source: Any, info: strawberry.Info, **kwargs: Any) -> Any:
        """The page; raises InvalidInputError for one that can't be."""
        paging = Paging(*(kwargs.pop(name, None) for name in _PAGING))
        return page(source.snapshot, next_(source, info, **kwargs), paging, wrapped)


def listed(
    rows: object, description: str, *, name: str | None = None
) -> Callable[[Callable[..., Sequence[Object]]], Any]:
    """The field of a page of objects, whose resolver gives all of them in the order of their keys.

    `rows` is the GraphQL type of the objects: where that is in a module that can't be imported yet,
    `Annotated["Pod", strawberry.lazy(…)]`.
    """
    form: Any = Connection
    field: Any = strawberry.field(
        name=name, description=description, graphql_type=form[rows], extensions=[_Paged()]
    )
    return field  # type: ignore[no-any-return]
