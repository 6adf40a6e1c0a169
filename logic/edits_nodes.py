"""Changes of nodes: taints, cordons and conditions."""

from __future__ import annotations

import msgspec

from foretell.logic.deletion import Edit
from foretell.logic.drain import cordoned
from foretell.logic.finding import find_node
from foretell.logic.server import Server, edited
from foretell.logic.validation import validate_update
from foretell.model import changes as c
from foretell.model.clock import timestamp
from foretell.model.documents import to_document
from foretell.model.errors import RejectedError
from foretell.model.objects import Node, NodeCondition
from foretell.model.selectors import Taint

replace = msgspec.structs.replace


@edited.register
def _(change: c.AddTaint, server: Server) -> Edit:
    node = find_node(server.cluster, change.node)
    kept = [t for t in node.spec.taints if (t.key, t.effect) != (change.key, change.effect)]
    taint = Taint(key=change.key, value=change.value, effect=change.effect)
    after = replace(node, spec=replace(node.spec, taints=(*kept, taint)))
    validate_update(to_document(node), to_document(after), gates=server.gates)
    return Edit(puts=[after])


@edited.register
def _(change: c.RemoveTaint, server: Server) -> Edit:
    node = find_node(server.cluster, change.node)
    kept = [t for t in node.spec.taints if t.key != change.key or change.effect not in ("", t.effect)]
    if len(kept) == len(node.spec.taints):
        effect = f":{change.effect}" if change.effect else ""
        raise RejectedError(f'error: taint "{change.key}{effect}" not found')
    return Edit(puts=[replace(node, spec=replace(node.spec, taints=tuple(kept)))])


@edited.register
def _(change: c.Cordon, server: Server) -> Edit:
    return Edit(puts=[cordoned(find_node(server.cluster, change.node))])


@edited.register
def _(change: c.Uncordon, server: Server) -> Edit:
    return Edit(puts=[cordoned(find_node(server.cluster, change.node), schedulable=True)])


def _with_condition(node: Node, kind: str, status: str, now: float) -> Edit:
    kept = [condition for condition in node.status.conditions if condition.type != kind]
    fresh = NodeCondition(type=kind, status=status, last_transition_time=timestamp(now))
    return Edit(puts=[replace(node, status=replace(node.status, conditions=(*kept, fresh)))])


@edited.register
def _(change: c.SetNodeReady, server: Server) -> Edit:
    return _with_condition(find_node(server.cluster, change.node), "Ready", change.status, server.now)


@edited.register
def _(change: c.SetNodeCondition, server: Server) -> Edit:
    return _with_condition(find_node(server.cluster, change.node), change.type, change.status, server.now)
