"""The facts of pods that mind other pods: affinity terms, spread constraints, and who is where."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterable, Mapping
from functools import lru_cache
from math import log

from foretell.logic import vocabulary as v
from foretell.logic.renaming import solved
from foretell.logic.shapes import Shapes
from foretell.logic.vocabulary import Term
from foretell.model.affinity import PodAffinity, PodAffinityTerm, TopologySpreadConstraint
from foretell.model.cluster import Cluster
from foretell.model.meta import Key
from foretell.model.objects import Pod
from foretell.model.selectors import LabelSelector, Requirement

ALONE = "alone"
HARD = "DoNotSchedule"
_FILES = ("meant.lp",)
# No label has such a value.
_UNNAMED = "any other"
_NAME_LABEL = "kubernetes.io/metadata.name"
# What the scheduler asks of pods that belong together and ask for nothing themselves: by key the skew.
# Source: pkg/scheduler/framework/plugins/podtopologyspread/plugin.go (systemDefaultConstraints).
_BY_DEFAULT = (("kubernetes.io/hostname", 3), ("topology.kubernetes.io/zone", 5))
# How much a guest's required affinity draws others near. Source: default hardPodAffinityWeight.
_DRAW = 1

Minds = Counter[tuple[str, int]]
Anchor = tuple[tuple[str, ...], str, tuple[str, ...]]
Kind = tuple[str, tuple[tuple[str, str], ...], bool]


class Neighbours:
    """Names terms and kinds of pods, keeps their facts, and tells what each node has of them.

    A kind is a pod's namespace, its labels as far as some term sees them, and whether it is terminating.
    """

    def __init__(self, cluster: Cluster, shapes: Shapes) -> None:
        self.cluster, self.shapes = cluster, shapes
        self.lines: list[str] = []
        self.topology_keys: set[str] = set()
        self._label_keys: set[str] = set()
        self._pod_keys: set[str] = set()
        self._terms: dict[tuple[object, ...], str] = {}
        self._kinds: dict[Kind, str] = {}
        self._key_of: dict[str, str] = {}
        self._values: dict[str, set[str]] = {}
        self._counts_pods = False
        self._anchors: list[Anchor | None] = []
        self._by_selector = False

    # --- what the pod asks ---

    def ask(self, pod: Pod) -> None:
        """Tell the terms and constraints of a pending pod."""
        path, affinity = pod.key.path, pod.spec.affinity
        for index, constraint in enumerate(pod.spec.topology_spread_constraints):
            name = self.constraint(pod, constraint)
            if constraint.when_unsatisfiable == HARD:
                self.lines.append(v.SPREAD(path, name, index))
                if constraint.min_domains:
                    self.lines.append(v.MIN_DOMAINS(name, constraint.min_domains))
            else:
                self.lines.append(v.LEANS_APART(path, name))
            self._honours(name, constraint)
        if not pod.spec.topology_spread_constraints:
            self._ask_by_default(pod, path)
        near = affinity.pod_affinity if affinity else None
        apart = affinity.pod_anti_affinity if affinity else None
        for predicate, side in ((v.NEAR_TERM, near), (v.APART_TERM, apart)):
            for term in side.required if side else ():
                self.lines.append(predicate(path, self._own_term(pod, term)))
        weights: Counter[str] = Counter()
        for sign, side in ((1, near), (-1, apart)):
            for weighted in side.preferred if side else ():
                weights[self._own_term(pod, weighted.pod_affinity_term)] += sign * weighted.weight
        self.lines += [v.LEANS(path, name, weight) for name, weight in weights.items()]

    def _honours(self, name: str, constraint: TopologySpreadConstraint) -> None:
        if (constraint.node_affinity_policy or "Honor") == "Honor":
            self.lines.append(v.HONOURS(name, Term("node_affinity")))
        if constraint.node_taints_policy == "Honor":
            self.lines.append(v.HONOURS(name, Term("node_taints")))

    def _ask_by_default(self, pod: Pod, path: str) -> None:
        """Pods of one service or workload are spread softly where nothing else is asked."""
        selector = _belongs_by(self.cluster, pod)
        if selector is None:
            return
        for key, skew in _BY_DEFAULT:
            constraint = TopologySpreadConstraint(topology_key=key, max_skew=skew, label_selector=selector)
            name = self.constraint(pod, constraint)
            self.lines += [v.LEANS_APART(path, name), v.BY_DEFAULT(name)]
            self._honours(name, constraint)

    def constraint(self, pod: Pod, constraint: TopologySpreadConstraint) -> str:
        """The name of a constraint of a pending pod."""
        selector = _completed(constraint.label_selector, pod, constraint.match_label_keys, ())
        identity = (
            constraint.topology_key, _identity(selector), constraint.max_skew, constraint.min_domains,
            constraint.node_affinity_policy, constraint.node_taints_policy, constraint.when_unsatisfiable,
        )  # fmt: skip
        name = self._named(identity, constraint.topology_key, selector, (pod.namespace,), None, own=True)
        fact = v.MAX_SKEW(name, constraint.max_skew)
        if fact not in self.lines:
            self.lines.append(fact)
        return name

    def _own_term(self, pod: Pod, term: PodAffinityTerm) -> str:
        self._counts_pods = True
        return self.term(pod, term, own=True)

    def term(self, pod: Pod, term: PodAffinityTerm, *, own: bool) -> str:
        """The name of a term of a pending pod, or (not `own`) of one that is on a node."""
        selector = _completed(term.label_selector, pod, term.match_label_keys, term.mismatch_label_keys)
        namespaces = tuple(sorted(term.namespaces))
        if not namespaces and term.namespace_selector is None:
            namespaces = (pod.namespace,)
        identity = (
            term.topology_key, _identity(selector), namespaces, _identity(term.namespace_selector), own,
        )  # fmt: skip
        return self._named(
            identity, term.topology_key, selector, namespaces, term.namespace_selector, own=own
        )

    def _named(
        self,
        identity: tuple[object, ...],
        key: str,
        selector: LabelSelector | None,
        namespaces: tuple[str, ...],
        wider: LabelSelector | None,
        *,
        own: bool,
    ) -> str:
        """The name of a term; an own one is held against kinds of pods too, one of guests against none."""
        if identity in self._terms:
            return self._terms[identity]
        name = self._terms[identity] = f"term-{len(self._terms)}"
        self.topology_keys.add(key)
        self._key_of[name] = key
        self.lines.append(v.TOPOLOGY_KEY(name, key))
        if selector is not None:
            self.lines.append(v.TERM_SELECTOR(name, self.shapes.label_selector(selector)))
            keys = {requirement.key for requirement in selector.requirements}
            self._pod_keys |= keys
            if own:
                self._label_keys |= keys
                self._anchors.append(_anchor(selector, namespaces, wider))
                for requirement in selector.requirements:
                    self._values.setdefault(requirement.key, set()).update(requirement.values)
        self._counts_pods |= own
        self.lines += [v.TERM_NAMESPACE(name, namespace) for namespace in namespaces]
        if wider is not None:
            self._by_selector = True
            self.lines.append(v.TERM_NAMESPACES(name, self.shapes.label_selector(wider)))
        return name

    # --- who is where ---

    def anchored(self) -> dict[str, list[Pod]] | None:
        """By node the guests among which all are that own terms can be about; None where that may be anybody.

        A term that wants one of some values of a label is about pods with such a label alone.
        """
        found: dict[Key, Pod] = {}
        for anchor in self._anchors:
            if anchor is None:
                return None
            namespaces, key, values = anchor
            for namespace in namespaces:
                for value in values:
                    there = self.cluster.pods_labelled(namespace, key, value)
                    found.update((pod.key, pod) for pod in there if pod.spec.node_name and not pod.finished)
        guests: dict[str, list[Pod]] = {}
        for pod in found.values():
            guests.setdefault(pod.spec.node_name, []).append(pod)
        return guests

    def of_guests(self, guests: Iterable[Pod], social: Iterable[Pod]) -> tuple[Mapping[str, int], Minds]:
        """How many pods of each kind are among the guests, and by what terms how many of them mind others.

        The latter are counted by (term, weight): weight nought is for those that keep others away.
        """
        return self.named(self.kinds_of(guests)), self.minds_of(social)

    @property
    def lens(self) -> Hashable:
        """All that decides of which kind a pod is taken to be, and whether it counts."""
        values = tuple((key, tuple(sorted(some))) for key, some in sorted(self._values.items()))
        return (self._counts_pods, tuple(sorted(self._label_keys)), values, tuple(self._anchors))

    def kinds_of(self, guests: Iterable[Pod]) -> Mapping[Kind, int]:
        """How many pods of each kind are among the guests."""
        kinds: dict[Kind, int] = {}
        if self._counts_pods:
            keys = tuple(sorted(self._label_keys))
            for pod in guests:
                labels = pod.metadata.labels
                seen = tuple([(k, self._seen_value(k, labels[k])) for k in keys if k in labels])
                kind = (pod.metadata.namespace, seen, pod.terminating)
                kinds[kind] = kinds.get(kind, 0) + 1
        return kinds

    def named(self, kinds: Mapping[Kind, int]) -> Mapping[str, int]:
        """The same by the names of kinds."""
        return {self._kind(kind): count for kind, count in kinds.items()}

    def counts(self, pod: Pod) -> bool:
        """Whether own terms can be about the pod, where they aren't about anybody."""
        labels, namespace = pod.metadata.labels, pod.metadata.namespace
        return any(
            anchor is None or (namespace in anchor[0] and labels.get(anchor[1]) in anchor[2])
            for anchor in self._anchors
        )

    def minds_of(self, social: Iterable[Pod]) -> Minds:
        """By what terms how many of these pods mind others."""
        minds: Minds = Counter()
        for pod in social:
            affinity = pod.spec.affinity
            near = affinity.pod_affinity if affinity else None
            apart = affinity.pod_anti_affinity if affinity else None
            for term in apart.required if apart else ():
                minds[self.term(pod, term, own=False), 0] += 1
            for term, weight in (*_drawing(near, 1), *_drawing(apart, -1)):
                minds[self.term(pod, term, own=False), weight] += 1
        return minds

    def _seen_value(self, key: str, value: str) -> str:
        """A label's value as selectors tell it apart: all that none of them names are the same."""
        return value if value in self._values.get(key, ()) else _UNNAMED

    def meant(self, pod: Pod) -> tuple[frozenset[str], frozenset[str]]:
        """The kinds of pods that some term is about, and the terms that are about the pending pod.

        All others have nothing to do with it.
        """
        facts = [v.PENDING(pod.key.path), *self.facts([pod], 0), *self.shapes.facts]
        atoms = solved(_FILES, "\n".join(facts), (pod.key.path,)).get("meant", ())
        kinds = frozenset(str(thing) for _, thing in atoms if thing != pod.key.path)
        return kinds, frozenset(str(term) for term, thing in atoms if thing == pod.key.path)

    def _kind(self, kind: Kind) -> str:
        if kind not in self._kinds:
            # No object's name has a colon.
            self._kinds[kind] = f"kind:{len(self._kinds)}"
        return self._kinds[kind]

    def key_of(self, term: str) -> str:
        """The label by which a term tells domains apart; empty for what is no term."""
        return self._key_of.get(term, "")

    @property
    def minded(self) -> bool:
        """Whether anybody minds anybody."""
        return bool(self._terms)

    def facts(self, pods: Iterable[Pod], nodes: int) -> list[str]:
        """The facts of terms, kinds and namespaces, for pending pods in a cluster of so many nodes."""
        lines = list(self.lines)
        namespaces = set()
        for (namespace, labels, leaving), name in self._kinds.items():
            namespaces.add(namespace)
            lines += [v.KIND(name), v.IN_NAMESPACE(name, namespace)]
            lines += [v.HAS(name, Term("label", (key,)), value) for key, value in labels]
            if leaving:
                lines.append(v.TERMINATING(name))
        for pod in pods if self._terms else ():
            namespaces.add(pod.namespace)
            lines.append(v.IN_NAMESPACE(pod.key.path, pod.namespace))
            for key in sorted(self._pod_keys & set(pod.labels)):
                lines.append(v.HAS(pod.key.path, Term("label", (key,)), pod.labels[key]))
        if self._by_selector:
            for namespace in sorted(namespaces):
                lines += self._of_namespace(namespace)
        if any(line.startswith(v.LEANS_APART.name) for line in lines):
            lines += _logarithms(nodes + 1)
        return lines

    def _of_namespace(self, name: str) -> list[str]:
        found = next((n for n in self.cluster.of_kind("Namespace") if n.name == name), None)
        labels = {**(found.labels if found else {}), _NAME_LABEL: name}
        term = Term("namespace", (name,))
        return [v.HAS(term, Term("label", (key,)), value) for key, value in sorted(labels.items())]


