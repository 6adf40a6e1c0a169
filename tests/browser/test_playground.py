"""The playground in a browser: it runs queries, plays the tutorial, and asks nobody but its own server."""

from __future__ import annotations

import json
from pathlib import Path
from urllib.parse import urlsplit

from tests.browser.conftest import Visit

PNG = b"\x89PNG\r\n"
TOKEN = '{"Authorization": "Bearer open-sesame"}'


def _origins(urls: list[str]) -> set[str]:
    return {urlsplit(url).netloc for url in urls}


def test_queries_examples_and_subscriptions_run_and_no_request_leaves_the_origin(
    url: str, visit: Visit, tmp_path: Path
) -> None:
    shot = tmp_path / "playground.png"
    told = visit(
        url,
        {"type": "{ clusters { name revision } }"},
        {"run": '"name": "tutorial"'},
        {"open": "One pod on each node"},
        {"run": "worker-2"},
        {"open": "A taint on worker-2"},
        {"run": '"revision": 2'},
        {"open": "The waves of a roll-out"},
        {"run": "on worker-2"},
        {"shot": str(shot)},
    )
    clusters, desired, tainted, waves = (json.loads(response) for response in told["responses"])
    assert clusters == {"data": {"clusters": [{"name": "tutorial", "revision": 1}]}}
    assert [pod["node"] for pod in desired["data"]["cluster"]["desiredPods"]] == [
        "worker-0", "worker-1", "worker-2",
    ]  # fmt: skip
    assert tainted == {"data": {"taint": {"name": "tutorial", "revision": 2}}}
    assert [result["data"]["forecastWaves"]["number"] for result in waves["results"]] == [1, 2, 3]
    assert told["tabs"][1:] == ["DesiredPods", "Taint", "Waves"]
    assert _origins(told["requests"] + told["sockets"]) == {urlsplit(url).netloc}
    assert told["sockets"] != []
    assert told["problems"] == []
    assert shot.read_bytes().startswith(PNG)


def test_a_first_visit_opens_the_tutorial_and_a_query_that_runs(url: str, visit: Visit) -> None:
    told = visit(url, {"sees": "One pod on each node"}, {"run": '"name": "tutorial"'}, scheme="dark")
    assert told["problems"] == []


def test_an_example_is_opened_once(url: str, visit: Visit) -> None:
    told = visit(
        url,
        {"open": "One pod on each node"},
        {"open": "The waves of a roll-out"},
        {"open": "One pod on each node"},
        {"run": "worker-2"},
    )
    assert told["tabs"] == ["Clusters", "DesiredPods", "Waves"]


def test_a_token_serves_in_every_tab_and_for_subscriptions_and_is_not_kept(
    guarded_url: str, visit: Visit
) -> None:
    told = visit(
        guarded_url,
        {"sees": "The schema could not be read"},
        {"run": "A token is wanted."},
        {"headers": TOKEN},
        {"press": "Read it again"},
        {"misses": "The schema could not be read"},
        {"run": '"name": "tutorial"'},
        {"open": "One pod on each node"},
        {"run": "worker-2"},
        {"open": "The waves of a roll-out"},
        {"run": "on worker-2"},
        {"keeps": "graphiql:tabState"},
    )
    assert "open-sesame" not in json.dumps(told["kept"])


def test_a_token_is_kept_if_that_is_asked_for(guarded_url: str, visit: Visit) -> None:
    told = visit(
        guarded_url,
        {"headers": TOKEN},
        {"press": "Open settings dialog"},
        {"press": "On"},
        {"key": "Escape"},
        {"open": "One pod on each node"},
        {"run": "worker-2"},
        {"keeps": "graphiql:variables"},
        {"keeps": "graphiql:tabState"},
        {"reload": True},
        {"run": "worker-2"},
        {"reload": True},
        {"run": "worker-2"},
        {"press": "Open settings dialog"},
        {"press": "Off"},
        {"key": "Escape"},
    )
    assert "open-sesame" not in json.dumps(told["kept"])


def test_a_subscription_that_is_refused_says_so(guarded_url: str, visit: Visit) -> None:
    told = visit(guarded_url, {"open": "The waves of a roll-out"}, {"run": "The server closed"})
    assert "Forbidden" in told["responses"][0]
