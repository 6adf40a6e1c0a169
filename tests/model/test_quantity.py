"""Quantities are read exactly, and spelt in one way."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from foretell.model.canonical import canonical, respell, spelt
from foretell.model.errors import QuantityError
from foretell.model.quantity import is_integer, parse_percent, parse_quantity

SUFFIXES = ["n", "u", "m", "", "k", "M", "G", "T", "P", "E", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"]
quantities = st.builds(
    lambda sign, whole, part, suffix: f"{sign}{whole}{part}{suffix}",
    st.sampled_from(["", "-", "+"]),
    st.integers(0, 10**7),
    st.one_of(st.just(""), st.integers(0, 999).map(lambda digits: f".{digits}")),
    st.sampled_from(SUFFIXES),
)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        pytest.param("500m", Fraction(1, 2), id="thousandths"),
        pytest.param("2", Fraction(2), id="plain"),
        pytest.param(2, Fraction(2), id="integer"),
        pytest.param(0.5, Fraction(1, 2), id="float"),
        pytest.param("1.5Gi", Fraction(3 * 2**29), id="binary"),
        pytest.param("1e3", Fraction(1000), id="exponent"),
        pytest.param("1E", Fraction(10**18), id="exa is no exponent"),
        pytest.param("-1k", Fraction(-1000), id="negative"),
        pytest.param(".5", Fraction(1, 2), id="no digit before the point"),
    ],
)
def test_a_quantity_has_an_exact_value(text: str | int | float, value: Fraction) -> None:
    assert parse_quantity(text) == value


@pytest.mark.parametrize(
    "text", ["", "lots", "1 Gi", "1gi", "0x10", "1e", "1ki", "--1", "1.2.3", "1e99", "9" * 99]
)
def test_what_is_no_quantity_is_named(text: str) -> None:
    with pytest.raises(QuantityError, match="is no quantity: expected a number with an optional suffix"):
        parse_quantity(text)


@pytest.mark.parametrize(
    ("written", "stored"),
    [
        ("0.5", "500m"), ("1024Mi", "1Gi"), ("1000m", "1"), ("1500m", "1500m"), ("1.5Gi", "1536Mi"),
        ("0.5Gi", "512Mi"),
        ("0.1Gi", "107374182400m"), ("1023", "1023"), ("0.25Ki", "256"), ("100000", "100k"), ("1500", "1500"),
        ("1e3", "1e3"), ("1E6", "1e6"), ("0Mi", "0"), ("1000k", "1M"), ("64Mi", "64Mi"), ("0.0001", "100u"),
        (0.5, "500m"), (1e9, "1G"), (1, "1"), ("-1Gi", "-1Gi"), ("1000000Ki", "1000000Ki"),
    ],
)  # fmt: skip
def test_a_quantity_is_stored_in_one_spelling(written: str | int | float, stored: str) -> None:
    assert canonical(written) == stored


@given(quantities)
def test_spelling_keeps_the_value_up_to_billionths_and_is_final(text: str) -> None:
    stored = canonical(text)
    assert abs(parse_quantity(stored) - parse_quantity(text)) < Fraction(1, 10**9)
    assert canonical(stored) == stored


@given(quantities)
def test_a_resource_is_rounded_up_to_thousandths(text: str) -> None:
    value, stored = parse_quantity(text), parse_quantity(canonical(text, resource=True))
    assert (stored * 1000).denominator == 1
    assert abs(value) <= abs(stored) < abs(value) + Fraction(1, 1000)


def test_what_is_no_quantity_is_left_as_it_is() -> None:
    resources = {"cpu": "lots", "memory": "1024Mi", "pods": True}
    respell(resources)
    assert resources == {"cpu": "lots", "memory": "1Gi", "pods": True}
    assert spelt(None) is None


@pytest.mark.parametrize(("text", "percent"), [("25%", 25), ("0%", 0), ("150%", 150)])
def test_a_percentage_is_a_whole_number(text: str, percent: int) -> None:
    assert parse_percent(text) == percent


@pytest.mark.parametrize("text", ["25", "%", "-1%", "2.5%", "25 %", "25%%"])
def test_what_is_no_percentage_is_named(text: str) -> None:
    with pytest.raises(QuantityError, match="expected an integer or a percentage such as 25%"):
        parse_percent(text)


@pytest.mark.parametrize(
    ("text", "whole"),
    [("5", True), ("-5", True), ("+5", True), ("05", True), ("5.0", False), ("", False), (str(2**63), False)],
)
def test_an_integer_is_what_go_takes_for_one(text: str, whole: bool) -> None:
    assert is_integer(text) is whole
