"""Requests that are made to do harm, against the real schema: each is refused, and stops nobody else."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from time import monotonic

import httpx
import pytest

from tests.api.served import TUTORIAL, Server, serving

QUICK = 8.0
"""How long an ordinary request may take meanwhile, in seconds: less than a turn in the queue."""
PAGE = '{ cluster(name: "tutorial") { nodes { nodes { name } } } }'
ENDLESS = """{ cluster(name: "tutorial") { whatIf(changes: [
  {scale: {kind: "sts", name: "test-sts", replicas: %d}}]) { waveCount } } }"""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server whose solves may take a second."""
    store = f"sqlite:///{tmp_path_factory.mktemp('store')}/foretell.db"
    load = f"tutorial={TUTORIAL / 'cluster.yaml'}"
    with serving(store, "--load", load, "--solve-seconds", "1") as server:
        manifests = (TUTORIAL / "statefulset.yaml").read_text()
        server.ask(
            'mutation($m: String!) { apply(cluster: "tutorial", input: {manifests: $m}) { results } }',
            {"m": manifests},
        )
        yield server


def codes(answer: dict[str, object]) -> list[str]:
    """The codes of an answer's errors."""
    errors = answer.get("errors") or []
    assert isinstance(errors, list)
    return [error["extensions"]["code"] for error in errors]


def test_rules_that_ground_for_ever_are_ended_and_stop_nobody(server: Server) -> None:
    """Four at once, each another one, so that none is answered from memory."""
    with ThreadPoolExecutor(5) as threads:
        begun = monotonic()
        endless = [threads.submit(server.answer, ENDLESS % (2_000_000_000 - n)) for n in range(4)]
        while not all(each.done() for each in endless):
            asked = monotonic()
            assert httpx.get(f"{server.url}/healthz", timeout=30).status_code == 200
            assert server.ask(PAGE)["cluster"]["nodes"]
            assert monotonic() - asked < QUICK
        assert monotonic() - begun < 60
    assert [codes(each.result()) for each in endless] == [["TIME_LIMIT"]] * 4


def test_a_bomb_of_yaml_aliases_is_refused(server: Server) -> None:
    """Nine levels of nine aliases would be hundreds of millions of texts."""
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 10)]
    bomb = "\n".join(["apiVersion: v1", "kind: ConfigMap", "metadata: {name: bomb}", "data:"])
    bomb += "".join(f"\n  {line}" for line in lines) + "\n"
    answer = server.answer(
        """mutation($m: String!) { apply(cluster: "tutorial", input: {manifests: $m}) {
          userErrors { code } } }""",
        {"m": bomb},
    )
    told = [error["code"] for error in (answer["data"] or {}).get("apply", {}).get("userErrors", [])]
    assert told in (["MALFORMED"], ["TIME_LIMIT"], ["MEMORY_LIMIT"])
    assert server.ask(PAGE)["cluster"]["nodes"]


@pytest.mark.parametrize(
    "selector", ["a" * 200_000, "a in (" + "b," * 100_000 + "c)", "," * 200_000, "a=b," * 50_000]
)
def test_a_huge_selector_is_answered_or_refused_at_once(server: Server, selector: str) -> None:
    begun = monotonic()
    answer = server.answer(
        'query($s: String!) { cluster(name: "tutorial") { nodes(labelSelector: $s) { totalCount } } }',
        {"s": selector},
    )
    assert codes(answer) in ([], ["INVALID"])
    assert monotonic() - begun < QUICK
