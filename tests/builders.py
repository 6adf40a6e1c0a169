"""Small builders of clusters for tests: manifests as a person writes them, and plans as text."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from foretell.logic.forecast import forecast
from foretell.model.changes import Change
from foretell.model.cluster import Cluster
from foretell.model.defaults import defaulted
from foretell.model.forecast import Action, Assumptions, Forecast, Obstacle, Verb
from foretell.model.meta import Key
from foretell.model.objects import Pod
from foretell.model.reading import read
from foretell.model.revisions import revision_data, revision_hash

Document = dict[str, Any]

AUTOMATIC = tuple(
    (f"node.kubernetes.io/{key}", effect)
    for key, effect in (
        ("not-ready", "NoExecute"),
        ("unreachable", "NoExecute"),
        ("disk-pressure", "NoSchedule"),
        ("memory-pressure", "NoSchedule"),
        ("pid-pressure", "NoSchedule"),
        ("unschedulable", "NoSchedule"),
    )
)
"""What the DaemonSet controller lets its pods tolerate."""


# --- parts ---


def taint(key: str, effect: str = "NoExecute", value: str = "") -> Document:
    """A taint."""
    return {"key": key, "effect": effect, **({"value": value} if value else {})}


def tolerate(key: str = "", effect: str = "", seconds: int | None = None) -> Document:
    """A toleration with the operator Exists."""
    toleration: Document = {"operator": "Exists"}
    toleration |= {"key": key} if key else {}
    toleration |= {"effect": effect} if effect else {}
    return toleration | ({} if seconds is None else {"tolerationSeconds": seconds})


def condition(kind: str, status: str, since: str | None = None) -> Document:
    """A condition of a node or a pod."""
    return {"type": kind, "status": status, **({"lastTransitionTime": since} if since else {})}


def pod_spec(image: str, **spec: Any) -> Document:
    """A pod's specification with one container; a toleration or request more is given as a field of it."""
    container: Document = {"name": "main", "image": image}
    if requests := spec.pop("requests", None):
        container["resources"] = {"requests": requests}
    if host_port := spec.pop("host_port", None):
        container["ports"] = [{"containerPort": host_port, "hostPort": host_port}]
    return {"containers": [container], **spec}


def owned_by(kind: str, name: str, *, controller: bool = True) -> Document:
    """A reference to an owner, found by its name."""
    versions = {"Pod": "v1", "Node": "v1", "Job": "batch/v1", "CronJob": "batch/v1"}
    version = versions.get(kind, "apps/v1")
    return {"apiVersion": version, "kind": kind, "name": name, "controller": controller}


# --- objects ---


def node(
    name: str,
    *taints: Document,
    labels: Mapping[str, str] | None = None,
    ready: str = "True",
    allocatable: Mapping[str, Any] | None = None,
    **spec: Any,
) -> Document:
    """A node; further fields are of its `spec`."""
    status: Document = {"conditions": [condition("Ready", ready)]}
    status |= {"allocatable": dict(allocatable)} if allocatable else {}
    return {
        "apiVersion": "v1", "kind": "Node", "metadata": {"name": name, "labels": dict(labels or {})},
        "spec": {"taints": list(taints), **spec}, "status": status,
    }  # fmt: skip


def nodes(count: int) -> list[Document]:
    """So many plain nodes: n1, n2, …"""
    return [node(f"n{index}") for index in range(1, count + 1)]


def daemonset(
    name: str = "agent",
    *,
    image: str = "agent:1",
    pod: Mapping[str, Any] | None = None,
    rolling: Mapping[str, Any] | None = None,
    strategy: str = "RollingUpdate",
    **spec: Any,
) -> Document:
    """A DaemonSet; `pod` has further fields of its pods, `rolling` the bounds of its roll-out."""
    update: Document = {"type": strategy, **({"rollingUpdate": dict(rolling)} if rolling else {})}
    return {
        "apiVersion": "apps/v1", "kind": "DaemonSet", "metadata": {"name": name, "namespace": "default"},
        "spec": {
            "selector": {"matchLabels": {"app": name}}, "updateStrategy": update,
            "template": {"metadata": {"labels": {"app": name}}, "spec": pod_spec(image, **(pod or {}))},
            **spec,
        },
    }  # fmt: skip


