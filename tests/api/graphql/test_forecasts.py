"""Forecasts, what-ifs and comparisons: what they tell, and that they leave nothing behind."""

from __future__ import annotations

import asyncio
from time import monotonic
from typing import Any

import msgspec
import pytest
from graphql import GraphQLInputObjectType

from foretell.api.access.roles import LOCAL
from foretell.api.graphql.schema import schema
from foretell.api.solver.limits import Limits
from tests import builders as b
from tests.api.graphql.asked import Api, start

ACTIONS = "waves { number turn at actionCount actions { verb kind name node because } }"
VERDICT = "verdict { outcome note obstacleCount obstacles { workload on node why sentence message remedy } }"
OUTCOME = """outcome { gone appeared moved replaced pods { fate workload name before after }
  workloads { workload namespace podsBefore podsAfter readyBefore readyAfter lowestReady } }"""
COUNTS = "waveCount seconds counts { create update patch delete evict bind }"
Told = dict[str, Any]


def what_if(api: Api, cluster: str, changes: str, fields: str, arguments: str = "", **variables: str) -> Told:
    """What changes would lead to; and nothing of it is stored."""
    declared = ", ".join(f"${name}: String!" for name in variables)
    head = f"query({declared})" if declared else ""
    query = (
        f'{head} {{ cluster(name: "{cluster}") {{ whatIf(changes: {changes}{arguments}) {{ {fields} }} }} }}'
    )
    before = api.head(cluster)
    told: Told = api.ask(query, LOCAL, **variables)["cluster"]["whatIf"]
    assert api.head(cluster) == before
    return told


def settled(api: Api) -> str:
    """A cluster at rest: three nodes, a DaemonSet, a StatefulSet with claims, and a pod of its own."""
    room = {"cpu": "8", "memory": "32Gi", "pods": "110"}
    state = b.settled(
        [b.node(f"n{n}", allocatable=room) for n in (1, 2, 3)], b.daemonset("agent"),
        b.statefulset("web", 3, claims=["data"]), b.pod("alone", "n1"),
        {"apiVersion": "storage.k8s.io/v1", "kind": "StorageClass", "metadata": {"name": "fast"},
         "provisioner": "example.com/fast"},
        b.budget("web", {"app": "web"}, maxUnavailable=1),
    )  # fmt: skip
    return api.made(state)


@pytest.fixture(scope="module")
def calm(api: Api) -> str:
    """The name of a cluster at rest, which no test changes."""
    return settled(api)


UNDONE = (
    '{setImage: {kind: "ds", name: "agent", image: "agent:2"}}, {wait: 60}, '
    '{undo: {kind: "ds", name: "agent"}}'
)
# By member of ChangeInput: a change, and what the controllers then do, by verb.
MEMBERS = {
    "apply": ('{apply: {manifests: "apiVersion: v1\\nkind: ConfigMap\\nmetadata: {name: x}"}}', {}),
    "patch": ('{patch: {kind: "sts", name: "web", patch: {spec: {replicas: 2}}}}', {"delete": 1}),
    "delete": ('{delete: {kind: "ds", name: "agent"}}', {"delete": 4}),
    "taint": ('{taint: {node: "n1", key: "k", effect: NO_EXECUTE}}', {"create": 1, "delete": 3, "bind": 1}),
    "untaint": (
        '{taint: {node: "n1", key: "k", effect: NO_SCHEDULE}}, {untaint: {node: "n1", key: "k"}}', {},
    ),
    "label": ('{label: {kind: "node", name: "n1", pairs: [{key: "a", value: "b"}]}}', {}),
    "annotate": ('{annotate: {kind: "ds", name: "agent", pairs: [{key: "a", value: "b"}]}}', {}),
    "cordon": ('{cordon: {node: "n1"}}', {}),
    "uncordon": ('{cordon: {node: "n1"}}, {uncordon: {node: "n1"}}', {}),
    "drain": ('{drain: {node: "n1"}}', {"create": 1, "bind": 1}),
    "addNode": ('{addNode: {name: "n4"}}', {"create": 1, "bind": 1}),
    "removeNode": ('{removeNode: {node: "n3"}}', {"create": 1, "delete": 2, "bind": 1}),
    "nodeStatus": ('{nodeStatus: {node: "n1", condition: "MemoryPressure", status: TRUE}}', {}),
    "evict": ('{evict: {pod: "web-0"}}', {"create": 1, "bind": 1}),
    "deletePod": ('{deletePod: {pod: "agent@n2"}}', {"create": 1, "bind": 1}),
    "podStatus": (
        '{podStatus: {pod: "web-1", phase: "Failed", ready: false}}', {"create": 1, "delete": 1, "bind": 1},
    ),
    "scale": ('{scale: {kind: "sts", name: "web", replicas: 4}}', {"create": 2, "bind": 1}),
    "restart": ('{restart: {kind: "ds", name: "agent"}}', {"create": 4, "delete": 3, "bind": 3}),
    "setImage": (
        '{setImage: {kind: "sts", name: "web", image: "web:2"}}', {"create": 4, "delete": 3, "bind": 3},
    ),
    "undo": (
        UNDONE, {"create": 2, "delete": 1, "bind": 1},
    ),
    "wait": ("{wait: 60}", {}),
}  # fmt: skip


