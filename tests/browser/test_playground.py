"""The playground in a browser: it runs queries, plays the tutorial, and asks nobody but its own server."""

from __future__ import annotations

import json
from pathlib import Path
from urllib.parse import urlsplit

from tests.browser.conftest import Visit

PNG = b"\x89PNG\r\n"
ASKED = "What would happen?"
WATCHED = "Watch the waves"
REASONS = "Why is there no pod on the master?"


def _origins(urls: list[str]) -> set[str]:
    return {urlsplit(url).netloc for url in urls}


def _headers(token: str) -> dict[str, str]:
    return {"headers": json.dumps({"Authorization": f"Bearer {token}"})}


def test_queries_examples_and_subscriptions_run_and_no_request_leaves_the_origin(
    url: str, visit: Visit, tmp_path: Path
) -> None:
    shot = tmp_path / "playground.png"
    told = visit(
        url,
        {"type": "{ clusters { nodes { name revision } } }"},
        {"run": '"name": "tutorial"'},
        {"open": REASONS},
        {"run": "node-role.kubernetes.io/master"},
        {"open": "Taint the node"},
        {"run": "node/worker-2 tainted"},
        {"open": WATCHED},
        {"run": "SETTLED"},
        {"shot": str(shot)},
    )
    clusters, reasons, tainted, waves = (json.loads(response) for response in told["responses"])
    assert clusters["data"] == {"clusters": {"nodes": [{"name": "tutorial", "revision": 3}]}}
    assert [pod["nodeName"] for pod in reasons["data"]["cluster"]["desiredPods"]["nodes"]] == [
        "worker-0", "worker-1", "worker-2",
    ]  # fmt: skip
    assert tainted["data"]["taint"]["userErrors"] == []
    parts = [result["data"]["forecastWaves"] for result in waves["results"]]
    assert [action["verb"] for part in parts if part["wave"] for action in part["wave"]["actions"]] == [
        "DELETE"
    ]
    assert told["tabs"][1:] == ["WhyIsThereNoPod", "TaintIt", "WatchTheWaves"]
    assert _origins(told["requests"] + told["sockets"]) == {urlsplit(url).netloc}
    assert told["sockets"] != []
    assert told["problems"] == []
    assert shot.read_bytes().startswith(PNG)


def test_a_first_visit_opens_the_tutorial_and_a_query_that_runs(url: str, visit: Visit) -> None:
    told = visit(url, {"sees": ASKED}, {"run": '"name": "tutorial"'}, scheme="dark")
    assert told["problems"] == []


def test_an_example_is_opened_once(url: str, visit: Visit) -> None:
    told = visit(url, {"open": ASKED}, {"open": WATCHED}, {"open": ASKED}, {"run": "SETTLED"})
    assert told["tabs"] == ["Clusters", "WhatWouldHappen", "WatchTheWaves"]


def test_a_token_serves_in_every_tab_and_for_subscriptions_and_is_not_kept(
    guarded_url: str, token: str, visit: Visit
) -> None:
    told = visit(
        guarded_url,
        {"sees": "The schema could not be read"},
        {"run": "no token was given"},
        _headers(token),
        {"press": "Read it again"},
        {"misses": "The schema could not be read"},
        {"run": '"name": "tutorial"'},
        {"open": REASONS},
        {"run": "worker-2"},
        {"open": WATCHED},
        {"run": "SETTLED"},
        {"keeps": "graphiql:tabState"},
    )
    assert token not in json.dumps(told["kept"])


def test_a_token_is_kept_if_that_is_asked_for(guarded_url: str, token: str, visit: Visit) -> None:
    told = visit(
        guarded_url,
        _headers(token),
        {"press": "Open settings dialog"},
        {"press": "On"},
        {"key": "Escape"},
        {"open": REASONS},
        {"run": "worker-2"},
        {"keeps": "graphiql:tabState"},
        {"reload": True},
        {"run": "worker-2"},
        {"press": "Open settings dialog"},
        {"press": "Off"},
        {"key": "Escape"},
    )
    assert token not in json.dumps(told["kept"])


def test_a_subscription_that_is_refused_says_so(guarded_url: str, visit: Visit) -> None:
    told = visit(guarded_url, {"open": WATCHED}, {"run": "The server closed"})
    assert "Forbidden" in told["responses"][0]
