"""New pods of Jobs, as their controller stamps them."""

from __future__ import annotations

import msgspec

from foretell.logic.stamps import from_template, pod_meta, uid_of
from foretell.logic.templates import template_of
from foretell.model.cluster import Cluster
from foretell.model.job_pods import FAILURES, IGNORED_FAILURES, INDEX, TRACKING
from foretell.model.objects import Job, Pod
from foretell.model.revisions import fnv1, safe_encoded

replace = msgspec.structs.replace


def job_pod(
    cluster: Cluster,
    job: Job,
    now: float,
    serial: int,
    *,
    index: int | None = None,
    failures: tuple[int, int] | None = None,
) -> Pod:
    """The pod that a Job makes, for an index where it has some.

    `failures` are how often the index has failed before, and how often that was ignored. What the index
    puts into the environment of the containers isn't written: nothing looks at it.
    """
    pod = from_template(template_of(job), cluster)
    uid = uid_of(job.metadata.uid, serial, now)
    prefix = job.name if index is None else f"{job.name}-{index}"
    # The API server shortens the name that a pod gets a suffix to. Source: names/generate.go.
    name = f"{f'{prefix}-'[:58]}{safe_encoded(fnv1(uid))[:5]}"
    labels = {} if index is None else {INDEX: str(index)}
    meta = pod_meta(pod, job, name, uid, labels, now)
    annotations = {**meta.annotations, **labels}
    if failures is not None:
        annotations[FAILURES] = str(failures[0])
        if failures[1]:
            annotations[IGNORED_FAILURES] = str(failures[1])
    finalizers = tuple(dict.fromkeys((*meta.finalizers, TRACKING)))
    return replace(
        pod,
        metadata=replace(meta, generate_name=f"{prefix}-", annotations=annotations, finalizers=finalizers),
        spec=pod.spec if index is None else replace(pod.spec, hostname=prefix),
    )
