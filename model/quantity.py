"""Quantities ("500m", "1.5Gi"), and numbers that may be a percentage."""

from __future__ import annotations

import re
from fractions import Fraction
from functools import lru_cache

from foretell.model.errors import QuantityError

_SUFFIXES = {
    "n": Fraction(1, 10**9), "u": Fraction(1, 10**6), "m": Fraction(1, 10**3), "": Fraction(1),
    "k": Fraction(10**3), "M": Fraction(10**6), "G": Fraction(10**9), "T": Fraction(10**12),
    "P": Fraction(10**15), "E": Fraction(10**18),
    "Ki": Fraction(2**10), "Mi": Fraction(2**20), "Gi": Fraction(2**30), "Ti": Fraction(2**40),
    "Pi": Fraction(2**50), "Ei": Fraction(2**60),
}  # fmt: skip
_QUANTITY = re.compile(
    r"([+-]?(?:\d+\.?\d*|\.\d+))(?:([eE][+-]?\d+)|(n|u|m|k|M|G|T|P|E|Ki|Mi|Gi|Ti|Pi|Ei)?)\Z"
)
_PERCENT = re.compile(r"(\d+)%\Z")


@lru_cache(maxsize=4096)
def parse_quantity(text: str | int | float) -> Fraction:
    """The exact value of a quantity, in the resource's base unit (cores, bytes, pieces).

    Raises QuantityError. Source: apimachinery `resource.ParseQuantity`.
    """
    match = _QUANTITY.match(str(text))
    if not match or len(str(text)) > 64 or (match[2] and abs(int(match[2][1:])) > 18):
        raise QuantityError(
            f"{text!r} is no quantity: expected a number with an optional suffix, such as 500m, 2 or 1.5Gi"
        )
    number, exponent, suffix = match.groups()
    return Fraction(number + (exponent or "")) * _SUFFIXES[suffix or ""]


@lru_cache(maxsize=256)
def parse_percent(text: str) -> int:
    """The number before the `%` of a percentage; raises QuantityError when there is none."""
    match = _PERCENT.match(text)
    if not match:
        raise QuantityError(f"{text!r} is no percentage: expected an integer or a percentage such as 25%")
    return int(match[1])


def is_integer(text: str) -> bool:
    """Whether Go's `strconv.ParseInt(text, 10, 64)` takes the text as a number."""
    return bool(re.fullmatch(r"[+-]?\d{1,19}", text)) and -(2**63) <= int(text) < 2**63