def statefulset(
    name: str = "web",
    replicas: int = 3,
    *,
    image: str = "web:1",
    pod: Mapping[str, Any] | None = None,
    claims: Iterable[str] = (),
    partition: int | None = None,
    parallel: bool = False,
    **spec: Any,
) -> Document:
    """A StatefulSet; `pod` has further fields of its pods, `claims` the names of its claim templates."""
    update = {} if partition is None else {"type": "RollingUpdate", "rollingUpdate": {"partition": partition}}
    return {
        "apiVersion": "apps/v1", "kind": "StatefulSet", "metadata": {"name": name, "namespace": "default"},
        "spec": {
            "replicas": replicas, "serviceName": name, "selector": {"matchLabels": {"app": name}},
            "updateStrategy": update, "podManagementPolicy": "Parallel" if parallel else "OrderedReady",
            "template": {"metadata": {"labels": {"app": name}}, "spec": pod_spec(image, **(pod or {}))},
            "volumeClaimTemplates": [claim_template(each) for each in claims], **spec,
        },
    }  # fmt: skip


def deployment(
    name: str = "web",
    replicas: int = 3,
    *,
    image: str = "web:1",
    pod: Mapping[str, Any] | None = None,
    rolling: Mapping[str, Any] | None = None,
    strategy: str = "RollingUpdate",
    **spec: Any,
) -> Document:
    """A Deployment; `pod` has further fields of its pods, `rolling` the bounds of its roll-out."""
    update: Document = {"type": strategy, **({"rollingUpdate": dict(rolling)} if rolling else {})}
    return {
        "apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": name, "namespace": "default"},
        "spec": {
            "replicas": replicas, "selector": {"matchLabels": {"app": name}}, "strategy": update,
            "template": {"metadata": {"labels": {"app": name}}, "spec": pod_spec(image, **(pod or {}))},
            **spec,
        },
    }  # fmt: skip


def job(
    name: str = "hash", *, image: str = "hash:1", pod: Mapping[str, Any] | None = None, **spec: Any
) -> Document:
    """A Job; `pod` has further fields of its pods."""
    return {
        "apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": name, "namespace": "default"},
        "spec": {
            "template": {"spec": pod_spec(image, **{"restartPolicy": "Never", **(pod or {})})}, **spec,
        },
    }  # fmt: skip


def replicaset(
    name: str = "web",
    replicas: int = 3,
    *,
    image: str = "web:1",
    pod: Mapping[str, Any] | None = None,
    **spec: Any,
) -> Document:
    """A ReplicaSet that no Deployment has; `pod` has further fields of its pods."""
    return {
        "apiVersion": "apps/v1", "kind": "ReplicaSet", "metadata": {"name": name, "namespace": "default"},
        "spec": {
            "replicas": replicas, "selector": {"matchLabels": {"app": name}},
            "template": {"metadata": {"labels": {"app": name}}, "spec": pod_spec(image, **(pod or {}))},
            **spec,
        },
    }  # fmt: skip


def cronjob(
    name: str = "report",
    schedule: str = "*/5 * * * *",
    *,
    image: str = "hash:1",
    job_spec: Mapping[str, Any] | None = None,
    **spec: Any,
) -> Document:
    """A CronJob; `job_spec` has further fields of its Jobs."""
    return {
        "apiVersion": "batch/v1", "kind": "CronJob", "metadata": {"name": name, "namespace": "default"},
        "spec": {
            "schedule": schedule,
            "jobTemplate": {"spec": job(image=image, **(job_spec or {}))["spec"]},
            **spec,
        },
    }  # fmt: skip


def claim_template(name: str) -> Document:
    """A claim template of the class `fast`."""
    spec = {
        "accessModes": ["ReadWriteOnce"],
        "storageClassName": "fast",
        "resources": {"requests": {"storage": "1Gi"}},
    }
    return {"metadata": {"name": name}, "spec": spec}