@lru_cache(maxsize=64)
def _logarithms(count: int) -> tuple[str, ...]:
    return tuple([v.LOGARITHM(n, round(1000 * log(n + 2))) for n in range(count)])


def _anchor(
    selector: LabelSelector, namespaces: tuple[str, ...], wider: LabelSelector | None
) -> Anchor | None:
    """A label, and its values, that every pod of a term has, where there is one."""
    if wider is not None:
        return None
    wanted = next((r for r in selector.requirements if r.operator == "In"), None)
    return None if wanted is None else (namespaces, wanted.key, wanted.values)


def _drawing(side: PodAffinity | None, sign: int) -> Iterable[tuple[PodAffinityTerm, int]]:
    """What draws others near (or apart): preferences, and required nearness a little."""
    if side is None:
        return
    for weighted in side.preferred:
        yield weighted.pod_affinity_term, sign * weighted.weight
    for term in side.required if sign > 0 else ():
        yield term, _DRAW


def _completed(
    selector: LabelSelector | None, pod: Pod, same: Iterable[str], other: Iterable[str]
) -> LabelSelector | None:
    """A selector with the pod's own values of some labels, as the API server writes them into it."""
    if selector is None:
        return None
    more = [Requirement(key=k, operator="In", values=(pod.labels[k],)) for k in same if k in pod.labels]
    more += [Requirement(key=k, operator="NotIn", values=(pod.labels[k],)) for k in other if k in pod.labels]
    known = set(selector.requirements)
    return LabelSelector(
        match_labels=selector.match_labels,
        match_expressions=(*selector.match_expressions, *(r for r in more if r not in known)),
    )


def _identity(selector: LabelSelector | None) -> object:
    return None if selector is None else selector.requirements


def _belongs_by(cluster: Cluster, pod: Pod) -> LabelSelector | None:
    """The selector by which a pod belongs to services and to a ReplicaSet or StatefulSet, all in one.

    Source: pkg/scheduler/framework/plugins/helper/spread.go `DefaultSelector`.
    """
    pairs: dict[str, str] = {}
    expressions: tuple[Requirement, ...] = ()
    for service in cluster.of_kind("Service"):
        wanted: Mapping[str, str] = getattr(getattr(service, "spec", None), "selector", {}) or {}
        if service.namespace == pod.namespace and wanted and wanted.items() <= pod.labels.items():
            pairs.update(wanted)
    owner = pod.metadata.controller
    if owner is not None and owner.kind in ("ReplicaSet", "StatefulSet", "ReplicationController"):
        found = cluster.by_uid(owner.uid)
        selector = getattr(getattr(found, "spec", None), "selector", None)
        if isinstance(selector, LabelSelector):
            pairs.update(selector.match_labels)
            expressions = selector.match_expressions
    if not pairs and not expressions:
        return None
    return LabelSelector(match_labels=pairs, match_expressions=expressions)
