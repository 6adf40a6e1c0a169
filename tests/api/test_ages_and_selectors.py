"""Ages are written, and label selectors read, as by kubectl."""

from __future__ import annotations

import pytest

from foretell.api.cli.ages import human
from foretell.api.telling.label_selector import label_test


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        pytest.param(-5, "<invalid>", id="future"),
        pytest.param(-1, "0s", id="clock-skew"),
        pytest.param(0, "0s", id="now"),
        pytest.param(119, "119s", id="below-two-minutes"),
        pytest.param(120, "2m", id="two-minutes"),
        pytest.param(599, "9m59s", id="below-ten-minutes"),
        pytest.param(3600, "60m", id="an-hour"),
        pytest.param(10800, "3h", id="three-hours"),
        pytest.param(11700, "3h15m", id="hours-and-minutes"),
        pytest.param(86400, "24h", id="a-day"),
        pytest.param(180000, "2d2h", id="days-and-hours"),
        pytest.param(864000, "10d", id="days"),
        pytest.param(2 * 31536000, "2y", id="two-years"),
        pytest.param(2 * 31536000 + 86400, "2y1d", id="years-and-days"),
        pytest.param(9 * 31536000, "9y", id="years"),
    ],
)
def test_an_age_is_written_as_kubectl_writes_it(seconds: int, text: str) -> None:
    assert human(seconds) == text


@pytest.mark.parametrize(
    ("selector", "selected"),
    [
        pytest.param("app=web", True, id="equal"),
        pytest.param("app==web", True, id="twice-equal"),
        pytest.param("app!=web", False, id="unequal"),
        pytest.param("gone!=x", True, id="unequal-without-label"),
        pytest.param("app in (db, web)", True, id="in"),
        pytest.param("app notin (web)", False, id="not-in"),
        pytest.param("app", True, id="present"),
        pytest.param("!app", False, id="absent"),
        pytest.param("app=web,!gone,tier in (a,b)", True, id="all"),
        pytest.param("app=web,gone", False, id="not-all"),
        pytest.param("example.com/x=1", True, id="prefixed"),
    ],
)
def test_a_selector_selects_by_labels(selector: str, selected: bool) -> None:
    assert label_test(selector)({"app": "web", "tier": "a", "example.com/x": "1"}) is selected


@pytest.mark.parametrize("selector", ["", "=a", "a=b=c", "a in b", "a,,b", "a b"])
def test_a_selector_that_cannot_be_read_is_told(selector: str) -> None:
    with pytest.raises(ValueError, match="no label selector"):
        label_test(selector)
