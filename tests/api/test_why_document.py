"""Each code is documented with an example that is told of a small cluster."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import msgspec
import pytest

from foretell.api.telling.explained import FORMAT, WhyDocument, shown
from foretell.logic.why.answers import explained
from foretell.model.explanation import CODES, About, Code, Explanation, Ground
from foretell.model.forecast import Reason, Why
from tests import builders as b
from tests.builders import Document

DOCS = Path(__file__).resolve().parents[2] / "docs"
WHY, REASONS = ((DOCS / name).read_text(encoding="utf-8") for name in ("why.md", "reasons.md"))
REQUIRED = "requiredDuringSchedulingIgnoredDuringExecution"
ROW = re.compile(r"^\| `([a-z-]+)` \| (.+) \|$", re.MULTILINE)


def node(name: str = "n1", *taints: Document, **more: Any) -> Document:
    """A node with some room, in a zone."""
    labels = {"zone": "a", **more.pop("labels", {})}
    return b.node(name, *taints, labels=labels, allocatable={"cpu": "2", "memory": "4Gi", "pods": 2}, **more)


def waiting(**spec: Any) -> Document:
    """A pod that waits."""
    return b.pod("web", labels={"app": "web"}, phase="Pending", ready=False, **spec)


def guest(name: str = "other", **spec: Any) -> Document:
    """A pod that is on the node."""
    return b.pod(name, "n1", labels={"app": "web"}, **spec)


def terms(*values: str, field: str = "matchExpressions", key: str = "disk") -> Document:
    """A required node affinity of one term."""
    found = [{"key": key, "operator": "In", "values": [value]} for value in values]
    return {"nodeAffinity": {REQUIRED: {"nodeSelectorTerms": [{field: found}]}}}


def beside(side: str) -> Document:
    """A required affinity, or anti-affinity, to pods like web in the same zone."""
    return {side: {REQUIRED: [{"topologyKey": "zone", "labelSelector": {"matchLabels": {"app": "web"}}}]}}


def going(workload: Document) -> Document:
    """The workload while it is being deleted."""
    stamp = {"deletionTimestamp": "2026-01-01T00:00:00Z", "finalizers": ["foregroundDeletion"]}
    return {**workload, "metadata": {**workload["metadata"], **stamp}}


def claim(name: str = "data", phase: str = "Bound", **more: Any) -> Document:
    """A claim."""
    meta = {"name": name, "namespace": "default", **more.pop("metadata", {})}
    return {
        "apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": meta,
        "spec": {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}, **more},
        "status": {"phase": phase},
    }  # fmt: skip


def volume(**more: Any) -> Document:
    """A volume."""
    labels = more.pop("labels", {})
    return {
        "apiVersion": "v1", "kind": "PersistentVolume", "metadata": {"name": "disk", "labels": labels},
        "spec": {"capacity": {"storage": "1Gi"}, "accessModes": ["ReadWriteOnce"], **more},
    }  # fmt: skip


LATE = {
    "apiVersion": "storage.k8s.io/v1", "kind": "StorageClass", "metadata": {"name": "local"},
    "provisioner": "kubernetes.io/no-provisioner", "volumeBindingMode": "WaitForFirstConsumer",
}  # fmt: skip
DATA = [{"name": "data", "persistentVolumeClaim": {"claimName": "data"}}]
SPREAD = [{
    "topologyKey": "zone", "maxSkew": 1, "whenUnsatisfiable": "DoNotSchedule",
    "labelSelector": {"matchLabels": {"app": "web"}},
}]  # fmt: skip
ON_NODE = About(kind="Pod", name="web", node="n1", negated=True)
OF_POD = About(kind="Pod", name="web")
DAEMON = About(kind="DaemonSet", name="agent", node="n1")

# By code: the smallest cluster of which it is told, and the question.
EXAMPLES: dict[Code, tuple[list[Document], About]] = {
    Code.ANY_NODE: ([node(), b.daemonset()], DAEMON),
    Code.SELECTED: (
        [node(labels={"disk": "ssd"}), b.daemonset(pod={"nodeSelector": {"disk": "ssd"}})], DAEMON
    ),
    Code.TOLERATES: (
        [node("n1", b.taint("gpu", "NoSchedule")), b.daemonset(pod={"tolerations": [b.tolerate("gpu")]})],
        DAEMON,
    ),
    Code.WITHIN_REPLICAS: (
        [node(), b.statefulset("db", 2), b.pod("db-1", "n1", owner=b.owned_by("StatefulSet", "db"))],
        About(kind="Pod", name="db-1"),
    ),
    Code.BEYOND_REPLICAS: ([node(), b.statefulset("db", 2)], About(kind="Pod", name="db-2")),
    Code.DELETING: ([node(), going(b.daemonset())], About(kind="DaemonSet", name="agent")),
    Code.GATED: ([node(), waiting(schedulingGates=[{"name": "example.com/quota"}])], OF_POD),
    Code.NOT_NAMED: (
        [node(), node("n2"), waiting(affinity=terms("n2", field="matchFields", key="metadata.name"))],
        ON_NODE,
    ),
    Code.CORDONED: ([node(unschedulable=True), waiting()], ON_NODE),
    Code.NODE_NAME: ([node(), node("n2"), b.daemonset(pod={"nodeName": "n2"})],
                     About(kind="DaemonSet", name="agent", node="n1", negated=True)),
    Code.TAINT: ([node("n1", b.taint("gpu", "NoSchedule", "yes")), waiting()], ON_NODE),
    Code.NODE_SELECTOR: ([node(labels={"disk": "hdd"}), waiting(nodeSelector={"disk": "ssd"})], ON_NODE),
    Code.NODE_AFFINITY: ([node(), waiting(affinity=terms("ssd"))], ON_NODE),
    Code.PORT_TAKEN: ([node(), guest(host_port=80), waiting(host_port=80)], ON_NODE),
    Code.INSUFFICIENT: ([node(), guest(requests={"cpu": "1500m"}), waiting(requests={"cpu": "1"})], ON_NODE),
    Code.CLAIM_IN_USE: (
        [node(), claim(accessModes=["ReadWriteOncePod"], volumeName="disk"), volume(), guest(volumes=DATA),
         waiting(volumes=DATA)],
        ON_NODE,
    ),
    Code.VOLUME_ELSEWHERE: (
        [node(), claim(volumeName="disk"),
         volume(nodeAffinity={"required": {"nodeSelectorTerms": [
             {"matchExpressions": [{"key": "zone", "operator": "In", "values": ["b"]}]}]}}),
         waiting(volumes=DATA)],
        ON_NODE,
    ),
    Code.NO_VOLUME: (
        [node(), LATE, claim(phase="Pending", storageClassName="local"), waiting(volumes=DATA)], ON_NODE
    ),
    Code.VOLUME_ZONE: (
        [node(labels={"topology.kubernetes.io/zone": "a"}), claim(volumeName="disk"),
         volume(labels={"topology.kubernetes.io/zone": "b"}), waiting(volumes=DATA)],
        ON_NODE,
    ),
    Code.KEYLESS: (
        [b.node("n1"), waiting(topologySpreadConstraints=SPREAD)], ON_NODE
    ),
    Code.SKEW: (
        [node(), node("n2", labels={"zone": "b"}), guest(), waiting(topologySpreadConstraints=SPREAD)],
        ON_NODE,
    ),
    Code.FAR: (
        [node(), waiting(affinity={"podAffinity": {REQUIRED: [
            {"topologyKey": "zone", "labelSelector": {"matchLabels": {"app": "db"}}}]}})],
        ON_NODE,
    ),
    Code.TOO_NEAR: ([node(), guest(), waiting(affinity=beside("podAntiAffinity"))], ON_NODE),
    Code.KEPT_AWAY: ([node(), guest(affinity=beside("podAntiAffinity")), waiting()], ON_NODE),
    Code.NAMES_CONFLICT: (
        [node(), waiting(affinity=terms("n1", "n2", field="matchFields", key="metadata.name"))], ON_NODE
    ),
    Code.CLAIM_MISSING: ([node(), waiting(volumes=DATA)], ON_NODE),
    Code.CLAIM_LEAVING: (
        [node(), claim(volumeName="disk", metadata={"deletionTimestamp": "2026-01-01T00:00:00Z",
                                                    "finalizers": ["kubernetes.io/pvc-protection"]}),
         volume(), waiting(volumes=DATA)],
        ON_NODE,
    ),
    Code.CLAIM_UNBOUND: ([node(), claim(phase="Pending"), waiting(volumes=DATA)], ON_NODE),
}  # fmt: skip


def told_of(documents: list[Document], about: About) -> Explanation:
    """The explanation, as people read it."""
    told, forecast = explained(b.cluster(*documents), about)
    return shown(told, forecast)


def grounds_in(told: Explanation) -> Iterable[Ground]:
    return (*told.grounds, *(ground for group in told.groups for ground in group.grounds))


def test_every_code_has_a_row() -> None:
    table = WHY.partition("## Codes")[2].partition("\n## ")[0]
    assert [code for code, _ in ROW.findall(table)] == list(Code)
    assert set(CODES) == {*Code, *Reason, *Why}


@pytest.mark.parametrize("code", list(Code))
def test_the_example_of_a_code_is_told_of_a_small_cluster(code: Code) -> None:
    examples = dict(ROW.findall(WHY))
    found = [one for one in grounds_in(told_of(*EXAMPLES[code])) if one.code is code]
    assert [one.sentence for one in found] == [examples[code]]


@pytest.mark.parametrize("code", list(Code))
def test_a_reason_stands_on_fields_by_a_rule(code: Code) -> None:
    """But for what a field says by itself, or what holds unless something is asked for."""
    (found,) = [one for one in grounds_in(told_of(*EXAMPLES[code])) if one.code is code]
    if code not in (Code.DELETING, Code.GATED):
        assert found.rule is not None
        assert found.because
    assert bool(found.sources) is (code is not Code.ANY_NODE)


def test_codes_of_actions_and_of_what_is_waited_for_are_documented_as_reasons() -> None:
    assert set(re.findall(r"^\| `([a-z-]+)` \|", REASONS, re.MULTILINE)) == {*Reason, *Why}


def test_the_schema_of_explanations_is_the_one_that_is_written_down() -> None:
    """`msgspec.json.schema(WhyDocument)` has what belongs into docs/why.md."""
    (written,) = re.findall(r"```json\n(\{\n  \"\$ref.*?)```", WHY, re.DOTALL)
    assert json.loads(written) == json.loads(msgspec.json.encode(msgspec.json.schema(WhyDocument)))
    assert FORMAT in WHY
