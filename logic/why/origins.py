"""Origins: from the facts that a derivation stands on back to the objects and fields that the user wrote."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from typing import Any

from foretell.logic import vocabulary as v
from foretell.logic.neighbours import Neighbours
from foretell.logic.scope import owner_of
from foretell.logic.shapes import Shapes, shape_of_pod
from foretell.logic.vocabulary import Argument, Term
from foretell.logic.why.derivation import Derivation
from foretell.logic.why.fields import BY_ARGUMENT, FIELDS, PRESENCE
from foretell.logic.why.paths import found
from foretell.model.cluster import Cluster
from foretell.model.documents import to_document
from foretell.model.explanation import Source
from foretell.model.meta import Key, Object
from foretell.model.objects import DaemonSet, Deployment, Pod, PodSpec, ReplicaSet, StatefulSet
from foretell.model.selectors import LabelSelector

# Atoms by which a question arises: that a node is looked at, that a workload is awake and has the pod.
_ARISING = frozenset({"considered", "awake", "claimed", "at_work", "set_at_work", "governs"})
# What is told only where it is so.
_WHERE_SO = frozenset({"terminating", "deleting", "selects_everything", "claim_terminating", "finished"})
_SLOT = re.compile(r"\{(\d)(?:\.(\d))?\}")
_REQUIRED = "requiredDuringSchedulingIgnoredDuringExecution"
_TEMPLATE = "spec.template."
# What a derived atom that is denied is about: by predicate the input that would have to be another.
_DENIED = {
    "daemon_tolerated": "tolerations", "tolerated": "tolerations", "enough": "offers", "met": "met",
    "running_ready": "ready", "available": "ready", "in_zone_of": "in_zone_of",
}  # fmt: skip


class Origins:
    """Where facts of a cluster come from.

    `standing` names the node that is meant where the facts tell of another one that is like it.
    """

    def __init__(self, cluster: Cluster, *, standing: Mapping[str, str] | None = None) -> None:
        self.cluster, self._standing = cluster, standing or {}
        self._shapes: dict[str, list[tuple[Key, str]]] = {}
        self._selectors: dict[str, tuple[Key, str, tuple[str, ...]]] = {}

    # --- what names stand for ---

    def of_template(self, thing: Object, spec: PodSpec, path: str) -> None:
        """Make known what a pod's specification, at a path of an object, is called in facts."""
        key, shapes = thing.key, Shapes()
        for name in (*_shapes_of(spec), shape_of_pod(spec)):
            homes = self._shapes.setdefault(name, [])
            homes += [(key, path)] * ((key, path) not in homes)
        if spec.node_selector:
            name = _selector_name(tuple(sorted(spec.node_selector.items())))
            paths = tuple(f'["{label}"]' for label in sorted(spec.node_selector))
            self._selectors.setdefault(name, (key, f"{path}spec.nodeSelector", paths))
        affinity = spec.affinity and spec.affinity.node_affinity
        terms = affinity.required.node_selector_terms if affinity and affinity.required else ()
        for index, term in enumerate(terms):
            base = f"{path}spec.affinity.nodeAffinity.{_REQUIRED}.nodeSelectorTerms[{index}]"
            paths = (
                *(f".matchExpressions[{place}]" for place in range(len(term.match_expressions))),
                *(f".matchFields[{place}]" for place in range(len(term.match_fields))),
            )
            self._selectors.setdefault(shapes.node_term(term), (key, base, paths))

    def of_pod(self, pod: Pod) -> None:
        """Make known what a pod asks for, by the template that it was made from where that says the same."""
        made_from = self.template_of(pod)
        if made_from is not None:
            thing, spec = made_from
            self.of_template(thing, spec, _TEMPLATE)
            # What admission adds to the pod makes it another shape, though the template is meant.
            for name in (*_shapes_of(pod.spec), shape_of_pod(pod.spec)):
                self._shapes.setdefault(name, []).append((thing.key, _TEMPLATE))
        self.of_template(pod, pod.spec, "")

    def of_neighbours(self, pod: Pod, neighbours: Neighbours) -> None:
        """Make known the terms of a pod's affinity and its constraints, and the terms of pods on nodes."""
        if not neighbours.minded:
            return
        self._terms_of(pod, neighbours, own=True)
        for other in self.cluster.pods:
            affinity = other.spec.affinity
            if other.key != pod.key and affinity is not None and affinity.pod_anti_affinity:
                self._terms_of(other, neighbours, own=False)

    def _terms_of(self, pod: Pod, neighbours: Neighbours, *, own: bool) -> None:
        thing, base = self._home(pod)
        affinity = pod.spec.affinity
        for side, name in ((affinity and affinity.pod_affinity, "podAffinity"),
                           (affinity and affinity.pod_anti_affinity, "podAntiAffinity")):  # fmt: skip
            for index, term in enumerate(side.required if side else ()):
                path = f"{base}spec.affinity.{name}.{_REQUIRED}[{index}]"
                self._selectors.setdefault(neighbours.term(pod, term, own=own), (thing.key, path, ()))
        for index, constraint in enumerate(pod.spec.topology_spread_constraints if own else ()):
            path = f"{base}spec.topologySpreadConstraints[{index}]"
            self._selectors.setdefault(neighbours.constraint(pod, constraint), (thing.key, path, ()))

    def _home(self, pod: Pod) -> tuple[Object, str]:
        """The object in which the pod's affinity was written, and the path to its template."""
        made_from = self.template_of(pod)
        if made_from is not None and made_from[1].affinity == pod.spec.affinity:
            return made_from[0], _TEMPLATE
        return pod, ""

    def template_of(self, pod: Pod) -> tuple[Object, PodSpec] | None:
        """The object that the user wrote the pod's template into, and the template's specification."""
        owner: Object | None = owner_of(self.cluster, pod)
        if isinstance(owner, ReplicaSet):
            owner = owner_of(self.cluster, owner) or owner
        if isinstance(owner, DaemonSet | StatefulSet | Deployment | ReplicaSet):
            return owner, owner.spec.template.spec
        return None

    def home_of_requests(self, pod: Pod, resource: str) -> Source | None:
        """Where a pod, or the template that it was made from, asks for a resource; None for pods as such."""
        thing: Object = pod
        base = ""
        made_from = self.template_of(pod)
        if made_from is not None and made_from[1].containers == pod.spec.containers:
            thing, base = made_from[0], _TEMPLATE
        for part in ("requests", "limits"):
            source = self.at(thing.key, f"{base}spec.containers[*].resources.{part}.{resource}")
            if source.value:
                return source
        return None

    # --- from facts to fields ---

    def of(self, leaf: Derivation) -> Source | None:
        """The field that a fact, or what is denied, was read from; None where there is none."""
        name, arguments = leaf.atom.name, leaf.atom.arguments
        if leaf.denied and name in _DENIED:
            return self._of_denied(_DENIED[name], arguments)
        if name not in FIELDS:
            return None
        field = FIELDS[name]
        path = field.path if isinstance(field.path, str) else ""
        if name == "has" and isinstance(arguments[1], Term) and arguments[1].name == "field":
            # What an object is called is no field that anything else would change.
            return None
        named = arguments[field.at] if len(arguments) > field.at else ""
        if field.of == "selector":
            return self._of_selector(str(named), path, arguments)
        if field.of == "shape":
            return self._in_shape(str(named), _filled(path, arguments))
        if field.of == "request":
            pod = self.cluster.get(v.key_of("Pod", str(named)))
            return self.home_of_requests(pod, str(arguments[1])) if isinstance(pod, Pod) else None
        if field.of == "resource":
            return self.at(self._node(named), f"status.allocatable.{arguments[1]}")
        key = self._key(field.of, named)
        if key is None:
            return None
        if isinstance(field.path, dict):
            path = field.path.get(key.kind, field.path.get("", ""))
        if name in BY_ARGUMENT and isinstance(arguments[1], Term):
            path = BY_ARGUMENT[name].get(arguments[1].name, path)
        return self.at(key, _filled(path, arguments))

    def _of_denied(self, about: str, arguments: tuple[Argument, ...]) -> Source | None:
        if about == "tolerations":
            return self._in_shape(str(arguments[0]), "spec.tolerations", denied=True)
        if about == "offers":
            return self.at(self._node(arguments[0]), f"status.allocatable.{arguments[1]}")
        if about == "ready":
            return self.at(v.key_of("Pod", str(arguments[0])), "status.conditions[type=Ready].status")
        if about == "in_zone_of":
            return self.at(self._node(arguments[0]), f'metadata.labels["{arguments[2]}"]')
        return self._of_unmet(arguments)

    def _in_shape(self, name: str, path: str, *, denied: bool = False) -> Source | None:
        """A field of the template or the pod whose shape it is: of the first that has it, unless denied."""
        found = [self.at(key, f"{base}{path}") for key, base in self._shapes.get(name, ())]
        filled = [] if denied else [one for one in found if one.value]
        return next(iter((*filled, *found)), None)

    def _of_unmet(self, arguments: tuple[Argument, ...]) -> Source | None:
        """What a thing has in place of what an expression of a selector asks for."""
        thing, selector, index = arguments
        where = self._selectors.get(str(selector))
        key = self._key("thing", thing)
        if where is None or key is None or not isinstance(index, int) or index >= len(where[2]):
            return None
        _, path = where[1], where[2][index]
        if path.startswith('["'):
            return self.at(key, f"metadata.labels{path}")
        attribute = found(self._document(where[0]), f"{where[1]}{path}.key")[1]
        if ".matchFields" in path:
            return self.at(key, attribute)
        return self.at(key, f'metadata.labels["{attribute}"]')

    def _of_selector(self, name: str, path: str, arguments: tuple[Argument, ...]) -> Source | None:
        where = self._selectors.get(name)
        if where is None:
            return None
        key, base, paths = where
        if path == "{1}":
            index = arguments[1]
            assert isinstance(index, int)
            return self.at(key, base + (paths[index] if index < len(paths) else ""))
        return self.at(key, f"{base}.{path}" if path else base)

    def _key(self, of: str, named: Argument) -> Key | None:
        """The key of what an argument names."""
        if of == "workload":
            known = isinstance(named, Term) and named.name in v.WORKLOAD_KINDS
            return v.workload_key(named) if known else None
        if isinstance(named, Term):
            return v.key_of("Pod", str(named.arguments[0])) if named.name == "pod" else None
        kinds = {"pod": "Pod", "claim": "PersistentVolumeClaim", "volume": "PersistentVolume",
                 "budget": "PodDisruptionBudget"}  # fmt: skip
        if of == "node" or (of == "thing" and "/" not in str(named)):
            key = self._node(named)
            return key if key in self.cluster else None
        return v.key_of(kinds.get(of, "Pod"), str(named))

    def _node(self, named: Argument) -> Key:
        return Key("Node", "", self._standing.get(str(named), str(named)))

    def at(self, key: Key, path: str) -> Source:
        """A field of an object, and what stands there."""
        where, value = found(self._document(key), path)
        return Source(object=str(key), namespace=key.namespace, path=where, value=value)

    def _document(self, key: Key) -> Any:
        thing = self.cluster.get(key)
        return {} if thing is None else to_document(thing)

    def all_of(self, derived: Iterable[Derivation]) -> tuple[Source, ...]:
        """The fields that derivations stand on, each once, in their order.

        That something is there at all is no field, nor is what holds by default; of a field and another one
        within it the latter counts.
        """
        found = dict.fromkeys(
            source
            for one in derived
            for leaf in _decisive(one)
            if leaf.atom.name not in PRESENCE
            and (source := self.of(leaf)) is not None
            and (source.value or leaf.denied)
        )
        return tuple(one for one in found if not any(_is_within(other, one) for other in found))


