"""Curves over two logarithmic axes as plain SVG, legible on light and on dark ground."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from math import ceil, floor, log10
from typing import NamedTuple

WIDTH, HEIGHT = 720, 400
LEFT, RIGHT, TOP, BOTTOM = 76, 190, 44, 50
COLOURS = ("#2f81f7", "#d9730d", "#2da44e", "#bf5af2", "#d1242f")
"""Of middle lightness, as is the ink: a picture can't know what ground the page gives it."""
INK = "#768390"
GAP = 17
"""How far the names of two curves are apart at least."""


class Curve(NamedTuple):
    """Points in their order, and what they are named."""

    name: str
    points: Sequence[tuple[float, float]]
    dashed: bool = False


class Axis(NamedTuple):
    """Whole decades along one axis, from one pixel to another."""

    low: int
    high: int
    start: float
    end: float

    @classmethod
    def over(cls, values: Sequence[float], start: float, end: float) -> Axis:
        """The axis that has room for all values."""
        low, high = floor(log10(min(values))), ceil(log10(max(values)))
        return cls(low, max(high, low + 1), start, end)

    def at(self, value: float) -> float:
        """Where a value is, in pixels."""
        share = (log10(value) - self.low) / (self.high - self.low)
        return round(self.start + share * (self.end - self.start), 1)

    def ticks(self) -> list[float]:
        """The powers of ten."""
        return [10.0**power for power in range(self.low, self.high + 1)]


def chart(title: str, across: str, up: str, curves: Sequence[Curve]) -> str:
    """A picture of some curves; `across` and `up` say what the axes show, with their units."""
    x = Axis.over([point[0] for curve in curves for point in curve.points], LEFT, WIDTH - RIGHT)
    y = Axis.over([point[1] for curve in curves for point in curve.points], HEIGHT - BOTTOM, TOP)
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}"'
        f' height="{HEIGHT}" role="img" font-family="system-ui, sans-serif" font-size="12" fill="{INK}">'
    )
    aside = f"translate(16 {(y.start + y.end) / 2}) rotate(-90)"
    parts = [
        head,
        f"<title>{escape(title)}</title>",
        f'<text x="{LEFT}" y="20" font-size="14" font-weight="600">{escape(title)}</text>',
        *_grid(x, y),
        f'<text x="{(x.start + x.end) / 2}" y="{HEIGHT - 10}" text-anchor="middle">{escape(across)}</text>',
        f'<text transform="{aside}" text-anchor="middle">{escape(up)}</text>',
    ]
    names = _apart([y.at(curve.points[-1][1]) for curve in curves])
    for curve, colour, name_y in zip(curves, COLOURS, names, strict=False):
        parts += _drawn(curve, colour, x, y, name_y)
    return "\n".join([*parts, "</svg>", ""])


def _grid(x: Axis, y: Axis) -> list[str]:
    faint = f'stroke="{INK}" stroke-opacity="0.3"'
    parts = []
    for value in x.ticks():
        at = x.at(value)
        parts.append(f'<line x1="{at}" x2="{at}" y1="{y.start}" y2="{y.end}" {faint}/>')
        parts.append(f'<text x="{at}" y="{y.start + 18}" text-anchor="middle">{value:,.0f}</text>')
    for value in y.ticks():
        at = y.at(value)
        parts.append(f'<line x1="{x.start}" x2="{x.end}" y1="{at}" y2="{at}" {faint}/>')
        shown = f"{value:,.0f}" if value >= 1 else f"{value:g}"
        parts.append(f'<text x="{x.start - 8}" y="{at + 4}" text-anchor="end">{shown}</text>')
    return parts


def _drawn(curve: Curve, colour: str, x: Axis, y: Axis, name_y: float) -> list[str]:
    places = [(x.at(across), y.at(up)) for across, up in curve.points]
    line = " ".join(f"{across},{up}" for across, up in places)
    dashes = ' stroke-dasharray="6 5"' if curve.dashed else ""
    parts = [f'<polyline points="{line}" fill="none" stroke="{colour}" stroke-width="2.5"{dashes}/>']
    if not curve.dashed:
        parts += (f'<circle cx="{across}" cy="{up}" r="3.5" fill="{colour}"/>' for across, up in places)
    name_x = WIDTH - RIGHT + 12
    parts.append(
        f'<line x1="{places[-1][0] + 5}" y1="{places[-1][1]}" x2="{name_x - 3}" y2="{name_y}"'
        f' stroke="{colour}" stroke-opacity="0.6"/>'
    )
    parts.append(f'<text x="{name_x}" y="{name_y + 4}" fill="{colour}">{escape(curve.name)}</text>')
    return parts


def _apart(heights: Sequence[float]) -> list[float]:
    """The heights, the lower ones moved further down where names would cover each other."""
    moved = list(heights)
    last = float("-inf")
    for index in sorted(range(len(heights)), key=heights.__getitem__):
        last = moved[index] = max(heights[index], last + GAP)
    return moved
