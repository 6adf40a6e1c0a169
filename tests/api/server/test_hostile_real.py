"""Requests that are made to do harm, against the real schema: each is refused, and stops nobody else."""

from __future__ import annotations

import socket
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from pathlib import Path
from statistics import median
from time import monotonic
from typing import Any

import httpx
import msgspec
import pytest

from tests.api.served import TUTORIAL, Server, serving

QUICK = 0.5
"""How long an ordinary request takes at most meanwhile, in seconds, as a rule."""
SLOW = 8.0
"""The same for every single one, on a busy machine: less than a turn in the queue."""
PAGE = 'query($n: Int!) { cluster(name: "tutorial") { nodes(first: $n) { nodes { name } } } }'
ENDLESS = """{ cluster(name: "tutorial") { whatIf(changes: [
  {scale: {kind: "sts", name: "test-sts", replicas: %d}}]) { waveCount } } }"""
APPLY = """mutation($m: String!) { apply(cluster: "tutorial", input: {manifests: $m}) {
  results userErrors { code } } }"""
ANNOTATE = """mutation($v: String!) { annotate(cluster: "tutorial", input: {
  kind: "node", name: "worker-0", pairs: [{key: "a", value: $v}]}) { userErrors { code } } }"""
WATCH = """subscription { clusterChanged(cluster: "tutorial", since: 0) {
  cluster { nodes { nodes { manifest } } } } }"""
