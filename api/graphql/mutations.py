"""Mutations: one for each thing that people do to a cluster."""

from __future__ import annotations

from typing import Annotated, Any

import strawberry

from foretell.api.access.roles import Role
from foretell.api.graphql import inputs_nodes as nodes
from foretell.api.graphql import inputs_objects as objects
from foretell.api.graphql.access import SOLVE, ClusterName, guard
from foretell.api.graphql.changes import OneChange
from foretell.api.graphql.context import Info
from foretell.api.graphql.payload import ChangePayload, answered
from foretell.api.service.changing import Order
from foretell.api.service.errors import InvalidInputError

Expected = Annotated[
    int | None, strawberry.argument(description="Refuse unless this is the newest revision.")
]
DryRun = Annotated[bool, strawberry.argument(description="Only show what would be; nothing is stored.")]
Reasoned = Annotated[str, strawberry.argument(description="Why this is done, for the history.")]
LONGEST_WHY = 1000


def order(
    info: Info, action: str, cluster: str, expected_revision: int | None, dry_run: bool, why: str
) -> Order:
    """Who wants what done; raises InvalidInputError."""
    if len(why) > LONGEST_WHY:
        raise InvalidInputError(f"why has {len(why):,} characters: expected at most {LONGEST_WHY:,}", "why")
    return Order(
        cluster=cluster, action=action, by=info.context.principal.name, why=why, expected=expected_revision,
        dry_run=dry_run,
    )  # fmt: skip


def _changing(action: str, form: type[OneChange], description: str, argument: str) -> Any:
    """The mutation that makes one sort of change."""

    async def resolve(
        info: Info,
        cluster: ClusterName,
        input: OneChange,
        expected_revision: Expected = None,
        dry_run: DryRun = False,
        why: Reasoned = "",
    ) -> ChangePayload:
        changing = info.context.services.changing
        return await answered(
            lambda: changing.change(
                order(info, action, cluster, expected_revision, dry_run, why), input.changes()
            )
        )

    resolve.__annotations__ = {
        **resolve.__annotations__,
        "input": Annotated[form, strawberry.argument(description=argument)],
    }
    return strawberry.field(resolve, description=description, **guard(Role.OPERATOR, weight=SOLVE))


@strawberry.type(
    description="What changes clusters. Each mutation makes one revision, or with userErrors none."
)
class Changing:
    """The mutations that make one change each."""

    patch = _changing("patch", objects.PatchInput, "Patch an object.", "The patch.")
    delete = _changing("delete", objects.DeleteInput, "Delete an object.", "The object.")
    taint = _changing("taint", nodes.TaintInput, "Put a taint on a node.", "The taint.")
    untaint = _changing("untaint", nodes.UntaintInput, "Take taints off a node.", "The taints.")
    label = _changing("label", objects.LabelInput, "Set labels, or take them away.", "The labels.")
    annotate = _changing(
        "annotate", objects.AnnotateInput, "Set annotations, or take them away.", "The annotations."
    )
    cordon = _changing("cordon", nodes.CordonInput, "Mark a node as unschedulable.", "The node.")
    uncordon = _changing("uncordon", nodes.UncordonInput, "Mark a node as schedulable again.", "The node.")
    drain = _changing(
        "drain",
        nodes.DrainInput,
        "Cordon a node and evict its pods, but for daemon pods, or as kubectl does.",
        "The node.",
    )
    evict = _changing("evict", nodes.EvictInput, "Evict a pod, if the budgets allow it.", "The pod.")
    delete_pod = _changing("deletePod", nodes.DeletePodInput, "Delete a pod.", "The pod.")
    scale = _changing(
        "scale", objects.ScaleInput, "Set a number of replicas.", "The workload and the number."
    )
    restart = _changing("restart", objects.RestartInput, "Replace all pods of a workload.", "The workload.")
    pause_rollout = _changing(
        "pauseRollout", objects.PauseRolloutInput, "Hold the roll-out of a Deployment.", "The Deployment."
    )
    resume_rollout = _changing(
        "resumeRollout", objects.ResumeRolloutInput, "Let a paused roll-out go on.", "The Deployment."
    )
    suspend_job = _changing(
        "suspendJob", objects.SuspendJobInput, "Let a Job or CronJob rest.", "The Job or CronJob."
    )
    resume_job = _changing(
        "resumeJob", objects.ResumeJobInput, "Let a suspended Job or CronJob go on.", "The Job or CronJob."
    )
    undo = _changing("undo", objects.UndoInput, "Put back an earlier template.", "The workload.")
    set_image = _changing("setImage", objects.SetImageInput, "Set the image of a container.", "The image.")
    add_node = _changing("addNode", nodes.AddNodeInput, "Let a node join.", "The node.")
    remove_node = _changing("removeNode", nodes.RemoveNodeInput, "Let a node leave.", "The node.")
    set_node_status = _changing(
        "setNodeStatus", nodes.NodeStatusInput, "Say how a node is.", "The condition."
    )
    set_pod_status = _changing("setPodStatus", nodes.PodStatusInput, "Say how a pod is.", "The status.")
