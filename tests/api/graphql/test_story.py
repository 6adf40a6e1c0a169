"""The tutorial's story, played through GraphQL alone, over a real socket."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.api.served import TUTORIAL, Server, serving

PAYLOAD = """
  results
  userErrors { path code message head }
  revision { number by action why results }
  cluster { revision pods(first: 100) { nodes { name nodeName ready phase } } }
"""
ACTIONS = "{ verb kind name node reason }"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server with the tutorial's cluster."""
    store = f"sqlite:///{tmp_path_factory.mktemp('store')}/foretell.db"
    with serving(store, "--load", f"tutorial={TUTORIAL / 'cluster.yaml'}") as server:
        yield server


def manifest(name: str) -> str:
    """A file of the tutorial."""
    return (TUTORIAL / f"{name}.yaml").read_text()


def mutate(server: Server, field: str, arguments: str = "", **variables: Any) -> dict[str, Any]:
    """The payload of a mutation of the tutorial's cluster that is accepted."""
    declared = {"manifests": "String!"}
    head = ", ".join(f"${name}: {declared[name]}" for name in variables)
    call = f'{field}(cluster: "tutorial"{arguments})'
    query = f"mutation{f'({head})' if head else ''} {{ it: {call} {{ {PAYLOAD} }} }}"
    payload: dict[str, Any] = server.ask(query, variables)["it"]
    assert payload["userErrors"] == []
    return payload


def told(waves: list[dict[str, Any]]) -> list[list[str]]:
    """The actions of waves in words, without names that can't be known before."""
    return [
        [
            f"{a['verb']} {a['kind']} {a['node'] or a['name']} {a['reason']}"
            for a in wave["actions"]
            if a["verb"] != "BIND" and a["kind"] in ("Pod", "PersistentVolumeClaim")
        ]
        for wave in waves
    ]


def names(payload: dict[str, Any]) -> list[tuple[str, str]]:
    """The pods after a mutation: names and nodes."""
    return [(pod["name"], pod["nodeName"]) for pod in payload["cluster"]["pods"]["nodes"]]


