"""Quantities as the API server stores them: one spelling for each value."""

from __future__ import annotations

from fractions import Fraction
from functools import lru_cache
from math import ceil

from foretell.model.errors import QuantityError
from foretell.model.meta import Json
from foretell.model.quantity import parse_quantity

_DECIMAL = {-9: "n", -6: "u", -3: "m", 0: "", 3: "k", 6: "M", 9: "G", 12: "T", 15: "P", 18: "E"}
_BINARY = ("", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei")
_NANO, _MILLI = Fraction(1, 10**9), Fraction(1, 1000)


@lru_cache(maxsize=4096)
def canonical(text: str | int | float, *, resource: bool = False) -> str:
    """The canonical spelling of a quantity: "0.5" is "500m", "1024Mi" is "1Gi", "1000m" is "1".

    With `resource` the value is rounded up to thousandths, as in every list of resources. Raises
    QuantityError. Source: apimachinery quantity.go `CanonicalizeBytes`, core/v1 `SetDefaults_ResourceList`.
    """
    value = _rounded(parse_quantity(text), _MILLI if resource else _NANO)
    if not value:
        return "0"
    written = str(text)
    if written.endswith("i") and abs(value) >= 1024 and value.denominator == 1:
        return _binary(value.numerator)
    return _decimal(value, exponents=written[-1].isdigit() and "e" in written.lower())


def spelt(quantity: Json, *, resource: bool = False) -> Json:
    """The canonical spelling, or the value itself where it is no quantity, for the checks to name."""
    if isinstance(quantity, bool) or not isinstance(quantity, (str, int, float)):
        return quantity
    try:
        return canonical(quantity, resource=resource)
    except QuantityError:
        return quantity


def respell(resources: Json) -> None:
    """Spell every quantity of a list of resources canonically, in place."""
    for name, quantity in resources.items() if isinstance(resources, dict) else ():
        resources[name] = spelt(quantity, resource=True)


def _rounded(value: Fraction, step: Fraction) -> Fraction:
    away = ceil(abs(value) / step) * step
    return away if value > 0 else -away


def _binary(value: int) -> str:
    power = 0
    while value % 1024 == 0 and power < len(_BINARY) - 1:
        value, power = value // 1024, power + 1
    return f"{value}{_BINARY[power]}"


def _decimal(value: Fraction, *, exponents: bool) -> str:
    """The largest power of a thousand that leaves a whole number before it."""
    power = max(power for power in _DECIMAL if (value / Fraction(10) ** power).denominator == 1)
    number = (value / Fraction(10) ** power).numerator
    if exponents:
        return f"{number}e{power}" if power else str(number)
    return f"{number}{_DECIMAL[power]}"
