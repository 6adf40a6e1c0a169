"""Changes of pods, workloads and any object as they are noted on the command line, such as `sts/web=5`."""

from __future__ import annotations

import json
from typing import Literal, cast, get_args

from foretell.api.cli.notation import assigned, expected, number, parts
from foretell.api.telling.kinds import reference
from foretell.model import changes as c

_Cascade = Literal["Background", "Foreground", "Orphan"]


def evict(text: str) -> c.Change:
    """A pod's name, or `OWNER@NODE`."""
    return c.Evict(pod=text)


def delete_pod(text: str) -> c.Change:
    """`POD[,grace=SECONDS]`, the pod by name or as `OWNER@NODE`."""
    form = "POD[,grace=SECONDS]"
    pod, fields = parts(text, form, "grace")
    grace = number(fields["grace"], text, form) if "grace" in fields else None
    return c.DeletePod(pod=pod, grace=grace)


def pod_status(text: str) -> c.Change:
    """`POD=PHASE[,ready=true|false][,reason=REASON]`; a running pod is ready where nothing else is said."""
    form = "POD=PHASE[,ready=true|false][,reason=REASON], such as web-0=Failed,reason=Evicted"
    head, fields = parts(text, form, "ready", "reason")
    pod, phase = assigned(head, form)
    if phase not in ("Pending", "Running", "Succeeded", "Failed", "Unknown"):
        expected(text, form)
    ready = fields.get("ready", "true" if phase == "Running" else "false")
    if ready not in ("true", "false"):
        expected(text, form)
    return c.SetPodStatus(pod=pod, phase=phase, ready=ready == "true", reason=fields.get("reason", ""))


# --- workloads and any object ---


def delete(text: str) -> c.Change:
    """`KIND/NAME[,cascade=Background|Foreground|Orphan][,grace=SECONDS]`."""
    form = "KIND/NAME[,cascade=Background|Foreground|Orphan][,grace=SECONDS]"
    head, fields = parts(text, form, "cascade", "grace")
    kind, name = reference(head)
    cascade = fields["cascade"].capitalize() if "cascade" in fields else "Background"
    if cascade not in get_args(_Cascade):
        expected(text, form)
    grace = number(fields["grace"], text, form) if "grace" in fields else None
    return c.Delete(kind=kind, name=name, cascade=cast("_Cascade", cascade), grace=grace)


def scale(text: str) -> c.Change:
    """`KIND/NAME=REPLICAS`."""
    form = "KIND/NAME=REPLICAS, such as sts/web=5"
    head, replicas = assigned(text, form)
    kind, name = reference(head)
    # What is below zero is for the API server to refuse, in its own words.
    sign = -1 if replicas.startswith("-") else 1
    return c.Scale(kind=kind, name=name, replicas=sign * number(replicas.removeprefix("-"), text, form))


def image(text: str) -> c.Change:
    """`KIND/NAME=IMAGE[,container=NAME]`."""
    form = "KIND/NAME=IMAGE[,container=NAME], such as ds/agent=nginx:1.27"
    head, fields = parts(text, form, "container")
    target, wanted = assigned(head, form)
    kind, name = reference(target)
    return c.SetImage(kind=kind, name=name, image=wanted, container=fields.get("container", ""))


def restart(text: str) -> c.Change:
    """`KIND/NAME`."""
    kind, name = reference(text)
    return c.Restart(kind=kind, name=name)


def pause(text: str) -> c.Change:
    """`KIND/NAME`."""
    kind, name = reference(text)
    return c.Pause(kind=kind, name=name)


def resume(text: str) -> c.Change:
    """`KIND/NAME`."""
    kind, name = reference(text)
    return c.Resume(kind=kind, name=name)


def undo(text: str) -> c.Change:
    """`KIND/NAME[,to=REVISION]`."""
    form = "KIND/NAME[,to=REVISION]"
    head, fields = parts(text, form, "to")
    kind, name = reference(head)
    return c.Undo(kind=kind, name=name, to_revision=number(fields["to"], text, form) if "to" in fields else 0)


def patch(text: str) -> c.Change:
    """`KIND/NAME=JSON`, a JSON merge patch."""
    form = 'KIND/NAME=JSON, such as \'sts/web={"spec": {"replicas": 5}}\''
    head, document = assigned(text, form)
    kind, name = reference(head)
    try:
        with_ = json.loads(document)
    except ValueError:
        expected(text, form)
    if not isinstance(with_, dict):
        expected(text, form)
    return c.Patch(kind=kind, name=name, with_=with_)


def _suspended(text: str, *, suspended: bool) -> c.Change:
    kind, name = reference(text)
    if kind not in ("Job", "CronJob"):
        expected(text, "a Job or a CronJob, such as job/import or cj/nightly")
    return c.Patch(kind=kind, name=name, with_={"spec": {"suspend": suspended}})


def suspend(text: str) -> c.Change:
    """`job/NAME` or `cj/NAME`."""
    return _suspended(text, suspended=True)


def unsuspend(text: str) -> c.Change:
    """`job/NAME` or `cj/NAME`."""
    return _suspended(text, suspended=False)


def wait(text: str) -> c.Change:
    """Seconds."""
    try:
        seconds = float(text)
    except ValueError:
        expected(text, "a number of seconds")
    if not 0 <= seconds < 2**31:
        expected(text, "a number of seconds")
    return c.Wait(seconds=seconds)
