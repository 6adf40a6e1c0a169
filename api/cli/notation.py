"""The notation of changes on the command line, such as `worker-2:maintenance=yes:NoExecute` and `sts/web=5`.

A change that takes more than its object has the further fields after commas: `ds/agent,cascade=Orphan`. Every
reader raises ValueError with what was expected.
"""

from __future__ import annotations

import json
from typing import Literal, NoReturn, cast, get_args

from foretell.api.cli.kinds import reference
from foretell.model import changes as c
from foretell.model.faults import EFFECTS, one_of

_Cascade = Literal["Background", "Foreground", "Orphan"]
_Truth = Literal["True", "False", "Unknown"]
_Fields = dict[str, str]


def _expected(text: str, form: str) -> NoReturn:
    raise ValueError(f"{text!r} can't be read: expected {form}")


def _parts(text: str, form: str, *known: str) -> tuple[str, _Fields]:
    """What stands before the first comma, and the fields after it."""
    head, *rest = text.split(",")
    fields: _Fields = {}
    for part in rest:
        name, equals, value = part.partition("=")
        if not equals or name not in known or name in fields:
            _expected(text, form)
        fields[name] = value
    if not head:
        _expected(text, form)
    return head, fields


def _assigned(text: str, form: str) -> tuple[str, str]:
    """Both sides of the first equals sign."""
    name, equals, value = text.partition("=")
    if not name or not equals or not value:
        _expected(text, form)
    return name, value


def _number(text: str, whole: str, form: str) -> int:
    if not text.isascii() or not text.isdigit():
        _expected(whole, form)
    return int(text)


def _truth(text: str, whole: str, form: str) -> _Truth:
    word = text.capitalize()
    if word not in get_args(_Truth):
        _expected(whole, form)
    return cast("_Truth", word)


# --- nodes ---


def _taint_parts(text: str, form: str) -> tuple[str, str, str, str]:
    """Node, key, value and effect of a taint in either notation; the effect may lack."""
    text = text.removesuffix("-")
    if text.startswith("node="):
        _, fields = _parts(f"taint,{text}", form, "node", "key", "value", "effect")
        parts = (fields["node"], fields.get("key", ""), fields.get("value", ""), fields.get("effect", ""))
    else:
        node, _, taint = text.partition(":")
        taint, _, effect = taint.partition(":")
        key, _, value = taint.partition("=")
        parts = (node, key, value, effect)
    if not parts[0] or not parts[1] or parts[3] not in ("", *EFFECTS):
        _expected(text, form)
    return parts


def taint(text: str) -> c.Change:
    """`NODE:KEY[=VALUE]:EFFECT`, or `node=…,key=…,value=…,effect=…`."""
    form = f"NODE:KEY[=VALUE]:EFFECT, the effect being {one_of(EFFECTS)}"
    node, key, value, effect = _taint_parts(text, form)
    if not effect:
        _expected(text, form)
    return c.AddTaint(node=node, key=key, value=value, effect=effect)


def untaint(text: str) -> c.Change:
    """`NODE:KEY[:EFFECT]`, or `node=…,key=…,effect=…`."""
    node, key, _, effect = _taint_parts(text, f"NODE:KEY[:EFFECT], the effect being {one_of(EFFECTS)}")
    return c.RemoveTaint(node=node, key=key, effect=effect)


def label(text: str) -> c.Change:
    """`KIND/NAME,KEY=VALUE,…`; `KEY-` takes a label away."""
    form = "KIND/NAME,KEY=VALUE or KIND/NAME,KEY-, such as node/worker-1,role=db"
    head, *pairs = text.split(",")
    kind, name = reference(head)
    labels: dict[str, str | None] = {}
    for pair in pairs:
        key, equals, value = pair.partition("=")
        if not equals and not key.endswith("-"):
            _expected(text, form)
        labels[key if equals else key[:-1]] = value if equals else None
    if not labels or "" in labels:
        _expected(text, form)
    if kind == "Node":
        return c.SetLabels(node=name, labels=labels)
    if kind == "Pod":
        return c.SetLabels(pod=name, labels=labels)
    return c.SetLabels(kind=kind, name=name, labels=labels)


def cordon(text: str) -> c.Change:
    """A node's name."""
    return c.Cordon(node=text)


def uncordon(text: str) -> c.Change:
    """A node's name."""
    return c.Uncordon(node=text)


def drain(text: str) -> c.Change:
    """A node's name."""
    return c.Drain(node=text)