ELSEWHERE = {"pauseRollout", "resumeRollout", "suspendJob", "resumeJob"}
"""Members that are about kinds of which the cluster at rest has none; see test_workloads.py."""


def test_the_table_has_every_member_of_a_change() -> None:
    """So that none is forgotten."""
    change = schema()._schema.type_map["ChangeInput"]
    assert isinstance(change, GraphQLInputObjectType)
    assert sorted(change.fields) == sorted({*MEMBERS, *ELSEWHERE})


@pytest.mark.parametrize("member", MEMBERS)
def test_every_change_is_forecast(api: Api, calm: str, member: str) -> None:
    """And settles, with so many creations, deletions and bindings."""
    changes, expected = MEMBERS[member]
    told = what_if(api, calm, f"[{changes}]", f"{COUNTS} {VERDICT}")
    assert told["verdict"]["outcome"] == "SETTLED"
    counts = {verb: told["counts"][verb] for verb in ("create", "delete", "bind") if told["counts"][verb]}
    assert counts == expected


@pytest.mark.parametrize(
    ("changes", "code", "sentence"),
    [
        pytest.param('{cordon: {node: "n9"}}', "NOT_FOUND",
                     'Error from server (NotFound): nodes "n9" not found', id="not there"),
        pytest.param('{scale: {kind: "sts", name: "web", replicas: -1}}', "REJECTED",
                     'The StatefulSet "web" is invalid: '
                     "spec.replicas: Invalid value: -1: must be greater than or equal to 0", id="rejected"),
        pytest.param('{scale: {kind: "st", name: "web", replicas: 1}}', "INVALID",
                     "unknown kind 'st': did you mean sts?", id="kind"),
        pytest.param("{wait: -1}", "MALFORMED", "$.wait: Expected a number of seconds from 0", id="time"),
        pytest.param('{patch: {kind: "sts", name: "web", patch: [1]}}', "INVALID",
                     "the patch is no JSON object: expected such as {spec: …}", id="patch"),
        pytest.param('{patch: {kind: "sts", name: "web", patch: {a: 99999999999999999999999}}}', "INVALID",
                     "the patch has a number that is too large: expected integers of at most 64 bits",
                     id="number"),
        pytest.param('{podStatus: {pod: "web-0", phase: "Odd", ready: true}}', "INVALID",
                     "unknown phase 'Odd': expected one of Pending, Running, Succeeded, Failed, Unknown",
                     id="phase"),
        pytest.param('{apply: {manifests: "kind: Pod"}}', "MALFORMED",
                     "the manifests, document 1, $.apiVersion: "
                     "missing field: expected an apiVersion such as apps/v1", id="manifest"),
        pytest.param("{}", "INVALID_DOCUMENT",
                     "OneOf Input Object 'ChangeInput' must specify exactly one key.", id="none"),
        pytest.param('{wait: 1, cordon: {node: "n1"}}', "INVALID_DOCUMENT",
                     "OneOf Input Object 'ChangeInput' must specify exactly one key.", id="two"),
    ],
)  # fmt: skip
def test_a_change_that_can_not_be_made_is_refused(
    api: Api, calm: str, changes: str, code: str, sentence: str
) -> None:
    """With the sentence that the server has for it."""
    query = f'{{ cluster(name: "{calm}") {{ whatIf(changes: [{changes}]) {{ waveCount }} }} }}'
    assert api.refused(query) == (code, sentence)


