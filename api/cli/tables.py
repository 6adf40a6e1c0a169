"""Tables as kubectl prints them: columns as wide as their widest cell and three spaces, at least six."""

from __future__ import annotations

from collections.abc import Sequence

_LEAST, _GAP = 6, 3


def table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A header and rows as text; the last column is not filled up.

    Source: cli-runtime `GetNewTabWriter`.
    """
    lines = [header, *rows]
    widths = [max(_LEAST, max(map(len, column)) + _GAP) for column in list(zip(*lines, strict=True))[:-1]]
    return "".join(_line(cells, widths) for cells in lines)


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    padded = [f"{cell:<{width}}" for cell, width in zip(cells, widths, strict=False)]
    return "".join((*padded, cells[-1])) + "\n"