def test_the_tutorial_can_be_played_through_graphql_alone(server: Server) -> None:
    """Apply, watch, taint, scale, update, stuck, revert."""
    # A DaemonSet: one pod on every node that lets it.
    ask = f"""query($m: String!) {{ cluster(name: "tutorial") {{
      revision
      whatIf(changes: [{{apply: {{manifests: $m}}}}]) {{
        verdict {{ outcome }} waves {{ number at actions {ACTIONS} }} outcome {{ appeared }} }} }} }}"""
    ahead = server.ask(ask, {"m": manifest("daemonset")})["cluster"]
    assert ahead["revision"] == 1
    assert ahead["whatIf"]["verdict"]["outcome"] == "SETTLED"
    assert told(ahead["whatIf"]["waves"]) == [[f"CREATE Pod worker-{number} MISSING" for number in range(3)]]
    assert ahead["whatIf"]["outcome"]["appeared"] == 3

    applied = mutate(
        server, "apply", ', input: {manifests: $manifests}, expectedRevision: 1, why: "one nginx a node"',
        manifests=manifest("daemonset"),
    )  # fmt: skip
    assert applied["results"] == ["daemonset.apps/test-ds created"]
    assert applied["revision"] == {
        "number": 2, "by": "local", "action": "apply", "why": "one nginx a node",
        "results": ["daemonset.apps/test-ds created"],
    }  # fmt: skip

    # The waves are watched as they are derived.
    watched = asyncio.run(_watched(server))
    assert told([part["wave"] for part in watched if part["wave"]]) == told(ahead["whatIf"]["waves"])
    assert watched[-1]["end"]["verdict"]["outcome"] == "SETTLED"
    reconciled = mutate(server, "reconcile")
    assert [node for _, node in sorted(names(reconciled), key=lambda pair: pair[1])] == [
        "worker-0", "worker-1", "worker-2",
    ]  # fmt: skip

    # Why is there no pod on the master?
    left_out = server.ask(
        '{ cluster(name: "tutorial") { leftOut(node: "master-0") '
        "{ nodes { owner reasons { reason taint { key effect } } } } } }"
    )["cluster"]["leftOut"]["nodes"]
    assert left_out == [
        {
            "owner": "DaemonSet/test-ds",
            "reasons": [
                {
                    "reason": "taint",
                    "taint": {"key": "node-role.kubernetes.io/master", "effect": "NoSchedule"},
                }
            ],
        }
    ]

    # A taint drives one off.
    mutate(
        server, "taint", ', input: {node: "worker-2", key: "maintenance", value: "yes", effect: NO_EXECUTE}'
    )
    tainted = mutate(server, "reconcile")
    assert {node for _, node in names(tainted)} == {"worker-0", "worker-1"}

    # A StatefulSet: names, claims, one pod after the other; then more of them.
    mutate(server, "apply", ", input: {manifests: $manifests}", manifests=manifest("statefulset"))
    mutate(server, "reconcile")
    mutate(server, "scale", ', input: {kind: "sts", name: "test-sts", replicas: 3}')
    first = mutate(server, "advance")
    assert ("test-sts-2" in dict(names(first))) is True
    settled = mutate(server, "reconcile")
    assert [name for name, _ in names(settled) if name.startswith("test-sts")] == [
        "test-sts-0", "test-sts-1", "test-sts-2",
    ]  # fmt: skip
    good = settled["cluster"]["revision"]

    # An update that gets stuck, and is seen before; then made; then reverted.
    broken = server.ask(
        """{ cluster(name: "tutorial") { whatIf(
          changes: [{setImage: {kind: "sts", name: "test-sts", image: "nginx:broken"}}],
          assume: {neverReady: ["test-sts-*"]}
        ) { verdict { outcome obstacles { workload on why remedy } } } } }"""
    )["cluster"]["whatIf"]["verdict"]
    assert broken["outcome"] == "STUCK"
    assert [(o["workload"], o["on"], o["why"]) for o in broken["obstacles"]] == [
        ("StatefulSet/test-sts", "Pod/test-sts-2", "POD_NOT_READY")
    ]
    mutate(server, "setImage", ', input: {kind: "sts", name: "test-sts", image: "nginx:broken"}')
    stuck = mutate(server, "reconcile", ', input: {assume: {neverReady: ["test-sts-*"]}}')
    assert {p["name"]: p["ready"] for p in stuck["cluster"]["pods"]["nodes"]}["test-sts-2"] is False
    reverted = mutate(server, "revert", f", input: {{revision: {good}}}")
    assert reverted["cluster"]["pods"] == settled["cluster"]["pods"]

    # All of it is in the history, the newest first.
    history = server.ask(
        '{ cluster(name: "tutorial") { history(first: 100) { totalCount nodes { number action } } } }'
    )["cluster"]["history"]
    assert [entry["action"] for entry in reversed(history["nodes"])] == [
        "load", "apply", "reconcile", "taint", "reconcile", "apply", "reconcile", "scale", "advance",
        "reconcile", "setImage", "reconcile", "revert",
    ]  # fmt: skip
    assert history["totalCount"] == len(history["nodes"])


async def _watched(server: Server) -> list[dict[str, Any]]:
    query = f"""subscription {{ forecastWaves(cluster: "tutorial") {{
      wave {{ number actions {ACTIONS} }} end {{ verdict {{ outcome }} }} }} }}"""
    async with server.subscribed(query) as parts:
        return [part["forecastWaves"] async for part in parts]


def test_a_subscriber_sees_every_revision_though_it_is_slow(server: Server) -> None:
    """Revisions that are made while nobody reads are told afterwards, in order."""

    async def story() -> list[int]:
        query = (
            'subscription { clusterChanged(cluster: "watched") { revision { number } cluster { revision } } }'
        )
        async with server.subscribed(query) as parts:
            for number in range(5):
                pairs = f'[{{key: "a", value: "{number}"}}]'
                change = f'annotate(cluster: "watched", input: {{kind: "node", name: "n", pairs: {pairs}}})'
                await asyncio.to_thread(server.ask, f"mutation {{ {change} {{ userErrors {{ message }} }} }}")
            seen = []
            async for part in parts:
                changed = part["clusterChanged"]
                assert changed["revision"]["number"] == changed["cluster"]["revision"]
                seen.append(changed["revision"]["number"])
                if len(seen) == 5:
                    return seen
        raise AssertionError("the subscription ended early")

    server.ask('mutation { createCluster(cluster: "watched") { userErrors { message } } }')
    server.ask('mutation { addNode(cluster: "watched", input: {name: "n"}) { userErrors { message } } }')
    assert asyncio.run(story()) == [3, 4, 5, 6, 7]


