"""The diff engine: from the rules' answer to ordered actions and the objects that they leave behind."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

import msgspec

from foretell.logic import vocabulary as v
from foretell.logic.edits import deleted
from foretell.logic.facts import Facts
from foretell.logic.facts_ownership import CLAIM_PROTECTION, FOREGROUND, ORPHAN
from foretell.logic.memory import Memory
from foretell.logic.scope import KINDS
from foretell.logic.solve import Answer
from foretell.logic.stamps import (
    controller_reference,
    daemon_pod,
    new_claim,
    new_revision,
    stateful_pod,
)
from foretell.logic.templates import (
    HASH_LABEL,
    label_of_revision,
    next_revision_name,
    remembered_template,
    template_of,
)
from foretell.logic.vocabulary import Argument, Term
from foretell.model.cluster import Cluster
from foretell.model.forecast import Action, Reason, Verb
from foretell.model.meta import Key, Object, OwnerReference
from foretell.model.objects import (
    ControllerRevision,
    DaemonSet,
    Node,
    Pod,
    StatefulSet,
    Workload,
)
from foretell.model.selectors import Taint

replace = msgspec.structs.replace

AUTHORS = {
    "daemonset_controller": "daemon-set-controller",
    "statefulset_controller": "statefulset-controller",
    "node_controller": "node-controller",
    "pod_garbage_collector": "pod-garbage-collector",
    "garbage_collector": "generic-garbage-collector",
    "scheduler": "kube-scheduler",
}
_DAEMONSET_FIELDS = {
    "desired": "desired_number_scheduled", "current": "current_number_scheduled",
    "misscheduled": "number_misscheduled", "ready": "number_ready", "available": "number_available",
    "unavailable": "number_unavailable", "updated": "updated_number_scheduled",
}  # fmt: skip
_STATEFULSET_FIELDS = {
    "replicas": "replicas", "ready": "ready_replicas", "available": "available_replicas",
    "current": "current_replicas", "updated": "updated_replicas",
}  # fmt: skip


@dataclass
class Writes:
    """What a round writes: objects by key (None where one goes), and the actions, in no order yet."""

    cluster: Cluster
    objects: dict[Key, Object | None] = field(default_factory=dict)
    actions: list[Action] = field(default_factory=list)

    def get(self, key: Key) -> Object | None:
        """The object as it is after what has been written so far."""
        return self.objects[key] if key in self.objects else self.cluster.get(key)

    def put(self, thing: Object) -> None:
        """Write an object."""
        self.objects[thing.key] = thing

    def drop(self, key: Key) -> None:
        """Take an object away."""
        self.objects[key] = None

    def delete(self, thing: Object, now: float, *, grace: int | None = None) -> None:
        """Ask the API server to delete an object."""
        change = deleted(thing, now, grace=grace)
        for put in change.puts:
            self.put(put)
        for key in change.drops:
            self.drop(key)


def _reason(argument: Argument) -> Reason:
    assert isinstance(argument, Term)
    return Reason(argument.name.replace("_", "-"))


def pod_action(verb: Verb, pod: Pod, by: str, reason: Reason) -> Action:
    """The action on a pod."""
    owner, label = pod.metadata.controller, pod.labels.get(HASH_LABEL)
    return Action(
        verb=verb, kind="Pod", namespace=pod.namespace, name=pod.name,
        owner=f"{owner.kind}/{owner.name}" if owner else None,
        node=pod.spec.node_name or pod.pinned_to or None,
        revision=label, by=(by,), reason=reason,
    )  # fmt: skip


class Differ:
    """Turns one answer of the rules into writes."""

    def __init__(self, cluster: Cluster, facts: Facts, answer: Answer, memory: Memory, now: float) -> None:
        self.facts, self.answer, self.memory, self.now = facts, answer, memory, now
        self.cluster, self.writes = cluster, Writes(cluster)

    def run(self) -> Writes:
        """The round's writes."""
        for step in (
            self._revisions, self._adoptions, self._pods, self._claims, self._garbage, self._taints, self._status
        ):  # fmt: skip
            step()
        self.remember()
        return self.writes

    def _each(self, predicate: str) -> Iterable[tuple[Argument, ...]]:
        return sorted(self.answer.get(predicate, ()), key=repr)

    def _workload(self, term: Argument) -> Workload:
        workload = self.writes.get(v.workload_key(term))
        assert isinstance(workload, KINDS)
        return workload

    def _by(self, workload: Workload) -> str:
        return AUTHORS[f"{workload.kind.lower()}_controller"]

    def _act(self, verb: Verb, thing: Object, by: str, reason: Reason, **more: object) -> None:
        fields = {
            "kind": thing.kind,
            "namespace": thing.namespace,
            "name": thing.name,
            "by": (by,),
            "reason": reason,
        }
        self.writes.actions.append(msgspec.convert({"verb": verb, **fields, **more}, Action))

    # --- revisions and ownership ---

    def _revisions(self) -> None:
        for term, number in self._each("creates_revision"):
            workload = self._workload(term)
            revision = new_revision(workload, next_revision_name(workload), int(str(number)), self.now)
            self.writes.put(revision)
            self._act(
                Verb.CREATE, revision, self._by(workload), Reason.NEW_TEMPLATE,
                revision=number, owner=f"{workload.kind}/{workload.name}",
            )  # fmt: skip
        for term, path, number in self._each("renumbers"):
            workload, revision = self._workload(term), self._revision(path)
            self.writes.put(replace(revision, revision=int(str(number))))
            self._act(
                Verb.UPDATE, revision, self._by(workload), Reason.ROLLED_BACK,
                revision=number, owner=f"{workload.kind}/{workload.name}",
            )  # fmt: skip
        for term, path, reason in self._each("deletes_revision"):
            workload, revision = self._workload(term), self._revision(path)
            self.writes.drop(revision.key)
            self._act(
                Verb.DELETE, revision, self._by(workload), _reason(reason),
                owner=f"{workload.kind}/{workload.name}",
            )  # fmt: skip

    def _revision(self, path: Argument) -> ControllerRevision:
        revision = self.writes.get(v.key_of("ControllerRevision", str(path)))
        assert isinstance(revision, ControllerRevision)
        return revision

    def _adoptions(self) -> None:
        for term, path in self._each("adopts"):
            workload = self._workload(term)
            for key in self._objects(str(path)):
                thing = self.writes.get(key)
                if thing is None or thing.metadata.controller is not None:
                    continue
                owners = (*thing.metadata.owner_references, controller_reference(workload))
                adopted = replace(thing, metadata=replace(thing.metadata, owner_references=owners))
                self.writes.put(adopted)
                self._act(Verb.PATCH, adopted, self._by(workload), Reason.ADOPTED, **_pod_fields(adopted))
        for term, path in self._each("releases"):
            workload = self._workload(term)
            for pod in self._alike(path):
                kept = tuple(o for o in pod.metadata.owner_references if o.uid != workload.metadata.uid)
                released = replace(pod, metadata=replace(pod.metadata, owner_references=kept))
                self.writes.put(released)
                self._act(Verb.PATCH, released, self._by(workload), Reason.RELEASED, **_pod_fields(released))
        for term, path, label in self._each("relabels"):
            workload = self._workload(term)
            for pod in self._alike(path):
                relabelled = replace(
                    pod, metadata=replace(pod.metadata, labels={**pod.labels, HASH_LABEL: str(label)})
                )
                self.writes.put(relabelled)
                self._act(
                    Verb.PATCH, relabelled, self._by(workload), Reason.RELABELLED, **_pod_fields(relabelled)
                )

    def _objects(self, path: str) -> list[Key]:
        """The keys that an adopted path means: a revision, or all pods that a pod stands for."""
        pod = v.key_of("Pod", path)
        if pod in self.cluster:
            return self.facts.alike(pod, {})
        return [v.key_of("ControllerRevision", path)]

    def _alike(self, path: Argument, limits: dict[str, int] | None = None) -> list[Pod]:
        keys = self.facts.alike(v.key_of("Pod", str(path)), limits or {})
        return [pod for key in keys if isinstance(pod := self.writes.get(key), Pod)]

    # --- pods ---

    def _pods(self) -> None:
        limits: dict[Argument, dict[str, int]] = {}
        for term, node, count in self._each("limited"):
            limits.setdefault(term, {})[str(node)] = int(str(count))
        owners = {v.workload_term(key): key for key in map(v.workload_key, limits)}
        for controller, path, reason in self._each("deletes"):
            bound: dict[str, int] = {}
            assert isinstance(controller, Term)
            if controller.name == "daemonset_controller" and limits:
                pod = self.writes.get(v.key_of("Pod", str(path)))
                reference = pod.metadata.controller if pod else None
                for term, key in owners.items():
                    if reference is not None and (reference.kind, reference.name) == (key.kind, key.name):
                        bound = limits[term]
            for pod in self._alike(path, bound):
                self.writes.actions.append(
                    pod_action(Verb.DELETE, pod, AUTHORS[controller.name], _reason(reason))
                )
                grace = 0 if controller.name == "pod_garbage_collector" else None
                self.writes.delete(pod, self.now, grace=grace)
        added = self._added_tolerations()
        for term, place, label, reason in self._each("creates"):
            workload = self._workload(term)
            assert isinstance(place, Term)
            if isinstance(workload, DaemonSet):
                nodes = self.facts.nodes_alike(str(place.arguments[0]), limits.get(term, {}))
                pods = [self._daemon_pod(workload, node, str(label), added) for node in nodes]
            else:
                pods = [self._stateful_pod(workload, int(str(place.arguments[0])), str(label))]
            for pod in pods:
                self.writes.put(pod)
                self.writes.actions.append(pod_action(Verb.CREATE, pod, self._by(workload), _reason(reason)))

    def _added_tolerations(self) -> dict[bool, list[tuple[str, str]]]:
        """The automatic tolerations, in their order, without and with those for the host's network."""
        host = "node.kubernetes.io/network-unavailable"
        pairs = sorted(
            {(str(key), str(effect)) for _, key, effect in self._each("automatic")}, key=_automatic_order
        )
        return {False: [pair for pair in pairs if pair[0] != host], True: pairs}

    def _daemon_pod(
        self, workload: DaemonSet, node: str, label: str, added: dict[bool, list[tuple[str, str]]]
    ) -> Pod:
        tolerations = added[workload.spec.template.spec.host_network]
        for serial in range(10_000):
            pod = daemon_pod(workload, node, label, tolerations, self.now, serial)
            if self.writes.get(pod.key) is None and pod.key not in self.memory.spent:
                self.memory.spent.add(pod.key)
                return pod
        raise AssertionError(f"no free name for a pod of {workload.name} on {node}")

    def _stateful_pod(self, workload: StatefulSet, ordinal: int, label: str) -> Pod:
        template = template_of(workload)
        if label != next_revision_name(workload):
            for thing in self.cluster.owned_by(workload.metadata.uid):
                if isinstance(thing, ControllerRevision) and label_of_revision(workload, thing) == label:
                    template = remembered_template(thing)
        self.memory.serial += 1
        return stateful_pod(workload, ordinal, label, template, self.now, self.memory.serial)

    # --- claims ---

    def _claims(self) -> None:
        for term, _, path in self._each("creates_claim"):
            workload = self._workload(term)
            assert isinstance(workload, StatefulSet)
            key = v.key_of("PersistentVolumeClaim", str(path))
            claim = new_claim(workload, key.name, self.now)
            self.writes.put(claim)
            self._act(Verb.CREATE, claim, self._by(workload), Reason.CLAIM_MISSING, owners=())
        owners: dict[Argument, list[Argument]] = {}
        for _, path, owner in self._each("owns_claim"):
            owners.setdefault(path, []).append(owner)
        for term, path in self._each("updates_claim"):
            workload = self._workload(term)
            updated = self.writes.get(v.key_of("PersistentVolumeClaim", str(path)))
            if updated is None:
                continue
            kept = [
                o for o in updated.metadata.owner_references
                if o.uid != workload.metadata.uid and o.kind != "Pod"
            ]  # fmt: skip
            references = (*kept, *(self._reference(workload, owner) for owner in owners.get(path, [])))
            updated = replace(updated, metadata=replace(updated.metadata, owner_references=references))
            self.writes.put(updated)
            names = tuple(f"{o.kind}/{o.name}" for o in references)
            self._act(Verb.UPDATE, updated, self._by(workload), Reason.RETENTION, owners=names)

    def _reference(self, workload: Workload, owner: Argument) -> OwnerReference:
        assert isinstance(owner, Term)
        if owner.name == "set":
            return controller_reference(workload)
        pod = self.writes.get(v.key_of("Pod", str(owner.arguments[0])))
        assert pod is not None
        return OwnerReference(
            api_version="v1",
            kind="Pod",
            name=pod.name,
            uid=pod.metadata.uid,
            controller=True,
            block_owner_deletion=True,
        )

    # --- garbage, taints, status ---

    def _garbage(self) -> None:
        by = AUTHORS["garbage_collector"]
        for name, reason in self._each("collects"):
            kind, _, path = str(name).partition("/")
            thing = self.writes.get(v.key_of(kind, path))
            if thing is None:
                continue
            self._act(Verb.DELETE, thing, by, _reason(reason), **_pod_fields(thing))
            self.writes.delete(thing, self.now)
        for name, uid in self._each("orphans"):
            kind, _, path = str(name).partition("/")
            thing = self.writes.get(v.key_of(kind, path))
            if thing is None:
                continue
            kept = tuple(o for o in thing.metadata.owner_references if o.uid != uid)
            orphan = replace(thing, metadata=replace(thing.metadata, owner_references=kept))
            self.writes.put(orphan)
            self._act(Verb.PATCH, orphan, by, Reason.ORPHANED, **_pod_fields(orphan))
        for (uid,) in self._each("finishes"):
            owner = self.cluster.by_uid(str(uid))
            if owner is not None:
                rest = tuple(f for f in owner.metadata.finalizers if f not in (FOREGROUND, ORPHAN))
                if rest:
                    self.writes.put(replace(owner, metadata=replace(owner.metadata, finalizers=rest)))
                else:
                    self.writes.drop(owner.key)
        for (path,) in self._each("frees_claim"):
            claim = self.writes.get(v.key_of("PersistentVolumeClaim", str(path)))
            if claim is not None and set(claim.metadata.finalizers) <= {CLAIM_PROTECTION}:
                self.writes.drop(claim.key)

    def _taints(self) -> None:
        for node, key, effect in self._each("puts_taint"):
            taint = Taint(key=str(key), effect=str(effect))
            self._retaint(node, lambda taints, new=taint: (*taints, new))
        for node, key, effect in self._each("lifts_taint"):
            mark = (str(key), str(effect))
            self._retaint(node, lambda taints, old=mark: tuple(t for t in taints if (t.key, t.effect) != old))

    def _retaint(self, name: Argument, change: object) -> None:
        for member in self.facts.nodes_alike(str(name), {}):
            node = self.writes.get(Key("Node", "", member))
            if isinstance(node, Node):
                taints = change(node.spec.taints)  # type: ignore[operator]
                self.writes.put(replace(node, spec=replace(node.spec, taints=taints)))

    def _status(self) -> None:
        numbers: dict[Argument, dict[str, int | str]] = {}
        for term, field_name, number in self._each("status"):
            assert isinstance(field_name, Term)
            names = _DAEMONSET_FIELDS if v.workload_key(term).kind == "DaemonSet" else _STATEFULSET_FIELDS
            numbers.setdefault(term, {})[names[field_name.name]] = int(str(number))
        for term, role, label in self._each("records"):
            assert isinstance(role, Term)
            numbers.setdefault(term, {})[f"{role.name}_revision"] = str(label)
        for term, fields in numbers.items():
            workload = self.writes.get(v.workload_key(term))
            if not isinstance(workload, KINDS):
                continue
            status = replace(workload.status, observed_generation=workload.metadata.generation, **fields)
            if status != workload.status:
                self.writes.put(replace(workload, status=status))  # type: ignore[arg-type]

    # --- what is remembered ---

    def remember(self) -> None:
        """Keep the timers and back-offs that the answer sets."""
        memory, now = self.memory, self.now
        for (term,) in self._each("awake"):
            memory.looks.pop(v.workload_key(term), None)
            memory.retries.pop(v.workload_key(term), None)
        for term, seconds in self._each("retries_in"):
            memory.retries[v.workload_key(term)] = int(str(seconds))
        for term, seconds in self._each("looks_again"):
            key, moment = v.workload_key(term), now + int(str(seconds))
            memory.looks[key] = min(moment, memory.looks.get(key, moment))
        for term, node, delay in self._each("backs_off"):
            workload = self._workload(term)
            memory.back_offs[workload.key, workload.metadata.generation, str(node)] = (int(str(delay)), now)
        for path, seconds in self._each("evicts_in"):
            for key in self.facts.alike(v.key_of("Pod", str(path)), {}):
                memory.evictions[key] = now + int(str(seconds))
        for (path,) in self._each("calls_off"):
            for key in self.facts.alike(v.key_of("Pod", str(path)), {}):
                memory.evictions.pop(key, None)
        waits = [int(str(seconds)) for _, seconds in self._each("collector_comes")]
        memory.collector = now + min(waits) if waits else None


def _automatic_order(pair: tuple[str, str]) -> tuple[int, str]:
    return (0 if pair[1] == "NoExecute" else 1, pair[0])


def _pod_fields(thing: Object) -> dict[str, object]:
    if not isinstance(thing, Pod):
        return {}
    action = pod_action(Verb.PATCH, thing, "", Reason.ADOPTED)
    return {"owner": action.owner, "node": action.node, "revision": action.revision}
