"""New objects: pods stamped from templates, revisions and claims, as the controllers write them."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from hashlib import blake2b
from typing import Any

import msgspec

from foretell.logic.templates import HASH_LABEL, INDEX_LABEL, NAME_LABEL, SET_LABEL, template_of
from foretell.model.admission import admitted
from foretell.model.affinity import Affinity, NodeAffinity, NodeSelector, NodeSelectorTerm
from foretell.model.clock import timestamp
from foretell.model.cluster import Cluster
from foretell.model.defaults_pod import default_pod
from foretell.model.documents import from_document, to_document
from foretell.model.meta import ObjectMeta, OwnerReference
from foretell.model.objects import (
    ClaimSource,
    Condition,
    ContainerState,
    ContainerStatus,
    ControllerRevision,
    DaemonSet,
    Deployment,
    PersistentVolumeClaim,
    Pod,
    PodOwner,
    PodStatus,
    ReplicaSet,
    Revisioned,
    StatefulSet,
    Terminated,
    Volume,
    Workload,
)
from foretell.model.revisions import fnv1, revision_data, safe_encoded
from foretell.model.selectors import Requirement, Toleration

replace = msgspec.structs.replace
_LONGEST_PREFIX = 58


def uid_of(*parts: object) -> str:
    """A uid that is the same whenever the same thing is forecast again."""
    digits = blake2b("/".join(map(str, parts)).encode(), digest_size=16).hexdigest()
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"


def controller_reference(owner: Workload) -> OwnerReference:
    """The reference by which a workload controls an object."""
    return OwnerReference(
        api_version=owner.api_version, kind=owner.kind, name=owner.name, uid=owner.metadata.uid,
        controller=True, block_owner_deletion=True,
    )  # fmt: skip


@lru_cache(maxsize=1024)
def _stamp(template: bytes, added: tuple[tuple[str, str], ...], priority_classes: tuple[bytes, ...]) -> Pod:
    """The pod of a template, with the tolerations that its controller adds, as the API server stores it."""
    document = msgspec.json.decode(template)
    meta, spec = document.get("metadata", {}), dict(document.get("spec", {}))
    if added:
        tolerations = merged_tolerations(
            msgspec.convert(spec.get("tolerations", []), list[Toleration]), added
        )
        spec["tolerations"] = msgspec.to_builtins(list(tolerations))
    default_pod(spec)
    kept = {key: meta[key] for key in ("labels", "annotations", "finalizers") if key in meta}
    document = {
        "apiVersion": "v1", "kind": "Pod", "metadata": {"name": "stamp", "namespace": "default", **kept},
        "spec": spec, "status": {"phase": "Pending"},
    }  # fmt: skip
    classes = [msgspec.json.decode(text) for text in priority_classes]
    # A class that isn't in the state is taken for one without weight: a dump may leave it out.
    name = str(spec.get("priorityClassName", ""))
    if name and not name.startswith("system-") and name not in {c["metadata"]["name"] for c in classes}:
        classes.append({"metadata": {"name": name}, "value": 0})
    pod = from_document(admitted(document, priority_classes=classes))
    assert isinstance(pod, Pod)
    return pod


def from_template(template: dict[str, Any], cluster: Cluster, added: Iterable[tuple[str, str]] = ()) -> Pod:
    """The pod that the API server makes of a template, before its controller gives it a name."""
    classes = tuple(thing.origin for thing in cluster.of_kind("PriorityClass"))
    return _stamp(msgspec.json.encode(template, order="sorted"), tuple(added), classes)


def merged_tolerations(
    tolerations: Iterable[Toleration], added: Iterable[tuple[str, str]]
) -> tuple[Toleration, ...]:
    """The tolerations of a daemon pod: equal ones are replaced in place, others appended.

    Source: Kubernetes v1helper `AddOrUpdateTolerationInPodSpec`.
    """
    merged = list(tolerations)
    for key, effect in added:
        fresh = Toleration(key=key, operator="Exists", effect=effect)
        for index, old in enumerate(merged):
            if (old.key, old.effect, old.operator, old.value) == (key, effect, "Exists", ""):
                merged[index] = fresh
                break
        else:
            merged.append(fresh)
    return tuple(merged)


def daemon_pod(
    cluster: Cluster,
    workload: DaemonSet,
    node: str,
    label: str,
    added: Iterable[tuple[str, str]],
    now: float,
    serial: int,
) -> Pod:
    """The pod that a DaemonSet makes for a node; the serial tells it from others that it made there."""
    pod = from_template(template_of(workload), cluster, added)
    seed = uid_of(workload.metadata.uid, node, serial)
    suffix = safe_encoded(fnv1(seed))[:5]
    # Serials begin anew with each forecast: the moment keeps the uids of one after the other apart.
    uid = uid_of(seed, now)
    affinity = pod.spec.affinity or Affinity()
    only = NodeSelectorTerm(match_fields=(Requirement(key="metadata.name", operator="In", values=(node,)),))
    node_affinity = affinity.node_affinity or NodeAffinity()
    required = replace(node_affinity, required=NodeSelector(node_selector_terms=(only,)))
    return replace(
        pod,
        metadata=pod_meta(pod, workload, f"{workload.name}-{suffix}", uid, {HASH_LABEL: label}, now),
        spec=replace(pod.spec, affinity=replace(affinity, node_affinity=required)),
    )


def stateful_pod(
    cluster: Cluster,
    workload: StatefulSet,
    ordinal: int,
    label: str,
    template: dict[str, Any],
    now: float,
    serial: int,
) -> Pod:
    """The pod that a StatefulSet makes for an ordinal, from the template of its revision."""
    pod = from_template(template, cluster)
    name = f"{workload.name}-{ordinal}"
    labels = {
        HASH_LABEL: label,
        INDEX_LABEL: str(ordinal),
        NAME_LABEL: name,
    }
    claims = {
        t.name: ClaimSource(claim_name=f"{t.name}-{name}") for t in workload.spec.volume_claim_templates
    }
    volumes = [volume for volume in pod.spec.volumes if volume.name not in claims]
    volumes += [Volume(name=volume, persistent_volume_claim=source) for volume, source in claims.items()]
    subdomain = workload.spec.service_name
    return replace(
        pod,
        metadata=pod_meta(
            pod, workload, name, uid_of(workload.metadata.uid, ordinal, serial, now), labels, now
        ),
        spec=replace(pod.spec, hostname=name, subdomain=subdomain, volumes=tuple(volumes)),
    )


def candidate_pod(cluster: Cluster, workload: PodOwner | Deployment) -> Pod:
    """A pod as the workload would make its next one, under a name of no real one."""
    pod = from_template(template_of(workload), cluster)
    name = f"{workload.name}-*"
    return replace(pod, metadata=pod_meta(pod, workload, name, uid_of(workload.metadata.uid, name), {}, 0.0))


def replica_pod(cluster: Cluster, workload: ReplicaSet, now: float, serial: int) -> Pod:
    """A pod that a ReplicaSet makes; the serial tells it from others that it made."""
    pod = from_template(template_of(workload), cluster)
    uid = uid_of(workload.metadata.uid, serial, now)
    # What doesn't fit is cut off a long name. Source: Kubernetes names/generate.go.
    name = f"{f'{workload.name}-'[:_LONGEST_PREFIX]}{safe_encoded(fnv1(uid))[:5]}"
    return replace(pod, metadata=pod_meta(pod, workload, name, uid, {}, now))


def new_replicaset(
    workload: Deployment, hashed: str, replicas: int, annotations: dict[str, str], now: float, serial: int
) -> ReplicaSet:
    """The ReplicaSet that a Deployment makes of its present template."""
    name, spec = f"{workload.name}-{hashed}", to_document(workload)["spec"]
    template, selector = spec.get("template", {}), spec.get("selector", {})
    meta = template.get("metadata", {})
    labels = {**meta.get("labels", {}), SET_LABEL: hashed}
    thing = from_document({
        "apiVersion": "apps/v1", "kind": "ReplicaSet",
        "metadata": {
            "name": name, "namespace": workload.namespace, "generation": 1,
            "uid": uid_of(workload.metadata.uid, name, now, serial), "creationTimestamp": timestamp(now),
            "labels": labels, "annotations": annotations,
            "ownerReferences": [msgspec.to_builtins(controller_reference(workload))],
        },
        "spec": {
            "replicas": replicas,
            **({"minReadySeconds": spec["minReadySeconds"]} if spec.get("minReadySeconds") else {}),
            "selector": {**selector, "matchLabels": {**selector.get("matchLabels", {}), SET_LABEL: hashed}},
            "template": {**template, "metadata": {**meta, "labels": labels}},
        },
        "status": {"replicas": 0},
    })  # fmt: skip
    assert isinstance(thing, ReplicaSet)
    return thing


def pod_meta(
    pod: Pod, owner: Workload, name: str, uid: str, labels: dict[str, str], now: float
) -> ObjectMeta:
    """The metadata of a workload's new pod."""
    return replace(
        pod.metadata,
        name=name,
        generate_name=f"{owner.name}-",
        namespace=owner.namespace,
        uid=uid,
        generation=1,
        creation_timestamp=timestamp(now),
        labels={**pod.labels, **labels},
        owner_references=(controller_reference(owner),),
    )


