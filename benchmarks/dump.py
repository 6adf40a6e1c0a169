"""Writes a dump of a large cluster, as `kubectl get nodes,pods,ds,sts,rs -A -o json` prints it.

python benchmarks/dump.py --megabytes 100 dump.json
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

_CREATED = "2026-01-31T12:00:00Z"
_DAEMONS = ("agent", "proxy", "storage")
_SOURCES = [
    {"serviceAccountToken": {"expirationSeconds": 3607, "path": "token"}},
    {"configMap": {"name": "kube-root-ca.crt", "items": [{"key": "ca.crt", "path": "ca.crt"}]}},
]


def uid(number: int) -> str:
    """A uid that looks like one."""
    return f"00000000-0000-4000-8000-{number:012x}"


def meta(name: str, number: int, **more: Any) -> dict[str, Any]:
    """Metadata with what `kubectl` prints, managed fields included."""
    managed = {
        "manager": "kube-controller-manager",
        "operation": "Update",
        "apiVersion": "v1",
        "time": _CREATED,
        "fieldsType": "FieldsV1",
        "fieldsV1": {"f:metadata": {"f:labels": {".": {}, "f:app": {}}}, "f:spec": {"f:containers": {}}},
    }
    return {
        "name": name,
        "uid": uid(number),
        "resourceVersion": str(number),
        "creationTimestamp": _CREATED,
        "managedFields": [managed],
        **more,
    }


def when(number: int, later: int = 0) -> str:
    """A time of an object's own, some seconds later than when it was made."""
    moment = datetime(2026, 1, 31, 12, tzinfo=UTC) + timedelta(seconds=number * 7919 % 10**7 + later)
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def conditions(*kinds: str, at: str = _CREATED) -> list[dict[str, Any]]:
    """Conditions that all hold."""
    return [
        {"type": kind, "status": "True", "lastProbeTime": None, "lastTransitionTime": at} for kind in kinds
    ]


def node(number: int) -> dict[str, Any]:
    """A node of a zone and a pool."""
    name = f"node-{number:05d}.internal"
    labels = {
        "kubernetes.io/hostname": name,
        "kubernetes.io/os": "linux",
        "kubernetes.io/arch": "amd64",
        "topology.kubernetes.io/zone": f"zone-{number % 3}",
        "pool": ("general", "memory", "gpu")[number % 10 % 3],
    }
    resources = {"cpu": "16", "memory": "65806156Ki", "ephemeral-storage": "104845292Ki", "pods": "110"}
    images = [
        {"names": [f"registry.example/app-{i}@sha256:{i:064x}"], "sizeBytes": 10**8 + i} for i in range(30)
    ]
    return {
        "apiVersion": "v1",
        "kind": "Node",
        "metadata": meta(name, number, labels=labels),
        "spec": {"providerID": f"x://{name}"},
        "status": {
            "capacity": resources,
            "allocatable": resources,
            "conditions": conditions("Ready"),
            "images": images,
        },
    }


def pod_spec(app: str) -> dict[str, Any]:
    """What a pod of a workload runs."""
    probe = {
        "httpGet": {"path": "/healthz", "port": 8080, "scheme": "HTTP"},
        "periodSeconds": 10,
        "failureThreshold": 3,
    }
    container = {
        "name": "main",
        "image": f"registry.example/{app}:1.2.3",
        "imagePullPolicy": "IfNotPresent",
        "env": [{"name": f"SETTING_{i}", "value": f"value-{i}"} for i in range(8)],
        "resources": {"requests": {"cpu": "100m", "memory": "128Mi"}, "limits": {"memory": "256Mi"}},
        "ports": [{"name": "http", "containerPort": 8080, "protocol": "TCP"}],
        "readinessProbe": probe,
        "livenessProbe": probe,
        "volumeMounts": [{"name": "kube-api-access", "mountPath": "/var/run/secrets", "readOnly": True}],
        "terminationMessagePath": "/dev/termination-log",
        "terminationMessagePolicy": "File",
    }
    return {
        "containers": [container],
        "restartPolicy": "Always",
        "terminationGracePeriodSeconds": 30,
        "dnsPolicy": "ClusterFirst",
        "serviceAccountName": "default",
        "securityContext": {},
        "schedulerName": "default-scheduler",
        "tolerations": [
            {
                "key": "node.kubernetes.io/not-ready",
                "operator": "Exists",
                "effect": "NoExecute",
                "tolerationSeconds": 300,
            },
            {
                "key": "node.kubernetes.io/unreachable",
                "operator": "Exists",
                "effect": "NoExecute",
                "tolerationSeconds": 300,
            },
        ],
    }


