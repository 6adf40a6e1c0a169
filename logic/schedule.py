"""The scheduler: pending pods in the order of its queue, each bound, spoken about, or given room."""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

import msgspec

from foretell.logic import vocabulary as v
from foretell.logic.preemption import Draw, Preemption, preempted
from foretell.logic.question import Asked, Question
from foretell.logic.renaming import solved
from foretell.logic.requeue import SCHEDULED
from foretell.logic.round import AUTHORS, action_on, name_of
from foretell.logic.sentences import ABSTAINING, GATED, sentence
from foretell.logic.solve import Answer, answers
from foretell.logic.stamps import with_volume
from foretell.logic.standing import Standing
from foretell.logic.vocabulary import Argument
from foretell.model.clock import timestamp
from foretell.model.cluster import Cluster
from foretell.model.forecast import Action, Reason, Verb
from foretell.model.meta import Key, Object
from foretell.model.objects import Condition, PersistentVolume, PersistentVolumeClaim, Pod
from foretell.model.orders import ChoiceKind

replace = msgspec.structs.replace
_FILES, _DRAWING = ("schedule.lp",), ("lots.lp",)
_DEFAULT = ("", "default-scheduler")
Writes = list[tuple[Key, Object | None]]
First = Callable[[Sequence[Pod], Collection[Key]], Pod]
"""Says which pod of a queue comes first, where some have been tried in vain."""


class Outcome(NamedTuple):
    """What the scheduler did in one go: its writes and its actions."""

    writes: Writes
    actions: list[Action]


def pending_pods(cluster: Cluster, keys: Iterable[Key], arrivals: Mapping[Key, int]) -> list[Pod]:
    """The pods among these that the scheduler has to place, in the order of its queue.

    It is by priority, then by when the pods came: `arrivals` counts those that came of late.
    """
    pods = (pod for key in keys if isinstance(pod := cluster.get(key), Pod))
    waiting = [p for p in pods if not p.spec.node_name and not p.terminating and not p.finished]
    return sorted(
        (p for p in waiting if p.spec.scheduler_name in _DEFAULT),
        key=lambda p: (
            -p.spec.priority,
            p.metadata.creation_timestamp or "",
            arrivals.get(p.key, 0),
            p.name,
        ),
    )


def bindings(
    cluster: Callable[[], Cluster],
    waiting: Callable[[], Collection[Key]],
    standing: Standing,
    gates: frozenset[str],
    now: float,
    *,
    queued: Callable[[Pod], bool],
    arrivals: Mapping[Key, int],
    draw: Draw | None = None,
    first: First | None = None,
) -> Iterator[Outcome]:
    """What the scheduler does, go by go, until it has tried every pending pod.

    The cluster and the pods that may be pending are asked for anew in each go. `queued` says whether
    something has happened that lets the scheduler try a pod again and say why it fails; every other pod is
    looked at quietly. Of pods that are alike only the first is tried when it fits nowhere. `draw` draws among
    nodes that are as good as each other, and `first` among pods that came at the same time; without them it
    is always the same.
    """
    tried: set[Key] = set()
    hopeless: dict[Hashable, str] = {}
    while True:
        there = cluster()
        queue = pending_pods(there, set(waiting()) - tried, arrivals)
        if not queue:
            return
        gated = [pod for pod in queue if pod.spec.scheduling_gates]
        if gated:
            tried |= {pod.key for pod in gated}
            yield Outcome([(pod.key, _held(pod, now)) for pod in gated], [])
            continue
        if first is not None:
            chosen = first(queue, tried)
            queue = [chosen, *(pod for pod in queue if pod is not chosen)]
        pods = _batch(queue)
        known = hopeless.get(alike(pods[0]))
        if known is not None:
            tried.add(pods[0].key)
            yield Outcome([(pods[0].key, _spoken(pods[0], known, now, said=queued(pods[0])))], [])
            continue
        scheduler = Go(there, standing, gates, now, pending_pods(there, waiting(), arrivals), draw)
        outcome = scheduler.place(pods, queued)
        tried |= {pod.key for pod in pods}
        if outcome.actions:
            # Whoever comes or goes may let in who has failed, or change what is said of him.
            hopeless.clear()
        elif pods[0].key in scheduler.failed and not pods[0].confined_to and not scheduler.victims:
            hopeless[alike(pods[0])] = scheduler.failed[pods[0].key]
        yield outcome


def _batch(queue: list[Pod]) -> list[Pod]:
    """The pods that can be tried in one go: of pinned ones that mind no others, one for each node."""
    first = queue[0]
    if not first.confined_to or _minds(first):
        return [first]
    pods: dict[str, Pod] = {}
    for pod in queue:
        if pod.confined_to and not _minds(pod) and pod.spec.priority == first.spec.priority:
            pods.setdefault(pod.confined_to, pod)
    return list(pods.values())


