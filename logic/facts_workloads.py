"""The facts of workloads: what is wanted of them, and their revisions."""

from __future__ import annotations

from foretell.logic import vocabulary as v
from foretell.logic.facts_cron import cronjob_facts
from foretell.logic.facts_jobs import job_facts
from foretell.logic.facts_ordinals import replicas_of, start_of
from foretell.logic.facts_replicas import deployment_facts, replicaset_facts
from foretell.logic.memory import Memory
from foretell.logic.scope import REVISIONED, near, owner_of, selector_of, selects
from foretell.logic.shapes import Shapes, bound, clamped, named
from foretell.logic.templates import label_of_revision, next_revision_name, pod_label, template_identity
from foretell.logic.vocabulary import Term
from foretell.model.cluster import Cluster
from foretell.model.objects import (
    ControllerRevision,
    DaemonSet,
    Deployment,
    Job,
    ReplicaSet,
    Revisioned,
    StatefulSet,
    Workload,
)


class WorkloadFacts:
    """Makes the facts of workloads, sharing names for what is equal among them."""

    def __init__(self, cluster: Cluster, shapes: Shapes, memory: Memory, now: float) -> None:
        self.cluster, self.shapes, self.memory, self.now = cluster, shapes, memory, now
        self._texts: dict[str, str] = {}

    def of(self, workload: Workload) -> list[str]:
        """The facts of one workload."""
        return [*self.lasting(workload), *self.passing(workload)]

    def passing(self, workload: Workload) -> list[str]:
        """What is another thing each time: what wakes a workload, what it waits for, what it has reported."""
        name = v.workload_term(workload.key)
        lines = []
        due = self.memory.looks.get(workload.key)
        if workload.key in self.memory.touched or (due is not None and due <= self.now):
            lines.append(v.TOUCHED(name))
        if workload.key in self.memory.retries:
            lines.append(v.RETRIED(name, self.memory.retries[workload.key]))
        if isinstance(workload, DaemonSet):
            lines.append(v.REPORTED(name, Term("misscheduled"), workload.status.number_misscheduled))
            lines += self._back_offs(workload, name)
        if isinstance(workload, REVISIONED):
            revisions = (revision.key for revision in self._remembered(workload))
            lines += [v.TOUCHED(key.path) for key in revisions if key in self.memory.touched]
        return lines

    def lasting(self, workload: Workload) -> list[str]:
        """The other facts, which for a DaemonSet are the same while it and its revisions are."""
        name = v.workload_term(workload.key)
        lines = []
        if workload.terminating:
            lines.append(v.DELETING(name))
        if selects(workload):
            selector = selector_of(workload)
            if selector is None or not selector.requirements:
                lines.append(v.SELECTS_EVERYTHING(name))
            else:
                lines.append(v.SELECTOR(name, self.shapes.label_selector(selector)))
        if isinstance(workload, REVISIONED):
            return lines + self._revisioned(workload, name)
        if isinstance(workload, ReplicaSet):
            return lines + replicaset_facts(workload, name)
        if isinstance(workload, Deployment):
            return lines + deployment_facts(self.cluster, self.memory, workload, name, self.now, self._named)
        if isinstance(workload, Job):
            return lines + job_facts(self.cluster, self.memory, workload, name, self.now)
        return lines + cronjob_facts(self.cluster, self.memory, workload, name, self.now)

    def _revisioned(self, workload: Revisioned, name: Term) -> list[str]:
        spec = workload.spec
        lines = [
            v.MIN_READY_SECONDS(name, spec.min_ready_seconds),
            v.STRATEGY(name, spec.update_strategy.type),
        ]
        if spec.revision_history_limit is not None and spec.revision_history_limit >= 0:
            lines.append(v.HISTORY_LIMIT(name, spec.revision_history_limit))
        lines += self._revisions(workload, name)
        lines += (
            self._daemonset(workload, name)
            if isinstance(workload, DaemonSet)
            else self._statefulset(workload, name)
        )
        return lines

    def _identity(self, thing: Revisioned | ControllerRevision) -> str:
        return named("template", template_identity(thing))

    def _named(self, text: str) -> str:
        return self._texts.setdefault(text, f"text-{len(self._texts)}")

    def _revisions(self, workload: Revisioned, name: Term) -> list[str]:
        next_name = next_revision_name(workload)
        lines = [
            v.TEMPLATE(name, self._identity(workload)),
            v.NEXT_HASH(name, pod_label(workload, next_name)),
        ]
        revisions = self._remembered(workload)
        for revision in revisions:
            path = revision.key.path
            if revision.metadata.controller is not None:
                lines.append(v.REVISION(path, name))
                continue
            lines += [v.ORPHAN_REVISION(path), v.NEAR(path, name)]
            selector = workload.spec.selector
            keys = {r.key for r in selector.requirements} if selector else set()
            for key in sorted(keys & set(revision.labels)):
                lines.append(v.HAS(path, Term("label", (key,)), revision.labels[key]))
        for revision in revisions:
            path = revision.key.path
            lines += [
                v.NUMBER(path, clamped(revision.revision)),
                v.DATA(path, self._identity(revision)),
                v.HASH(path, label_of_revision(workload, revision)),
            ]
        return lines

    def _remembered(self, workload: Revisioned) -> list[ControllerRevision]:
        """The revisions that a workload owns, and those that it might adopt."""
        owned = self.cluster.owned_revisions(workload.metadata.uid)
        revisions = [revision for revision in owned if owner_of(self.cluster, revision) == workload]
        orphans = self.cluster.orphans(workload.namespace)
        return revisions + [r for r in orphans if isinstance(r, ControllerRevision) and near(r, workload)]

    def _daemonset(self, workload: DaemonSet, name: Term) -> list[str]:
        rolling = workload.spec.update_strategy.rolling_update
        lines = [v.DAEMONSET(name), v.SHAPE(name, self.shapes.of_daemon(workload.spec.template.spec))]
        unavailable = rolling.max_unavailable if rolling else None
        surge = rolling.max_surge if rolling else None
        lines.append(v.MAX_UNAVAILABLE(name, bound(1 if unavailable is None else unavailable)))
        lines.append(v.MAX_SURGE(name, bound(surge or 0)))
        return lines

    def _back_offs(self, workload: DaemonSet, name: Term) -> list[str]:
        lines = []
        generation = workload.metadata.generation
        for (key, at_generation, node), (delay, since) in sorted(self.memory.back_offs.items()):
            if key != workload.key or at_generation != generation:
                continue
            left = since + delay - self.now
            # Unused for twice the longest back-off, an entry is dropped (client-go backoff.go).
            if -left < 2 * 900:
                lines.append(v.BACKED_OFF(name, node, delay))
            if left > 0:
                lines.append(v.BACKING_OFF(name, node, clamped(-(-left // 1))))
        return lines

    def _statefulset(self, workload: StatefulSet, name: Term) -> list[str]:
        spec, rolling = workload.spec, workload.spec.update_strategy.rolling_update
        lines = [
            v.STATEFULSET(name), v.REPLICAS(name, replicas_of(workload)), v.START(name, start_of(workload)),
            v.MANAGEMENT(name, spec.pod_management_policy or "OrderedReady"),
            v.PARTITION(name, (rolling.partition or 0) if rolling else 0),
            v.REPORTED(name, Term("current"), workload.status.current_replicas),
        ]  # fmt: skip
        if rolling is not None:
            lines.append(v.ROLLING_BLOCK(name))
        unavailable = rolling.max_unavailable if rolling else None
        lines.append(v.MAX_UNAVAILABLE(name, bound(1 if unavailable is None else unavailable)))
        if workload.status.current_revision:
            lines.append(v.CURRENT_HASH(name, workload.status.current_revision))
        policy = spec.persistent_volume_claim_retention_policy
        lines.append(v.RETENTION(name, Term("when_deleted"), (policy and policy.when_deleted) or "Retain"))
        lines.append(v.RETENTION(name, Term("when_scaled"), (policy and policy.when_scaled) or "Retain"))
        return lines
