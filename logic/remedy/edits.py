"""Edits: what the rules call them, what people are told of them, and the changes that make them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple, cast

from foretell.logic.amounts import Amounts
from foretell.logic.order import natural
from foretell.logic.remedy.subject import Subject
from foretell.logic.remedy.templates import (
    TEMPLATE_EDITS,
    amount_text,
    expression_text,
    selector_of,
    template_patch,
)
from foretell.logic.vocabulary import Argument, Term, key_of
from foretell.model import changes as c
from foretell.model.changes import Change
from foretell.model.meta import Key
from foretell.model.remedy import Edit, EditKind

KINDS = {
    "resume": EditKind.RESUME, "unsuspend": EditKind.SUSPEND, "touch": EditKind.TOUCH,
    "tolerate": EditKind.TOLERATION, "undo": EditKind.UNDO,
    "delete_pod": EditKind.DELETE_POD, "remove_pod": EditKind.DELETE_POD, "allow": EditKind.BUDGET,
    "drop_affinity": EditKind.AFFINITY, "lower": EditKind.REQUESTS, "scale": EditKind.REPLICAS,
    "partition": EditKind.PARTITION, "uncordon": EditKind.CORDON, "untaint": EditKind.TAINT,
    "label": EditKind.LABEL, "unlabel": EditKind.LABEL,
}  # fmt: skip
"""The kind of each edit, as the rules call it; of a dropped expression where it stands decides."""
_ORDER = list(EditKind)


class Surroundings(NamedTuple):
    """What edits are made among: subjects by term, nodes that are edited alike, room that is left.

    With `several` an edit of a node is made on all that are alike, else on the first alone.
    """

    subjects: Mapping[Term, Subject]
    members: Mapping[str, tuple[str, ...]]
    left: dict[str, Amounts]
    several: bool

    def nodes(self, node: Argument) -> tuple[str, ...]:
        """The nodes that an edit of this one is for: all alike ones, unless one is enough."""
        alike = self.members.get(str(node), (str(node),))
        return alike if self.several else alike[:1]

    def subject(self, term: Argument) -> Subject:
        """The subject that the rules mean."""
        return self.subjects[cast("Term", term)]

    def edit(self, term: Term) -> Edit:
        """The edit as people are told of it; it costs nothing yet."""
        kind, first = self._kind(term), term.arguments[0]
        if term.name in _NODE_EDITS:
            objects = tuple(Key("Node", "", name) for name in self.nodes(first))
        elif term.name in ("delete_pod", "remove_pod"):
            objects = (key_of("Pod", str(first)),)
        elif term.name == "allow":
            objects = (key_of("PodDisruptionBudget", str(first)),)
        else:
            objects = (self.subject(first).key,)
        others = () if self.several or term.name not in _NODE_EDITS else self.members.get(str(first), ())[1:]
        return Edit(kind=kind, objects=objects, detail=self._detail(term), alike=others)

    def _kind(self, term: Term) -> EditKind:
        if term.name == "drop_expression":
            subject = self.subject(term.arguments[0])
            return EditKind.SELECTOR if _selects(subject, term) else EditKind.AFFINITY
        return KINDS[term.name]

    def _detail(self, term: Term) -> str:
        arguments = term.arguments
        if term.name in ("tolerate", "untaint"):
            key, value, effect = map(str, cast("Term", arguments[1]).arguments)
            taint = f"{key}{'=' if value else ''}{value}:{effect}"
            return f"tolerates {taint}" if term.name == "tolerate" else f"without the taint {taint}"
        if term.name == "drop_expression":
            text = expression_text(self.subject(arguments[0]), str(arguments[1]), int(str(arguments[2])))
            return f"no longer asks for {text}"
        if term.name == "lower":
            resource, left = str(arguments[1]), self.left[str(arguments[2])]
            return f"asks for no more {resource} than {amount_text(resource, left[str(arguments[1])])}"
        if term.name == "label":
            return f"labelled {arguments[1]}={arguments[2]}"
        if term.name == "unlabel":
            return f"without the label {arguments[1]}"
        if term.name in ("scale", "partition"):
            return f"{'replicas' if term.name == 'scale' else 'partition'} {arguments[1]}"
        if term.name == "allow":
            return f"{_FIELDS[str(cast('Term', arguments[1]).name)]} {arguments[2]}"
        return _SAID[term.name]

    def changes(self, terms: Iterable[Term]) -> tuple[Change, ...] | None:
        """The changes that make edits, one patch for each template first; None where one can't be made."""
        chosen = sorted(terms, key=self.rank)
        found: list[Change] = []
        templates: dict[Term, list[Term]] = {}
        for term in chosen:
            if term.name in TEMPLATE_EDITS:
                templates.setdefault(cast("Term", term.arguments[0]), []).append(term)
        for workload, edits in templates.items():
            subject = self.subject(workload)
            patch = template_patch(subject, edits, self.left)
            if patch is None:
                return None
            kind, namespace, name = _named(subject.key)
            found.append(c.Patch(kind=kind, name=name, namespace=namespace, with_=patch))
        for term in chosen:
            if term.name in _NODE_EDITS:
                found += [_of_node(term, name) for name in self.nodes(term.arguments[0])]
            elif term.name not in TEMPLATE_EDITS:
                found.append(self._other(term))
        return tuple(found)

    def rank(self, term: Term) -> tuple[object, ...]:
        """The order of edits: by kind, by objects (numbers in names by value), by what becomes of them."""
        edit = self.edit(term)
        names = tuple((key.kind, key.namespace, natural(key.name)) for key in edit.objects)
        return (_ORDER.index(edit.kind), names, natural(edit.detail), repr(term))

    def _other(self, term: Term) -> Change:
        kind, namespace, name = _named(self.edit(term).objects[0])
        if term.name == "delete_pod":
            return c.DeletePod(pod=name, namespace=namespace)
        if term.name == "remove_pod":
            return c.DeletePod(pod=name, namespace=namespace, grace=0)
        if term.name == "undo":
            return c.Undo(kind=kind, name=name, namespace=namespace)
        if term.name == "resume":
            return c.Resume(kind=kind, name=name, namespace=namespace)
        if term.name == "scale":
            number = int(str(term.arguments[1]))
            return c.Scale(kind=kind, name=name, namespace=namespace, replicas=number)
        if term.name == "touch":
            return c.SetAnnotations(kind=kind, name=name, namespace=namespace, annotations={"touched": "yes"})
        if term.name == "unsuspend":
            return c.Patch(kind=kind, name=name, namespace=namespace, with_={"spec": {"suspend": False}})
        if term.name == "partition":
            rolling = {"type": "RollingUpdate", "rollingUpdate": {"partition": int(str(term.arguments[1]))}}
            return c.Patch(
                kind=kind, name=name, namespace=namespace, with_={"spec": {"updateStrategy": rolling}}
            )
        field = _FIELDS[cast("Term", term.arguments[1]).name]
        return c.Patch(kind=kind, name=name, namespace=namespace, with_={"spec": {field: term.arguments[2]}})


