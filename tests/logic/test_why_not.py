"""Each reason counts: without all of them the verdict turns, without some of them it stays."""

from __future__ import annotations

import json
from copy import deepcopy

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from foretell.logic.desired import desired
from foretell.logic.gates import default_gates
from foretell.logic.why.daemonsets import eligibility, left_out
from foretell.logic.why.nodes import refusals
from foretell.model.explanation import Code, Ground
from foretell.model.reading import read
from tests import builders as b
from tests.builders import Document
from tests.logic.scheduling_strategies import REQUIRED, Scene, newcomer_of, scenes, table_of
from tests.logic.strategies import node_lists, templates

GATES = default_gates()
SOME = settings(max_examples=40)
Reason = tuple[str, str]


def reasons_of(grounds: tuple[Ground, ...]) -> list[Reason]:
    """The reasons, each once: by code and what it is about."""
    return sorted({(one.code.value, one.about) for one in grounds})


# --- DaemonSets ---


@st.composite
def daemon_scenes(draw: st.DrawFn) -> list[Document]:
    """Nodes and a DaemonSet, often with more than one reason against a node."""
    pod = draw(templates())
    if draw(st.booleans()):
        pod |= {"nodeSelector": {"disk": draw(st.sampled_from(["ssd", "nvme"]))}}
    nodes = draw(node_lists())
    for each in nodes:
        if draw(st.booleans()):
            each["spec"]["taints"] = [b.taint("gpu", "NoSchedule", "yes"), b.taint("maintenance")]
    return [*nodes, b.daemonset(pod=pod)]


def mended(documents: list[Document], node: str, reason: Reason) -> list[Document]:
    """The manifests without what a DaemonSet's reason against a node stands on."""
    found = deepcopy(documents)
    there = next(each for each in found if each["metadata"]["name"] == node)
    spec = next(each for each in found if each["kind"] == "DaemonSet")["spec"]["template"]["spec"]
    mend(there, spec, reason)
    return found


def mend(node: Document, spec: Document, reason: Reason) -> None:
    """Take away what a reason against a node stands on, of the node or of the pod's specification."""
    code, about = reason
    if code == Code.TAINT:
        key, _, effect = about.rpartition(":")
        key, _, value = key.partition("=")
        wanted = (key, value, effect)
        taints = node["spec"]["taints"]
        node["spec"]["taints"] = [t for t in taints if (t["key"], t.get("value", ""), t["effect"]) != wanted]
    elif code == Code.NODE_SELECTOR:
        del spec["nodeSelector"]
    elif code == Code.NODE_AFFINITY:
        del spec["affinity"]["nodeAffinity"]
    elif code == Code.CORDONED:
        node["spec"]["unschedulable"] = False
    elif code == Code.INSUFFICIENT and about == "pods":
        node["status"]["allocatable"]["pods"] = 100
    elif code == Code.INSUFFICIENT:
        del spec["containers"][0]["resources"]["requests"][about]
    elif code == Code.PORT_TAKEN:
        del spec["containers"][0]["ports"]
    elif code in (Code.KEYLESS, Code.SKEW):
        spec["topologySpreadConstraints"] = [
            one for one in spec["topologySpreadConstraints"] if one["topologyKey"] != about
        ]
    elif code in (Code.FAR, Code.TOO_NEAR):
        drop_terms(spec, "podAffinity" if code == Code.FAR else "podAntiAffinity", about)
    else:
        raise AssertionError(f"no way to mend {reason}")


def drop_terms(spec: Document, side: str, key: str) -> None:
    """Take away the required terms over a label."""
    terms = spec["affinity"][side][REQUIRED]
    spec["affinity"][side][REQUIRED] = [term for term in terms if term["topologyKey"] != key]


@SOME
@given(daemon_scenes(), st.data())
def test_a_daemonset_wants_a_node_once_all_reasons_are_gone_and_not_before(
    documents: list[Document], data: st.DataObject
) -> None:
    cluster = read(documents)
    daemonset = cluster.daemonsets[0]
    nodes = [node.name for node in cluster.nodes]
    found = eligibility(cluster, daemonset, nodes, GATES)
    wanted = desired(cluster).nodes_of(daemonset.key)
    assert tuple(name for name in nodes if found[name].wanted) == wanted
    against = {name: reasons_of(one.grounds) for name, one in found.items() if not one.wanted}
    assume(against)
    node = data.draw(st.sampled_from(sorted(against)))
    reasons = against[node]
    kept = data.draw(st.sampled_from(reasons))
    some = data.draw(st.sets(st.sampled_from(reasons))) - {kept}
    assert node not in wanted_after(documents, node, sorted(some))
    assert node in wanted_after(documents, node, reasons)