def node_ready(text: str) -> c.Change:
    """`NODE=True`, `NODE=False` or `NODE=Unknown`."""
    form = f"NODE={'|'.join(get_args(_Truth))}"
    node, status = _assigned(text, form)
    return c.SetNodeReady(node=node, status=_truth(status, text, form))


def node_condition(text: str) -> c.Change:
    """`NODE,TYPE=STATUS`."""
    form = f"NODE,TYPE={'|'.join(get_args(_Truth))}, such as worker-1,MemoryPressure=True"
    node, _, condition = text.partition(",")
    kind, status = _assigned(condition, form)
    return c.SetNodeCondition(node=node, type=kind, status=_truth(status, text, form))


# --- pods ---


def evict(text: str) -> c.Change:
    """A pod's name, or `OWNER@NODE`."""
    return c.Evict(pod=text)


def delete_pod(text: str) -> c.Change:
    """`POD[,grace=SECONDS]`, the pod by name or as `OWNER@NODE`."""
    form = "POD[,grace=SECONDS]"
    pod, fields = _parts(text, form, "grace")
    grace = _number(fields["grace"], text, form) if "grace" in fields else None
    return c.DeletePod(pod=pod, grace=grace)


def pod_status(text: str) -> c.Change:
    """`POD=PHASE[,ready=true|false][,reason=REASON]`; a running pod is ready where nothing else is said."""
    form = "POD=PHASE[,ready=true|false][,reason=REASON], such as web-0=Failed,reason=Evicted"
    head, fields = _parts(text, form, "ready", "reason")
    pod, phase = _assigned(head, form)
    if phase not in ("Pending", "Running", "Succeeded", "Failed", "Unknown"):
        _expected(text, form)
    ready = fields.get("ready", "true" if phase == "Running" else "false")
    if ready not in ("true", "false"):
        _expected(text, form)
    return c.SetPodStatus(pod=pod, phase=phase, ready=ready == "true", reason=fields.get("reason", ""))


# --- workloads and any object ---


def delete(text: str) -> c.Change:
    """`KIND/NAME[,cascade=Background|Foreground|Orphan][,grace=SECONDS]`."""
    form = "KIND/NAME[,cascade=Background|Foreground|Orphan][,grace=SECONDS]"
    head, fields = _parts(text, form, "cascade", "grace")
    kind, name = reference(head)
    cascade = fields.get("cascade", "Background").capitalize()
    if cascade not in get_args(_Cascade):
        _expected(text, form)
    grace = _number(fields["grace"], text, form) if "grace" in fields else None
    return c.Delete(kind=kind, name=name, cascade=cast("_Cascade", cascade), grace=grace)


def scale(text: str) -> c.Change:
    """`KIND/NAME=REPLICAS`."""
    form = "KIND/NAME=REPLICAS, such as sts/web=5"
    head, replicas = _assigned(text, form)
    kind, name = reference(head)
    return c.Scale(kind=kind, name=name, replicas=_number(replicas, text, form))


def image(text: str) -> c.Change:
    """`KIND/NAME=IMAGE[,container=NAME]`."""
    form = "KIND/NAME=IMAGE[,container=NAME], such as ds/agent=nginx:1.27"
    head, fields = _parts(text, form, "container")
    target, wanted = _assigned(head, form)
    kind, name = reference(target)
    return c.SetImage(kind=kind, name=name, image=wanted, container=fields.get("container", ""))


def restart(text: str) -> c.Change:
    """`KIND/NAME`."""
    kind, name = reference(text)
    return c.Restart(kind=kind, name=name)


def undo(text: str) -> c.Change:
    """`KIND/NAME[,to=REVISION]`."""
    form = "KIND/NAME[,to=REVISION]"
    head, fields = _parts(text, form, "to")
    kind, name = reference(head)
    return c.Undo(
        kind=kind, name=name, to_revision=_number(fields["to"], text, form) if "to" in fields else 0
    )


def patch(text: str) -> c.Change:
    """`KIND/NAME=JSON`, a JSON merge patch."""
    form = 'KIND/NAME=JSON, such as \'sts/web={"spec": {"replicas": 5}}\''
    head, document = _assigned(text, form)
    kind, name = reference(head)
    try:
        with_ = json.loads(document)
    except ValueError:
        _expected(text, form)
    if not isinstance(with_, dict):
        _expected(text, form)
    return c.Patch(kind=kind, name=name, with_=with_)


def wait(text: str) -> c.Change:
    """Seconds."""
    try:
        seconds = float(text)
    except ValueError:
        _expected(text, "a number of seconds")
    if not 0 <= seconds < 2**31:
        _expected(text, "a number of seconds")
    return c.Wait(seconds=seconds)
