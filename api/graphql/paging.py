"""Pages of long lists, as Relay's cursor connections have them: 1 to 100 rows, opaque cursors."""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from bisect import bisect_left
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, NamedTuple, Protocol, TypeVar
from zlib import crc32

import strawberry

from foretell.api.service.errors import InvalidInputError, StaleCursorError
from foretell.api.service.snapshots import Snapshot
from foretell.model.meta import Key, Object

T = TypeVar("T")
R_co = TypeVar("R_co", covariant=True)
O = TypeVar("O", bound=Object)  # noqa: E741 - an object
DEFAULT_PAGE, LONGEST_PAGE = 20, 100
_DIGITS = 10  # of the number of a row


@strawberry.type(description="Where a page is in its list.")
class PageInfo:
    """The page info of Relay's cursor connections."""

    has_next_page: bool = strawberry.field(description="Whether more rows follow.")
    has_previous_page: bool = strawberry.field(description="Whether rows come before.")
    start_cursor: str | None = strawberry.field(description="The cursor of the first row.")
    end_cursor: str | None = strawberry.field(description="The cursor of the last row.")


@strawberry.type(description="A row of a list, with its cursor.")
class Edge(Generic[T]):
    """An edge of Relay's cursor connections."""

    cursor: str = strawberry.field(
        description="Where the row is; an opaque text, valid with the revision that it came from."
    )
    node: T = strawberry.field(description="The row itself.")


@strawberry.type(description="A page of a list.")
class Connection(Generic[T]):
    """A connection of Relay's cursor connections; `cursors` go with the nodes."""

    nodes: list[T] = strawberry.field(description="The rows of the page.")
    total_count: int = strawberry.field(description="How many rows the whole list has.")
    page_info: PageInfo = strawberry.field(description="Where the page is in the list.")
    cursors: strawberry.Private[Callable[[int], str]]

    @strawberry.field(description="The rows of the page with their cursors.")
    def edges(self) -> list[Edge[T]]:
        """The rows of the page with their cursors."""
        return [Edge(cursor=self.cursors(index), node=node) for index, node in enumerate(self.nodes)]


class Paging:
    """Which page is asked for; raises InvalidInputError for one that can't be."""

    def __init__(self, first: int | None, after: str | None, last: int | None, before: str | None) -> None:
        for name, number in (("first", first), ("last", last)):
            if number is not None and not 1 <= number <= LONGEST_PAGE:
                raise InvalidInputError(f"{name} is {number}: expected 1 to {LONGEST_PAGE}", name)
        if first is not None and last is not None:
            raise InvalidInputError("first and last exclude each other: expected one of them", "last")
        self.backwards = last is not None
        self.count = first or last or DEFAULT_PAGE
        self.after, self.before = after, before

    def window(self, low: int, high: int) -> tuple[int, int]:
        """The page's rows of those from `low` to `high`."""
        if high <= low:
            return low, low
        return (max(low, high - self.count), high) if self.backwards else (low, min(high, low + self.count))


def page(
    snapshot: Snapshot, things: Sequence[O], paging: Paging, wrap: Callable[[Snapshot, O], T]
) -> Connection[T]:
    """A page of objects that are in the order of their keys."""
    low = 0 if paging.after is None else _number(snapshot, things, paging.after, "after") + 1
    high = len(things) if paging.before is None else _number(snapshot, things, paging.before, "before")
    low, high = paging.window(low, high)
    shown = things[low:high]
    return connection(
        [wrap(snapshot, thing) for thing in shown],
        len(things),
        (low, high),
        lambda index: cursor(snapshot.stamp, "/".join(shown[index].key)),
    )


class Rows(Protocol[R_co]):
    """A part of a list whose rows are known by their number, and how many there are in all."""

    @property
    def rows(self) -> tuple[R_co, ...]:
        """The rows that were asked for."""

    @property
    def total(self) -> int:
        """How many there are in all."""


class Listed(NamedTuple):
    """A list whose rows are known by their number, told from others by its name and filters."""

    snapshot: Snapshot
    name: str
    filters: tuple[object, ...] = ()

    @property
    def mark(self) -> str:
        """What places in it are marked with, as a row's number is another row in another list."""
        return f"{self.name}-{crc32(repr(self.filters).encode()):x}-"


