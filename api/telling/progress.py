"""How far Deployments and Jobs are, in kubectl's words."""

from __future__ import annotations

from foretell.model.objects import Condition, Deployment, Job

_FINISHED = ("Complete", "Failed")
_UNDER_WAY = ("Suspended", "FailureTarget", "SuccessCriteriaMet")
_LATE = "ProgressDeadlineExceeded"


def holds(conditions: tuple[Condition, ...], kind: str) -> bool:
    """Whether a condition is True."""
    return any(condition.type == kind and condition.status == "True" for condition in conditions)


def job_status(job: Job) -> str:
    """The STATUS of a Job. Source: printers.go `printJob`."""
    conditions = job.status.conditions
    ended = next((kind for kind in _FINISHED if holds(conditions, kind)), "")
    if ended or job.terminating:
        return ended or "Terminating"
    return next((kind for kind in _UNDER_WAY if holds(conditions, kind)), "Running")


def rollout_status(deployment: Deployment) -> str:
    """What `kubectl rollout status` says. Source: kubectl rollout_status.go `DeploymentStatusViewer`."""
    spec, status, name = deployment.spec, deployment.status, deployment.name
    if deployment.metadata.generation > status.observed_generation:
        return "Waiting for deployment spec update to be observed..."
    if any(c.type == "Progressing" and c.reason == _LATE for c in status.conditions):
        return f'error: deployment "{name}" exceeded its progress deadline'
    waiting = f'Waiting for deployment "{name}" rollout to finish: '
    wanted = 1 if spec.replicas is None else spec.replicas
    if status.updated_replicas < wanted:
        return f"{waiting}{status.updated_replicas} out of {wanted} new replicas have been updated..."
    if status.replicas > status.updated_replicas:
        old = status.replicas - status.updated_replicas
        return f"{waiting}{old} old replicas are pending termination..."
    if status.available_replicas < status.updated_replicas:
        counts = f"{status.available_replicas} of {status.updated_replicas}"
        return f"{waiting}{counts} updated replicas are available..."
    return f'deployment "{name}" successfully rolled out'
