"""What controllers report of workloads, and what they keep in mind."""

from __future__ import annotations

import msgspec

from foretell.logic import vocabulary as v
from foretell.logic.round import Round, name_of, number_of
from foretell.logic.scope import WORKLOADS
from foretell.logic.vocabulary import Argument

replace = msgspec.structs.replace
_FIELDS = {
    "DaemonSet": {
        "desired": "desired_number_scheduled",
        "current": "current_number_scheduled",
        "misscheduled": "number_misscheduled",
        "ready": "number_ready",
        "available": "number_available",
        "unavailable": "number_unavailable",
        "updated": "updated_number_scheduled",
    },
    "StatefulSet": {
        "replicas": "replicas",
        "ready": "ready_replicas",
        "available": "available_replicas",
        "current": "current_replicas",
        "updated": "updated_replicas",
    },
    "ReplicaSet": {
        "replicas": "replicas",
        "labelled": "fully_labeled_replicas",
        "ready": "ready_replicas",
        "available": "available_replicas",
        "terminating": "terminating_replicas",
    },
    "Deployment": {
        "replicas": "replicas",
        "updated": "updated_replicas",
        "ready": "ready_replicas",
        "available": "available_replicas",
        "unavailable": "unavailable_replicas",
        "terminating": "terminating_replicas",
    },
}
"""By kind: the field of the status for each number of the rules."""


def write_status(work: Round) -> None:
    """The status of every workload that was looked at, where it is another than before."""
    fields: dict[Argument, dict[str, int | str]] = {}
    for term, name, number in work.each("status"):
        names = _FIELDS[v.workload_key(term).kind]
        fields.setdefault(term, {})[names[name_of(name)]] = number_of(number)
    for term, role, label in work.each("records"):
        fields.setdefault(term, {})[f"{name_of(role)}_revision"] = str(label)
    for term, values in fields.items():
        workload = work.get(v.workload_key(term))
        if not isinstance(workload, WORKLOADS):
            continue
        # Another controller may have written since: what was looked at is what was there before.
        seen = work.cluster.get(workload.key) or workload
        status = replace(workload.status, observed_generation=seen.metadata.generation, **values)
        if status != workload.status:
            work.put(msgspec.structs.replace(workload, status=status))


def remember(work: Round) -> None:
    """Set the timers and back-offs that the answer asks for."""
    memory, now = work.memory, work.now
    for (term,) in work.each("awake"):
        memory.looks.pop(v.workload_key(term), None)
        memory.retries.pop(v.workload_key(term), None)
    for term, seconds in work.each("retries_in"):
        memory.retries[v.workload_key(term)] = number_of(seconds)
    for term, seconds in work.each("looks_again"):
        key, moment = v.workload_key(term), now + number_of(seconds)
        memory.looks[key] = min(moment, memory.looks.get(key, moment))
    for term, node, delay in work.each("backs_off"):
        workload = work.workload(term)
        entry = (workload.key, workload.metadata.generation, str(node))
        memory.back_offs[entry] = (number_of(delay), now)
    for path, seconds in work.each("evicts_in"):
        for pod in work.alike(path):
            memory.evictions[pod.key] = now + number_of(seconds)
    for (path,) in work.each("calls_off"):
        for pod in work.alike(path):
            memory.evictions.pop(pod.key, None)
    waits = [number_of(seconds) for _, seconds in work.each("collector_comes")]
    memory.collector = now + min(waits) if waits else None