def _decisive(derivation: Derivation) -> Iterator[Derivation]:
    """The leaves of a derivation, but for what only says that the question arises."""
    name, denied = derivation.atom.name, derivation.denied
    if name in _ARISING or (denied and name in _WHERE_SO):
        return
    if derivation.rule is None:
        yield derivation
    for one in derivation.because:
        yield from _decisive(one)


def _is_within(inner: Source, outer: Source) -> bool:
    longer = inner.path.startswith(outer.path) and len(inner.path) > len(outer.path)
    return longer and (inner.object, inner.namespace) == (outer.object, outer.namespace)


def _shapes_of(spec: PodSpec) -> tuple[str, str]:
    shapes = Shapes()
    return shapes.of_spec(spec), shapes.of_spec(spec, pinned=True)


def _filled(path: str, arguments: tuple[Argument, ...]) -> str:
    """A path with its slots filled in."""

    def fill(match: re.Match[str]) -> str:
        argument = arguments[int(match[1])]
        if match[2] is not None and isinstance(argument, Term):
            argument = argument.arguments[int(match[2])]
        return argument.name if isinstance(argument, Term) else str(argument)

    return _SLOT.sub(fill, path)


@lru_cache(maxsize=1024)
def _selector_name(pairs: tuple[tuple[str, str], ...]) -> str:
    """The name of a node selector."""
    return Shapes().label_selector(LabelSelector(match_labels=dict(pairs)))
