"""Room for daemon pods: where there is plenty of it, what else is on a node is no matter to them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable

import msgspec

from foretell.logic.amounts import allocatable_of, bound_of, ports_of, requests_of
from foretell.model.cluster import Cluster
from foretell.model.meta import Key
from foretell.model.objects import Node, Pod, PodSpec


def manager_of(pod: Pod) -> Key:
    """What controls a pod, or the pod itself."""
    owner = pod.metadata.controller
    return Key(owner.kind, pod.namespace, owner.name) if owner is not None else pod.key


def only_pinned(cluster: Cluster) -> bool:
    """Whether no pod waits that may go to several nodes, and all that daemon pods ask for is room."""
    roaming = any(
        not (pod.spec.node_name or pod.confined_to or pod.terminating or pod.finished) for pod in cluster.pods
    )
    return not roaming and not any(_minds(each.spec.template.spec) for each in cluster.daemonsets)


def _minds(spec: PodSpec) -> bool:
    """Whether a template asks for more than room: for company, or for claims."""
    claims = any(volume.persistent_volume_claim for volume in spec.volumes)
    return claims or _social(spec) or bool(spec.topology_spread_constraints)


def _social(spec: PodSpec) -> bool:
    return spec.affinity is not None and bool(spec.affinity.pod_affinity or spec.affinity.pod_anti_affinity)


class Rooms:
    """Where the pods of DaemonSets may lack something, by what was on nodes before."""

    def __init__(self, before: Cluster) -> None:
        self.before = before
        self._known: dict[str, tuple[object, Hashable]] = {}

    def scarce(self, cluster: Cluster, node: Node) -> Hashable:
        """What may be scarce on a node: its name where there isn't room for two pods of each DaemonSet.

        Beside that, which ports are taken there, and whom its guests mind.
        """
        known = self._known.get(node.name)
        asked = (node, [each.spec.template.spec for each in cluster.daemonsets])
        if known is None or known[0] != asked:
            guests = [p for p in self.before.pods_on(node.name) if not p.finished]
            others = [p for p in guests if manager_of(p).kind != "DaemonSet"]
            known = self._known[node.name] = (asked, (
                "" if self._ample(cluster, node, guests) else node.name,
                tuple(sorted({port for pod in others for port in ports_of(pod.spec)})),
                tuple(sorted({
                    msgspec.json.encode((pod.namespace, pod.spec.affinity))
                    for pod in others if _social(pod.spec)
                })),
            ))  # fmt: skip
        return known[1]

    @staticmethod
    def _ample(cluster: Cluster, node: Node, guests: list[Pod]) -> bool:
        """Whether two pods of each DaemonSet fit on the node at once, as large as any that are or will be."""
        taken: Counter[str] = Counter()
        largest = {each.key: Counter(requests_of(each.spec.template.spec)) for each in cluster.daemonsets}
        for pod in guests:
            if manager_of(pod) in largest:
                largest[manager_of(pod)] |= Counter(requests_of(pod.spec))
            else:
                taken.update(requests_of(pod.spec))
        for amounts in largest.values():
            taken.update(amounts)
            taken.update(amounts)
        size = allocatable_of(node)
        bounds = ((amount, bound_of(size, resource)) for resource, amount in taken.items())
        return all(bound is None or amount <= bound for amount, bound in bounds)
