"""Changes of nodes and pods as input: taints, cordons, drains, evictions, and how they are."""

from __future__ import annotations

import strawberry

from foretell.api.graphql.input_parts import (
    DEFAULT_NAMESPACE,
    POD,
    ConditionStatus,
    TaintEffect,
    change,
    optional,
    told,
)
from foretell.api.graphql.inputs_objects import PairInput
from foretell.api.service.errors import InvalidInputError
from foretell.model.meta import Json


@strawberry.input(description="A node.")
class NodeInput:
    """Names a node."""

    node: str = told("The node.")


@strawberry.input(description="A taint to put on a node, in place of one with the same key and effect.")
class TaintInput(NodeInput):
    """A taint to put on a node."""

    key: str = told("The taint's key.")
    value: str = told("The taint's value.", default="")
    effect: TaintEffect = told("What it does.")

    def changes(self) -> tuple[Json, ...]:
        """The change."""
        return change("taint", node=self.node, key=self.key, value=self.value, effect=self.effect.value)


@strawberry.input(description="Taints to take off a node.")
class UntaintInput(NodeInput):
    """Taints to take off a node."""

    key: str = told("The taints' key.")
    effect: TaintEffect | None = optional("Only the one with this effect.")

    def changes(self) -> tuple[Json, ...]:
        """The change."""
        return change("untaint", node=self.node, key=self.key, effect=self.effect and self.effect.value)


@strawberry.input(description="A node to mark as unschedulable.")
class CordonInput(NodeInput):
    """A node to cordon."""

    def changes(self) -> tuple[Json, ...]:
        """The change."""
        return change("cordon", node=self.node)


@strawberry.input(description="A node to mark as schedulable again.")
class UncordonInput(NodeInput):
    """A node to uncordon."""

    def changes(self) -> tuple[Json, ...]:
        """The change."""
        return change("uncordon", node=self.node)


@strawberry.input(
    description="A node to cordon, whose pods are then evicted, but for daemon pods; each is asked for once. "
    "With kubectl it is drained as `kubectl drain` does, and the other fields are its flags."
)
class DrainInput(NodeInput):
    """A node to drain."""

    kubectl: bool = told(
        "Some pods refuse the drain; what budgets refuse is asked for again in a forecast.", default=False
    )
    ignore_daemonsets: bool = told("Pass over daemon pods, which refuse a drain otherwise.", default=False)
    delete_emptydir_data: bool = told(
        "Evict pods with emptyDir volumes, too; what these hold is lost.", default=False
    )
    force: bool = told("Evict pods without a controller, too; nothing makes them again.", default=False)
    disable_eviction: bool = told("Delete the pods, whatever disruption budgets say.", default=False)
    timeout_seconds: int = told(
        "Give up on evictions that budgets refuse after so many seconds; 0: never.", default=0
    )

    def changes(self) -> tuple[Json, ...]:
        """The change; raises InvalidInputError for a flag without kubectl, or a negative time."""
        flags = {
            "ignoreDaemonsets": self.ignore_daemonsets, "deleteEmptydirData": self.delete_emptydir_data,
            "force": self.force, "disableEviction": self.disable_eviction, "timeout": self.timeout_seconds,
        }  # fmt: skip
        given = {name: value for name, value in flags.items() if value}
        if given and not self.kubectl:
            raise InvalidInputError(
                f"{next(iter(given))} is a flag of kubectl's: expected kubectl: true", "input", "kubectl"
            )
        if self.timeout_seconds < 0:
            raise InvalidInputError("expected a number of seconds from 0", "input", "timeoutSeconds")
        return change("drain", node=self.node, kubectl=self.kubectl or None, **given)


@strawberry.input(description="A taint of a node that joins.")
class NewTaintInput:
    """A taint of a new node."""

    key: str = told("The key.")
    value: str = told("The value.", default="")
    effect: TaintEffect = told("What it does.")


@strawberry.input(description="A node that joins.")
class AddNodeInput:
    """A node that joins."""

    name: str = told("Its name.")
    labels: list[PairInput] = told("Its labels; `kubernetes.io/hostname` is added.", default_factory=list)
    taints: list[NewTaintInput] = told("Its taints.", default_factory=list)
    allocatable: list[PairInput] = told(
        "What it gives to pods, as quantities by resource; by default 8 CPUs, 32Gi of memory and 110 pods.",
        default_factory=list,
    )

    def changes(self) -> tuple[Json, ...]:
        """The change: the node's manifest is applied."""
        labels = {"kubernetes.io/hostname": self.name} | {
            p.key: p.value for p in self.labels if p.value is not None
        }
        room = {"cpu": "8", "memory": "32Gi", "pods": "110"} | {
            p.key: p.value for p in self.allocatable if p.value is not None
        }
        taints = [{"key": t.key, "value": t.value, "effect": t.effect.value} for t in self.taints]
        manifest = {
            "apiVersion": "v1",
            "kind": "Node",
            "metadata": {"name": self.name, "labels": labels},
            "spec": {"taints": taints} if taints else {},
            "status": {"capacity": room, "allocatable": room},
        }
        return ({"apply": manifest},)


@strawberry.input(description="A node that leaves; its pods are collected after a while.")
class RemoveNodeInput(NodeInput):
    """A node that leaves."""

    def changes(self) -> tuple[Json, ...]:
        """The change."""
        return change("delete", kind="Node", name=self.node)


@strawberry.input(description="How a condition of a node is; its pods stay as they are.")
class NodeStatusInput(NodeInput):
    """A condition of a node."""

    condition: str = told("The condition, such as `Ready` or `MemoryPressure`.", default="Ready")
    status: ConditionStatus = told("How it is.")

    def changes(self) -> tuple[Json, ...]:
        """The change."""
        if self.condition == "Ready":
            return change("nodeReady", node=self.node, status=self.status.value)
        return change("nodeCondition", node=self.node, type=self.condition, status=self.status.value)


@strawberry.input(description="A pod.")
class PodInput:
    """Names a pod."""

    pod: str = told(POD)
    namespace: str = told(DEFAULT_NAMESPACE, default="default")


@strawberry.input(description="A pod to evict, if the disruption budgets allow it.")
class EvictInput(PodInput):
    """A pod to evict."""

    def changes(self) -> tuple[Json, ...]:
        """The change."""
        return change("evict", pod=self.pod, namespace=self.namespace)


@strawberry.input(description="A pod to delete.")
class DeletePodInput(PodInput):
    """A pod to delete."""

    grace_seconds: int | None = optional("For how long it may end; 0 removes it at once.")

    def changes(self) -> tuple[Json, ...]:
        """The change."""
        return change("deletePod", pod=self.pod, namespace=self.namespace, grace=self.grace_seconds)


PHASES = ("Pending", "Running", "Succeeded", "Failed", "Unknown")


@strawberry.input(description="How a pod is.")
class PodStatusInput(PodInput):
    """The status of a pod."""

    phase: str = told("Its phase: `Pending`, `Running`, `Succeeded`, `Failed` or `Unknown`.")
    ready: bool = told("Whether it is ready.")
    reason: str = told("Why, in one word.", default="")

    def changes(self) -> tuple[Json, ...]:
        """The change; raises InvalidInputError for a phase that there isn't."""
        if self.phase not in PHASES:
            problem = f"unknown phase {self.phase!r}: expected one of {', '.join(PHASES)}"
            raise InvalidInputError(problem, "input", "phase")
        return change(
            "podStatus", pod=self.pod, namespace=self.namespace, phase=self.phase, ready=self.ready,
            reason=self.reason,
        )  # fmt: skip
