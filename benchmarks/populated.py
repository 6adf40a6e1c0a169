"""A large cluster with all of its daemon pods, as if it had been running for long."""

from __future__ import annotations

from typing import Any

from clusters import cluster

from foretell.logic.desired import desired
from foretell.logic.forecast import forecast
from foretell.logic.templates import HASH_LABEL
from foretell.model.cluster import Cluster
from foretell.model.documents import from_document, to_document
from foretell.model.meta import Object
from foretell.model.objects import ControllerRevision, DaemonSet, Pod


def populated(nodes: int, daemonsets: int) -> Cluster:
    """A settled cluster of so many nodes and DaemonSets."""
    return settled(cluster(min(nodes, 15), daemonsets), cluster(nodes, daemonsets))


def settled(few: Cluster, large: Cluster) -> Cluster:
    """A settled cluster: every desired pod of its DaemonSets runs and is ready.

    Workloads, revisions and one pod of each workload are what a forecast makes of the same workloads on few
    nodes, which is much faster; the other pods are like that one.
    """
    small = forecast(few).after
    kept = [thing for thing in small if isinstance(thing, ControllerRevision)]
    wanted = desired(large)
    pods: list[Object] = []
    owners: list[Object] = []
    for daemonset in small.daemonsets:
        places = wanted.nodes_of(daemonset.key)
        owners.append(_settled(daemonset, len(places)))
        model = next((pod for _, pod in small.owned_pods(daemonset.metadata.uid)), None)
        if model is not None:
            pods += (
                _alike(model, f"{daemonset.name}-{number:05}", node) for number, node in enumerate(places)
            )
    whole = Cluster([*large.nodes, *owners, *kept, *pods])
    return whole.at(small.moment)


def _settled(daemonset: DaemonSet, count: int) -> Object:
    document = to_document(daemonset)
    numbers = ("desiredNumberScheduled", "currentNumberScheduled", "numberReady", "numberAvailable")
    status = {**document["status"], **dict.fromkeys((*numbers, "updatedNumberScheduled"), count)}
    return from_document({**document, "status": status})


_DOCUMENTS: dict[str, dict[str, Any]] = {}


def _alike(model: Pod, name: str, node: str) -> Object:
    """A pod like another one, with a name and a node of its own."""
    if model.metadata.uid not in _DOCUMENTS:
        _DOCUMENTS[model.metadata.uid] = to_document(model)
    document = _DOCUMENTS[model.metadata.uid]
    place = {
        "requiredDuringSchedulingIgnoredDuringExecution": {
            "nodeSelectorTerms": [
                {"matchFields": [{"key": "metadata.name", "operator": "In", "values": [node]}]}
            ]
        }
    }
    assert HASH_LABEL in document["metadata"]["labels"]
    return from_document({
        **document,
        "metadata": {**document["metadata"], "name": name, "uid": f"uid-{name}"},
        "spec": {**document["spec"], "nodeName": node, "affinity": {"nodeAffinity": place}},
    })  # fmt: skip