def test_what_a_drain_costs_is_one_short_query(api: Api, calm: str) -> None:
    """What goes where, who is short of pods meanwhile, and what the budget says."""
    query = f'{{ cluster(name: "{calm}") {{ pods(node: "n1", owner: "sts/web") {{ nodes {{ name }} }} }} }}'
    (web,) = (pod["name"] for pod in api.ask(query)["cluster"]["pods"]["nodes"])
    told = what_if(api, calm, '[{drain: {node: "n1"}}]', f"{OUTCOME} evictions {{ pod allowed budget }}")
    assert told["evictions"] == [
        {"pod": "alone", "allowed": True, "budget": None},
        {"pod": web, "allowed": True, "budget": "web"},
    ]
    outcome = told["outcome"]
    assert [outcome[fate] for fate in ("gone", "appeared", "moved", "replaced")] == [1, 0, 1, 0]
    gone, moved = outcome["pods"]
    assert (gone["fate"], gone["name"], gone["workload"], gone["before"], gone["after"]) == (
        "GONE", "alone", None, "n1", None,
    )  # fmt: skip
    assert (moved["fate"], moved["name"], moved["before"]) == ("MOVED", web, "n1")
    assert moved["after"] in ("n2", "n3")
    assert outcome["workloads"] == [
        {"workload": "StatefulSet/web", "namespace": "default", "podsBefore": 3, "podsAfter": 3,
         "readyBefore": 3, "readyAfter": 3, "lowestReady": 2}
    ]  # fmt: skip


def test_what_a_taint_costs_is_one_short_query(api: Api, calm: str) -> None:
    """A daemon pod is gone, a pod with a name moves."""
    told = what_if(api, calm, '[{taint: {node: "n2", key: "k", effect: NO_EXECUTE}}]', OUTCOME)["outcome"]
    fates = {(pod["fate"], pod["workload"], pod["before"]) for pod in told["pods"]}
    assert fates == {("GONE", "DaemonSet/agent", "n2"), ("MOVED", "StatefulSet/web", "n2")}
    impact = {
        row["workload"]: (row["readyBefore"], row["lowestReady"], row["readyAfter"])
        for row in told["workloads"]
    }
    assert impact == {"DaemonSet/agent": (3, 2, 2), "StatefulSet/web": (3, 2, 3)}


def test_what_a_new_node_and_a_new_image_bring_is_told_by_fates(api: Api, calm: str) -> None:
    """Pods appear, or are replaced where they are; names that can't be known end in a star."""
    told = what_if(
        api, calm, '[{addNode: {name: "n4"}}, {setImage: {kind: "ds", name: "agent", image: "agent:2"}}]',
        "outcome { appeared replaced all: pods { after } some: pods(only: [APPEARED]) { fate name after } "
        "rest: pods(first: 1, skip: 3, only: [REPLACED, APPEARED]) { after } }",
    )["outcome"]  # fmt: skip
    assert (told["appeared"], told["replaced"]) == (1, 3)
    assert told["some"] == [{"fate": "APPEARED", "name": "agent-*", "after": "n4"}]
    assert [pod["after"] for pod in told["all"]] == ["n1", "n2", "n3", "n4"]
    assert told["rest"] == [{"after": "n4"}]