def wanted_after(documents: list[Document], node: str, gone: list[Reason]) -> tuple[str, ...]:
    """Where the DaemonSet wants pods once some reasons against a node are gone."""
    for reason in gone:
        documents = mended(documents, node, reason)
    cluster = read(documents)
    return desired(cluster).nodes_of(cluster.daemonsets[0].key)


@SOME
@given(daemon_scenes())
def test_every_node_is_either_wanted_or_in_one_group_that_says_why_not(documents: list[Document]) -> None:
    cluster = read(documents)
    daemonset = cluster.daemonsets[0]
    wanted, groups = left_out(cluster, daemonset, GATES)
    told = [*wanted, *(name for group in groups for name in group.nodes)]
    assert sorted(told) == [node.name for node in cluster.nodes]
    each = eligibility(cluster, daemonset, [node.name for node in cluster.nodes], GATES)
    for group in groups:
        assert group.grounds
        assert {tuple(reasons_of(each[name].grounds)) for name in group.nodes} == {
            tuple(reasons_of(group.grounds))
        }


# --- pods ---


def without_interplay(scene: Scene) -> list[Document]:
    """A scene whose reasons stand by themselves: with one constraint, and one term of nearness.

    Several of these see each other: what one of them asks for decides which nodes or pods another looks at.
    """
    documents = scene.documents
    spec = next(each for each in documents if each["metadata"]["name"] == "new")["spec"]
    hard = [c for c in spec.get("topologySpreadConstraints", ()) if c["whenUnsatisfiable"] == "DoNotSchedule"]
    spec["topologySpreadConstraints"] = [
        {**one, "nodeAffinityPolicy": "Ignore", "nodeTaintsPolicy": "Ignore"} for one in hard[:1]
    ]
    near = spec.get("affinity", {}).get("podAffinity", {})
    if REQUIRED in near:
        near[REQUIRED] = near[REQUIRED][:1]
    return documents


def pod_mended(documents: list[Document], node: str, reason: Reason) -> list[Document]:
    """The manifests without what a pod's reason against a node stands on."""
    found = deepcopy(documents)
    there = next(each for each in found if each["kind"] == "Node" and each["metadata"]["name"] == node)
    code, about = reason
    if code == Code.KEPT_AWAY:
        for guest in [each["spec"] for each in found if each["kind"] == "Pod"]:
            apart = guest.get("affinity", {}).get("podAntiAffinity", {})
            if "nodeName" in guest and REQUIRED in apart:
                drop_terms(guest, "podAntiAffinity", about)
    else:
        mend(there, next(each for each in found if each["metadata"]["name"] == "new")["spec"], reason)
    return found


@SOME
@given(scenes(), st.data())
def test_a_node_takes_a_pod_once_all_reasons_are_gone_and_not_before(
    scene: Scene, data: st.DataObject
) -> None:
    documents = without_interplay(scene)
    cluster = read(documents)
    found = refusals(cluster, newcomer_of(cluster), GATES)
    assert set(found.feasible) == table_of(cluster, grouped=False).feasible
    assume(found.groups)
    group = data.draw(st.sampled_from(found.groups))
    node, reasons = group.nodes[0], reasons_of(group.grounds)
    kept = data.draw(st.sampled_from(reasons))
    some = data.draw(st.sets(st.sampled_from(reasons))) - {kept}
    assert node not in feasible_after(documents, node, sorted(some))
    assert node in feasible_after(documents, node, reasons)


def feasible_after(documents: list[Document], node: str, gone: list[Reason]) -> set[str]:
    """The nodes that would take the pod once some reasons against one of them are gone."""
    for reason in gone:
        documents = pod_mended(documents, node, reason)
    return table_of(read(documents), grouped=False).feasible


@SOME
@given(scenes())
def test_a_node_that_is_asked_about_alone_says_what_it_says_among_all(scene: Scene) -> None:
    cluster = read(json.loads(scene.objects))
    pod = newcomer_of(cluster)
    everywhere = {
        name: reasons_of(group.grounds)
        for group in refusals(cluster, pod, GATES).groups
        for name in group.nodes
    }
    for node in cluster.nodes[:2]:
        alone = refusals(cluster, pod, GATES, [node.name])
        told = {name: reasons_of(group.grounds) for group in alone.groups for name in group.nodes}
        assert told == ({node.name: everywhere[node.name]} if node.name in everywhere else {})
        assert alone.feasible == (() if node.name in everywhere else (node.name,))