CONFIG = '{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"x"},"data":%s}'


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server whose solves may take a second."""
    store = f"sqlite:///{tmp_path_factory.mktemp('store')}/foretell.db"
    load = f"tutorial={TUTORIAL / 'cluster.yaml'}"
    with serving(store, "--load", load, "--solve-seconds", "1") as server:
        server.ask(APPLY, {"m": (TUTORIAL / "statefulset.yaml").read_text()})
        yield server


def codes(answer: dict[str, Any]) -> list[str]:
    """The codes of an answer's errors, and of its payload's."""
    payload = (answer.get("data") or {}).get("apply") or {}
    told = [error["code"] for error in payload.get("userErrors", ())]
    return told + [error["extensions"]["code"] for error in answer.get("errors", ())]


@contextmanager
def others_are_served(server: Server) -> Iterator[None]:
    """Somebody else asks for health and pages until the end of the block, and is answered quickly."""
    taken: list[float] = []
    done = threading.Event()

    def ask() -> None:
        with httpx.Client(base_url=server.url, timeout=60) as client:
            while not done.wait(0.01) or len(taken) < 10:
                begun = monotonic()
                assert client.get("/healthz").status_code == 200
                page = {"query": PAGE, "variables": {"n": len(taken) % 100 + 1}}
                assert client.post("/graphql", json=page).json()["data"]["cluster"]["nodes"]
                taken.append(monotonic() - begun)

    with ThreadPoolExecutor(1) as threads:
        asking = threads.submit(ask)
        try:
            yield
        finally:
            done.set()
        asking.result()
    assert median(taken) < QUICK
    assert max(taken) < SLOW


def test_ten_what_ifs_at_once_that_ground_for_ever_are_ended_and_stop_nobody(server: Server) -> None:
    """Each is another one, so that none is answered from memory; what waits for too long is told so."""
    with ThreadPoolExecutor(10) as threads, others_are_served(server):
        begun = monotonic()
        endless = [threads.submit(server.answer, ENDLESS % (2_000_000_000 - n)) for n in range(10)]
        told = sorted(code for each in endless for code in codes(each.result()))
        assert monotonic() - begun < 60
    assert len(told) == 10
    assert set(told) <= {"TIME_LIMIT", "BUSY"}
    assert told.count("TIME_LIMIT") >= 4


def bomb() -> str:
    """Nine levels of nine aliases: hundreds of millions of texts."""
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 10)]
    head = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: bomb}\ndata:"
    return head + "".join(f"\n  {line}" for line in lines) + "\n"


def many_objects() -> str:
    """A list of 100,000 nodes, in a body of 9 MB."""
    node = '{{"apiVersion":"v1","kind":"Node","metadata":{{"name":"many-nodes-{:06}"}}}}'
    items = ",".join(map(node.format, range(100_000)))
    return f'{{"apiVersion":"v1","kind":"List","items":[{items}]}}'


@pytest.mark.parametrize(
    ("manifests", "refusals"),
    [
        pytest.param(bomb(), {"MALFORMED", "TIME_LIMIT", "MEMORY_LIMIT"}, id="aliases"),
        pytest.param(CONFIG % ("[" * 1_000_000 + "]" * 1_000_000), {"MALFORMED"}, id="deep-json"),
        pytest.param(CONFIG % ('{"a":' * 2_000 + "1" + "}" * 2_000), {"MALFORMED"}, id="deep-maps"),
        pytest.param(
            "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\ndata:\n"
            + "".join(" " * depth + "a:\n" for depth in range(1, 2_000)),
            {"MALFORMED"},
            id="deep-yaml",
        ),
        pytest.param(many_objects(), {"TIME_LIMIT", "MEMORY_LIMIT"}, id="many-objects"),
    ],
)
def test_manifests_that_would_take_for_ever_are_refused(
    server: Server, manifests: str, refusals: set[str]
) -> None:
    with others_are_served(server):
        [told] = codes(server.answer(APPLY, {"m": manifests}))
    assert told in refusals


@pytest.mark.parametrize(
    "selector",
    [
        pytest.param("a" * 200_000, id="long-key"),
        pytest.param("a in (" + "b," * 100_000 + "c)", id="long-set"),
        pytest.param("," * 200_000, id="commas"),
        pytest.param("a=b," * 50_000, id="many-terms"),
        pytest.param("a" + " " * 200_000 + "!", id="blanks"),
        pytest.param("(" * 200_000, id="brackets"),
    ],
)
@pytest.mark.parametrize("argument", ["labelSelector", "fieldSelector"])
def test_a_huge_selector_is_answered_or_refused_at_once(server: Server, argument: str, selector: str) -> None:
    begun = monotonic()
    query = f'query($s: String!) {{ cluster(name: "tutorial") {{ nodes({argument}: $s) {{ totalCount }} }} }}'
    assert codes(server.answer(query, {"s": selector})) in ([], ["INVALID"])
    assert monotonic() - begun < SLOW


@pytest.mark.skipif(sys.platform != "linux", reason="the server's memory is read from /proc")
def test_a_subscriber_that_never_reads_takes_no_memory_and_stops_nobody(server: Server) -> None:
    body = msgspec.json.encode({"query": WATCH})
    head = (
        f"POST /graphql HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n"
        f"accept: text/event-stream\r\ncontent-length: {len(body)}\r\n\r\n"
    )
    with closing(socket.socket()) as silent:
        silent.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        silent.connect(("127.0.0.1", int(server.url.rpartition(":")[2])))
        silent.sendall(head.encode() + body)
        with httpx.Client(base_url=server.url, timeout=60) as client, others_are_served(server):
            before = 0.0
            for number in range(200):
                # What is never read has more than 100 kB for each revision.
                asked = {"query": ANNOTATE, "variables": {"v": f"{number:03}" * 33_000}}
                assert not client.post("/graphql", json=asked).json()["data"]["annotate"]["userErrors"]
                if number == 100:
                    before = memory(server)
            assert memory(server) - before < 8
        assert 'streams_open{transport="events"} 1.0' in httpx.get(f"{server.url}/metrics").text
    while 'streams_open{transport="events"} 0.0' not in httpx.get(f"{server.url}/metrics").text:
        pass


def memory(server: Server) -> float:
    """What the server has in memory, in MiB."""
    status = Path(f"/proc/{server.process.pid}/status").read_text()
    return int(status.partition("VmRSS:")[2].split()[0]) / 1024
