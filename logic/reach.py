"""The reach of changes: which daemon pods' nodes and which whole workloads have to be judged anew."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from foretell.logic.scope import REVISIONED, near, owner_of
from foretell.model.cluster import Cluster
from foretell.model.diff import Divergence
from foretell.model.meta import Key, Object
from foretell.model.objects import ControllerRevision, DaemonSet, Node, Pod, Revisioned


class Extract(NamedTuple):
    """A cluster of what is needed to judge every DaemonSet on some nodes, or some whole workloads.

    What it holds of others is there beside them; what would be judged of those is not to be believed.
    """

    cluster: Cluster
    nodes: frozenset[str]
    workloads: frozenset[Key]

    def judges(self, entry: Divergence) -> bool:
        """Whether all is there that a difference is judged by."""
        if entry.workload in self.workloads:
            return True
        return entry.workload.kind == "DaemonSet" and entry.node in self.nodes


class Reach:
    """What changes from one snapshot to another concern: nodes with every DaemonSet, and whole workloads."""

    def __init__(self, before: Cluster, after: Cluster) -> None:
        self._before, self._after = before, after
        self.nodes: set[str] = set()
        self.workloads: set[Key] = set()

    def add(self, key: Key) -> None:
        """Take a changed object into account, as it was and as it is."""
        for cluster in (self._before, self._after):
            thing = cluster.get(key)
            if isinstance(thing, Node):
                self.nodes.add(thing.name)
            elif isinstance(thing, REVISIONED):
                self._add_workload(cluster, thing)
            elif isinstance(thing, Pod):
                self._add_pod(cluster, thing)
            elif isinstance(thing, ControllerRevision):
                self._add_revision(cluster, thing)

    def add_entry(self, entry: Divergence) -> None:
        """Take a difference into account that time alone may have changed."""
        self._add_place(entry.workload, entry.node or "")

    def _add_place(self, workload: Key, node: str) -> None:
        """Where a workload's pod is; a daemon pod that is nowhere is passed over by everybody."""
        if workload.kind != "DaemonSet":
            self.workloads.add(workload)
        elif node:
            self.nodes.add(node)

    def _add_workload(self, cluster: Cluster, workload: Revisioned) -> None:
        self.workloads.add(workload.key)
        # What nobody owns goes to the first of those that select it: another one may be the first now.
        for thing in cluster.orphans(workload.namespace):
            if isinstance(thing, Pod) and near(thing, workload):
                self._add_orphan(cluster, thing)

    def _add_pod(self, cluster: Cluster, pod: Pod) -> None:
        if pod.metadata.controller is None:
            self._add_orphan(cluster, pod)
        elif (owner := owner_of(cluster, pod)) is not None:
            self._add_place(owner.key, pod.spec.node_name or pod.pinned_to)

    def _add_orphan(self, cluster: Cluster, pod: Pod) -> None:
        for workload in _suitors(cluster, pod):
            self._add_place(workload.key, pod.spec.node_name or pod.pinned_to)

    def _add_revision(self, cluster: Cluster, revision: ControllerRevision) -> None:
        if revision.metadata.controller is None:
            self.workloads.update(workload.key for workload in _suitors(cluster, revision))
        elif (owner := owner_of(cluster, revision)) is not None:
            self.workloads.add(owner.key)

    def extracts(self) -> Iterator[Extract]:
        """What is to be judged of the later snapshot, in parts."""
        if self.nodes and self._after.daemonsets:
            yield self._of_nodes()
        found = [w for key in sorted(self.workloads) if isinstance(w := self._after.get(key), REVISIONED)]
        if found:
            yield self._of_workloads(found)

    def _of_nodes(self) -> Extract:
        after, names = self._after, sorted(self.nodes)
        nodes = (after.find(Node, name) for name in names)
        pods = [pod for name in names for pod in after.pods_on(name)]
        uids = {daemonset.metadata.uid for daemonset in after.daemonsets}
        revisions = [r for r in after.revisions if r.metadata.controller is None or _controller(r) in uids]
        rivals = _rivals(after, pods)
        there = [*(node for node in nodes if node is not None), *after.daemonsets, *rivals, *revisions, *pods]
        return Extract(Cluster(there), frozenset(names), frozenset())

    def _of_workloads(self, workloads: list[Revisioned]) -> Extract:
        after = self._after
        owned = [thing for workload in workloads for thing in after.owned_by(workload.metadata.uid)]
        orphans = [
            thing
            for namespace in sorted({workload.namespace for workload in workloads})
            for thing in after.orphans(namespace)
            if any(near(thing, workload) for workload in workloads)
        ]
        nodes = after.nodes if any(isinstance(workload, DaemonSet) for workload in workloads) else ()
        there: list[Object] = [*nodes, *_rivals(after, orphans), *workloads, *owned, *orphans]
        return Extract(Cluster(there), frozenset(), frozenset(workload.key for workload in workloads))


def _controller(thing: Object) -> str:
    return thing.metadata.controller.uid if thing.metadata.controller else ""


def _suitors(cluster: Cluster, orphan: Object) -> list[Revisioned]:
    """The workloads that may adopt what nobody owns, in order."""
    return [workload for workload in cluster.revisioned if near(orphan, workload)]


def _rivals(cluster: Cluster, things: Iterable[Object]) -> list[Revisioned]:
    """All suitors of those pods that nobody owns."""
    orphans = [t for t in things if isinstance(t, Pod) and t.metadata.controller is None]
    return [w for w in cluster.revisioned if any(near(orphan, w) for orphan in orphans)] if orphans else []
