"""Small clusters and changes for the store's tests."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from hashlib import sha256
from threading import Thread
from typing import Any

from foretell.api.store.store import Store
from foretell.api.store.values import ClusterInfo, Entry
from foretell.model.cluster import Cluster
from foretell.model.deltas import Delta
from foretell.model.documents import from_document, to_document
from foretell.model.meta import Json, Key, Object

NOON = datetime(2026, 1, 31, 12, 0, 0, 123456, tzinfo=UTC)
ENTRY = Entry(at=NOON, by="ada", action="taint", changes=({"taint": "n1"},), why="a test", told=("tainted",))


def node(name: str, *taints: str, **labels: str) -> Object:
    """A node with taints of these keys."""
    return from_document(
        {
            "apiVersion": "v1",
            "kind": "Node",
            "metadata": {"name": name, "labels": labels},
            "spec": {"taints": [{"key": key, "effect": "NoSchedule"} for key in taints]},
        }
    )


def pod(name: str, on: str = "") -> Object:
    """A pod on a node."""
    meta = {"name": name, "namespace": "default"}
    return from_document({"apiVersion": "v1", "kind": "Pod", "metadata": meta, "spec": {"nodeName": on}})


def nodes(count: int) -> Cluster:
    """So many nodes: n0, n1, …, as they were at the moment 1.5."""
    return Cluster((node(f"n{number}") for number in range(count)), moment=1.5)


def real_node(number: int, *taints: str) -> Object:
    """A node with as much in it that is its own as a real one has."""
    name = f"node-{number:05}"

    def mark(field: str) -> str:
        return sha256(f"{name}/{field}".encode()).hexdigest()

    conditions = [
        {
            "type": kind,
            "status": str(kind == "Ready"),
            "lastHeartbeatTime": f"2026-01-31T12:{number % 60:02}:00Z",
            "lastTransitionTime": "2026-01-01T00:00:00Z",
            "reason": f"Kubelet{kind}",
            "message": f"kubelet: {kind}",
        }
        for kind in ("Ready", "MemoryPressure", "DiskPressure", "PIDPressure")
    ]
    images = [
        {"names": [f"registry.example/app-{image}@sha256:{mark(f'image-{image}')}"], "sizeBytes": image}
        for image in range(3)
    ]
    address = f"10.0.{number // 256}.{number % 256}"
    return from_document(
        {
            "apiVersion": "v1",
            "kind": "Node",
            "metadata": {"name": name, "uid": mark("uid")[:32], "labels": {"zone": f"z{number % 3}"}},
            "spec": {
                "providerID": f"cloud:///{mark('id')[:17]}",
                "taints": [{"key": key, "effect": "NoSchedule"} for key in taints],
            },
            "status": {
                "allocatable": {"cpu": "16", "memory": "64Gi"},
                "conditions": conditions,
                "images": images,
                "addresses": [{"type": "InternalIP", "address": address}],
                "nodeInfo": {"machineID": mark("machine")[:32], "bootID": mark("boot")[:36]},
            },
        }
    )


def put(*things: Object, moment: float = 2.5) -> Delta:
    """A delta that puts objects."""
    return Delta(things, (), moment)


def drop(*names: str, moment: float = 2.5) -> Delta:
    """A delta that drops nodes."""
    return Delta((), tuple(Key("Node", "", name) for name in names), moment)


def documents(cluster: Cluster) -> dict[Key, Json]:
    """What a cluster has in it, in a form that doesn't depend on how it came there."""
    return {thing.key: to_document(thing) for thing in cluster}


def taints(cluster: Cluster, name: str) -> list[str]:
    """The keys of a node's taints."""
    document: dict[str, Any] = documents(cluster)[Key("Node", "", name)]
    return [taint["key"] for taint in document["spec"].get("taints", [])]


def made(store: Store, name: str = "prod", cluster: Cluster | None = None) -> ClusterInfo:
    """A new cluster."""
    store.create(name, nodes(3) if cluster is None else cluster, ENTRY)
    return found(store, name)


def found(store: Store, name: str = "prod") -> ClusterInfo:
    """A cluster that is there."""
    info = store.cluster(name)
    assert info is not None
    return info


def in_threads(count: int, work: Callable[[int], None]) -> None:
    """Call with 0, 1, … in as many threads, and raise what one of them raises."""
    failures: list[BaseException] = []

    def run(number: int) -> None:
        try:
            work(number)
        except BaseException as error:
            failures.append(error)

    threads = [Thread(target=run, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for failure in failures:
        raise failure