def claim(name: str) -> Document:
    """A claim of the class `fast`."""
    document = {"apiVersion": "v1", "kind": "PersistentVolumeClaim", **claim_template(name)}
    return {**document, "metadata": {"name": name, "namespace": "default"}}


def pod(
    name: str,
    on: str = "",
    *,
    labels: Mapping[str, str] | None = None,
    phase: str = "Running",
    ready: bool = True,
    terminating: bool = False,
    owner: Document | None = None,
    **spec: Any,
) -> Document:
    """A pod that runs on a node, by default a bare one; further fields are of its `spec`."""
    meta: Document = {"name": name, "namespace": "default", "labels": dict(labels or {})}
    meta |= {"ownerReferences": [owner]} if owner else {}
    meta |= {"creationTimestamp": "2026-01-01T00:00:00Z"}
    meta |= {"deletionTimestamp": "2026-01-01T00:01:00Z"} if terminating else {}
    return {
        "apiVersion": "v1", "kind": "Pod", "metadata": meta,
        "spec": {**pod_spec("bare:1", **spec), **({"nodeName": on} if on else {})},
        "status": {"phase": phase, "conditions": [condition("Ready", str(ready), "2026-01-01T00:00:00Z")]},
    }  # fmt: skip


def revision(workload: Document, number: int) -> Document:
    """The revision that remembers a workload's template; its name is the one that Foretell would give it."""
    template = defaulted(workload)["spec"]["template"]
    name, kind = workload["metadata"]["name"], workload["kind"]
    found = revision_hash(template)
    labels = {"app": name, "controller-revision-hash": found}
    return {
        "apiVersion": "apps/v1", "kind": "ControllerRevision",
        "metadata": {
            "name": f"{name}-{found}", "namespace": "default", "labels": labels,
            "ownerReferences": [owned_by(kind, name)],
        },
        "data": revision_data(template), "revision": number,
    }  # fmt: skip


def label_of(revision: Document) -> str:
    """What pods of a revision bear: StatefulSets use its whole name, DaemonSets the hash alone."""
    if revision["metadata"]["ownerReferences"][0]["kind"] == "StatefulSet":
        return str(revision["metadata"]["name"])
    return str(revision["metadata"]["labels"]["controller-revision-hash"])


def daemon_pod(
    owner: Document, name: str, to: str, revision: Document, *, bound: bool = True, **more: Any
) -> Document:
    """A pod that a DaemonSet made for a node, bound to it or not; further arguments are those of `pod`."""
    field = {"key": "metadata.name", "operator": "In", "values": [to]}
    only = {"nodeSelectorTerms": [{"matchFields": [field]}]}
    spec = dict(owner["spec"]["template"]["spec"])
    tolerations = [*spec.pop("tolerations", ()), *(tolerate(*each) for each in AUTOMATIC)]
    affinity = {"nodeAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": only}}
    made = pod(
        name, to if bound else "", tolerations=tolerations, affinity=affinity,
        owner=owned_by("DaemonSet", owner["metadata"]["name"]),
        labels={"app": owner["metadata"]["name"], "controller-revision-hash": label_of(revision)}, **more,
    )  # fmt: skip
    made["metadata"]["generateName"] = f"{owner['metadata']['name']}-"
    return made


def ordinal_pod(owner: Document, ordinal: int, on: str, revision: Document, **more: Any) -> Document:
    """A pod that a StatefulSet made; further arguments are those of `pod`."""
    set_name = owner["metadata"]["name"]
    name = f"{set_name}-{ordinal}"
    volumes = [
        {"name": each["metadata"]["name"],
         "persistentVolumeClaim": {"claimName": f"{each['metadata']['name']}-{name}"}}
        for each in owner["spec"]["volumeClaimTemplates"]
    ]  # fmt: skip
    labels = {"app": set_name, "controller-revision-hash": label_of(revision)}
    return pod(name, on, owner=owned_by("StatefulSet", set_name), labels=labels, volumes=volumes, **more)


