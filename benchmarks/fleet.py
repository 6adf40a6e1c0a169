"""Generated clusters like real ones: uneven pools, zones, taints, and workloads that pick among them."""

from __future__ import annotations

from random import Random
from typing import Any, NamedTuple

from clusters import daemonset, node

from foretell.model.cluster import Cluster
from foretell.model.documents import from_document

Document = dict[str, Any]


class Pool(NamedTuple):
    """Nodes of a kind: how many of twenty, their machine, and the taint (key, value, effect) they bear."""

    name: str
    share: int
    machine: str
    taint: tuple[str, str, str] | None = None


POOLS = (
    Pool("general", 9, "standard-16"),
    Pool("spot", 4, "standard-16", ("cloud.example/spot", "true", "NoSchedule")),
    Pool("gpu", 2, "gpu-8", ("nvidia.com/gpu", "present", "NoSchedule")),
    Pool("database", 2, "memory-32", ("dedicated", "database", "NoExecute")),
    Pool("edge", 2, "arm-8", ("example.com/slow", "", "PreferNoSchedule")),
    Pool("ingress", 1, "network-8", ("dedicated", "ingress", "NoSchedule")),
)
ZONE = "topology.kubernetes.io/zone"
MACHINE = "node.kubernetes.io/instance-type"
FEW = 60
"""So many nodes have every pool in every zone."""

# Twenty nodes in a row have every pool by its share, and ten in a row all but one.
_ROW = [pool for pool in POOLS for _ in range(pool.share)]
Random("pools").shuffle(_ROW)


def fleet_node(number: int) -> Document:
    """One node of a pool and a zone, the same in any fleet; one in a hundred is cordoned."""
    pool, chance = _ROW[number % len(_ROW)], Random(f"node {number}")
    document = node(number)
    labels = document["metadata"]["labels"]
    labels |= {
        "pool": pool.name,
        ZONE: f"zone-{number // len(_ROW) % 3}",
        MACHINE: pool.machine,
        "kubernetes.io/arch": "arm64" if pool.machine.startswith("arm") else "amd64",
        "example.com/rack": f"rack-{chance.randrange(500)}",
    }
    taints = [dict(zip(("key", "value", "effect"), pool.taint, strict=True))] if pool.taint else []
    spec: Document = {"taints": taints}
    if number % 100 == 99:
        spec["unschedulable"] = True
        taints.append({"key": "node.kubernetes.io/unschedulable", "effect": "NoSchedule"})
    return {**document, "spec": spec}


def _tolerating(pool: Pool) -> list[Document]:
    key, value, effect = pool.taint or ("example.com/slow", "", "PreferNoSchedule")
    return [{"key": key, "operator": "Equal", "value": value, "effect": effect}]


def _placed(number: int) -> Document:
    """Where one DaemonSet goes: of twenty, two everywhere, the others by taint, pool, zone or machine."""
    place, chance = number % 20, Random(f"daemonset {number}")
    if place in (0, 10):
        return {"tolerations": [{"operator": "Exists"}]}
    if place == 5:
        return {}
    if place == 3:
        return {"tolerations": _tolerating(POOLS[1])}
    if place in (4, 8):
        zones = sorted(chance.sample(range(3), 2))
        terms = [{"key": ZONE, "operator": "In", "values": [f"zone-{zone}" for zone in zones]}]
        terms.append({"key": "kubernetes.io/arch", "operator": "In", "values": ["amd64"]})
        required = {"nodeSelectorTerms": [{"matchExpressions": terms}]}
        return {"affinity": {"nodeAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": required}}}
    if place in (7, 14):
        return {
            "nodeSelector": {MACHINE: "gpu-8"},
            "tolerations": [{"key": "nvidia.com/gpu", "operator": "Exists"}],
        }
    pool = POOLS[chance.randrange(len(POOLS))]
    extra = {"key": f"team.example/{chance.randrange(8)}", "operator": "Exists"}
    return {"nodeSelector": {"pool": pool.name}, "tolerations": [*_tolerating(pool), extra]}


def fleet_daemonset(number: int, *, max_unavailable: int | str = 1) -> Document:
    """One DaemonSet, which wants pods on a third of the nodes on average."""
    document = daemonset(number, max_unavailable=max_unavailable)
    template = document["spec"]["template"]
    spec = {"containers": template["spec"]["containers"], **_placed(number)}
    return {**document, "spec": {**document["spec"], "template": {**template, "spec": spec}}}


def fleet_statefulset(number: int, replicas: int | None = None) -> Document:
    """One StatefulSet of one to nine replicas, or of so many; every tenth starts at another ordinal."""
    name, chance = f"stateful-{number:04}", Random(f"statefulset {number}")
    template = daemonset(number)["spec"]["template"]
    labels = {"app": name}
    return {
        "apiVersion": "apps/v1",
        "kind": "StatefulSet",
        "metadata": {"name": name, "namespace": "default", "uid": name, "generation": 1},
        "spec": {
            "replicas": chance.randint(1, 9) if replicas is None else replicas,
            "serviceName": name,
            "podManagementPolicy": "OrderedReady",
            "updateStrategy": {"type": "RollingUpdate", "rollingUpdate": {"partition": 0}},
            "selector": {"matchLabels": labels},
            "template": {**template, "metadata": {"labels": labels}},
            **({"ordinals": {"start": 5}} if number % 10 == 9 else {}),
        },
    }


def fleet(nodes: int, daemonsets: int, statefulsets: int = 0, *, max_unavailable: int | str = 1) -> Cluster:
    """A cluster of so many nodes and workloads, without pods."""
    documents = [fleet_node(number) for number in range(nodes)]
    documents += [fleet_daemonset(number, max_unavailable=max_unavailable) for number in range(daemonsets)]
    documents += [fleet_statefulset(number) for number in range(statefulsets)]
    return Cluster(from_document(document) for document in documents)
