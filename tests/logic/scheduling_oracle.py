"""The filters of the scheduler once more, as plain Python over manifests: one function a plugin.

Written from the documentation of Kubernetes, without a line of the rules or of what tells them facts.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from typing import Any

from foretell.model.quantity import parse_quantity
from tests.builders import Document
from tests.logic.scheduling_strategies import REQUIRED, Scene

NAMESPACE_LABELS = {"default": {"team": "x"}, "other": {"team": "y"}}
_UNSCHEDULABLE = {"key": "node.kubernetes.io/unschedulable", "effect": "NoSchedule"}


def _labels(thing: Document) -> dict[str, str]:
    found: dict[str, str] = thing["metadata"].get("labels", {})
    return found


def _holds(labels: dict[str, str], expression: Document) -> bool:
    key, operator, values = expression["key"], expression["operator"], expression.get("values", [])
    if operator == "In":
        return labels.get(key) in values
    if operator == "NotIn":
        return labels.get(key) not in values
    if operator == "Exists":
        return key in labels
    if operator == "DoesNotExist":
        return key not in labels
    text = labels.get(key, "")
    if not text.isdigit():
        return False
    return int(text) > int(values[0]) if operator == "Gt" else int(text) < int(values[0])


def _selects(selector: Document | None, labels: dict[str, str]) -> bool:
    """A missing selector selects nothing, an empty one everything."""
    if selector is None:
        return False
    pairs = all(labels.get(key) == value for key, value in selector.get("matchLabels", {}).items())
    return pairs and all(_holds(labels, each) for each in selector.get("matchExpressions", []))


def _tolerates(pod: Document, taint: Document) -> bool:
    for each in pod["spec"].get("tolerations", []):
        if each.get("effect", taint["effect"]) != taint["effect"]:
            continue
        if each.get("key", taint["key"]) != taint["key"]:
            continue
        if each.get("operator") == "Exists" or each.get("value", "") == taint.get("value", ""):
            return True
    return False


# --- plugins: each gives what it says of a node, nothing where it lets the pod pass ---


def cordon(scene: Scene, node: Document) -> set[str]:
    """NodeUnschedulable."""
    shut = node["spec"].get("unschedulable") and not _tolerates(scene.newcomer, _UNSCHEDULABLE)
    return {"node(s) were unschedulable"} if shut else set()


def taints(scene: Scene, node: Document) -> set[str]:
    """TaintToleration."""
    hard = [each for each in node["spec"]["taints"] if each["effect"] != "PreferNoSchedule"]
    untolerated = any(not _tolerates(scene.newcomer, each) for each in hard)
    return {"node(s) had untolerated taint(s)"} if untolerated else set()


def _wanted(pod: Document, node: Document) -> bool:
    labels = _labels(node)
    if not _selects({"matchLabels": pod["spec"].get("nodeSelector", {})}, labels):
        return False
    required = pod["spec"].get("affinity", {}).get("nodeAffinity", {}).get(REQUIRED)
    if required is None:
        return True
    terms = [term["matchExpressions"] for term in required["nodeSelectorTerms"]]
    return any(term and all(_holds(labels, each) for each in term) for term in terms)


def node_affinity(scene: Scene, node: Document) -> set[str]:
    """NodeAffinity."""
    wanted = _wanted(scene.newcomer, node)
    return set() if wanted else {"node(s) didn't match Pod's node affinity/selector"}


def _there(scene: Scene, node: Document) -> list[Document]:
    name = node["metadata"]["name"]
    alive = [each for each in scene.guests if each["status"]["phase"] != "Succeeded"]
    return [each for each in alive if each["spec"]["nodeName"] == name]


def _host_port(pod: Document) -> bool:
    return any(container.get("ports") for container in pod["spec"]["containers"])


def ports(scene: Scene, node: Document) -> set[str]:
    """NodePorts; there is but one port."""
    taken = _host_port(scene.newcomer) and any(_host_port(each) for each in _there(scene, node))
    return {"node(s) didn't have free ports for the requested pod ports"} if taken else set()


def _asks(pod: Document) -> dict[str, Any]:
    found: dict[str, Any] = {"pods": 1}
    for container in pod["spec"]["containers"]:
        for resource, text in container.get("resources", {}).get("requests", {}).items():
            found[resource] = found.get(resource, 0) + parse_quantity(text)
    return found


def room(scene: Scene, node: Document) -> set[str]:
    """NodeResourcesFit."""
    said: set[str] = set()
    for resource, amount in _asks(scene.newcomer).items():
        held = parse_quantity(node["status"]["allocatable"].get(resource, 0))
        taken = sum(_asks(each).get(resource, 0) for each in _there(scene, node))
        if amount and taken + amount > held:
            said.add("Too many pods" if resource == "pods" else f"Insufficient {resource}")
    return said


def spread(scene: Scene, node: Document) -> set[str]:
    """PodTopologySpread: the first constraint that objects is heard."""
    pod = scene.newcomer
    hard = [
        each
        for each in pod["spec"].get("topologySpreadConstraints", [])
        if each["whenUnsatisfiable"] == "DoNotSchedule"
    ]
    for constraint in hard:
        key = constraint["topologyKey"]
        if key not in _labels(node):
            return {"node(s) didn't match pod topology spread constraints (missing required label)"}
        counts: dict[str, int] = {}
        for other in scene.nodes:
            if not all(each["topologyKey"] in _labels(other) for each in hard):
                continue
            if constraint.get("nodeAffinityPolicy", "Honor") == "Honor" and not _wanted(pod, other):
                continue
            if constraint.get("nodeTaintsPolicy", "Ignore") == "Honor" and taints(scene, other):
                continue
            domain = _labels(other)[key]
            counts[domain] = counts.get(domain, 0) + sum(
                _counts(constraint, pod, each) for each in _there(scene, other)
            )
        own = counts.get(_labels(node)[key], 0) + _selects(constraint.get("labelSelector"), _labels(pod))
        few = len(counts) < constraint.get("minDomains", 1)
        least = 0 if few else min(counts.values())
        if own - least > constraint["maxSkew"]:
            return {"node(s) didn't match pod topology spread constraints"}
    return set()


def _counts(constraint: Document, pod: Document, guest: Document) -> bool:
    selector = constraint.get("labelSelector")
    same = guest["metadata"]["namespace"] == pod["metadata"]["namespace"]
    lives = "deletionTimestamp" not in guest["metadata"]
    return bool(selector) and same and lives and _selects(selector, _labels(guest))


def _means(term: Document, owner: Document, pod: Document) -> bool:
    """Whether a term of the owner's is about the pod."""
    names = term.get("namespaces", [])
    wider = term.get("namespaceSelector")
    if not names and wider is None:
        names = [owner["metadata"]["namespace"]]
    namespace = pod["metadata"]["namespace"]
    within = namespace in names or _selects(wider, NAMESPACE_LABELS[namespace])
    return within and _selects(term.get("labelSelector"), _labels(pod))


