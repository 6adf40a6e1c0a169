"""What is written of pods: those that controllers delete, and those that they create."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import NamedTuple

from foretell.logic import vocabulary as v
from foretell.logic.alike import by_uid
from foretell.logic.deletion import disrupted
from foretell.logic.memory import Memory
from foretell.logic.round import AUTHORS, Round, author_of, name_of, number_of, reason_of
from foretell.logic.solve import Answer
from foretell.logic.stamps import daemon_pod, ended, stateful_pod
from foretell.logic.templates import (
    label_of_revision,
    next_revision_name,
    remembered_template,
    template_of,
)
from foretell.logic.vocabulary import Argument, Term
from foretell.model.cluster import Cluster
from foretell.model.forecast import Verb
from foretell.model.meta import Key, Object
from foretell.model.objects import ControllerRevision, DaemonSet, Pod, StatefulSet

Limits = dict[Argument, dict[str, int]]
Tolerations = list[tuple[str, str]]
_DISRUPTIONS = {
    "node_controller": ("DeletionByTaintManager", "Taint manager: deleting due to NoExecute taint"),
    "pod_garbage_collector": ("DeletionByPodGC", "PodGC: node no longer exists"),
}
_OF_HOST_NETWORK = "node.kubernetes.io/network-unavailable"


def write_pods(work: Round) -> None:
    """Deleted pods, then created ones; where a node stands for many, all that are meant."""
    limits: Limits = {}
    for term, node, count in work.each("limited"):
        limits.setdefault(term, {})[str(node)] = number_of(count)
    _delete(work, limits)
    _create(work, limits)


def _delete(work: Round, limits: Limits) -> None:
    by_owner = {v.workload_key(term): limit for term, limit in limits.items()}
    picked, highest = _picked(work), _highest(work)
    for controller, path, reason in work.each("deletes"):
        limit: dict[str, int] = {}
        if name_of(controller) == "daemonset_controller" and by_owner:
            pod = work.get(v.key_of("Pod", str(path)))
            owner = pod.metadata.controller if pod is not None else None
            if pod is not None and owner is not None:
                limit = by_owner.get(Key(owner.kind, pod.namespace, owner.name), {})
        chosen = picked.get(path) if name_of(controller) == "replicaset_controller" else None
        if (path, reason) in highest and name_of(controller) == "statefulset_controller":
            chosen = work.alike(path, last=highest[path, reason])
        for pod in work.alike(path, limit) if chosen is None else chosen:
            work.act(Verb.DELETE, pod, AUTHORS[name_of(controller)], reason_of(reason))
            work.delete(
                _marked(pod, name_of(controller), work.now),
                grace=0 if name_of(controller) == "pod_garbage_collector" else None,
            )


def _picked(work: Round) -> dict[Argument, list[Pod]]:
    """Of groups of which only so many pods go, those that do: as chosen, or the first by their uids."""
    if "goes" in work.answer:
        going = {path for _, path in work.answer["goes"]}
        return {path: work.alike(path) if path in going else [] for _, path, _ in work.answer["picked"]}
    groups: dict[tuple[Argument, Argument], list[Argument]] = {}
    for term, path, count in work.each("picked"):
        groups.setdefault((term, count), []).append(path)
    picked: dict[Argument, list[Pod]] = {}
    for (_, count), paths in groups.items():
        pods = {path: work.alike(path) for path in paths}
        order = sorted((pod for alike in pods.values() for pod in alike), key=by_uid)
        chosen = {pod.key for pod in order[: number_of(count)]}
        picked |= {path: [pod for pod in alike if pod.key in chosen] for path, alike in pods.items()}
    return picked


def _highest(work: Round) -> dict[tuple[Argument, Argument], int]:
    """Of runs of which only the highest ordinals lose their pods for a reason, how many do."""
    return {(path, reason): number_of(count) for path, reason, count in work.each("highest")}


def _marked(pod: Pod, controller: str, now: float) -> Pod:
    """The pod as those leave it that drive pods off nodes; the pod collector has it fail first."""
    if controller not in _DISRUPTIONS:
        return pod
    lost = controller == "pod_garbage_collector" and not pod.finished
    return disrupted(ended(pod, now, exit_code=None) if lost else pod, *_DISRUPTIONS[controller], now)


def _create(work: Round, limits: Limits) -> None:
    added = added_tolerations(work.answer)
    for term, place, label, reason in sorted(_each_created(work), key=repr):
        workload = work.workload(term)
        assert isinstance(place, Term)
        if isinstance(workload, DaemonSet):
            tolerations = added[workload.spec.template.spec.host_network]
            nodes = work.facts.nodes_alike(str(place.arguments[0]), limits.get(term, {}))
            maker = PodMaker(work.cluster, work.get, work.memory, work.now)
            pods = [maker.daemon(workload, node, str(label), tolerations) for node in nodes]
        elif isinstance(workload, StatefulSet):
            maker = PodMaker(work.cluster, work.get, work.memory, work.now)
            pods = [maker.stateful(workload, number_of(place.arguments[0]), str(label))]
        else:
            continue
        for pod in pods:
            work.put(pod)
            work.act(Verb.CREATE, pod, author_of(workload), reason_of(reason))


def _each_created(work: Round) -> Iterable[tuple[Argument, ...]]:
    """The atoms of `creates`, with one for each ordinal that another stands for."""
    for term, place, label, reason in work.each("creates"):
        assert isinstance(place, Term)
        if place.name != "ordinal":
            yield term, place, label, reason
            continue
        for ordinal in work.facts.ordinals_alike(v.workload_key(term), number_of(place.arguments[0])):
            yield term, Term("ordinal", (ordinal,)), label, reason


def added_tolerations(answer: Answer) -> dict[bool, Tolerations]:
    """The tolerations that the controller adds, in its order, without and with the host's network."""
    pairs = {(str(key), str(effect)) for _, key, effect in answer.get("automatic", ())}
    order = sorted(pairs, key=lambda pair: (pair[1] != "NoExecute", pair[0] == _OF_HOST_NETWORK, pair))
    return {False: [pair for pair in order if pair[0] != _OF_HOST_NETWORK], True: order}


class PodMaker(NamedTuple):
    """Makes the new pods of DaemonSets and StatefulSets at a moment; `get` finds what is there by then."""

    cluster: Cluster
    get: Callable[[Key], Object | None]
    memory: Memory
    now: float

    def daemon(self, workload: DaemonSet, node: str, label: str, added: Tolerations) -> Pod:
        """The DaemonSet's next pod for a node, with a name that no pod has had."""
        serial = 0
        while True:
            pod = daemon_pod(self.cluster, workload, node, label, added, self.now, serial)
            if self.get(pod.key) is None and pod.key not in self.memory.spent:
                self.memory.spent.add(pod.key)
                return pod
            serial += 1

    def stateful(self, workload: StatefulSet, ordinal: int, label: str) -> Pod:
        """The StatefulSet's next pod for an ordinal, from the template of the revision with this label."""
        template = template_of(workload)
        if label != next_revision_name(workload):
            for thing in self.cluster.owned_by(workload.metadata.uid):
                if isinstance(thing, ControllerRevision) and label_of_revision(workload, thing) == label:
                    template = remembered_template(thing)
        self.memory.serial += 1
        return stateful_pod(self.cluster, workload, ordinal, label, template, self.now, self.memory.serial)