def new_revision(workload: Revisioned, name: str, number: int, now: float) -> ControllerRevision:
    """The revision by which a workload remembers its present template."""
    template = template_of(workload)
    key = "controller.kubernetes.io/hash" if isinstance(workload, StatefulSet) else HASH_LABEL
    owner, hashed = controller_reference(workload), name.removeprefix(f"{workload.name}-")
    annotations = {k: x for k, x in workload.metadata.annotations.items() if "last-applied" not in k}
    meta = {
        "name": name, "namespace": workload.namespace, "uid": uid_of(workload.metadata.uid, name),
        "creationTimestamp": timestamp(now),
        "labels": {**template.get("metadata", {}).get("labels", {}), key: hashed},
        "annotations": annotations, "ownerReferences": [msgspec.to_builtins(owner)],
    }  # fmt: skip
    if not annotations:
        del meta["annotations"]
    revision = from_document({
        "apiVersion": "apps/v1", "kind": "ControllerRevision", "metadata": meta,
        "data": revision_data(template), "revision": number,
    })  # fmt: skip
    assert isinstance(revision, ControllerRevision)
    return revision


def new_claim(workload: StatefulSet, name: str, now: float) -> PersistentVolumeClaim:
    """The claim of this name, made from the set's template for it."""
    template = next(
        t for t in workload.spec.volume_claim_templates if name.startswith(f"{t.name}-{workload.name}-")
    )
    document = next(
        t for t in msgspec.json.decode(workload.origin)["spec"]["volumeClaimTemplates"]
        if t["metadata"]["name"] == template.name
    )  # fmt: skip
    labels = {**(workload.spec.selector.match_labels if workload.spec.selector else {}), **template.labels}
    uid = uid_of(workload.metadata.uid, name, now)
    claim = from_document({
        **document, "apiVersion": "v1", "kind": "PersistentVolumeClaim",
        "metadata": {
            **document["metadata"], "name": name, "namespace": workload.namespace,
            "uid": uid, "labels": labels,
            "creationTimestamp": timestamp(now), "finalizers": ["kubernetes.io/pvc-protection"],
        },
        "status": {"phase": "Pending"},
    })  # fmt: skip
    assert isinstance(claim, PersistentVolumeClaim)
    return claim