def test_waves_and_actions_are_shown_in_parts(api: Api, calm: str) -> None:
    """`first` and `skip` cut what is numbered through."""
    changes = '[{setImage: {kind: "sts", name: "web", image: "web:2"}}]'
    whole = what_if(api, calm, changes, f"waveCount {ACTIONS}")
    assert [wave["number"] for wave in whole["waves"]] == list(range(1, whole["waveCount"] + 1))
    assert whole["waveCount"] > 3
    part = what_if(api, calm, changes, f"waves(first: 2, skip: 1) {ACTIONS.removeprefix('waves')}")["waves"]
    assert part == whole["waves"][1:3]
    first = whole["waves"][0]
    assert first["actionCount"] == len(first["actions"])
    rest = what_if(
        api, calm, changes, "waves(first: 1) { actions(first: 1, skip: 1) { verb kind name node because } }"
    )
    assert rest["waves"][0]["actions"] == first["actions"][1:2]
    assert all(action["because"] for wave in whole["waves"] for action in wave["actions"])


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        pytest.param("waves(first: 0) { at }", "first is 0: expected 1 to 100", id="none"),
        pytest.param("waves(first: 101) { at }", "first is 101: expected 1 to 100", id="too many"),
        pytest.param("waves(skip: -1) { at }", "skip is -1: expected a number from 0", id="before the first"),
        pytest.param("outcome { pods(first: 101) { fate } }", "first is 101: expected 1 to 100", id="fates"),
    ],
)
def test_a_part_that_there_is_not_is_refused(api: Api, calm: str, fields: str, sentence: str) -> None:
    """As pages of lists are."""
    query = f'{{ cluster(name: "{calm}") {{ forecast {{ {fields} }} }} }}'
    assert api.refused(query) == ("INVALID", sentence)


def test_a_horizon_cuts_a_forecast_and_the_verdict_says_so(api: Api, calm: str) -> None:
    """After so many turns of the world."""
    changes = '[{setImage: {kind: "sts", name: "web", image: "web:2"}}]'
    whole = what_if(api, calm, changes, f"{ACTIONS} {VERDICT}")
    assert whole["verdict"] == {"outcome": "SETTLED", "note": "", "obstacleCount": 0, "obstacles": []}
    for horizon in (0, 1, 3):
        cut = what_if(api, calm, changes, f"{ACTIONS} {VERDICT}", f", horizon: {horizon}")
        assert cut["verdict"]["outcome"] == "CUT"
        assert cut["verdict"]["note"]
        assert cut["waves"] == [wave for wave in whole["waves"] if wave["turn"] <= horizon]
    query = f'{{ cluster(name: "{calm}") {{ forecast(horizon: -1) {{ waveCount }} }} }}'
    assert api.refused(query) == ("INVALID", "horizon is -1: expected a number from 0")


@pytest.mark.parametrize(
    ("assume", "changes", "on", "why"),
    [
        pytest.param('{neverReady: ["web-*"]}', '{setImage: {kind: "sts", name: "web", image: "w:2"}}',
                     "Pod/web-2", "POD_NOT_READY", id="never ready"),
        pytest.param('{neverStart: ["web-2"]}', '{setImage: {kind: "sts", name: "web", image: "w:2"}}',
                     "Pod/web-2", "POD_NOT_STARTED", id="never started"),
        pytest.param('{neverGone: ["web-2"]}', '{setImage: {kind: "sts", name: "web", image: "w:2"}}',
                     "Pod/web-2", "POD_TERMINATING", id="never gone"),
        pytest.param('{unboundClaims: ["data-web-3"]}', '{scale: {kind: "sts", name: "web", replicas: 5}}',
                     "Pod/web-3", "POD_UNPLACED", id="claim"),
    ],
)  # fmt: skip
def test_assumptions_say_where_the_world_answers_otherwise(
    api: Api, calm: str, assume: str, changes: str, on: str, why: str
) -> None:
    """What gets stuck says on what, why, and what would help."""
    verdict = what_if(api, calm, f"[{changes}]", VERDICT, f", assume: {assume}")["verdict"]
    assert verdict["outcome"] == "STUCK"
    (obstacle,) = verdict["obstacles"]
    assert (obstacle["workload"], obstacle["on"], obstacle["why"]) == ("StatefulSet/web", on, why)
    assert obstacle["sentence"]
    assert obstacle["remedy"]
    assert verdict["obstacleCount"] == 1


