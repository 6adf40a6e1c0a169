"""What facts stand on leads back to what somebody wrote, predicate by predicate."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings

from foretell.logic.embedding import facts_text
from foretell.logic.solve import solve_text
from foretell.logic.vocabulary import INPUTS, Term
from foretell.logic.why.derivation import Derivation
from foretell.logic.why.fields import BOOKKEEPING, FIELDS
from foretell.logic.why.origins import Origins
from foretell.logic.why.paths import found
from foretell.logic.why.waiting import origins_of
from foretell.model.cluster import Cluster
from foretell.model.documents import to_document
from foretell.model.explanation import Source
from foretell.model.meta import Key
from foretell.model.reading import read
from tests import builders as b
from tests.logic.strategies import Scenario, scenarios

_REQUIRED = "requiredDuringSchedulingIgnoredDuringExecution"
READY = "status.conditions[type=Ready].status"
PARTITION = "spec.updateStrategy.rollingUpdate.partition"


def test_every_input_predicate_is_led_back_or_said_to_be_bookkeeping() -> None:
    names = {predicate.name for predicate in INPUTS}
    assert names == FIELDS.keys() | BOOKKEEPING.keys()
    assert not FIELDS.keys() & BOOKKEEPING.keys()
    assert all(BOOKKEEPING.values())


def sources_of(cluster: Cluster) -> list[tuple[Term, Source | None]]:
    """Each fact of a cluster that has a field, with where it was read from."""
    origins = origins_of(cluster)
    facts = solve_text("", facts_text(cluster))
    return [
        (Term(name, atom), origins.of(Derivation(Term(name, atom))))
        for name, atoms in facts.items()
        if name in FIELDS
        for atom in atoms
    ]


@settings(max_examples=40)
@given(scenarios())
def test_what_a_fact_was_read_from_stands_where_it_is_said(scenario: Scenario) -> None:
    """The path leads to the value, in the document of the object that is named."""
    cluster = scenario.cluster
    for fact, source in sources_of(cluster):
        if source is None:
            assert FIELDS[fact.name].of in ("selector", "shape", "node", "thing"), fact
            continue
        kind, _, name = source.object.partition("/")
        thing = cluster.get(Key(kind, source.namespace, name))
        if thing is not None:
            assert found(to_document(thing), source.path) == (source.path, source.value)


@pytest.fixture(scope="module")
def shop() -> Cluster:
    """A node with taints and labels, a DaemonSet that asks for it, and a pod there."""
    term = {"matchExpressions": [{"key": "disk", "operator": "In", "values": ["ssd", "nvme"]}]}
    affinity = {
        "nodeAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": {"nodeSelectorTerms": [term]}}
    }
    return b.cluster(
        b.node(
            "n1", b.taint("spot", "NoSchedule"), b.taint("gpu", "NoExecute", "yes"), labels={"disk": "ssd"}
        ),
        b.daemonset(
            pod={"tolerations": [b.tolerate("spot"), b.tolerate("gpu", "NoExecute", 30)],
                 "nodeSelector": {"disk": "ssd"}, "affinity": affinity},
            rolling={"maxUnavailable": 2},
        ),
        b.statefulset("web", 3, partition=1),
        b.pod("web-0", "n1", labels={"app": "web"}, owner=b.owned_by("StatefulSet", "web"), ready=False),
    )  # fmt: skip


TEMPLATE = "spec.template.spec"
_TERM = (
    f"{TEMPLATE}.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms[0]"
)


@pytest.mark.parametrize(
    ("predicate", "expected"),
    [
        pytest.param(
            "taint",
            [("Node/n1", "spec.taints[0]", {"key": "spot", "effect": "NoSchedule"}),
             ("Node/n1", "spec.taints[1]", {"key": "gpu", "effect": "NoExecute", "value": "yes"})],
            id="taint",
        ),
        pytest.param("condition", [("Node/n1", READY, "True")], id="condition"),
        pytest.param(
            "toleration_seconds",
            [("DaemonSet/agent", f"{TEMPLATE}.tolerations[1].tolerationSeconds", 30)], id="toleration",
        ),
        pytest.param(
            "node_selector", [("DaemonSet/agent", f"{TEMPLATE}.nodeSelector", {"disk": "ssd"})],
            id="node-selector",
        ),
        pytest.param(
            "affinity_term",
            [("DaemonSet/agent", _TERM,
              {"matchExpressions": [{"key": "disk", "operator": "In", "values": ["ssd", "nvme"]}]})],
            id="affinity",
        ),
        pytest.param("phase", [("Pod/web-0", "status.phase", "Running")], id="phase"),
        pytest.param("bound", [("Pod/web-0", "spec.nodeName", "n1")], id="bound"),
        pytest.param("partition", [("StatefulSet/web", PARTITION, 1)], id="partition"),
        pytest.param(
            "replicas", [("StatefulSet/web", "spec.replicas", 3)], id="replicas"
        ),
        pytest.param(
            "max_unavailable",
            [("DaemonSet/agent", "spec.updateStrategy.rollingUpdate.maxUnavailable", 2),
             ("StatefulSet/web", "spec.updateStrategy.rollingUpdate.maxUnavailable", "")],
            id="max-unavailable",
        ),
    ],
)  # fmt: skip
def test_a_fact_leads_to_its_field(
    shop: Cluster, predicate: str, expected: list[tuple[str, str, Any]]
) -> None:
    told = {
        (source.object, source.path, source.value)
        for fact, source in sources_of(shop)
        if fact.name == predicate and source is not None
    }
    assert told == {
        (name, path, value if isinstance(value, str) else json.dumps(value, separators=(",", ":")))
        for name, path, value in expected
    }


def test_a_selectors_expression_leads_to_the_label_that_it_asks_for(shop: Cluster) -> None:
    told = {
        (source.path, source.value)
        for fact, source in sources_of(shop)
        if fact.name == "expression" and source
    }
    assert (f'{TEMPLATE}.nodeSelector["disk"]', "ssd") in told
    assert any(path == f"{_TERM}.matchExpressions[0]" for path, _ in told)


def test_what_a_pod_tolerates_was_written_into_the_template_that_made_it() -> None:
    cluster = b.settled([b.node("n1")], b.statefulset("web", 1, pod={"tolerations": [b.tolerate("gpu")]}))
    (pod,) = cluster.pods
    # Admission adds others to the pod itself.
    assert len(pod.spec.tolerations) > 1
    origins = Origins(cluster)
    origins.of_pod(pod)
    shape = next(iter(origins._shapes))
    source = origins.of(Derivation(Term("toleration", (shape, 0, "gpu", "Exists", "", ""))))
    assert source is not None
    assert (source.object, source.path) == ("StatefulSet/web", f"{TEMPLATE}.tolerations[0]")


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        pytest.param("a.b", ("a.b", "x"), id="fields"),
        pytest.param("a.none", ("a.none", ""), id="absent"),
        pytest.param("none.of.these", ("none.of.these", ""), id="absent-before"),
        pytest.param("list[1].n", ("list[1].n", "2"), id="place"),
        pytest.param("list[9].n", ("list[9].n", ""), id="no-such-place"),
        pytest.param("list[key=q].n", ("list[1].n", "2"), id="by-a-field"),
        pytest.param("list[key=none]", ("list[key=none]", ""), id="no-such-item"),
        pytest.param("list[*].only", ("list[1].only", "true"), id="the-first-that-has-it"),
        pytest.param("list[*].none.such", ("list.none.such", ""), id="none-has-it"),
        pytest.param('labels["a.b/c"]', ('labels["a.b/c"]', "v"), id="label"),
        pytest.param(READY, (READY, "True"), id="condition"),
        pytest.param("list", ("list", '[{"key":"p","n":1},{"key":"q","n":2,"only":true}]'), id="whole"),
    ],
)
def test_a_path_is_found_in_a_document(path: str, expected: tuple[str, str]) -> None:
    document = {
        "a": {"b": "x"}, "labels": {"a.b/c": "v"},
        "status": {"conditions": [{"type": "Ready", "status": "True"}]},
        "list": [{"key": "p", "n": 1}, {"key": "q", "n": 2, "only": True}],
    }  # fmt: skip
    assert found(document, path) == expected


def test_objects_that_are_gone_lead_to_no_value() -> None:
    source = Origins(read([])).at(Key("Pod", "default", "web-0"), "status.phase")
    assert source == Source(object="Pod/web-0", namespace="default", path="status.phase")