def storage_class(cluster: Cluster, claim: PersistentVolumeClaim) -> str:
    """The name of the claim's storage class, or of the default one where it names none."""
    if claim.spec.storage_class_name is not None:
        return claim.spec.storage_class_name
    default = "storageclass.kubernetes.io/is-default-class"
    return next(
        (s.name for s in cluster.storage_classes if s.metadata.annotations.get(default) == "true"), ""
    )


def with_volume(claim: PersistentVolumeClaim, volume: str = "") -> PersistentVolumeClaim:
    """The claim after it has got a volume, by default one that has been made for it."""
    return replace(
        claim,
        spec=replace(claim.spec, volume_name=volume or f"pvc-{claim.metadata.uid}"),
        status=replace(claim.status, phase="Bound"),
    )


def running(pod: Pod, now: float, *, ready: bool) -> Pod:
    """The pod after its containers have started."""
    moment = timestamp(now)
    truth = {"Initialized": "True", "ContainersReady": str(ready), "Ready": str(ready)}
    kept = [c for c in pod.status.conditions if c.type not in truth]
    fresh = [
        Condition(type=kind, status=status, last_transition_time=moment) for kind, status in truth.items()
    ]
    return replace(pod, status=PodStatus(phase="Running", conditions=(*kept, *fresh), start_time=moment))


def ended(pod: Pod, now: float, *, exit_code: int | None) -> Pod:
    """The pod after its containers have ended: Succeeded with exit code 0, else Failed.

    Without an exit code nothing is known of its containers.
    """
    moment = timestamp(now)
    told = {"Ready": "False", "ContainersReady": "False"}
    kept = [c for c in pod.status.conditions if c.type not in told]
    fresh = [Condition(type=kind, status=truth, last_transition_time=moment) for kind, truth in told.items()]
    statuses = pod.status.container_statuses
    if exit_code is not None:
        end = ContainerState(terminated=Terminated(exit_code=exit_code, finished_at=moment))
        statuses = tuple(ContainerStatus(name=c.name, state=end) for c in pod.spec.containers)
    phase = "Succeeded" if exit_code == 0 else "Failed"
    conditions = (*kept, *fresh)
    return replace(
        pod, status=replace(pod.status, phase=phase, conditions=conditions, container_statuses=statuses)
    )