def budget(name: str, labels: Mapping[str, str] | None, **spec: Any) -> Document:
    """A disruption budget over pods with these labels, or without a selector."""
    selector = {} if labels is None else {"selector": {"matchLabels": dict(labels)}}
    return {
        "apiVersion": "policy/v1", "kind": "PodDisruptionBudget",
        "metadata": {"name": name, "namespace": "default"}, "spec": {**selector, **spec},
    }  # fmt: skip


# --- clusters ---


def cluster(*documents: Document | Iterable[Document]) -> Cluster:
    """The cluster of some manifests."""
    flat: list[Document] = []
    for document in documents:
        flat += [document] if isinstance(document, dict) else document
    return read(flat)


def settled(*documents: Document | Iterable[Document]) -> Cluster:
    """The cluster of some manifests after all controllers have done their work."""
    return after(cluster(*documents))


def after(before: Cluster, *changes: Change, **assume: tuple[str, ...]) -> Cluster:
    """The cluster after changes and all that follows from them."""
    return forecast(before, changes, Assumptions(**assume)).after


# --- plans ---


def plan(story: Forecast, *, binds: bool = False, times: bool = False) -> list[str]:
    """What is done in each wave, as lines such as `1 delete agent@n1: outdated`.

    A line begins with the turn, and with `times` the seconds since the forecast began; `binds` are left out.
    """
    return [
        f"{wave.turn}{f' {wave.at:g}s' if times else ''} {action.verb} {told(action)}: {action.reason}"
        for wave in story.waves
        for action in wave.actions
        if binds or action.verb is not Verb.BIND
    ]


def told(action: Action) -> str:
    """What an action is about: a daemon pod by its owner and node, a revision by its owner and number.

    A ReplicaSet is told by its Deployment and size, its pods by its name.
    A Job's pod is told without its random suffix.
    """
    owner = (action.owner or "/").partition("/")[2]
    if action.kind == "ControllerRevision":
        owner = owner or action.name.rpartition("-")[0]
        number = "" if action.revision is None else f" {action.revision}"
        return f"revision{number} of {owner}"
    if action.kind == "PersistentVolumeClaim":
        of = f" of {', '.join(action.owners)}" if action.owners else ""
        return f"claim {action.name}{of}"
    if action.kind == "ReplicaSet":
        number = "" if action.replicas is None else f" of {action.replicas}"
        return f"set{number} for {owner or action.name}"
    if (action.owner or "").startswith("ReplicaSet/"):
        return f"pod of {owner}{f' on {action.node}' if action.verb is Verb.BIND else ''}"
    if (action.owner or "").startswith("DaemonSet/"):
        return f"{owner}@{action.node}"
    if (action.owner or "").startswith("Job/"):
        return action.name.rpartition("-")[0]
    return f"{action.name} on {action.node}" if action.verb is Verb.BIND else action.name


def waiting(story: Forecast) -> list[str]:
    """What stands in the way at the end, as lines such as `StatefulSet/web: Pod/web-1 pod-not-ready`."""
    return [f"{each.workload}: {_called(each, story.after)} {each.why}" for each in story.verdict.obstacles]


def _called(obstacle: Obstacle, there: Cluster) -> str:
    """What is waited for: a daemon pod by its owner and node, a Job's without its random suffix."""
    kind, _, name = obstacle.on.partition("/")
    found = there.get(Key(kind, obstacle.namespace, name))
    owner = found.metadata.controller if isinstance(found, Pod) else None
    if isinstance(found, Pod) and owner is not None and owner.kind == "ReplicaSet":
        return f"pod of {owner.name}"
    if isinstance(found, Pod) and owner is not None and owner.kind == "DaemonSet":
        return f"{owner.name}@{found.spec.node_name or found.pinned_to}"
    if isinstance(found, Pod) and owner is not None and owner.kind == "Job":
        return found.name.rpartition("-")[0]
    return obstacle.on
