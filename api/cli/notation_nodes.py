"""Changes of nodes as they are noted on the command line, such as `worker-2:maintenance=yes:NoExecute`."""

from __future__ import annotations

from foretell.api.cli.notation import TRUTHS, assigned, expected, parts, truth
from foretell.api.telling.kinds import reference
from foretell.model import changes as c
from foretell.model.faults import EFFECTS, one_of


def _taint(text: str, form: str) -> c.AddTaint:
    """A taint in either notation; its effect is empty where it lacks."""
    plain = text.removesuffix("-")
    if "=" in plain.partition(":")[0]:
        _, fields = parts(f"taint,{plain}", form, "node", "key", "value", "effect")
    else:
        node, _, taint = plain.partition(":")
        pair, _, effect = taint.partition(":")
        key, _, value = pair.partition("=")
        fields = {"node": node, "key": key, "value": value, "effect": effect}
    found = c.AddTaint(
        node=fields.get("node", ""),
        key=fields.get("key", ""),
        value=fields.get("value", ""),
        effect=fields.get("effect", ""),
    )
    # An effect that there isn't is for the API server to refuse, in its own words.
    if not found.node or not found.key:
        expected(text, form)
    return found


def taint(text: str) -> c.Change:
    """`NODE:KEY[=VALUE]:EFFECT`, or `node=…,key=…,value=…,effect=…`."""
    form = f"NODE:KEY[=VALUE]:EFFECT, the effect being {one_of(EFFECTS)}"
    found = _taint(text, form)
    if not found.effect:
        expected(text, form)
    return found


def untaint(text: str) -> c.Change:
    """`NODE:KEY[:EFFECT]`, or `node=…,key=…,effect=…`."""
    found = _taint(text, f"NODE:KEY[:EFFECT], the effect being {one_of(EFFECTS)}")
    return c.RemoveTaint(node=found.node, key=found.key, effect=found.effect)


def _marks(text: str, example: str) -> tuple[dict[str, str], dict[str, str | None]]:
    """The object that `KIND/NAME,KEY=VALUE,…` names, as a change has it, and what is set on it."""
    form = f"KIND/NAME,KEY=VALUE or KIND/NAME,KEY-, such as {example}"
    head, *pairs = text.split(",")
    kind, name = reference(head)
    marks: dict[str, str | None] = {}
    for pair in pairs:
        key, equals, value = pair.partition("=")
        if not equals and not key.endswith("-"):
            expected(text, form)
        marks[key if equals else key[:-1]] = value if equals else None
    if not marks or "" in marks:
        expected(text, form)
    return {"Node": {"node": name}, "Pod": {"pod": name}}.get(kind, {"kind": kind, "name": name}), marks


def label(text: str) -> c.Change:
    """`KIND/NAME,KEY=VALUE,…`; `KEY-` takes a label away."""
    named, labels = _marks(text, "node/worker-1,role=db")
    return c.SetLabels(**named, labels=labels)


def annotate(text: str) -> c.Change:
    """`KIND/NAME,KEY=VALUE,…`; `KEY-` takes an annotation away."""
    named, annotations = _marks(text, "sts/web,touched=yes")
    return c.SetAnnotations(**named, annotations=annotations)


def cordon(text: str) -> c.Change:
    """A node's name."""
    return c.Cordon(node=text)


def uncordon(text: str) -> c.Change:
    """A node's name."""
    return c.Uncordon(node=text)


def drain(text: str) -> c.Change:
    """A node's name; the command's flags say more of how it is drained."""
    return c.Drain(node=text, kubectl=True)


def node_ready(text: str) -> c.Change:
    """`NODE=True`, `NODE=False` or `NODE=Unknown`."""
    form = f"NODE={'|'.join(TRUTHS)}"
    node, status = assigned(text, form)
    return c.SetNodeReady(node=node, status=truth(status, text, form))


def node_condition(text: str) -> c.Change:
    """`NODE,TYPE=STATUS`."""
    form = f"NODE,TYPE={'|'.join(TRUTHS)}, such as worker-1,MemoryPressure=True"
    node, _, condition = text.partition(",")
    kind, status = assigned(condition, form)
    return c.SetNodeCondition(node=node, type=kind, status=truth(status, text, form))
