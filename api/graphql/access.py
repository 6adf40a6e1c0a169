"""Which role a field needs: said where the field is defined, shown in the schema, checked here alone."""

from __future__ import annotations

from collections.abc import Callable
from inspect import isawaitable
from typing import Annotated, Any

import strawberry
from strawberry.extensions import FieldExtension
from strawberry.schema_directive import Location

from foretell.api.access.roles import Role, check
from foretell.api.graphql.context import Info
from foretell.api.graphql.cost import Cost
from foretell.api.graphql.enums import closed

closed(
    "What someone may do with a cluster; each role includes those before it.",
    {
        "VIEWER": "Sees stored clusters and their history.",
        "PLANNER": "Asks what would happen: forecasts, placements, differences, desired pods and dry runs.",
        "OPERATOR": "Changes clusters.",
    },
)(Role)


@strawberry.schema_directive(
    locations=[Location.FIELD_DEFINITION],
    name="requires",
    description="The role that the field needs on its cluster; a dry run needs PLANNER alone.",
)
class Requires:
    """The directive `@requires(role:)`."""

    role: Role = strawberry.directive_field(name="role")


SOLVE, FORECAST, MANY_FORECASTS = 50, 500, 5_000
"""What fields cost that ask the rules once, wave by wave, or for many forecasts."""

Named = Callable[[Any, dict[str, Any]], str | None]
"""Which cluster a field is about, from its parent and arguments; None for none in particular."""


def _of_parent_or_argument(source: Any, arguments: dict[str, Any]) -> str | None:
    snapshot = getattr(source, "snapshot", None)
    if snapshot is not None:
        name: str = snapshot.name
        return name
    named = arguments.get("cluster") or arguments.get("name")
    return named if isinstance(named, str) else None


class _Guard(FieldExtension):
    """Refuses a field to those who may not use it, before it is resolved."""

    def __init__(self, role: Role, named: Named) -> None:
        self.role, self._named = role, named

    def _check(self, source: Any, info: Info, arguments: dict[str, Any]) -> None:
        role = self.role
        if role is Role.OPERATOR and arguments.get("dry_run"):
            role = Role.PLANNER
        check(info.context.principal, self._named(source, arguments), role)

    def resolve(self, next_: Callable[..., Any], source: Any, info: Info, **kwargs: Any) -> Any:
        """Check, then resolve."""
        self._check(source, info, kwargs)
        return next_(source, info, **kwargs)

    async def resolve_async(self, next_: Callable[..., Any], source: Any, info: Info, **kwargs: Any) -> Any:
        """Check, then resolve."""
        self._check(source, info, kwargs)
        found = next_(source, info, **kwargs)
        # A subscription gives an iterator, which isn't waited for.
        return await found if isawaitable(found) else found


def guard(role: Role, named: Named = _of_parent_or_argument, *, weight: int = 1) -> dict[str, Any]:
    """The keyword arguments by which a `strawberry.field` needs a role, and costs what it costs."""
    directives: list[object] = [Requires(role=role)]
    if weight > 1:
        directives.append(Cost(weight=weight))
    return {"extensions": [_Guard(role, named)], "directives": directives}


ClusterName = Annotated[str, strawberry.argument(description="The name of the cluster.")]
