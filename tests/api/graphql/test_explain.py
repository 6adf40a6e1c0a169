"""Why something is so, over GraphQL."""

from __future__ import annotations

from typing import Any

import pytest

from foretell.api.access.roles import LOCAL, Grant, Principal, Role
from tests import builders as b
from tests.api.graphql.asked import Api

TOLD = """question answer holds said outcome groupCount moreCount
  grounds { code about sentence remedy rule { file law } sources { object namespace path value } }
  groups { nodes nodeCount grounds { code sentence } }
  acts { number wave action { verb kind name } ground { sentence }
         waitedFor { object path before after } next }"""


@pytest.fixture(scope="module")
def shop(api: Api) -> str:
    """Two nodes, one of them tainted, with an agent and a set of two whose first pod isn't ready."""
    return api.made(b.cluster(
        b.node("n1", b.taint("gpu", "NoSchedule")), b.node("n2"),
        b.daemonset(), b.statefulset("db", 2),
        b.pod("agent-x", "n2", labels={"app": "agent"}, owner=b.owned_by("DaemonSet", "agent")),
        b.pod("db-0", "n2", ready=False, labels={"app": "db"}, owner=b.owned_by("StatefulSet", "db")),
    ))  # fmt: skip


def explain(api: Api, cluster: str, arguments: str, fields: str = TOLD) -> dict[str, Any]:
    """An explanation."""
    query = f'{{ cluster(name: "{cluster}") {{ explain({arguments}) {{ {fields} }} }} }}'
    found: dict[str, Any] = api.ask(query, LOCAL)["cluster"]["explain"]
    return found


def test_a_reason_comes_with_its_rule_and_the_fields_that_it_stands_on(api: Api, shop: str) -> None:
    told = explain(api, shop, 'question: "not ds/agent@n1"')
    assert (told["question"], told["answer"], told["holds"]) == (
        "not ds/agent@n1", "ds/agent wants no pod on n1", True,
    )  # fmt: skip
    (ground,) = told["grounds"]
    assert (ground["code"], ground["about"]) == ("taint", "gpu:NoSchedule")
    assert ground["rule"]["file"] == "eligibility.lp"
    assert [(each["object"], each["path"]) for each in ground["sources"]] == [
        ("Node/n1", "spec.taints[0]"), ("DaemonSet/agent", "spec.template.spec.tolerations"),
    ]  # fmt: skip
    assert ground["sources"][1]["value"] is None


def test_what_is_not_so_is_said(api: Api, shop: str) -> None:
    told = explain(api, shop, 'question: "not ds/agent@n2"')
    assert told["holds"] is False
    assert told["answer"].startswith("ds/agent wants a pod on n2")


def test_changes_come_first(api: Api, shop: str) -> None:
    untaint = '{ untaint: { node: "n1", key: "gpu" } }'
    told = explain(api, shop, f'question: "ds/agent@n1", changes: [{untaint}]', "holds grounds { code }")
    assert told == {"holds": True, "grounds": [{"code": "any-node"}]}


def test_the_nodes_of_a_daemonset_are_grouped(api: Api, shop: str) -> None:
    told = explain(
        api, shop, 'question: "ds/agent"', "groupCount groups { nodes nodeCount grounds { code } }"
    )
    assert told == {
        "groupCount": 1,
        "groups": [{"nodes": ["n1"], "nodeCount": 1, "grounds": [{"code": "taint"}]}],
    }


def test_a_derivation_goes_down_to_facts_with_their_fields(api: Api, shop: str) -> None:
    fields = "grounds { derivation { depth holds rule { file line } source { object path } } }"
    (ground,) = explain(api, shop, 'question: "not ds/agent@n1"', fields)["grounds"]
    steps = ground["derivation"]
    assert (steps[0]["depth"], steps[0]["rule"]["file"]) == (0, "owing.lp")
    assert {"object": "Node/n1", "path": "spec.taints[0]"} in [step["source"] for step in steps]


def test_the_order_says_what_waited_for_what(api: Api, shop: str) -> None:
    told = explain(api, shop, 'question: "order sts/db"')
    first = next(act for act in told["acts"] if act["action"]["name"] == "db-1")
    assert [(each["object"], each["after"]) for each in first["waitedFor"]] == [("Pod/db-0", "True")]


def test_an_order_is_told_of_one_wave(api: Api, shop: str) -> None:
    told = explain(api, shop, 'question: "order", wave: 2', "acts { wave } moreCount")
    assert {act["wave"] for act in told["acts"]} == {2}
    assert told["moreCount"] > 0


def test_a_forecast_is_stuck_on_what_is_assumed(api: Api, shop: str) -> None:
    told = explain(api, shop, 'question: "stuck", assume: { neverReady: ["db-0"] }')
    assert (told["holds"], told["outcome"]) == (True, "STUCK")
    assert [ground["code"] for ground in told["grounds"]] == ["pod-not-ready"]


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        pytest.param('question: ""', "INVALID", "nothing is asked: expected KIND/NAME", id="nothing"),
        pytest.param('question: "cm/x"', "INVALID", "nothing is known of why a ConfigMap", id="kind"),
        pytest.param('question: "daemonst/x"', "INVALID", "did you mean daemonset", id="misspelt"),
        pytest.param('question: "ds/agent@n3"', "NOT_FOUND", 'nodes "n3" not found', id="node"),
        pytest.param('question: "ds/nobody"', "NOT_FOUND", '"nobody" not found', id="object"),
        pytest.param('question: "pod/db-1", wave: 0', "INVALID", "wave is 0: expected a number", id="wave"),
        pytest.param('question: "ds/agent", changes: [{ wait: 3 }]', "MALFORMED", "time passes", id="wait"),
    ],
)  # fmt: skip
def test_what_cannot_be_asked_is_refused_in_a_sentence(
    api: Api, shop: str, arguments: str, code: str, says: str
) -> None:
    told, message = api.refused(f'{{ cluster(name: "{shop}") {{ explain({arguments}) {{ answer }} }} }}')
    assert told == code
    assert says in message


def test_explanations_need_a_planner(api: Api, shop: str) -> None:
    viewer = Principal("eve", (Grant("*", Role.VIEWER),))
    query = f'{{ cluster(name: "{shop}") {{ explain(question: "stuck") {{ answer }} }} }}'
    assert api.refused(query, who=viewer)[0] == "FORBIDDEN"
