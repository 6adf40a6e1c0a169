"""The facts of ordinals of StatefulSets: pods and claims; alike ones are told once, as a run."""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable, Iterable, Iterator
from dataclasses import dataclass, field

from foretell.logic import vocabulary as v
from foretell.logic.alike import Alike
from foretell.logic.finding import ordinal_of
from foretell.logic.memory import Memory
from foretell.logic.runs import Run, runs_of
from foretell.logic.scope import Scope, min_ready_seconds, near, owner_of
from foretell.logic.seen import Claimed, Member, Rows, facts_from
from foretell.logic.vocabulary import Term
from foretell.model.clock import seconds
from foretell.model.cluster import Cluster
from foretell.model.meta import Key
from foretell.model.objects import PersistentVolumeClaim, Pod, StatefulSet, Workload

_CLAIM = PersistentVolumeClaim.__name__
Entries = list[tuple[Key, Pod]]
_NO_CLAIMS = Claimed((), (), None, (), 0)


@dataclass
class Ordinals:
    """What is known of a StatefulSet's ordinals: their pods, and which of them have pods told by name."""

    pods: dict[int, Member] = field(default_factory=dict)
    named: set[int] = field(default_factory=set)


@dataclass
class OrdinalFacts:
    """Makes these facts; `nodes` are those that they name, `alike` has the runs that were told once.

    `rows_of` gives all that is told of a pod but for its name, `owner_of` its controller, and `label_keys`
    which labels some rule looks at. `telling` are the nodes on which more is told of a pod than elsewhere.
    """

    cluster: Cluster
    scope: Scope
    memory: Memory
    now: float
    rows_of: Callable[[Pod], Rows]
    owner_of: Callable[[Pod], Workload | None]
    label_keys: dict[Key, tuple[str, ...]]
    telling: Collection[str]
    alike: Alike
    grouped: bool
    nodes: set[str] = field(default_factory=set)
    lines: list[str] = field(default_factory=list)

    def tell(self, strays: Iterable[Pod]) -> Entries:
        """Tell the ordinals of the scope's StatefulSets; the pods of theirs that are left to be told by name.

        Those are pods that aren't called after an ordinal as the StatefulSet would call them, and what has an
        ordinal with one of these or with a stray.
        """
        strays = list(strays)
        left: Entries = []
        for workload in self.scope.workloads:
            if isinstance(workload, StatefulSet):
                ordinals = Ordinals(named=set(_ordinals_of(workload, strays)))
                left += self._sorted_out(workload, ordinals)
                self._told(workload, ordinals)
        return left

    # --- pods ---

    def _sorted_out(self, workload: StatefulSet, ordinals: Ordinals) -> Entries:
        """Put the set's pods to their ordinals; those that are left to be told by name."""
        left: Entries = []
        for key, member in self._members(workload).items():
            if member.ordinal is not None and key.name == f"{workload.name}-{member.ordinal}":
                ordinals.pods[member.ordinal] = member
            else:
                left.append((key, member.pod))
                ordinals.named |= set() if member.ordinal is None else {member.ordinal}
        shared = [ordinals.pods.pop(ordinal) for ordinal in ordinals.named & ordinals.pods.keys()]
        return left + [(member.pod.key, member.pod) for member in shared]

    def _members(self, workload: StatefulSet) -> dict[Key, Member]:
        """The pods that the set controls, as they were told before where nothing has changed to be seen."""
        asked = min_ready_seconds(workload)
        token = (workload.metadata.uid, self.label_keys[workload.key], asked)
        known = self.memory.seen.members.get(workload.key)
        before = known[1] if known is not None and known[0] == token else {}
        restless = self.scope.touched | self.memory.evictions.keys()
        members: dict[Key, Member] = {}
        for key, pod in self.cluster.owned_pods(workload.metadata.uid):
            member = before.get(key)
            if (
                member is None
                or member.pod is not pod
                or not member.lasting
                or key in restless
                or pod.spec.node_name in self.telling
            ):
                owner = self.owner_of(pod)
                if owner is None or owner.key != workload.key:
                    continue
                rows = tuple([row for row in self.rows_of(pod) if row[0] is not v.ORDINAL])
                lasting = not (
                    key in restless
                    or pod.spec.node_name in self.telling
                    or (pod.ready and self._ready_for(pod) <= asked > 0)
                )
                mark = self.memory.seen.mark(rows)
                member = Member(pod, ordinal_of(pod, workload.name), rows, mark, lasting)
            members[key] = member
        self.memory.seen.members[workload.key] = (token, members)
        return members

    def _ready_for(self, pod: Pod) -> float:
        condition = pod.ready_condition
        if condition is None or condition.last_transition_time is None:
            return 0.0
        return self.now - seconds(condition.last_transition_time)

    # --- ordinals ---

    def _told(self, workload: StatefulSet, ordinals: Ordinals) -> None:
        """Tell the set's ordinals, run by run."""
        start, replicas = start_of(workload), replicas_of(workload)
        there = sorted({*range(start, start + replicas), *ordinals.pods, *ordinals.named})
        rolling = workload.spec.update_strategy.rolling_update
        partition = (rolling.partition or 0) if rolling else 0
        cuts = {start + number for number in (0, replicas, partition, workload.status.current_replicas)}
        claims = self._claims(workload, there, ordinals)
        looks = self._looks(workload, there, ordinals, claims)
        for run in runs_of(looks, cuts) if self.grouped else (range(each, each + 1) for each in there):
            self._run(workload, run, ordinals.pods.get(run.start), claims.get(run.start, _NO_CLAIMS))

    def _looks(
        self, workload: StatefulSet, there: list[int], ordinals: Ordinals, claims: dict[int, Claimed]
    ) -> Iterator[tuple[int, Hashable]]:
        """The ordinals, each with all that a rule can see of it but names."""
        for ordinal in there:
            member, claimed = ordinals.pods.get(ordinal), claims.get(ordinal, _NO_CLAIMS)
            if member is not None:
                yield ordinal, (member.mark, claimed.mark)
            elif ordinal in ordinals.named or self._taken(workload, ordinal):
                yield ordinal, object()
            else:
                yield ordinal, (None, claimed.mark)

    def _taken(self, workload: StatefulSet, ordinal: int) -> bool:
        """Whether a pod that the set has nothing to do with has the name of an ordinal's."""
        pod = self._pod(workload, ordinal)
        if pod is None:
            return False
        if pod.metadata.controller is None:
            return not near(pod, workload)
        return owner_of(self.cluster, pod) != workload

    def _pod(self, workload: StatefulSet, ordinal: int) -> Pod | None:
        return self.cluster.find(Pod, f"{workload.name}-{ordinal}", workload.namespace)

    def _run(self, workload: StatefulSet, run: range, member: Member | None, claimed: Claimed) -> None:
        name, first = v.workload_term(workload.key), run.start
        pod = Key("Pod", workload.namespace, f"{workload.name}-{first}")
        self.lines += [v.RUN(name, first, len(run)), v.POD_NAME(name, first, pod.path)]
        if member is not None:
            self.lines += facts_from(pod.path, member.rows)
            self.lines.append(v.ORDINAL(pod.path, name, first))
            self.nodes |= {str(row[1]) for row in member.rows if row[0] is v.BOUND}
        elif self._taken(workload, first):
            self.lines.append(v.POD(pod.path))
        for claim, rows in zip(claimed.keys, claimed.rows, strict=True):
            self.lines.append(v.CLAIM_NAME(name, first, claim.path))
            # Of the pod that owns a claim the ordinal says which it is.
            owned = Term("pod", (pod.path,))
            self.lines += facts_from(
                claim.path, tuple([(v.CLAIM_OWNER, owned) if row == _OF_POD else row for row in rows])
            )
        if len(run) > 1:
            self.alike.members |= {key: Run(key, len(run)) for key in (pod, *claimed.keys)}

    # --- claims ---

    def _claims(self, workload: StatefulSet, there: list[int], ordinals: Ordinals) -> dict[int, Claimed]:
        """What is told of each ordinal's claims, as it was told before where nothing has changed."""
        templates = tuple([template.name for template in workload.spec.volume_claim_templates])
        if not templates:
            return {}
        token = (workload.metadata.uid, templates)
        known = self.memory.seen.claims.get(workload.key)
        before = known[1] if known is not None and known[0] == token else {}
        found: dict[int, Claimed] = {}
        for ordinal in there:
            member, claimed = ordinals.pods.get(ordinal), before.get(ordinal)
            pod = member.pod if member is not None else self._pod(workload, ordinal)
            uid = pod.metadata.uid if pod is not None else None
            keys = claimed.keys if claimed is not None else _claim_keys(workload, templates, ordinal)
            claims = tuple([self.cluster.get(key) for key in keys])
            if claimed is None or claimed.uid != uid or claimed.claims != claims:
                rows = tuple([_claim_rows(claim, workload, ordinal, uid) for claim in claims])
                claimed = Claimed(keys, claims, uid, rows, self.memory.seen.mark(rows))
            found[ordinal] = claimed
        self.memory.seen.claims[workload.key] = (token, found)
        return found