def workload(kind: str, name: str, number: int, **spec: Any) -> dict[str, Any]:
    """A DaemonSet, StatefulSet or ReplicaSet."""
    labels = {"app": name}
    template = {"metadata": {"labels": labels}, "spec": pod_spec(name)}
    return {
        "apiVersion": "apps/v1",
        "kind": kind,
        "metadata": meta(name, number, namespace="default", generation=1, labels=labels),
        "spec": {
            "selector": {"matchLabels": labels},
            "template": template,
            "revisionHistoryLimit": 10,
            **spec,
        },
    }


def pod(name: str, number: int, owner: dict[str, Any], on: str) -> dict[str, Any]:
    """A running pod of a workload."""
    app = owner["metadata"]["name"]
    reference = {
        "apiVersion": "apps/v1",
        "kind": owner["kind"],
        "name": app,
        "uid": owner["metadata"]["uid"],
        "controller": True,
        "blockOwnerDeletion": True,
    }
    labels = {"app": app}
    if owner["kind"] == "ReplicaSet":
        labels |= {"pod-template-hash": app.rpartition("-")[2]}
    else:
        labels |= {"controller-revision-hash": f"{app}-5d4f8c7b9"}
    if owner["kind"] == "StatefulSet":
        labels |= {"apps.kubernetes.io/pod-index": name.rpartition("-")[2]}
        labels |= {"statefulset.kubernetes.io/pod-name": name}
    made, started = when(number), when(number, 2 + number % 5)
    address = f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"
    container = {
        "name": "main",
        "ready": True,
        "started": True,
        "restartCount": 0,
        "image": f"registry.example/{app}:1.2.3",
        "imageID": f"registry.example/{app}@sha256:{sha256(app.encode()).hexdigest()}",
        "containerID": f"containerd://{sha256(name.encode()).hexdigest()}",
        "lastState": {},
        "state": {"running": {"startedAt": started}},
    }
    status = {
        "phase": "Running",
        "conditions": [
            *conditions("PodReadyToStartContainers", at=started),
            *conditions("Initialized", at=made),
            *conditions("Ready", "ContainersReady", at=when(number, 12 + number % 7)),
            *conditions("PodScheduled", at=made),
        ],
        "hostIP": "10.0.0.1",
        "hostIPs": [{"ip": "10.0.0.1"}],
        "podIP": address,
        "podIPs": [{"ip": address}],
        "qosClass": "Burstable",
        "startTime": made,
        "containerStatuses": [container],
    }
    access = f"kube-api-access-{sha256(name.encode()).hexdigest()[:5]}"
    spec = pod_spec(app)
    spec["containers"][0]["volumeMounts"][0]["name"] = access
    spec["volumes"] = [{"name": access, "projected": {"defaultMode": 420, "sources": _SOURCES}}]
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {
            **meta(name, number, namespace="default", labels=labels, ownerReferences=[reference]),
            "creationTimestamp": made,
        },
        "spec": {**spec, "nodeName": on},
        "status": status,
    }


def objects() -> Iterator[dict[str, Any]]:
    """Nodes without end, each with its daemon pods, ten of a StatefulSet and ten of a ReplicaSet."""
    daemons = [workload("DaemonSet", name, 1_000_000 + i) for i, name in enumerate(_DAEMONS)]
    yield from daemons
    number = 0
    while True:
        machine = node(number)
        on = machine["metadata"]["name"]
        yield machine
        database = workload(
            "StatefulSet", f"db-{number}", 2_000_000 + number, replicas=10, serviceName=f"db-{number}"
        )
        web = workload("ReplicaSet", f"web-{number}-6f7d9c5b8", 2_500_000 + number, replicas=10)
        yield from (database, web)
        for i, daemon in enumerate(daemons):
            yield pod(f"{daemon['metadata']['name']}-{number:05d}", 3_000_000 + number * 10 + i, daemon, on)
        for i in range(10):
            yield pod(f"db-{number}-{i}", 10_000_000 + number * 20 + i, database, on)
            name = f"{web['metadata']['name']}-{sha256(f'{number} {i}'.encode()).hexdigest()[:5]}"
            yield pod(name, 10_000_010 + number * 20 + i, web, on)
        number += 1


def write_dump(path: Path, megabytes: float) -> int:
    """Write a List of about this size, indented as kubectl does; how many objects are in it."""
    wanted, count = megabytes * 1e6, 0
    with path.open("w") as file:
        file.write('{\n    "apiVersion": "v1",\n    "items": [\n')
        for count, thing in enumerate(objects(), start=1):
            if count > 1:
                file.write(",\n")
            file.write(json.dumps(thing, indent=4))
            if file.tell() > wanted:
                break
        file.write('\n    ],\n    "kind": "List",\n    "metadata": {"resourceVersion": ""}\n}\n')
    return count


def main() -> None:
    """Write a dump as the command line says."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("path", type=Path)
    parser.add_argument("--megabytes", type=float, default=100)
    arguments = parser.parse_args()
    count = write_dump(arguments.path, arguments.megabytes)
    sys.stdout.write(f"{count} objects in {arguments.path}\n")


if __name__ == "__main__":
    main()
