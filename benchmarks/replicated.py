"""A large StatefulSet with all of its pods, where the scheduler has put them."""

from __future__ import annotations

from fleet import fleet_node, fleet_statefulset

from foretell.logic.forecast import forecast
from foretell.model.cluster import Cluster
from foretell.model.documents import from_document, to_document


def replicated(nodes: int, replicas: int) -> Cluster:
    """A settled cluster of one ordered StatefulSet: every replica runs and is ready.

    That is what a forecast makes of a set that starts all of its pods at once; after that the set is ordered.
    """
    machines = [from_document(fleet_node(number)) for number in range(nodes)]
    document = fleet_statefulset(0, replicas)
    document["spec"]["podManagementPolicy"] = "Parallel"
    after = forecast(Cluster([*machines, from_document(document)])).after
    (made,) = map(to_document, after.statefulsets)
    ordered = {**made, "spec": {**made["spec"], "podManagementPolicy": "OrderedReady"}}
    return after.replaced([from_document(ordered)])
