"""The facts of ordinals of StatefulSets and of their pods: alike ones are told once, as a run."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Hashable, Iterable, Iterator
from dataclasses import dataclass, field

from foretell.logic import vocabulary as v
from foretell.logic.alike import Alike
from foretell.logic.facts_claims import NO_CLAIMS, ClaimFacts
from foretell.logic.finding import ordinal_of
from foretell.logic.memory import Memory
from foretell.logic.runs import Run, runs_of
from foretell.logic.scope import Scope, min_ready_seconds, near, owner_of
from foretell.logic.seen import Claimed, Member, Rows
from foretell.model.cluster import Cluster
from foretell.model.meta import Key
from foretell.model.objects import Pod, StatefulSet, Workload

Entries = list[tuple[Key, Pod]]
_NO_ORDINAL = -1


@dataclass
class Ordinals:
    """What is known of a StatefulSet's ordinals: their pods, and which of them have pods told by name."""

    pods: dict[int, Member] = field(default_factory=dict)
    named: set[int] = field(default_factory=set)


@dataclass
class OrdinalFacts:
    """Makes these facts; `nodes` are those that they name, `alike` has the runs that were told once.

    `rows_of` gives all that is told of a pod but for its name, `is_fleeting` says whether that is something
    else another time, `owner_of` gives its controller, and `label_keys` which labels some rule looks at.
    `told` takes all that is told of a pod; `telling` gives the nodes on which that is more than elsewhere.
    """

    cluster: Cluster
    scope: Scope
    memory: Memory
    now: float
    rows_of: Callable[[Pod], Rows]
    is_fleeting: Callable[[Key, Pod], bool]
    owner_of: Callable[[Pod], Workload | None]
    label_keys: dict[Key, tuple[str, ...]]
    told: Callable[[Key, Rows], None]
    telling: Callable[[], Collection[str]]
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
        sets = [workload for workload in self.scope.workloads if isinstance(workload, StatefulSet)]
        claiming = Counter(stem for workload in sets for stem in _claim_stems(workload))
        left: Entries = []
        for workload in sets:
            ordinals = Ordinals(named=set(_ordinals_of(workload, strays)))
            left += self._sorted_out(workload, ordinals)
            # Where two sets name the same claims, these can't stand for others in the runs of both.
            apart = any(claiming[stem] > 1 for stem in _claim_stems(workload))
            self._tell_runs(workload, ordinals, grouped=self.grouped and not apart)
        return left

    # --- pods ---

    def _sorted_out(self, workload: StatefulSet, ordinals: Ordinals) -> Entries:
        """Put the set's pods to their ordinals; those that are left to be told by name."""
        left: Entries = []
        for key, member in self._members(workload).items():
            if member.canonical:
                ordinals.pods[member.ordinal] = member
            else:
                left.append((key, member.pod))
                ordinals.named.add(member.ordinal)
        ordinals.named.discard(_NO_ORDINAL)
        shared = [ordinals.pods.pop(ordinal) for ordinal in ordinals.named & ordinals.pods.keys()]
        return left + [(member.pod.key, member.pod) for member in shared]

    def _members(self, workload: StatefulSet) -> dict[Key, Member]:
        """The pods that the set controls, as they were told before where nothing has changed to be seen."""
        asked = min_ready_seconds(workload)
        token = (workload.metadata.uid, self.label_keys[workload.key], asked)
        known = self.memory.seen.members.get(workload.key)
        # What holds of a pod that has been ready for long doesn't hold of an earlier moment.
        holds = known is not None and known[0] == token and known[1] <= self.now
        before = known[2] if known is not None and holds else {}
        for key in self.memory.evictions.keys() & before.keys():
            del before[key]
        members: dict[Key, Member] = {}
        telling = self.telling()
        for key, pod in self.cluster.owned_pods(workload.metadata.uid):
            member = before.get(key)
            if (
                member is None
                or member.pod is not pod
                or not member.lasting
                or (telling and pod.spec.node_name in telling)
            ):
                owner = self.owner_of(pod)
                if owner is None or owner.key != workload.key:
                    continue
                lasting = not (self.is_fleeting(key, pod) or pod.spec.node_name in telling)
                member = self._member(workload, pod, lasting=lasting)
            members[key] = member
        self.memory.seen.members[workload.key] = (token, self.now if asked else 0.0, members)
        return members

    def _member(self, workload: StatefulSet, pod: Pod, *, lasting: bool) -> Member:
        rows = tuple([row for row in self.rows_of(pod) if row[0] is not v.ORDINAL])
        ordinal = ordinal_of(pod, workload.name)
        number = _NO_ORDINAL if ordinal is None else ordinal
        canonical = ordinal is not None and pod.name == f"{workload.name}-{ordinal}"
        return Member(pod, number, canonical, rows, self.memory.seen.mark(rows), lasting)

    # --- ordinals ---

    def _tell_runs(self, workload: StatefulSet, ordinals: Ordinals, *, grouped: bool) -> None:
        """Tell the set's ordinals, run by run."""
        start, replicas = start_of(workload), replicas_of(workload)
        there = sorted({*range(start, start + replicas), *ordinals.pods, *ordinals.named})
        rolling = workload.spec.update_strategy.rolling_update
        partition = (rolling.partition or 0) if rolling else 0
        cuts = {start + number for number in (0, replicas, partition, workload.status.current_replicas)}
        claims = ClaimFacts(self.cluster, self.memory.seen, workload)
        claimed = claims.known(there, ordinals.pods)
        looks = self._looks(workload, there, ordinals, claimed)
        for run in runs_of(there, looks, cuts if grouped else there):
            self._run(workload, run, ordinals.pods.get(run.start), claims, claimed.get(run.start, NO_CLAIMS))

    def _looks(
        self, workload: StatefulSet, there: list[int], ordinals: Ordinals, claimed: dict[int, Claimed]
    ) -> Iterator[Hashable]:
        """All that a rule can see of each ordinal but names."""
        for ordinal in there:
            member, mark = ordinals.pods.get(ordinal), claimed.get(ordinal, NO_CLAIMS).mark
            if member is not None:
                yield member.mark, mark
            elif ordinal in ordinals.named or self._taken(workload, ordinal):
                yield ordinal
            else:
                yield None, mark

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

    def _run(
        self, workload: StatefulSet, run: range, member: Member | None, claims: ClaimFacts, claimed: Claimed
    ) -> None:
        name, first = v.workload_term(workload.key), run.start
        pod = Key("Pod", workload.namespace, f"{workload.name}-{first}")
        self.lines += [v.RUN(name, first, len(run)), v.POD_NAME(name, first, pod.path)]
        if member is not None:
            self.told(pod, member.rows)
            self.lines.append(v.ORDINAL(pod.path, name, first))
            self.nodes |= {str(row[1]) for row in member.rows if row[0] is v.BOUND}
        elif self._taken(workload, first):
            self.lines.append(v.POD(pod.path))
        self.lines += claims.tell(first, pod.path, claimed)
        if len(run) > 1:
            self.alike.members |= {key: Run(key, len(run)) for key in (pod, *claimed.keys)}


def _ordinals_of(workload: StatefulSet, strays: Iterable[Pod]) -> Iterator[int]:
    """The ordinals after which pods that nothing controls are called, where they are near the set."""
    for pod in strays:
        if near(pod, workload) and (ordinal := ordinal_of(pod, workload.name)) is not None:
            yield ordinal


def _claim_stems(workload: StatefulSet) -> list[str]:
    """What the names of all claims of a set begin with, template by template."""
    templates = workload.spec.volume_claim_templates
    return [f"{workload.namespace}/{template.name}-{workload.name}" for template in templates]


def start_of(workload: StatefulSet) -> int:
    """The first ordinal of a StatefulSet."""
    return workload.spec.ordinals.start if workload.spec.ordinals else 0


def replicas_of(workload: StatefulSet) -> int:
    """How many replicas a StatefulSet wants; one where it doesn't say."""
    return 1 if workload.spec.replicas is None else workload.spec.replicas
