"""A cluster amid a roll-out: a Deployment with two ReplicaSets, Jobs of a CronJob, and budgets."""

from __future__ import annotations

from typing import Any

from foretell.model.cluster import Cluster
from foretell.model.defaults import defaulted
from tests import builders as b

CREATED = "2026-01-01T00:00:00Z"
LATER = "2026-01-01T01:00:00Z"
OLD, NEW = "6d4b75cb6d", "7f9c8b5d4c"
NOON = "nightly-29446200"


def documents() -> list[b.Document]:
    """The manifests, with the statuses that controllers have written an hour after their creation."""
    shop = _with(
        b.deployment("shop", 3, image="shop:2", progressDeadlineSeconds=600),
        {"observedGeneration": 2, "replicas": 4, "updatedReplicas": 1, "readyReplicas": 3,
         "availableReplicas": 3, "unavailableReplicas": 1,
         "conditions": [{"type": "Progressing", "status": "True", "reason": "ReplicaSetUpdated"}]},
        generation=2, annotations={"deployment.kubernetes.io/revision": "2"},
    )  # fmt: skip
    sets = [_set(OLD, 1, "shop:1", 3, 3), _set(NEW, 2, "shop:2", 1, 0)]
    pods = [
        *(_pod(f"shop-{OLD}-{end}", f"n{n}", OLD) for n, end in ((1, "aaaaa"), (2, "bbbbb"), (2, "ccccc"))),
        _pod(f"shop-{NEW}-ddddd", "n1", NEW, phase="Pending", ready=False),
    ]
    nightly = _with(
        b.cronjob(
            "nightly", "0 3 * * *", image="import:1", timeZone="Europe/Berlin", concurrencyPolicy="Forbid"
        ),
        {"lastScheduleTime": "2026-01-01T00:30:00Z",
         "active": [{"kind": "Job", "namespace": "default", "name": NOON, "uid": f"uid-{NOON}"}]},
        uid="nightly",
    )  # fmt: skip
    run = _with(
        b.job(NOON, image="import:1", completions=3, parallelism=2, completionMode="Indexed"),
        {"active": 1, "ready": 1, "terminating": 0, "succeeded": 2, "completedIndexes": "0,1",
         "startTime": "2026-01-01T00:30:00Z"},
        uid=f"uid-{NOON}", ownerReferences=[_owner("CronJob", "nightly")],
    )  # fmt: skip
    done = _with(
        b.job("import", image="import:1"),
        {"succeeded": 1, "startTime": CREATED, "completionTime": "2026-01-01T00:00:42Z",
         "conditions": [{"type": "SuccessCriteriaMet", "status": "True"},
                        {"type": "Complete", "status": "True"}]},
    )  # fmt: skip
    seen = b.node("n1")
    seen["status"]["conditions"] = [b.condition("Ready", "True", LATER)]
    worker = b.pod(f"{NOON}-2-eeeee", "n1", labels={"job-name": NOON}, restartPolicy="Never",
                   owner=_owner("Job", NOON, f"uid-{NOON}"))  # fmt: skip
    return [
        seen, b.node("n2"), shop, *sets, *pods, nightly, run, worker, done,
        _with(b.job("export", image="import:1", suspend=True, parallelism=4),
              {"conditions": [{"type": "Suspended", "status": "True"}]}),
        _with(b.deployment("held", 0, image="shop:1", paused=True), {"observedGeneration": 1}, generation=1),
        _with(b.budget("shop", {"app": "shop"}, minAvailable=3),
              {"disruptionsAllowed": 0, "currentHealthy": 3, "desiredHealthy": 3, "expectedPods": 3}),
        _with(b.budget("old", {"pod-template-hash": OLD}, maxUnavailable="50%"),
              {"disruptionsAllowed": 1, "currentHealthy": 3, "desiredHealthy": 2, "expectedPods": 3}),
    ]  # fmt: skip


def state() -> Cluster:
    """The cluster, as it is read."""
    return b.cluster(documents())


def _with(document: b.Document, status: dict[str, Any] | None = None, **meta: Any) -> b.Document:
    name = document["metadata"]["name"]
    merged = {"uid": name, "creationTimestamp": CREATED, "generation": 1, **document["metadata"], **meta}
    # What has a uid is taken as it is stored: with defaults.
    return {**defaulted({**document, "metadata": merged}), "status": status or {}}


def _owner(kind: str, name: str, uid: str = "") -> b.Document:
    return {**b.owned_by(kind, name), "uid": uid or name}


def _set(mark: str, number: int, image: str, replicas: int, ready: int) -> b.Document:
    name = f"shop-{mark}"
    made = b.replicaset(name, replicas, image=image)
    labels = {"app": "shop", "pod-template-hash": mark}
    made["spec"]["selector"]["matchLabels"] = made["spec"]["template"]["metadata"]["labels"] = labels
    made["metadata"] |= {"labels": labels, "ownerReferences": [_owner("Deployment", "shop")]}
    numbers = {"replicas": replicas, "fullyLabeledReplicas": replicas, "observedGeneration": 1}
    numbers |= {"readyReplicas": ready, "availableReplicas": ready} if ready else {}
    return _with(made, numbers, annotations={"deployment.kubernetes.io/revision": str(number)})


def _pod(name: str, on: str, mark: str, **more: Any) -> b.Document:
    return b.pod(
        name, on, labels={"app": "shop", "pod-template-hash": mark},
        owner=_owner("ReplicaSet", f"shop-{mark}"), **more,
    )  # fmt: skip