def test_time_passes_between_changes_where_one_waits(api: Api, calm: str) -> None:
    """The controllers go on meanwhile."""
    changes = '{cordon: {node: "n1"}}, {wait: 30}, {setImage: {kind: "ds", name: "agent", image: "agent:2"}}'
    told = what_if(api, calm, f"[{changes}]", f"{COUNTS} {ACTIONS}")
    assert min(wave["at"] for wave in told["waves"]) >= 30
    assert told["seconds"] == told["waves"][-1]["at"]


def test_a_forecast_without_changes_tells_what_is_left_to_do(api: Api, calm: str) -> None:
    """At rest nothing, after a mutation what a what-if with its change told."""
    name = api.copied(calm)
    query = f'{{ cluster(name: "{name}") {{ forecast {{ {COUNTS} {ACTIONS} {VERDICT} }} }} }}'
    assert api.ask(query)["cluster"]["forecast"]["waveCount"] == 0
    fields = f"{COUNTS} {ACTIONS} {VERDICT}"
    ahead = what_if(api, name, '[{scale: {kind: "sts", name: "web", replicas: 5}}]', fields)
    api.mutate("scale", name, '{kind: "sts", name: "web", replicas: 5}')
    assert api.ask(query)["cluster"]["forecast"] == ahead


def test_scenarios_are_held_side_by_side(api: Api, calm: str) -> None:
    """In their order, each with its own changes and assumptions."""
    query = f"""{{ cluster(name: "{calm}") {{ compare(scenarios: [
      {{ name: "nothing" }}
      {{ name: "good", changes: [{{setImage: {{kind: "sts", name: "web", image: "web:2"}}}}] }}
      {{ name: "bad", changes: [{{setImage: {{kind: "sts", name: "web", image: "web:2"}}}}],
         assume: {{ neverReady: ["web-*"] }} }}
    ]) {{ name forecast {{ verdict {{ outcome }} outcome {{ moved replaced }} }} }} }} }}"""
    told = [
        (one["name"], one["forecast"]["verdict"]["outcome"], sum(one["forecast"]["outcome"].values()))
        for one in api.ask(query)["cluster"]["compare"]
    ]
    assert told == [("nothing", "SETTLED", 0), ("good", "SETTLED", 3), ("bad", "STUCK", 1)]
    assert api.head(calm) == 1


@pytest.mark.parametrize("count", [0, 1, 11])
def test_a_comparison_has_two_to_ten_scenarios(api: Api, calm: str, count: int) -> None:
    """One is a what-if, and many are too much."""
    scenarios = ", ".join(f'{{name: "{n}"}}' for n in range(count))
    query = f'{{ cluster(name: "{calm}") {{ compare(scenarios: [{scenarios}]) {{ name }} }} }}'
    assert api.refused(query) == ("INVALID", f"{count} scenarios: expected 2 to 10")


def test_forecasts_that_are_asked_for_at_the_same_moment_are_solved_once(api: Api, calm: str) -> None:
    """Whatever else the questions ask, and those afterwards not at all."""
    name = api.copied(calm)
    forecasts = api.services.forecasts
    fields = ["waveCount", "seconds", COUNTS, ACTIONS, VERDICT, OUTCOME, "__typename", "counts { bind }"]
    queries = [
        f'{{ cluster(name: "{name}") {{ whatIf(changes: [{{cordon: {{node: "n1"}}}}]) {{ {each} }} }} }}'
        for each in fields
    ]
    before = forecasts.misses, api.services.pool.stats().tasks

    async def together() -> None:
        await asyncio.gather(*map(api.data, queries))

    api.run(together())
    assert (forecasts.misses, api.services.pool.stats().tasks) == (before[0] + 1, before[1] + 1)
    api.ask(queries[0].replace("waveCount", "again: waveCount"))
    assert forecasts.misses == before[0] + 1