def _terms(pod: Document, side: str) -> list[Document]:
    found: list[Document] = pod["spec"].get("affinity", {}).get(side, {}).get(REQUIRED, [])
    return found


def _mates(scene: Scene, key: str, node: Document) -> Iterable[Document]:
    """The pods on the nodes of a node's domain."""
    for other in scene.nodes:
        if key in _labels(node) and _labels(other).get(key) == _labels(node)[key]:
            yield from _there(scene, other)


def nearness(scene: Scene, node: Document) -> set[str]:
    """InterPodAffinity, what must be near: all terms at once are about each companion."""
    pod, said = scene.newcomer, {"node(s) didn't match pod affinity rules"}
    terms = _terms(pod, "podAffinity")

    def companion(guest: Document) -> bool:
        return all(_means(term, pod, guest) for term in terms)

    if not all(term["topologyKey"] in _labels(node) for term in terms):
        return said
    if all(any(map(companion, _mates(scene, term["topologyKey"], node))) for term in terms):
        return set()
    sought = [n for n in scene.nodes if any(term["topologyKey"] in _labels(n) for term in terms)]
    anywhere = any(companion(guest) for other in sought for guest in _there(scene, other))
    return set() if not anywhere and companion(pod) else said


def apartness(scene: Scene, node: Document) -> set[str]:
    """InterPodAffinity, what to keep away from."""
    pod = scene.newcomer
    for term in _terms(pod, "podAntiAffinity"):
        if any(_means(term, pod, guest) for guest in _mates(scene, term["topologyKey"], node)):
            return {"node(s) didn't match pod anti-affinity rules"}
    return set()