async def asked_rows(
    listed: Listed, paging: Paging, ask: Callable[[int, int], Awaitable[Rows[R_co]]]
) -> tuple[tuple[R_co, ...], int, int]:
    """The rows of a page, how many there are in all, and the first one's number.

    `ask` is given the number of the first row and how many are wanted. Only a page counted from the end of
    the list is asked for twice, since where that is isn't known before.
    """
    low = 0 if paging.after is None else _row(listed, paging.after, "after") + 1
    high = None if paging.before is None else _row(listed, paging.before, "before")
    if paging.backwards:
        if high is None:
            high = (await ask(0, 0)).total
        low, high = paging.window(low, high)
    count = paging.count if high is None else max(0, min(paging.count, high - low))
    answer = await ask(low, count)
    return answer.rows, answer.total, min(low, answer.total)


def rows_connection(listed: Listed, nodes: list[T], total: int, low: int) -> Connection[T]:
    """A page of a list whose rows are known by their number."""
    return connection(
        nodes, total, (low, low + len(nodes)),
        lambda index: cursor(listed.snapshot.stamp, f"{listed.mark}{low + index}"),
    )  # fmt: skip


def connection(
    nodes: list[T], total: int, window: tuple[int, int], cursors: Callable[[int], str]
) -> Connection[T]:
    """A page whose rows are those of a window of so many."""
    low, high = window
    info = PageInfo(
        has_next_page=high < total,
        has_previous_page=low > 0,
        start_cursor=cursors(0) if nodes else None,
        end_cursor=cursors(len(nodes) - 1) if nodes else None,
    )
    return Connection(nodes=nodes, total_count=total, page_info=info, cursors=cursors)


def cursor(stamp: str, where: str) -> str:
    """The opaque text of a place in a list of a snapshot."""
    return urlsafe_b64encode(f"{stamp} {where}".encode()).decode().rstrip("=")


def place(stamp: str, text: str, argument: str) -> str:
    """The place that a cursor names; raises InvalidInputError, or StaleCursorError for another snapshot's."""
    try:
        of, _, found = urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode().partition(" ")
    except ValueError:
        of, found = "", ""
    if not found:
        raise InvalidInputError(
            f"{argument} is no cursor: expected one that a page of this list gave", argument
        )
    if of == stamp:
        return found
    (cluster, _, old), (mine, _, new) = of.partition("@"), stamp.partition("@")
    if cluster != mine:
        raise _of_another_list(argument)
    raise StaleCursorError(
        f"the cursor is of revision {old} and the list of revision {new}: "
        f"expected to page through one revision, as cluster(name:, revision: {old}) gives it"
    )


def _row(listed: Listed, text: str, argument: str) -> int:
    """The number of the row that a cursor names."""
    mark, dash, number = place(listed.snapshot.stamp, text, argument).rpartition("-")
    if mark + dash != listed.mark or not (number.isascii() and number.isdigit()) or len(number) > _DIGITS:
        raise _of_another_list(argument)
    return int(number)


def _number(snapshot: Snapshot, things: Sequence[Object], text: str, argument: str) -> int:
    """The number of the object that a cursor names; at one revision a list never loses one."""
    parts = place(snapshot.stamp, text, argument).split("/")
    if len(parts) == len(Key._fields):
        key = Key(*parts)
        number = bisect_left(things, key, key=_key)
        if number < len(things) and things[number].key == key:
            return number
    raise _of_another_list(argument)


def _of_another_list(argument: str) -> InvalidInputError:
    return InvalidInputError(f"{argument} is a cursor of another list", argument)


def _key(thing: Object) -> Key:
    return thing.key


def part(first: int, skip: int) -> tuple[int, int]:
    """The part of a short list that is shown, as `(start, end)`; raises InvalidInputError."""
    if not 1 <= first <= LONGEST_PAGE:
        raise InvalidInputError(f"first is {first}: expected 1 to {LONGEST_PAGE}", "first")
    if skip < 0:
        raise InvalidInputError(f"skip is {skip}: expected a number from 0", "skip")
    return skip, skip + first
