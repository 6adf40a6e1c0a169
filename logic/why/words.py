"""What is said of a ground: in words, with what it is about and the amounts that decided."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import msgspec

from foretell.model.explanation import Code, Source
from foretell.model.objects import Pod, PodDisruptionBudget

SAID: Mapping[Code, str] = {
    Code.ANY_NODE: "its template asks for no node in particular",
    Code.SELECTED: "the node is what its template asks for",
    Code.TOLERATES: "it tolerates the node's taint {}",
    Code.WITHIN_REPLICAS: "its ordinal is one of those that are wanted",
    Code.BEYOND_REPLICAS: "its ordinal is none of those that are wanted",
    Code.DELETING: "is being deleted, so it wants no pods",
    Code.GATED: "its scheduling gates hold it back: {}",
    Code.NOT_NAMED: "the affinity names other nodes",
    Code.CORDONED: "the node is cordoned",
    Code.NODE_NAME: "it names another node",
    Code.TAINT: "the node's taint {} is not tolerated",
    Code.NODE_SELECTOR: "the node selector wants other labels",
    Code.NODE_AFFINITY: "no term of the node affinity holds",
    Code.PORT_TAKEN: "the host port {} is taken",
    Code.INSUFFICIENT: "too little {} is left",
    Code.CLAIM_IN_USE: "the claim {} serves one pod only, and another one uses it",
    Code.VOLUME_ELSEWHERE: "the volume of the claim {} can't be reached from there",
    Code.NO_VOLUME: "no volume is free there for the claim {}",
    Code.VOLUME_ZONE: "the volume of the claim {} is in another zone",
    Code.KEYLESS: "the node lacks the label {} of a spread constraint",
    Code.SKEW: "too many alike pods are there already, by {}",
    Code.FAR: "no pod is there that it must be near, by {}",
    Code.TOO_NEAR: "a pod is there that it keeps away from, by {}",
    Code.KEPT_AWAY: "a pod there keeps it away, by {}",
    Code.NAMES_CONFLICT: "the terms of its affinity contradict each other",
    Code.CLAIM_MISSING: "the claim {} isn't there",
    Code.CLAIM_LEAVING: "the claim {} is being deleted",
    Code.CLAIM_UNBOUND: "the claim {} has no volume yet",
}
"""By code; the braces stand for what it is about."""

FREED: Mapping[Code, str] = {
    Code.NOT_NAMED: "its affinity names the node",
    Code.CORDONED: "the node is uncordoned, or it tolerates node.kubernetes.io/unschedulable",
    Code.NODE_NAME: "spec.nodeName goes, or names the node",
    Code.TAINT: "the taint goes, or it is tolerated",
    Code.NODE_SELECTOR: "the node gets the label, or the selector asks for less",
    Code.NODE_AFFINITY: "the node fits a term, or a term asks for less",
    Code.PORT_TAKEN: "the pod that has the port goes, or another port is asked for",
    Code.INSUFFICIENT: "pods go from the node, or it asks for less",
    Code.CLAIM_IN_USE: "the other pod goes",
    Code.VOLUME_ELSEWHERE: "the claim gets a volume that the node reaches",
    Code.NO_VOLUME: "a volume that suits is made",
    Code.VOLUME_ZONE: "the claim gets a volume of the node's zone",
    Code.KEYLESS: "the node gets the label",
    Code.SKEW: "alike pods go from there, or more come elsewhere, or maxSkew is greater",
    Code.FAR: "such a pod is there",
    Code.TOO_NEAR: "the other pod goes, or the term",
    Code.KEPT_AWAY: "the other pod goes, or its term",
    Code.NAMES_CONFLICT: "the terms agree on a node",
    Code.CLAIM_MISSING: "the claim is made",
    Code.CLAIM_LEAVING: "it is gone and made again",
    Code.CLAIM_UNBOUND: "it gets a volume",
    Code.GATED: "the gates are taken away",
    Code.BEYOND_REPLICAS: "more replicas are wanted",
}
"""By code of what stands in the way: what would undo it."""

_WHOLE_PODS = "pods"


def said(code: Code, about: str) -> str:
    """What is said of a ground."""
    if code is Code.INSUFFICIENT and about == _WHOLE_PODS:
        return "the node takes no more pods"
    return SAID[code].format(about)


def unmet(pairs: Iterable[tuple[Source, Source]]) -> str:
    """Of labels that are asked for: each, and what the node has in its place."""
    found = []
    for asked, borne in pairs:
        key = _key_of(borne.path)
        wanted = f"{key}={asked.value}" if asked.path.endswith('"]') else _expression(key, asked.value)
        found.append(f"wants {wanted}, the node has {borne.value or 'no such label'}")
    return "; ".join(dict.fromkeys(found))


def _key_of(path: str) -> str:
    return path.partition('["')[2].removesuffix('"]') or path


def _expression(key: str, value: str) -> str:
    """An expression of a selector, as kubectl writes those of labels."""
    document = msgspec.json.decode(value) if value else {}
    operator, values = document.get("operator", ""), document.get("values", [])
    if operator in ("Exists", "DoesNotExist"):
        return f"{'!' if operator == 'DoesNotExist' else ''}{key}"
    if operator in _SIGNS:
        return f"{key} {_SIGNS[operator]} {', '.join(values)}"
    return f"{key} {operator.lower()} ({', '.join(values)})"


_SIGNS = {"Gt": ">", "Lt": "<"}


def amount(resource: str, number: int) -> str:
    """A number of a resource's whole units as a quantity: thousandths of a core, bytes, pieces."""
    if resource == "cpu":
        return f"{number // 1000}" if number % 1000 == 0 else f"{number}m"
    if resource in ("memory", "ephemeral-storage") or resource.startswith("hugepages-"):
        for power, suffix in ((4, "Ti"), (3, "Gi"), (2, "Mi"), (1, "Ki")):
            if number and number % 1024**power == 0:
                return f"{number // 1024**power}{suffix}"
    return str(number)


def said_of_budget(budget: PodDisruptionBudget, pod: Pod) -> str:
    """What is said of a budget that refuses a pod's eviction: its bound, and how many pods are healthy."""
    spec, status = budget.spec, budget.status
    bound = (
        f"at least {spec.min_available} available"
        if spec.min_available is not None
        else f"at most {spec.max_unavailable} unavailable"
    )
    return (
        f"{budget.key} doesn't let {pod.key} go now: it wants {bound}; of {status.expected_pods:,} pods "
        f"{status.current_healthy:,} are healthy, and {status.desired_healthy:,} have to be"
    )
