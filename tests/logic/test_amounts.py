"""Requests are counted as the scheduler counts them."""

from __future__ import annotations

from typing import Any

import pytest

from foretell.logic.amounts import (
    Port,
    bound_of,
    conflicts,
    ports_of,
    requests_of,
    scored_requests_of,
    units,
)
from foretell.model.objects import PodSpec
from tests.builders import cluster, pod

MI = 2**20


def spec_of(**spec: Any) -> PodSpec:
    """A pod's specification as it is read."""
    (found,) = cluster(pod("one", **spec)).pods
    return found.spec


def container(cpu: str, **more: Any) -> dict[str, Any]:
    """A container that asks for so much of a core."""
    return {"name": f"c{cpu}", "image": "i", "resources": {"requests": {"cpu": cpu}}, **more}


@pytest.mark.parametrize(
    ("resource", "text", "expected"),
    [
        pytest.param("cpu", "1", 1000, id="cores-in-thousandths"),
        pytest.param("cpu", "1500u", 2, id="rounded-up"),
        pytest.param("memory", "1Ki", 1024, id="bytes"),
        pytest.param("memory", "1500m", 2, id="bytes-rounded-up"),
        pytest.param("example.com/gpu", 2, 2, id="pieces"),
    ],
)
def test_quantities_are_whole_units(resource: str, text: str | int, expected: int) -> None:
    assert units(resource, text) == expected


@pytest.mark.parametrize(
    ("spec", "cpu"),
    [
        pytest.param({"containers": [container("1"), container("2")]}, 3000, id="containers-add-up"),
        pytest.param(
            {"containers": [container("1")], "initContainers": [container("2"), container("3")]},
            3000,
            id="the-greatest-init-container",
        ),
        pytest.param(
            {"containers": [container("1")], "initContainers": [container("500m")]},
            1000,
            id="init-containers-run-before",
        ),
        pytest.param(
            {"containers": [container("1")], "initContainers": [container("2", restartPolicy="Always")]},
            3000,
            id="sidecars-run-beside",
        ),
        pytest.param(
            {
                "containers": [container("1")],
                "initContainers": [container("1", restartPolicy="Always"), container("2")],
            },
            3000,
            id="an-init-container-beside-a-sidecar",
        ),
        pytest.param(
            {
                "containers": [container("1")],
                "initContainers": [container("2"), container("1", restartPolicy="Always")],
            },
            2000,
            id="an-init-container-before-a-sidecar",
        ),
        pytest.param({"containers": [container("1")], "overhead": {"cpu": "250m"}}, 1250, id="overhead"),
        pytest.param(
            {"containers": [{"name": "c", "image": "i", "resources": {"limits": {"cpu": "2"}}}]},
            2000,
            id="limits-are-requested",
        ),
        pytest.param(
            {"containers": [container("1"), container("2")], "resources": {"requests": {"cpu": "2"}}},
            2000,
            id="the-pod-as-a-whole",
        ),
    ],
)
def test_a_pod_asks_for_the_most_that_runs_at_a_time(spec: dict[str, Any], cpu: int) -> None:
    assert requests_of(spec_of(**spec)) == {"cpu": cpu, "pods": 1}


def test_who_says_nothing_asks_for_nothing_but_is_scored_by_a_little() -> None:
    assert requests_of(spec_of()) == {"pods": 1}
    assert scored_requests_of(spec_of()) == {"cpu": 100, "memory": 200 * MI, "pods": 1}


def test_nodes_without_numbers_have_no_bounds_but_none_has_what_it_does_not_report() -> None:
    assert bound_of(None, "cpu") is None
    assert bound_of({"cpu": 1}, "memory") is None
    assert bound_of({"cpu": 1}, "example.com/gpu") == 0
    assert bound_of({"cpu": 1}, "cpu") == 1


def test_sidecars_want_their_host_ports_and_init_containers_do_not() -> None:
    ports = [{"containerPort": 80, "hostPort": 80}]
    sidecar = container("1", restartPolicy="Always", ports=ports)
    assert ports_of(spec_of(initContainers=[sidecar])) == {("0.0.0.0", "TCP", 80)}
    assert ports_of(spec_of(initContainers=[container("1", ports=ports)])) == frozenset()


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        pytest.param(("0.0.0.0", "TCP", 80), ("0.0.0.0", "TCP", 80), True, id="the-same"),
        pytest.param(("10.0.0.1", "TCP", 80), ("0.0.0.0", "TCP", 80), True, id="all-addresses"),
        pytest.param(("0.0.0.0", "TCP", 80), ("10.0.0.1", "TCP", 80), True, id="all-addresses-wanted"),
        pytest.param(("10.0.0.1", "TCP", 80), ("10.0.0.2", "TCP", 80), False, id="other-address"),
        pytest.param(("0.0.0.0", "UDP", 80), ("0.0.0.0", "TCP", 80), False, id="other-protocol"),
        pytest.param(("0.0.0.0", "TCP", 81), ("0.0.0.0", "TCP", 80), False, id="other-number"),
    ],
)
def test_ports_conflict_by_number_protocol_and_address(one: Port, other: Port, *, expected: bool) -> None:
    assert conflicts(one, [other]) is expected
