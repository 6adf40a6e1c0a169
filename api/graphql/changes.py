"""A change as input: exactly one of its fields is given, by which lists of changes are told."""

from __future__ import annotations

from typing import Annotated, Any, Protocol

import strawberry

from foretell.api.graphql import inputs_nodes as nodes
from foretell.api.graphql import inputs_objects as objects
from foretell.api.graphql.context import Info
from foretell.api.solver import questions as q
from foretell.model.meta import Json


class OneChange(Protocol):
    """An input that is a change, or several."""

    def changes(self) -> tuple[Json, ...]:
        """The changes in their JSON form."""


def _one(description: str) -> Any:
    return strawberry.field(description=description, default=strawberry.UNSET)


@strawberry.input(one_of=True, description="A change: exactly one of these.")
class ChangeInput:
    """A change."""

    apply: objects.ApplyInput | None = _one("Apply manifests.")
    patch: objects.PatchInput | None = _one("Patch an object.")
    delete: objects.DeleteInput | None = _one("Delete an object.")
    taint: nodes.TaintInput | None = _one("Put a taint on a node.")
    untaint: nodes.UntaintInput | None = _one("Take taints off a node.")
    label: objects.LabelInput | None = _one("Set labels, or take them away.")
    annotate: objects.AnnotateInput | None = _one("Set annotations, or take them away.")
    cordon: nodes.CordonInput | None = _one("Mark a node as unschedulable.")
    uncordon: nodes.UncordonInput | None = _one("Mark a node as schedulable again.")
    drain: nodes.DrainInput | None = _one("Cordon a node and evict its pods.")
    add_node: nodes.AddNodeInput | None = _one("Let a node join.")
    remove_node: nodes.RemoveNodeInput | None = _one("Let a node leave.")
    node_status: nodes.NodeStatusInput | None = _one("Say how a node is.")
    evict: nodes.EvictInput | None = _one("Evict a pod.")
    delete_pod: nodes.DeletePodInput | None = _one("Delete a pod.")
    pod_status: nodes.PodStatusInput | None = _one("Say how a pod is.")
    scale: objects.ScaleInput | None = _one("Set a number of replicas.")
    restart: objects.RestartInput | None = _one("Replace all pods of a workload.")
    pause_rollout: objects.PauseRolloutInput | None = _one("Hold the roll-out of a Deployment.")
    resume_rollout: objects.ResumeRolloutInput | None = _one("Let a paused roll-out go on.")
    suspend_job: objects.SuspendJobInput | None = _one("Let a Job or CronJob rest.")
    resume_job: objects.ResumeJobInput | None = _one("Let a suspended Job or CronJob go on.")
    set_image: objects.SetImageInput | None = _one("Set the image of a container.")
    undo: objects.UndoInput | None = _one("Put back an earlier template.")
    wait: float | None = _one(
        "Let so many seconds pass before the next change, with the controllers at work."
    )


Changes = Annotated[
    list[ChangeInput] | None,
    strawberry.argument(description="Changes that are made first, in this order; nothing of them is stored."),
]


async def changes_of(info: Info, given: list[ChangeInput] | None) -> tuple[Json, ...]:
    """The changes in their JSON form; raises ManifestError for manifests that can't be read."""
    found: list[Json] = []
    for change in given or ():
        name, value = next(
            (n, v) for n, v in vars(change).items() if v is not strawberry.UNSET and v is not None
        )
        if isinstance(value, objects.ApplyInput):
            asked = q.ManifestsQuestion(text=value.manifests, namespace=value.namespace)
            read = await info.context.services.pool.run("manifests", asked, result=q.ManifestsAnswer)
            found += read.changes
        elif name == "wait":
            found.append({"wait": value})
        else:
            one: OneChange = value
            found += one.changes()
    return tuple(found)