def test_a_refused_mutation_leaves_nothing_behind(server: Server) -> None:
    """Neither a revision nor a trace in the history."""
    server.ask('mutation { createCluster(cluster: "refused") { userErrors { message } } }')
    answer = server.ask(
        'mutation { taint(cluster: "refused", input: {node: "nowhere", key: "k", effect: NO_EXECUTE}) '
        "{ userErrors { code message } cluster { revision } revision { number } } }"
    )["taint"]
    assert answer == {
        "userErrors": [
            {"code": "NOT_FOUND", "message": 'Error from server (NotFound): nodes "nowhere" not found'}
        ],
        "cluster": None,
        "revision": None,
    }
    assert server.ask('{ cluster(name: "refused") { head } }') == {"cluster": {"head": 1}}


def test_an_expected_revision_that_has_passed_is_a_conflict_that_names_the_head(server: Server) -> None:
    """Compare and set."""
    server.ask('mutation { createCluster(cluster: "raced") { userErrors { message } } }')
    server.ask('mutation { addNode(cluster: "raced", input: {name: "a"}) { userErrors { message } } }')
    late = """mutation { addNode(cluster: "raced", input: {name: "b"}, expectedRevision: 1) {
      userErrors { code head } } }"""
    assert server.ask(late) == {"addNode": {"userErrors": [{"code": "CONFLICT", "head": 2}]}}
    assert server.ask('{ cluster(name: "raced") { head nodes { totalCount } } }') == {
        "cluster": {"head": 2, "nodes": {"totalCount": 1}}
    }


def test_a_dry_run_shows_what_would_be_and_stores_nothing(server: Server) -> None:
    """The cluster, the diff and the forecast are those afterwards."""
    server.ask('mutation { createCluster(cluster: "dry") { userErrors { message } } }')
    query = """mutation($m: String!) { apply(cluster: "dry", input: {manifests: $m}, dryRun: true) {
      results revision { number } cluster { revision nodes { totalCount } }
      diff { counts { missing } } forecast { verdict { outcome } counts { create } }
      userErrors { message } } }"""
    text = manifest("cluster") + "\n---\n" + manifest("daemonset")
    answer = server.ask(query, {"m": text})["apply"]
    assert answer["userErrors"] == []
    assert answer["revision"] is None
    assert answer["cluster"] == {"revision": None, "nodes": {"totalCount": 4}}
    assert answer["diff"] == {"counts": {"missing": 3}}
    assert answer["forecast"] == {"verdict": {"outcome": "SETTLED"}, "counts": {"create": 4}}
    assert server.ask('{ cluster(name: "dry") { head } }') == {"cluster": {"head": 1}}


def test_after_kill_9_every_acknowledged_mutation_is_there(tmp_path: Path) -> None:
    """The database survives, and so does every revision that was answered."""
    store = f"sqlite:///{tmp_path}/foretell.db"
    with serving(store) as server:
        server.ask('mutation { createCluster(cluster: "kept") { userErrors { message } } }')
        for number in range(5):
            node = f'addNode(cluster: "kept", input: {{name: "n{number}"}})'
            server.ask(f"mutation {{ {node} {{ userErrors {{ code }} }} }}")
        server.kill()
    with serving(store) as server:
        found = server.ask('{ cluster(name: "kept") { head nodes { nodes { name } } } }')["cluster"]
        assert found["head"] == 6
        assert [node["name"] for node in found["nodes"]["nodes"]] == [f"n{number}" for number in range(5)]
