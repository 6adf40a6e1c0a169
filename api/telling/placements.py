"""What speaks against a node, in a few words: every reason that the placement rules can give."""

from __future__ import annotations

from foretell.model.forecast import Because

WORDS: dict[str, str] = {
    "claim-in-use": "the claim {} serves one pod only, and another one uses it",
    "claim-leaving": "the claim {} is being deleted",
    "claim-missing": "the claim {} isn't there",
    "claim-unbound": "the claim {} has no volume yet",
    "cordoned": "cordoned",
    "far": "no pod that it must be near, by {}",
    "insufficient": "too little {} left",
    "keyless": "lacks the label {} of a spread constraint",
    "kept-away": "a pod there keeps it away, by {}",
    "names-conflict": "the terms of its affinity contradict each other",
    "no-volume": "no volume is free there for the claim {}",
    "node-affinity": "no term of the node affinity holds",
    "node-name": "it names another node",
    "node-selector": "the node selector wants other labels",
    "not-named": "the affinity names other nodes",
    "port-taken": "the host port {} is taken",
    "skew": "too many alike pods already, by {}",
    "taint": "untolerated taint {}",
    "too-near": "a pod that it keeps away from, by {}",
    "volume-elsewhere": "the volume of the claim {} can't be reached from there",
    "volume-zone": "the volume of the claim {} is in another zone",
}
"""By reason; the braces stand for what it is about."""

_FULL = "full: no more pods"
_ANY_ADDRESS = "0.0.0.0:"


def about_of(because: Because) -> str:
    """What a reason is about: a resource, a claim, a port, a label or a taint; empty for the pod itself."""
    if because.reason == "taint":
        value = f"={because.value}" if because.value else ""
        return f"{because.key}{value}:{because.effect}"
    return because.about.removeprefix(_ANY_ADDRESS) if because.reason == "port-taken" else because.about


def reason_text(because: Because) -> str:
    """A reason in a few words."""
    if because.reason == "insufficient" and because.about == "pods":
        return _FULL
    return WORDS[because.reason].format(about_of(because))
