"""Edits of a pod template, together as one merge patch, since a patch replaces lists as a whole."""

from __future__ import annotations

from collections.abc import Iterable
from functools import reduce
from typing import Any, cast

from foretell.logic.amounts import Amounts, amounts_of, requests_of
from foretell.logic.remedy.subject import Subject
from foretell.logic.shapes import Shapes
from foretell.logic.vocabulary import Term
from foretell.model.affinity import NodeSelectorTerm
from foretell.model.documents import to_document
from foretell.model.meta import Json
from foretell.model.selectors import LabelSelector

_REQUIRED = "requiredDuringSchedulingIgnoredDuringExecution"
_MI = 2**20
TEMPLATE_EDITS = frozenset({"tolerate", "drop_expression", "drop_affinity", "lower"})
"""Edits of a template, as the rules call them."""


def template_patch(subject: Subject, edits: Iterable[Term], left: dict[str, Amounts]) -> Json:
    """The merge patch of the subject that makes these edits; None where one of them can't be made."""
    spec: Json = reduce(lambda part, name: part.get(name, {}), subject.path, to_document(subject.thing))
    patch: dict[str, Any] = {}
    chosen = sorted(edits)
    taints = [cast("Term", edit.arguments[1]) for edit in chosen if edit.name == "tolerate"]
    if taints:
        patch["tolerations"] = _tolerating(spec.get("tolerations", []), taints)
    for edit in chosen:
        if edit.name == "drop_affinity":
            patch["affinity"] = {"nodeAffinity": {_REQUIRED: None}}
        elif edit.name == "lower":
            _, resource, node = map(str, edit.arguments)
            containers = _lowered(subject, patch.get("containers", spec["containers"]), resource, left[node])
            if containers is None:
                return None
            patch["containers"] = containers
    dropped = {(str(edit.arguments[1]), int(str(edit.arguments[2])))
               for edit in chosen if edit.name == "drop_expression"}  # fmt: skip
    _drop(subject, spec, dropped, patch)
    whole: Json = patch
    for name in reversed(subject.path):
        whole = {name: whole}
    return whole


def _tolerating(tolerations: list[Json], taints: list[Term]) -> list[Json]:
    """The tolerations with one of each taint, in place of those of the same key and effect that run out."""
    fresh: list[Json] = []
    for taint in taints:
        key, value, effect = map(str, taint.arguments)
        how = {"operator": "Equal", "value": value} if value else {"operator": "Exists"}
        fresh.append({"key": key, **how, "effect": effect})
    renewed = {(one["key"], one["effect"]) for one in fresh}
    kept = [
        one
        for one in tolerations
        if "tolerationSeconds" not in one or (one.get("key"), one.get("effect")) not in renewed
    ]
    return [*kept, *fresh]


def _lowered(subject: Subject, containers: list[Json], resource: str, left: Amounts) -> list[Json] | None:
    """The containers, the one that asks for most of a resource for as much less as there is too little."""
    excess = requests_of(subject.spec).get(resource, 0) - left.get(resource, 0)
    given = [one.get("resources", {}) for one in containers]
    asked = [amounts_of({**one.get("limits", {}), **one.get("requests", {})}) for one in given]
    most = max(range(len(containers)), key=lambda place: asked[place].get(resource, 0))
    amount = asked[most].get(resource, 0) - excess
    if resource != "cpu" and amount >= _MI:
        amount -= amount % _MI
    if amount <= 0:
        return None
    resources = dict(containers[most].get("resources", {}))
    resources["requests"] = {**resources.get("requests", {}), resource: amount_text(resource, amount)}
    fresh = {**containers[most], "resources": resources}
    return [fresh if place == most else one for place, one in enumerate(containers)]


def amount_text(resource: str, amount: int) -> str:
    """An amount in whole units as a manifest has it, such as `250m` or `512Mi`."""
    if resource == "cpu":
        return str(amount // 1000) if amount % 1000 == 0 else f"{amount}m"
    return f"{amount // _MI}Mi" if amount >= _MI and amount % _MI == 0 else str(amount)


def _drop(subject: Subject, spec: Json, dropped: set[tuple[str, int]], patch: dict[str, Any]) -> None:
    """Leave out the expressions of selectors, given by the selector's name and their place in it."""
    if not dropped:
        return
    selector = selector_of(subject)
    keys = sorted(subject.spec.node_selector)
    gone = [key for place, key in enumerate(keys) if (selector, place) in dropped]
    if gone:
        patch["nodeSelector"] = dict.fromkeys(gone)
    if "affinity" in patch:
        return
    terms = terms_of(subject)
    written = spec.get("affinity", {}).get("nodeAffinity", {}).get(_REQUIRED, {}).get("nodeSelectorTerms", [])
    fresh: list[Json] = []
    for (name, _), document in zip(terms, written, strict=True):
        expressions, fields = document.get("matchExpressions", []), document.get("matchFields", [])
        whole = [
            *(("matchExpressions", one) for one in expressions),
            *(("matchFields", one) for one in fields),
        ]
        kept: dict[str, list[Json]] = {}
        for place, (part, one) in enumerate(whole):
            if (name, place) not in dropped:
                kept.setdefault(part, []).append(one)
        fresh.append(kept)
    if fresh != written:
        patch["affinity"] = {"nodeAffinity": {_REQUIRED: {"nodeSelectorTerms": fresh}}}


def selector_of(subject: Subject) -> str:
    """The name of a template's node selector."""
    return Shapes().label_selector(LabelSelector(match_labels=subject.spec.node_selector))


def terms_of(subject: Subject) -> list[tuple[str, NodeSelectorTerm]]:
    """The terms of a template's required node affinity, with their names, in order."""
    affinity = subject.spec.affinity and subject.spec.affinity.node_affinity
    terms = affinity.required.node_selector_terms if affinity and affinity.required else ()
    return [(Shapes().node_term(term), term) for term in terms]


def expression_text(subject: Subject, selector: str, place: int) -> str:
    """An expression as a person would write it: `disk=ssd`, `zone in (a, b)`, `gpu exists`."""
    if selector == selector_of(subject) and subject.spec.node_selector:
        key = sorted(subject.spec.node_selector)[place]
        return f"{key}={subject.spec.node_selector[key]}"
    term = dict(terms_of(subject))[selector]
    one = (*term.match_expressions, *term.match_fields)[place]
    listed = f" ({', '.join(one.values)})" if one.values else ""
    return f"{one.key} {one.operator}{listed}"