def distance(scene: Scene, node: Document) -> set[str]:
    """InterPodAffinity, who keeps the pod away."""
    for other in scene.nodes:
        for guest in _there(scene, other):
            for term in _terms(guest, "podAntiAffinity"):
                key = term["topologyKey"]
                near = key in _labels(node) and _labels(node)[key] == _labels(other).get(key)
                if near and _means(term, guest, scene.newcomer):
                    return {"node(s) didn't satisfy existing pods anti-affinity rules"}
    return set()


PLUGINS: tuple[tuple[str, Callable[[Scene, Document], set[str]]], ...] = (
    ("NodeUnschedulable", cordon), ("TaintToleration", taints), ("NodeAffinity", node_affinity),
    ("NodePorts", ports), ("NodeResourcesFit", room), ("PodTopologySpread", spread),
    ("InterPodAffinity", nearness), ("InterPodAffinity", apartness), ("InterPodAffinity", distance),
)  # fmt: skip
"""In the order in which they are asked."""


def said_by(scene: Scene, node: Document) -> tuple[str, set[str]]:
    """The first plugin that lets the pod not pass, and what it says; nothing where all do."""
    for plugin, ask in PLUGINS:
        if said := ask(scene, node):
            return plugin, said
    return "", set()


def verdicts(scene: Scene) -> dict[str, tuple[str, set[str]]]:
    """By node the first plugin that objects, and what it says."""
    return {node["metadata"]["name"]: said_by(scene, node) for node in scene.nodes}


# --- preemption ---

UNHELPFUL = "Preemption is not helpful for scheduling"
NO_VICTIMS = "No preemption victims found for incoming pod"


def _lasting(scene: Scene, node: Document) -> bool:
    """Whether what is said of a node stays, whoever goes from it."""
    plugin, said = said_by(scene, node)
    held = node["status"]["allocatable"]
    asked = _asks(scene.newcomer).items()
    outsize = {f"Insufficient {name}" for name, x in asked if x > parse_quantity(held.get(name, 0))}
    lasting = {"node(s) didn't match pod affinity rules"} | {text for text in said if "missing" in text}
    return plugin in ("NodeUnschedulable", "TaintToleration", "NodeAffinity") or bool(
        said & (lasting | outsize)
    )


def _without(scene: Scene, pods: Iterable[Document]) -> Scene:
    gone = {pod["metadata"]["name"] for pod in pods}
    return Scene(json.dumps([each for each in scene.documents if each["metadata"]["name"] not in gone]))


def _start(pod: Document) -> str:
    found: str = pod["status"].get("startTime") or pod["metadata"]["creationTimestamp"]
    return found


def _importance(pod: Document) -> tuple[int, str, str]:
    return -pod["spec"]["priority"], _start(pod), pod["metadata"]["name"]


def victims_on(scene: Scene, node: Document) -> tuple[list[Document], set[str]]:
    """Who would have to go from a node, or what is said where nobody's going would help."""
    if _lasting(scene, node):
        return [], {UNHELPFUL}
    priority = scene.newcomer["spec"]["priority"]
    lower = [each for each in _there(scene, node) if each["spec"]["priority"] < priority]
    if not lower:
        return [], {NO_VICTIMS}
    _, said = said_by(_without(scene, lower), node)
    if said:
        return [], said
    gone = list(lower)
    for pod in sorted(lower, key=_importance):
        fewer = [each for each in gone if each is not pod]
        if not said_by(_without(scene, fewer), node)[1]:
            gone = fewer
    return gone, set()


def preemption(scene: Scene) -> tuple[str, set[str], list[set[str]]]:
    """The node that is emptied and who has to go; or else what is said of each node."""
    found = {node["metadata"]["name"]: victims_on(scene, node) for node in scene.nodes}
    measured = []
    for rank, (name, (gone, _)) in enumerate(found.items()):
        if gone:
            top = max(pod["spec"]["priority"] for pod in gone)
            first = min(_start(pod) for pod in gone if pod["spec"]["priority"] == top)
            weight = sum(pod["spec"]["priority"] + 2**31 for pod in gone)
            measured.append((top, weight, len(gone), -int(first[-3:-1]), rank, name))
    if not measured:
        return "", set(), [said for _, said in found.values()]
    chosen = min(measured)[-1]
    return chosen, {pod["metadata"]["name"] for pod in found[chosen][0]}, []