def rivals(queue: Sequence[Pod]) -> list[Pod]:
    """The pods of which any may come first, alike ones once: those as important and as old as the first.

    Pinned pods that mind no others don't compete with each other, so that one of them is there for all.
    """
    kinds: dict[Hashable, Pod] = {}
    first = (queue[0].spec.priority, queue[0].metadata.creation_timestamp)
    for pod in queue:
        if (pod.spec.priority, pod.metadata.creation_timestamp) == first:
            kinds.setdefault(alike(pod) if _minds(pod) or not pod.confined_to else None, pod)
    return list(kinds.values())


def _minds(pod: Pod) -> bool:
    affinity = pod.spec.affinity
    social = affinity is not None and bool(affinity.pod_affinity or affinity.pod_anti_affinity)
    return social or bool(pod.spec.topology_spread_constraints)


def alike(pod: Pod) -> Hashable:
    """What the scheduler sees of a pod."""
    labels = sorted(pod.labels.items())
    return msgspec.json.encode(
        (pod.namespace, labels, replace(pod.spec, hostname="", volumes=()), pod.claims)
    )


class Go:
    """One go of the scheduler over a pod, or over pinned pods that don't compete."""

    def __init__(
        self,
        cluster: Cluster,
        standing: Standing,
        gates: frozenset[str],
        now: float,
        waiting: list[Pod],
        draw: Draw | None = None,
    ) -> None:
        self.cluster, self.standing, self.gates, self.now, self.draw = cluster, standing, gates, now, draw
        self.nominated: dict[str, list[Pod]] = {}
        for pod in waiting:
            if pod.status.nominated_node_name:
                self.nominated.setdefault(pod.status.nominated_node_name, []).append(pod)
        self.failed: dict[Key, str] = {}
        self.victims: list[Pod] = []

    def question(self, *, apart: bool = False) -> Question:
        """A question about the cluster as it is."""
        return Question(self.cluster, self.standing, self.gates, nominated=self.nominated, apart=apart)

    def place(self, pods: list[Pod], queued: Callable[[Pod], bool]) -> Outcome:
        """Bind the pods, or say why not; pods that come before others may drive these off."""
        if self.draw is not None and not pods[0].confined_to:
            asked, answer, places = self._drawn(pods[0], self.draw)
        else:
            if pods[0].confined_to and self._independent(pods):
                asked = self.question().about_pinned({pod.confined_to: pod for pod in pods})
            else:
                nodes = (pods[0].confined_to,) if pods[0].confined_to else None
                asked = self.question().about(pods[0], nodes)
                pods[1:] = []
            answer = solved(_FILES, asked.text, [*(pod.key.path for pod in pods), *asked.members])
            places = _places(asked, answer, pods)
        writes: Writes = []
        actions: list[Action] = []
        for pod in pods:
            if pod.key in places:
                bound = bound_to(pod, places[pod.key], self.now)
                writes.append((pod.key, bound))
                actions.append(action_on(Verb.BIND, bound, AUTHORS["scheduler"], Reason.FEASIBLE))
        writes += self._volumes(answer)
        for pod in pods:
            if pod.key not in places:
                more = self._fail(pod, asked, answer, said=queued(pod))
                writes += more.writes
                actions += more.actions
        return Outcome(writes, actions)

    def _drawn(self, pod: Pod, draw: Draw) -> tuple[Asked, Answer, dict[Key, str]]:
        """What is asked and answered about a pod, and the node that is drawn for it, if it has any."""
        asked = self.question(apart=True).about(pod)
        by_node = {
            node: answer
            for answer in answers(_DRAWING, asked.text, len(asked.members) + 1)
            for _, first in answer.get("binds", ())
            for node in asked.members[str(first)]
        }
        if not by_node:
            (answer,) = answers(_DRAWING, asked.text, 1)
            return asked, answer, {}
        crowd = {node: len(self.standing.use(self.cluster, node).guests) for node in by_node}
        node = draw(ChoiceKind.TIE, pod, sorted(by_node, key=lambda name: (crowd[name], name)))
        return asked, by_node[node], {pod.key: node}

    def _independent(self, pods: list[Pod]) -> bool:
        """Whether these pods neither mind others nor are minded by any guest of a node."""
        if any(_minds(pod) for pod in pods):
            return False
        uses = (self.standing.use(self.cluster, node.name) for node in self.cluster.nodes)
        social = [guest for use in uses for guest in use.social]
        if not social:
            return True
        neighbours = self.question().neighbours
        neighbours.of_guests((), social)
        kinds = {(pod.namespace, tuple(sorted(pod.labels.items()))): pod for pod in pods}
        return not any(terms for _, terms in map(neighbours.meant, kinds.values()))

    def _fail(self, pod: Pod, asked: Asked, answer: Answer, *, said: bool) -> Outcome:
        """What the scheduler does about a pod that fits nowhere: it preempts, or says why it can't."""
        if not said:
            return Outcome([], [])
        reasons, unhelped = _reasons(pod, asked, answer, self.cluster)
        total = len(self.cluster.nodes)
        victims: Preemption | None = None
        abstains = [name_of(why) for _, why in answer.get("abstains", ())]
        if abstains:
            preemption = ABSTAINING[abstains[0]]
        else:
            helpful = [node for node in reasons if node not in unhelped]
            victims = preempted(
                self.cluster, self.standing, self.gates, self.nominated, pod, helpful, self.draw
            )
            preemption = victims.text(total, len(unhelped)) if not victims.node else ""
        text = sentence(total, reasons, preemption)
        self.failed[pod.key] = text
        spoken = _spoken(pod, text, self.now, said=True)
        if victims is None or not victims.node:
            if victims is not None and spoken.status.nominated_node_name:
                spoken = replace(spoken, status=replace(spoken.status, nominated_node_name=""))
            return Outcome([(pod.key, spoken)], [])
        status = replace(spoken.status, nominated_node_name=victims.node)
        writes: Writes = [(pod.key, replace(spoken, status=status))]
        self.victims = victims.pods
        actions = []
        for victim in victims.pods:
            writes += victims.deleted(victim, self.now)
            if not victim.terminating:
                actions.append(action_on(Verb.DELETE, victim, AUTHORS["scheduler"], Reason.PREEMPTED))
        return Outcome(writes, actions)

    def _volumes(self, answer: Answer) -> Writes:
        """Claims that waited for their consumer get their volumes."""
        writes: Writes = []
        for _, claim_path, name in answer.get("takes", ()):
            claim = self.cluster.get(v.key_of("PersistentVolumeClaim", str(claim_path)))
            volume = self.cluster.find(PersistentVolume, str(name))
            assert isinstance(claim, PersistentVolumeClaim)
            if volume is not None:
                writes.append((claim.key, with_volume(claim, volume.name)))
                reference = {
                    "kind": "PersistentVolumeClaim",
                    "namespace": claim.namespace,
                    "name": claim.name,
                }
                taken = replace(volume, spec=replace(volume.spec, claim_ref=reference))
                writes.append((volume.key, taken))
        return writes


