"""What pods ask of nodes, and what selectors ask of labels, as facts shared by all that ask the same."""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from functools import lru_cache
from hashlib import blake2b

from foretell.logic import vocabulary as v
from foretell.logic.vocabulary import Term
from foretell.model.affinity import NodeSelectorTerm
from foretell.model.objects import IntOrPercent, PodSpec
from foretell.model.quantity import is_integer, parse_percent
from foretell.model.selectors import LabelSelector, Requirement

_COMPARING = ("Gt", "Lt")


@lru_cache(maxsize=10_000)
def named(kind: str, identity: Hashable) -> str:
    """A name by content: what was told under it stays true in every other question."""
    return f"{kind}-{blake2b(repr(identity).encode(), digest_size=8).hexdigest()}"


class Shapes:
    """Names shapes and selectors, keeps their facts, and knows which attributes they can see."""

    def __init__(self) -> None:
        self.facts: list[str] = []
        self.node_keys: set[str] = set()
        self.node_names: set[str] = set()
        self.integers: set[str] = set()
        self.compares = False
        self._told: set[str] = set()

    def selector(self, requirements: Iterable[tuple[str, Requirement]]) -> str:
        """The name of a selector, given as (attribute kind, expression) pairs."""
        identity = tuple((kind, r.key, r.operator, r.values) for kind, r in requirements)
        name = named("selector", identity)
        if self._is_new(name):
            for index, (kind, key, operator, values) in enumerate(identity):
                self.facts.append(v.EXPRESSION(name, index, Term(kind, (key,)), operator))
                self.facts.extend(v.EXPRESSION_VALUE(name, index, value) for value in values)
                if operator in _COMPARING:
                    self.compares = True
                    self.integers.update(filter(is_integer, values))
        return name

    def label_selector(self, selector: LabelSelector) -> str:
        """The name of a label selector."""
        return self.selector(("label", requirement) for requirement in selector.requirements)

    def of_pod(self, spec: PodSpec) -> str:
        """The shape of a pod that is there: its tolerations."""
        name = shape_of_pod(spec)
        if self._is_new(name):
            self._tolerations(name, spec)
        return name

    def of_daemon(self, spec: PodSpec) -> str:
        """The shape of a DaemonSet's template, to which the controller adds tolerations."""
        name = self.of_spec(spec)
        if (fact := v.DAEMON_SHAPE(name)) not in self.facts:
            self.facts.append(fact)
        return name

    def of_spec(self, spec: PodSpec, *, pinned: bool = False) -> str:
        """The whole shape: tolerations, node name, selector and required affinity (unless that only pins)."""
        affinity = spec.affinity and spec.affinity.node_affinity
        required = affinity.required if affinity and not pinned else None
        terms = required.node_selector_terms if required else None
        identity = (
            *_tolerated(spec),
            spec.node_name, spec.host_network, tuple(sorted(spec.node_selector.items())), terms,
        )  # fmt: skip
        name = named("shape", identity)
        if not self._is_new(name):
            return name
        self._tolerations(name, spec)
        if spec.host_network:
            self.facts.append(v.HOST_NETWORK(name))
        if spec.node_name:
            self.facts.append(v.NODE_NAME(name, spec.node_name))
            self.node_names.add(spec.node_name)
        if spec.node_selector:
            pairs = LabelSelector(match_labels=spec.node_selector)
            self.facts.append(v.NODE_SELECTOR(name, self.label_selector(pairs)))
            self.node_keys.update(spec.node_selector)
        if terms is not None:
            self.facts.append(v.AFFINITY_REQUIRED(name))
        for term in terms or ():
            self.facts.append(v.AFFINITY_TERM(name, self.node_term(term)))
        return name

    def node_term(self, term: NodeSelectorTerm) -> str:
        """The name of a node selector's term, whose attributes nodes are seen by from now on."""
        labels = [("label", r) for r in term.match_expressions]
        fields = [("field", r) for r in term.match_fields]
        self.node_keys.update(r.key for r in term.match_expressions)
        self.node_names.update(value for r in term.match_fields for value in r.values)
        return self.selector([*labels, *fields])

    def preferences(self, name: str, spec: PodSpec) -> list[str]:
        """The facts of the terms that pods of a shape prefer."""
        affinity = spec.affinity and spec.affinity.node_affinity
        preferred = affinity.preferred if affinity else ()
        return [
            v.PREFERS(name, index, self.node_term(one.preference), one.weight)
            for index, one in enumerate(preferred)
        ]

    def _is_new(self, name: str) -> bool:
        """Whether the facts of a name are still to be told."""
        new = name not in self._told
        self._told.add(name)
        return new

    def _tolerations(self, name: str, spec: PodSpec) -> None:
        for index, t in enumerate(spec.tolerations):
            self.facts.append(v.TOLERATION(name, index, t.key, t.operator, t.value, t.effect))
            if t.toleration_seconds is not None:
                self.facts.append(v.TOLERATION_SECONDS(name, index, clamped(t.toleration_seconds)))
            if t.operator in _COMPARING:
                self.compares = True
                self.integers.update(filter(is_integer, (t.value,)))

    def integer_facts(self, values: Iterable[str]) -> list[str]:
        """The order of all texts that are integers, where any expression compares."""
        if not self.compares:
            return []
        texts = self.integers | set(filter(is_integer, values))
        order = {number: position for position, number in enumerate(sorted({int(text) for text in texts}))}
        return [v.INTEGER(text, order[int(text)]) for text in sorted(texts)]


def shape_of_pod(spec: PodSpec) -> str:
    """The name of the shape of a pod that is there."""
    return named("shape", _tolerated(spec))


def _tolerated(spec: PodSpec) -> tuple[object, ...]:
    return (tuple((t.key, t.operator, t.value, t.effect, t.toleration_seconds) for t in spec.tolerations),)


def bound(value: IntOrPercent) -> Term:
    """A number or a percentage as the rules have it."""
    if isinstance(value, int):
        return Term("count", (clamped(value),))
    return Term("percent", (parse_percent(value),))


def clamped(seconds: float) -> int:
    """Whole seconds within what clingo can count, which is 68 years."""
    return int(max(-(2**31) + 1, min(2**31 - 1, seconds)))