_OF_POD = (v.CLAIM_OWNER, Term("pod"))


def _claim_keys(workload: StatefulSet, templates: tuple[str, ...], ordinal: int) -> tuple[Key, ...]:
    return tuple([Key(_CLAIM, workload.namespace, f"{name}-{workload.name}-{ordinal}") for name in templates])


def _claim_rows(claim: object, workload: StatefulSet, ordinal: int, uid: str | None) -> Rows:
    """What is told of a claim but for its name; the uid is that of the ordinal's pod, if there is one."""
    if not isinstance(claim, PersistentVolumeClaim):
        return ()
    rows: list[tuple[object, ...]] = [(v.CLAIM,)]
    if claim.terminating:
        rows.append((v.CLAIM_TERMINATING,))
    for owner in claim.metadata.owner_references:
        if owner.uid == workload.metadata.uid:
            rows.append((v.CLAIM_OWNER, Term("set")))
        elif owner.kind == "Pod" and owner.name == f"{workload.name}-{ordinal}":
            rows.append(_OF_POD if uid == owner.uid else (v.CLAIM_OF_FORMER_POD,))
        elif owner.controller:
            rows.append((v.CLAIM_OF_STRANGER,))
    return tuple(rows)


def _ordinals_of(workload: StatefulSet, strays: Iterable[Pod]) -> Iterator[int]:
    """The ordinals after which pods that nothing controls are called, where they are near the set."""
    for pod in strays:
        if near(pod, workload) and (ordinal := ordinal_of(pod, workload.name)) is not None:
            yield ordinal


def start_of(workload: StatefulSet) -> int:
    """The first ordinal of a StatefulSet."""
    return workload.spec.ordinals.start if workload.spec.ordinals else 0


def replicas_of(workload: StatefulSet) -> int:
    """How many replicas a StatefulSet wants; one where it doesn't say."""
    return 1 if workload.spec.replicas is None else workload.spec.replicas