_DEFAULT = "default"
_NODE_EDITS = frozenset({"untaint", "uncordon", "label", "unlabel"})
_FIELDS = {"min_available": "minAvailable", "max_unavailable": "maxUnavailable"}
_SAID = {
    "resume": "resumed", "unsuspend": "no longer suspended", "touch": "touched, so that its controller looks",
    "undo": "its earlier template put back", "delete_pod": "deleted", "remove_pod": "deleted at once",
    "drop_affinity": "without its required node affinity", "uncordon": "uncordoned",
}  # fmt: skip


def _named(key: Key) -> Key:
    """The key as a change has it: its namespace is left out of the JSON form if it is the very default."""
    return key._replace(namespace=_DEFAULT) if key.namespace == _DEFAULT else key


def _selects(subject: Subject, term: Term) -> bool:
    return bool(subject.spec.node_selector) and selector_of(subject) == term.arguments[1]


def _of_node(term: Term, node: str) -> Change:
    if term.name == "untaint":
        key, _, effect = map(str, cast("Term", term.arguments[1]).arguments)
        return c.RemoveTaint(node=node, key=key, effect=effect)
    if term.name == "uncordon":
        return c.Uncordon(node=node)
    value = str(term.arguments[2]) if term.name == "label" else None
    return c.SetLabels(node=node, labels={str(term.arguments[1]): value})
