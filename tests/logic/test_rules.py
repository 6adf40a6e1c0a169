"""Each law of the controllers holds in a small golden case."""

from __future__ import annotations

import pytest

from tests.logic.golden import CASES, FAULTS, RULES_OF, answer_of, case_names, expected_of


def _cases() -> list[object]:
    return [
        pytest.param(
            name,
            marks=pytest.mark.xfail(name in FAULTS, reason=FAULTS.get(name, ""), raises=AssertionError),
        )
        for name in case_names()
    ]


@pytest.mark.parametrize("name", _cases())
def test_the_rules_answer_as_the_law_says(name: str) -> None:
    assert answer_of(name) == expected_of(name)


@pytest.mark.parametrize("name", case_names())
def test_each_case_begins_with_the_law_it_shows(name: str) -> None:
    first = (CASES / name / "case.lp").read_text(encoding="utf-8").partition("\n")[0]
    assert first.startswith("% ")


@pytest.mark.parametrize("topic", sorted(RULES_OF))
def test_each_topic_has_cases(topic: str) -> None:
    assert [name for name in case_names() if name.startswith(f"{topic}/")]