@pytest.fixture(scope="module")
def hasty(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """The API with half a second for each task."""
    yield from start(str(tmp_path_factory.mktemp("hasty")), limits=Limits(seconds=0.5))


def test_a_forecast_that_takes_too_long_is_refused_while_others_are_answered(hasty: Api) -> None:
    """Two thousand million pods are not made in half a second; who else asks doesn't wait for it."""
    name = settled(hasty)
    changes = '[{scale: {kind: "sts", name: "web", replicas: 2000000000}}]'
    heavy = f'{{ cluster(name: "{name}") {{ whatIf(changes: {changes}) {{ waveCount }} }} }}'
    quick = '{ cluster(name: "%s") { desiredPods(first: %d) { totalCount } } }'

    async def together() -> tuple[Told, list[float]]:
        refused = asyncio.create_task(hasty.told(heavy))
        waits = []
        for number in range(1, 100):
            begun = monotonic()
            assert await hasty.data(quick.replace("%s", name).replace("%d", str(number)))
            waits.append(monotonic() - begun)
            if refused.done():
                break
        return await refused, waits

    begun = monotonic()
    told, waits = hasty.run(together())
    (error,) = told["errors"]
    assert error["extensions"]["code"] == "TIME_LIMIT"
    assert error["message"] == "the task took more than 0.5 s and was ended"
    assert monotonic() - begun < 20
    assert sorted(waits)[len(waits) // 2] < 0.25
    assert hasty.ask(f'{{ cluster(name: "{name}") {{ forecast {{ waveCount }} }} }}')["cluster"][
        "forecast"
    ] == {"waveCount": 0}


def test_a_mutation_that_takes_too_long_leaves_nothing_behind(hasty: Api) -> None:
    """Its user error says so."""
    name = settled(hasty)
    hasty.mutate("scale", name, '{kind: "sts", name: "web", replicas: 2000000000}')
    error = hasty.failed("reconcile", name)
    assert (error["code"], error["path"]) == ("TIME_LIMIT", [])
    hasty.mutate("scale", name, '{kind: "sts", name: "web", replicas: 3}')
    hasty.mutate("reconcile", name)
    assert hasty.head(name) == 4


def test_the_laws_of_a_cluster_are_those_that_it_was_made_with(api: Api) -> None:
    """With the gate MaxUnavailableStatefulSet a roll-out takes two pods at once; 1.35 had it on at first."""
    made = {
        "default": "{}",
        "gate": '{gates: [{name: "MaxUnavailableStatefulSet", on: true}]}',
        "version": '{kubernetes: "1.35.0"}',
        "off": '{kubernetes: "1.35.0", gates: [{name: "MaxUnavailableStatefulSet", on: false}]}',
    }
    web = b.statefulset("web", 4, pod={"tolerations": []})
    web["spec"]["updateStrategy"] = {"type": "RollingUpdate", "rollingUpdate": {"maxUnavailable": 2}}
    lowest = {}
    for law, given in made.items():
        name = api.named()
        api.mutate("createCluster", name, given)
        for node in ("n1", "n2"):
            api.mutate("addNode", name, f'{{name: "{node}"}}')
        api.mutate("apply", name, "{manifests: $m}", m=msgspec.json.encode(web).decode())
        api.mutate("reconcile", name)
        told = what_if(api, name, '[{setImage: {kind: "sts", name: "web", image: "web:2"}}]', OUTCOME)
        (row,) = told["outcome"]["workloads"]
        lowest[law] = row["lowestReady"]
    assert lowest == {"default": 3, "gate": 2, "version": 2, "off": 3}
