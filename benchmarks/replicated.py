"""A large StatefulSet with all of its pods, as if it had been running for long."""

from __future__ import annotations

from fleet import FEW, fleet_node, fleet_statefulset

from foretell.logic.forecast import forecast
from foretell.model.cluster import Cluster
from foretell.model.documents import from_document, to_document
from foretell.model.meta import Object
from foretell.model.objects import ControllerRevision, Pod


def replicated(nodes: int, replicas: int) -> Cluster:
    """A settled cluster of one ordered StatefulSet: every replica runs and is ready.

    The set, its revision and its first pod are what a forecast makes of a set of one replica; the other
    pods are like that one.
    """
    machines = [from_document(fleet_node(number)) for number in range(nodes)]
    small = forecast(Cluster([*machines[:FEW], from_document(fleet_statefulset(0, 1))])).after
    (statefulset,), (first,) = small.statefulsets, small.pods
    document = to_document(statefulset)
    status = {name: replicas if value == 1 else value for name, value in document["status"].items()}
    status["observedGeneration"] = document["status"]["observedGeneration"]
    owner = from_document({**document, "spec": {**document["spec"], "replicas": replicas}, "status": status})
    kept = [thing for thing in small if isinstance(thing, ControllerRevision)]
    places = [node.name for node in small.nodes if not node.spec.taints]
    pods = (_alike(first, statefulset.name, number, places) for number in range(replicas))
    return Cluster([*machines, owner, *kept, *pods]).at(small.moment)


def _alike(first: Pod, owner: str, ordinal: int, places: list[str]) -> Object:
    """The pod of an ordinal, like the first one."""
    document, name = to_document(first), f"{owner}-{ordinal}"
    labels = {
        **document["metadata"]["labels"],
        "statefulset.kubernetes.io/pod-name": name,
        "apps.kubernetes.io/pod-index": str(ordinal),
    }
    return from_document({
        **document,
        "metadata": {**document["metadata"], "name": name, "uid": f"uid-{name}", "labels": labels},
        "spec": {**document["spec"], "hostname": name, "nodeName": places[ordinal % len(places)]},
    })  # fmt: skip
