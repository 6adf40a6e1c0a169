"""What the tests of the schema share: the whole API in one process, and a cluster with some of everything."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from foretell.model.changes import SetImage
from foretell.model.cluster import Cluster
from tests import builders as b
from tests.api import shops
from tests.api.graphql.asked import Api, start


@pytest.fixture(scope="session")
def api(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Api]:
    """The API; each test makes clusters of its own in it, or looks at `sample` alone."""
    yield from start(str(tmp_path_factory.mktemp("api")))


@pytest.fixture(scope="session")
def sample(api: Api) -> str:
    """The name of a cluster with some of everything; tests that change it take a copy."""
    return api.made(sample_state(), "sample")


@pytest.fixture(scope="session")
def shop(api: Api) -> str:
    """The name of a cluster of workloads that make others; tests that change it take a copy."""
    return api.made(shops.state(), "shop")


def sample_state() -> Cluster:
    """Six nodes, four workloads in two namespaces, one of them rolled out twice; some pods stand alone."""
    zones = {name: {"zone": "a" if number < 3 else "b", "kubernetes.io/hostname": name}
             for number, name in enumerate(f"n{n}" for n in range(1, 7))}  # fmt: skip
    room = {"cpu": "8", "memory": "32Gi", "pods": "110"}
    nodes = [
        b.node("n1", b.taint("control", "NoSchedule"), labels=zones["n1"], allocatable=room),
        *(b.node(f"n{n}", labels=zones[f"n{n}"], allocatable=room) for n in (2, 3, 4)),
        b.node("n5", labels=zones["n5"] | {"gpu": "yes"}, allocatable=room),
        b.node("n6", labels=zones["n6"], allocatable=room, unschedulable=True),
    ]
    db = b.statefulset("db", 2)
    db["metadata"]["namespace"] = "shop"
    db["metadata"]["labels"] = {"tier": "back"}
    web = b.statefulset("web", 12, claims=["data"], parallel=True)
    web["metadata"]["labels"] = {"tier": "front"}
    state = b.settled(
        nodes, web, db, b.daemonset("agent"), b.daemonset("gpu", pod={"nodeSelector": {"gpu": "yes"}}),
        service("web", {"app": "web"}), service("front", {"app": "web"}, clusterIP="10.0.0.7"),
        service("db", {"app": "db"}, namespace="shop"),
        b.budget("web", {"app": "web"}, minAvailable=12),
        {"apiVersion": "storage.k8s.io/v1", "kind": "StorageClass", "metadata": {"name": "fast"},
         "provisioner": "example.com/fast"},
        {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "settings", "namespace": "default",
         "annotations": {"said": "häßlich ☃ 🚀"}}, "data": {"yes": "no", "1": "0x1f", "text": "a\n b: c\n"}},
        b.pod("alone", "n2", labels={"app": "alone"}),
        b.pod("broken", "n3", phase="Failed", ready=False),
        b.pod("waiting", phase="Pending", ready=False, nodeSelector={"zone": "nowhere"}),
    )  # fmt: skip
    return b.after(state, SetImage(kind="DaemonSet", name="agent", image="agent:2"))


def service(name: str, selector: dict[str, str], *, namespace: str = "default", **spec: str) -> b.Document:
    """A service, headless if nothing else is said."""
    return {
        "apiVersion": "v1", "kind": "Service", "metadata": {"name": name, "namespace": namespace},
        "spec": {"clusterIP": "None", "selector": selector, **spec},
    }  # fmt: skip