def _places(asked: Asked, answer: Answer, pods: list[Pod]) -> dict[Key, str]:
    """The node of each pod that is bound."""
    binds = {str(pod): str(node) for pod, node in answer.get("binds", ())}
    if len(pods) == 1:
        return {pod.key: binds[pod.key.path] for pod in pods if pod.key.path in binds}
    bound = set(binds.values())
    told = {name: first for first, names in asked.members.items() for name in names}
    return {pod.key: pod.confined_to for pod in pods if told.get(pod.confined_to) in bound}


def _reasons(
    pod: Pod, asked: Asked, answer: Answer, cluster: Cluster
) -> tuple[dict[str, list[Argument]], set[str]]:
    """By node what the scheduler gives as reasons, and the nodes where no pod need go for this one."""
    told: dict[str, list[Argument]] = {}
    for node, _, reason in answer.get("explains", ()):
        told.setdefault(str(node), []).append(reason)
    lasting = {str(node) for node, _ in answer.get("unhelped", ())}
    members = asked.members.items()
    reasons = {name: told.get(first, []) for first, names in members for name in names}
    unhelped = {name for first, names in members if first in lasting for name in names}
    if pod.confined_to:
        # Only the node that it is pinned to need have been asked about.
        passed: list[Argument] = [v.Term("not_named")]
        for other in cluster.nodes:
            if other.name != pod.confined_to:
                reasons[other.name] = passed
                unhelped.add(other.name)
    return reasons, unhelped


def bound_to(pod: Pod, node: str, now: float) -> Pod:
    """The pod after the scheduler has bound it to a node."""
    kept = [condition for condition in pod.status.conditions if condition.type != SCHEDULED]
    fresh = Condition(type=SCHEDULED, status="True", last_transition_time=timestamp(now))
    status = replace(pod.status, conditions=(*kept, fresh), nominated_node_name="")
    return replace(pod, spec=replace(pod.spec, node_name=node), status=status)


def _spoken(pod: Pod, text: str, now: float, *, said: bool) -> Pod:
    """The pod with what the scheduler says of it, where it says anything and that is new."""
    old = next((c for c in pod.status.conditions if c.type == SCHEDULED), None)
    if not said or (old is not None and old.status == "False" and old.message == text):
        return pod
    return _with_condition(pod, old, "Unschedulable", text, now)


def _held(pod: Pod, now: float) -> Pod:
    """A pod that its scheduling gates hold back."""
    old = next((c for c in pod.status.conditions if c.type == SCHEDULED), None)
    if old is not None and old.reason == "SchedulingGated":
        return pod
    return _with_condition(pod, old, "SchedulingGated", GATED, now)


def _with_condition(pod: Pod, old: Condition | None, reason: str, text: str, now: float) -> Pod:
    since = old.last_transition_time if old is not None and old.status == "False" else timestamp(now)
    kept = [condition for condition in pod.status.conditions if condition.type != SCHEDULED]
    fresh = Condition(type=SCHEDULED, status="False", reason=reason, message=text, last_transition_time=since)
    return replace(pod, status=replace(pod.status, conditions=(*kept, fresh)))
