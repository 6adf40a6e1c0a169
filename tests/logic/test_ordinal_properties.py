"""Ordinals of StatefulSets that are told by runs are forecast as if each were told by itself."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any

import pytest
from hypothesis import given, reject
from hypothesis import strategies as st

from foretell.logic.divergence import diff
from foretell.logic.forecast import forecast
from foretell.logic.gates import Gates, default_gates
from foretell.logic.runs import Run, runs_of
from foretell.model.defaults import defaulted
from foretell.model.errors import RejectedError
from foretell.model.forecast import Forecast, Verb
from foretell.model.meta import Key
from tests import builders as b
from tests.builders import Document
from tests.logic.strategies import FEW, HALF, Scenario, one_by_one

WEB = "web"
STATES: tuple[dict[str, Any] | None, ...] = (
    {}, {}, {}, {}, None, {"ready": False}, {"phase": "Pending", "ready": False}, {"terminating": True},
    {"phase": "Failed", "ready": False}, {"phase": "Succeeded", "ready": False},
)  # fmt: skip
"""None is no pod at all."""
OWNERS = ("none", "none", "set", "pod", "former", "stranger", "missing", "terminating")
"""Who owns the claim of an ordinal, or what else is special about it."""
ODD = ("second-name", "stray", "stranger", "unlike", "unfit", "unplaced", "young")
"""What there may be beside the pods that are alike."""
SEVERAL = frozenset({"MaxUnavailableStatefulSet"})
VERSIONS = ("1.33", "1.35", "1.37")
HORIZON = 4


# --- random StatefulSets, alike for several ordinals in a row ---


@st.composite
def nodes(draw: st.DrawFn) -> list[Document]:
    """Three nodes, hardly ever with a taint that drives pods off."""
    taints = draw(st.sampled_from([[], [], [], [], [b.taint("maintenance")]]))
    return [b.node("n1", *taints), b.node("n2"), b.node("n3")]


@st.composite
def statefulsets(draw: st.DrawFn, *, well: bool) -> Document:
    """A StatefulSet of up to a dozen replicas, as it is stored where several may be unavailable."""
    policies = st.sampled_from(["Retain", "Delete"])
    rolling: Document = {"partition": draw(st.sampled_from([0, 0, 2, 5]))}
    if bound := draw(st.sampled_from([2, 3, 4] if well else [0, 1, 2, 4, "50%", "100%"])):
        rolling["maxUnavailable"] = bound
    updates: list[Document] = [{"rollingUpdate": rolling}]
    updates += [] if well else [{}, {"type": "OnDelete"}, *updates * 3]
    update = draw(st.sampled_from(updates))
    spec: Document = {"updateStrategy": {"type": "RollingUpdate", **update}}
    spec |= {"minReadySeconds": 10} if draw(st.integers(0, 4)) == 0 else {}
    spec |= {"ordinals": {"start": 3}} if draw(st.integers(0, 3)) == 0 else {}
    spec["persistentVolumeClaimRetentionPolicy"] = {
        "whenDeleted": draw(policies), "whenScaled": draw(policies)
    }  # fmt: skip
    tolerates = [b.tolerate("maintenance", "NoExecute", 30)] if draw(st.booleans()) else []
    web = b.statefulset(
        WEB, draw(st.integers(0, 12)), image="web:2", pod={"tolerations": tolerates},
        parallel=draw(st.booleans()), claims=draw(st.sampled_from([[], ["data"], ["data", "log"]])), **spec,
    )  # fmt: skip
    return stored(web)


def stored(web: Document) -> Document:
    """The StatefulSet as it is stored while several of its replicas may be unavailable."""
    found = defaulted(web, gates=SEVERAL)
    found["metadata"]["uid"] = f"uid-{WEB}"
    found["spec"].setdefault("volumeClaimTemplates", [])
    return found


@st.composite
def lives(draw: st.DrawFn, web: Document, *, well: bool) -> list[Document]:
    """Its revisions, and its pods and claims, stretch by stretch; all that are wanted run if it is well."""
    revisions = [b.revision(older(web), 1), b.revision(web, 2)]
    documents: list[Document] = list(revisions)
    start = web["spec"].get("ordinals", {}).get("start", 0)
    ordinal = start if well else draw(st.sampled_from([0, 0, start]))
    lengths = st.sampled_from([5, 7, 9] if well else [1, 1, 2, 4, 5, 7])
    for length in draw(st.lists(lengths, min_size=int(well), max_size=2 if well else 4)):
        state = {} if well else draw(st.sampled_from(STATES))
        owner = draw(st.sampled_from(OWNERS[:3] if well else OWNERS))
        revision, bound = draw(st.sampled_from(revisions)), draw(st.booleans())
        for each in range(ordinal, ordinal + length):
            if state is not None:
                place = f"n{each % 3 + 1}" if bound or state.get("phase") != "Pending" else ""
                documents.append(named(b.ordinal_pod(web, each, place, revision, **state)))
            documents += claims(web, each, owner)
        ordinal += length
    if well:
        web["spec"]["replicas"] = ordinal - start
    current = draw(st.sampled_from([revisions[0], revisions[0], revisions[1]]))
    web["status"] = {
        "currentRevision": current["metadata"]["name"],
        "currentReplicas": draw(st.integers(0, 12)),
    }
    return documents + [odd(each, draw(st.integers(0, 9))) for each in ([] if well else draw(oddities()))]


def older(web: Document) -> Document:
    """The StatefulSet as it was before."""
    found: Document = json.loads(json.dumps(web))
    found["spec"]["template"]["spec"]["containers"][0]["image"] = "web:1"
    return found


def oddities() -> st.SearchStrategy[list[str]]:
    """Mostly none of them."""
    return st.one_of(st.just([]), st.just([]), st.lists(st.sampled_from(ODD), max_size=2, unique=True))


def named(pod: Document) -> Document:
    """The pod with a uid of its own, and the labels that say which it is."""
    name = pod["metadata"]["name"]
    pod["metadata"] |= {"uid": f"uid-{name}"}
    pod["metadata"]["labels"] |= {"statefulset.kubernetes.io/pod-name": name}
    return pod


def claims(web: Document, ordinal: int, owner: str) -> Iterator[Document]:
    """The claims of an ordinal."""
    pod = f"{WEB}-{ordinal}"
    references: dict[str, Document] = {
        "set": b.owned_by("StatefulSet", WEB),
        "pod": {**b.owned_by("Pod", pod), "uid": f"uid-{pod}"},
        "former": {**b.owned_by("Pod", pod), "uid": f"former-{pod}"},
        "stranger": b.owned_by("Deployment", "stranger"),
    }
    for template in web["spec"]["volumeClaimTemplates"]:
        claim = b.claim(f"{template['metadata']['name']}-{pod}")
        if owner in references:
            claim["metadata"]["ownerReferences"] = [references[owner]]
        if owner == "terminating":
            claim["metadata"] |= {
                "deletionTimestamp": "2026-01-01T00:01:00Z", "finalizers": ["kubernetes.io/pvc-protection"]
            }  # fmt: skip
        if owner != "missing":
            yield claim


def odd(what: str, ordinal: int) -> Document:
    """A pod that is unlike its neighbours, in place of the one of that name or beside it."""
    name, labels = f"{WEB}-{ordinal}", {"app": WEB}
    owner = b.owned_by("StatefulSet", WEB)
    if what == "second-name":
        return b.pod(f"{WEB}-0{ordinal}", "n1", labels=labels, owner=owner)
    if what == "stray":
        return b.pod(name, "n1", labels=labels)
    if what == "stranger":
        return b.pod(name, "n1", labels={"app": "stranger"})
    if what == "unlike":
        return b.pod(name, "n1", labels={"app": "stranger"}, owner=owner)
    if what == "unfit":
        return b.pod(f"{WEB}-x", "n1", labels=labels, owner=owner)
    if what == "unplaced":
        return b.pod(name, "", labels=labels, owner=owner, phase="Pending", ready=False)
    young = b.pod(name, "n1", labels=labels, owner=owner)
    young["metadata"]["creationTimestamp"] = "2026-01-01T00:00:55Z"
    young["status"]["conditions"] = [b.condition("Ready", "True", "2026-01-01T00:00:58Z")]
    return young


@st.composite
def scenarios(draw: st.DrawFn, *, well: bool = False) -> Scenario:
    """A cluster with a StatefulSet that has lived for a while, changes and assumptions.

    One that is well is rolled out or scaled, and nothing else happens.
    """
    web = draw(statefulsets(well=well))
    there = [*draw(nodes()), web, *draw(lives(web, well=well))]
    documents = {(each["kind"], each["metadata"]["name"]): each for each in there}
    whom = {"kind": "StatefulSet", "name": WEB}
    wishes: list[Document] = [
        *({"scale": {**whom, "replicas": size}} for size in (0, 1, 5, 12)),
        *({"image": {**whom, "image": image}} for image in ("web:1", "web:3", "web:3", "web:3")),
    ]
    choices: list[Document] = [
        *wishes,
        {"taint": {"node": "n2", "key": "maintenance", "effect": "NoExecute"}},
        {"delete": {"kind": "Node", "name": "n1"}}, {"drain": {"node": "n3"}}, {"cordon": {"node": "n1"}},
        *({"delete": {**whom, "cascade": cascade}} for cascade in ("Background", "Foreground", "Orphan")),
    ]  # fmt: skip
    pods = [name for kind, name in documents if kind == "Pod"]
    choices += [{"deletePod": {"pod": pod}} for pod in pods[2:4]]
    storage = {
        "apiVersion": "storage.k8s.io/v1", "kind": "StorageClass", "metadata": {"name": "fast"}
    }  # fmt: skip
    change = draw(st.lists(st.sampled_from(wishes if well else choices), min_size=int(well), max_size=2))
    assume = draw(st.sampled_from([{}, {}, {}, {"never_ready": (f"{WEB}-[4-7]",)}, {"never_gone": ("*-5",)}]))
    objects = [*documents.values(), {**storage, "provisioner": "x"}]
    return Scenario(json.dumps(objects), json.dumps(change), json.dumps(assume))


def gates() -> st.SearchStrategy[Gates]:
    """Those of a version, with the gate that lets several replicas be unavailable or without."""
    known = st.sampled_from(VERSIONS).map(default_gates)
    on = known.map(lambda some: Gates(some | SEVERAL, minor=some.minor))
    return st.one_of(on, on, known.map(lambda some: Gates(some - SEVERAL, minor=some.minor)))


# --- the same forecast ---


def told(scenario: Scenario, on: Gates) -> Forecast:
    """What is forecast for a while."""
    try:
        return forecast(scenario.cluster, *scenario.told(), HORIZON, gates=on)
    except RejectedError:
        reject()


@HALF
@given(st.one_of(scenarios(), scenarios(well=True)), gates())
def test_with_and_without_runs_the_forecast_is_the_same(scenario: Scenario, on: Gates) -> None:
    by_runs = told(scenario, on)
    with one_by_one():
        single = told(scenario, on)
    assert by_runs.waves == single.waves
    assert by_runs.verdict == single.verdict
    assert by_runs.after == single.after


@FEW
@given(scenarios())
def test_with_and_without_runs_the_difference_is_the_same(scenario: Scenario) -> None:
    assert list(diff(scenario.cluster)) == list(diff(scenario.cluster, grouped=False))


@pytest.mark.parametrize(("bound", "gone"), [(1, [8]), (3, [8, 7, 6]), (8, range(8, 0, -1)), (12, range(9))])
def test_of_a_run_the_highest_go(bound: int, gone: Iterable[int]) -> None:
    rolling = {"type": "RollingUpdate", "rollingUpdate": {"maxUnavailable": bound}}
    web = stored(b.statefulset(WEB, 9, image="web:2", updateStrategy=rolling))
    old = b.revision(older(web), 1)
    pods = [named(b.ordinal_pod(web, ordinal, "n1", old)) for ordinal in range(9)]
    [wave] = forecast(b.cluster(b.nodes(1), web, old, pods), gates=Gates(SEVERAL), waves=1).waves
    deleted = {action.name for action in wave.actions if action.verb is Verb.DELETE}
    assert deleted == {f"{WEB}-{ordinal}" for ordinal in gone}


# --- runs ---


@given(st.lists(st.tuples(st.booleans(), st.sampled_from("abc")), max_size=30), st.sets(st.integers(0, 29)))
def test_runs_are_alike_and_whole(drawn: list[tuple[bool, str]], cuts: set[int]) -> None:
    ordinals = [(ordinal, look) for ordinal, (there, look) in enumerate(drawn) if there]
    looks = dict(ordinals)
    runs = list(runs_of(list(looks), looks.values(), cuts))
    assert [ordinal for run in runs for ordinal in run] == list(looks)
    for run in runs:
        assert len({looks[ordinal] for ordinal in run}) == 1
        assert not cuts & set(run[1:])
        if len(run) > 1:
            beside = (run.start - 1, run.stop)
            assert [looks.get(ordinal) for ordinal in beside] == [looks[run.start]] * 2
            assert not cuts & {run.start, run.stop}


def test_a_run_names_what_its_ordinals_name() -> None:
    run = Run(Key("Pod", "default", "web-9"), 3)
    assert list(run) == [Key("Pod", "default", f"web-{ordinal}") for ordinal in (9, 10, 11)]
    assert run[-2:] == tuple(run)[1:]
