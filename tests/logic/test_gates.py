"""Feature gates by version, and those that are set otherwise."""

from __future__ import annotations

import pytest

from foretell.logic.gates import UnknownGateError, default_gates, gates_with

MAX = "MaxUnavailableStatefulSet"
COMPARE = "TaintTolerationComparisonOperators"


@pytest.mark.parametrize(
    ("version", "on", "minor"),
    [
        pytest.param("1.34", set(), 34, id="alpha"),
        pytest.param("1.35", {MAX}, 35, id="beta"),
        pytest.param("1.36", set(), 36, id="off-again"),
        pytest.param("v1.36.2", set(), 36, id="as-kubectl-prints-it"),
        pytest.param("1.37", {MAX}, 37, id="on-again"),
    ],
)
def test_gates_are_on_by_version(version: str, on: set[str], minor: int) -> None:
    gates = default_gates(version)
    assert (set(gates), gates.minor) == (on, minor)


def test_a_gate_was_turned_off_again_in_a_patch_release() -> None:
    assert set(default_gates("1.35.3")) == {MAX}
    assert set(default_gates("1.35.4")) == set()


def test_gates_may_be_set_otherwise() -> None:
    gates = gates_with("1.35", {MAX: False, COMPARE: True})
    assert (set(gates), gates.minor) == ({COMPARE}, 35)


@pytest.mark.parametrize("version", ["1.12", "2.0", "", "latest"])
def test_an_unknown_version_is_refused(version: str) -> None:
    with pytest.raises(UnknownGateError, match="unknown Kubernetes version"):
        default_gates(version)


def test_an_unknown_gate_is_refused() -> None:
    with pytest.raises(UnknownGateError, match="unknown feature gate 'Magic': expected one of"):
        gates_with("1.36", {"Magic": True})
