"""What kubectl's columns say of a pod.

Source: Kubernetes pkg/printers/internalversion/printers.go `printPod`.
"""

from __future__ import annotations

from typing import Any

from foretell.model.documents import to_document
from foretell.model.objects import Pod

_NONE = "<none>"
_NODE_LOST = "NodeLost"


def pod_cells(pod: Pod) -> tuple[str, ...]:
    """READY, STATUS, RESTARTS, IP, NODE, NOMINATED NODE and READINESS GATES."""
    raw: dict[str, Any] = to_document(pod)
    status = raw.get("status", {})
    containers = _current(pod, status.get("containerStatuses", []))
    total = len(pod.spec.containers) + sum(c.restart_policy == "Always" for c in pod.spec.init_containers)
    ready = _ready(pod, containers, total)
    restarts = sum(container.get("restartCount", 0) for container in containers)
    return (
        f"{ready}/{total}", _status(pod, status.get("initContainerStatuses", []), containers), str(restarts),
        status.get("podIP") or _NONE, pod.spec.node_name or _NONE, status.get("nominatedNodeName") or _NONE,
        _gates(raw),
    )  # fmt: skip


def _current(pod: Pod, containers: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The containers' own statuses, but where a forecast has moved on and left them behind."""
    ready = bool(containers) and all(container.get("ready") for container in containers)
    moved_on = pod.phase != "Running" if ready else pod.ready
    return [] if moved_on else containers


def _ready(pod: Pod, containers: list[dict[str, Any]], total: int) -> int:
    if not containers:
        return total if pod.ready and not pod.finished else 0
    return sum(bool(container.get("ready")) for container in containers)


def _status(pod: Pod, inits: list[dict[str, Any]], containers: list[dict[str, Any]]) -> str:
    reason = pod.status.reason or pod.phase
    scheduled = next((c for c in pod.status.conditions if c.type == "PodScheduled"), None)
    if scheduled is not None and scheduled.reason == "SchedulingGated":
        reason = "SchedulingGated"
    starting = _initializing(pod, inits) if pod.phase == "Pending" else ""
    if starting:
        reason = starting
    else:
        running = False
        for container in reversed(containers):
            reason = _container(container) or reason
            running = running or bool(container.get("ready") and "running" in container.get("state", {}))
        if reason == "Completed" and running:
            reason = "Running" if pod.ready else "NotReady"
    if pod.terminating:
        return "Unknown" if pod.status.reason == _NODE_LOST else "Terminating"
    return reason


def _container(container: dict[str, Any]) -> str:
    """What a container says of itself where it waits or has ended."""
    state = container.get("state", {})
    if state.get("waiting", {}).get("reason"):
        return str(state["waiting"]["reason"])
    ended = state.get("terminated")
    if ended is None:
        return ""
    if ended.get("reason"):
        return str(ended["reason"])
    return f"Signal:{ended['signal']}" if ended.get("signal") else f"ExitCode:{ended.get('exitCode', 0)}"


def _initializing(pod: Pod, inits: list[dict[str, Any]]) -> str:
    """How far the init containers are, while one hasn't ended well."""
    for place, container in enumerate(inits):
        state = container.get("state", {})
        if "terminated" in state and state["terminated"].get("exitCode", 0) == 0:
            continue
        if container.get("started") and any(
            c.name == container.get("name") and c.restart_policy == "Always" for c in pod.spec.init_containers
        ):
            continue
        if "terminated" in state:
            return f"Init:{_container(container)}"
        waiting = state.get("waiting", {}).get("reason", "")
        if waiting and waiting != "PodInitializing":
            return f"Init:{waiting}"
        return f"Init:{place}/{len(pod.spec.init_containers)}"
    return ""


def _gates(raw: dict[str, Any]) -> str:
    gates = [gate.get("conditionType") for gate in raw.get("spec", {}).get("readinessGates", ())]
    if not gates:
        return _NONE
    met = {c.get("type") for c in raw.get("status", {}).get("conditions", ()) if c.get("status") == "True"}
    return f"{sum(gate in met for gate in gates)}/{len(gates)}"
