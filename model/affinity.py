"""Where pods want to run: by nodes' labels, near other pods or away from them, spread over domains."""

from __future__ import annotations

import msgspec

from foretell.model.selectors import LabelSelector, Requirement

_REQUIRED, _PREFERRED = (
    "requiredDuringSchedulingIgnoredDuringExecution",
    "preferredDuringSchedulingIgnoredDuringExecution",
)


class _Part(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, rename="camel", gc=False):
    """The base of everything here."""


# --- nodes --------------------------------------------------------------------------------------------


class NodeSelectorTerm(
    msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, rename="camel", gc=False
):
    """One alternative of a node selector: all of its expressions must hold; an empty one never does."""

    match_expressions: tuple[Requirement, ...] = ()
    match_fields: tuple[Requirement, ...] = ()


class NodeSelector(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, rename="camel", gc=False):
    """Alternatives, one of which must hold."""

    node_selector_terms: tuple[NodeSelectorTerm, ...] = ()


class PreferredTerm(_Part, frozen=True, kw_only=True):
    """A term that adds its weight, 1 to 100, to the score of each node that fits it."""

    weight: int = 0
    preference: NodeSelectorTerm = NodeSelectorTerm()


class NodeAffinity(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """The nodes that a pod must, and those that it would rather run on."""

    required: NodeSelector | None = msgspec.field(default=None, name=_REQUIRED)
    preferred: tuple[PreferredTerm, ...] = msgspec.field(default=(), name=_PREFERRED)


# --- pods ---------------------------------------------------------------------------------------------


class PodAffinityTerm(_Part, frozen=True, kw_only=True):
    """Other pods, and the domains in which they are sought: nodes with the same value of a label.

    Without namespaces and a selector of them the pod's own namespace is meant.
    """

    label_selector: LabelSelector | None = None
    namespaces: tuple[str, ...] = ()
    namespace_selector: LabelSelector | None = None
    topology_key: str = ""
    match_label_keys: tuple[str, ...] = ()
    mismatch_label_keys: tuple[str, ...] = ()


class WeightedPodAffinityTerm(_Part, frozen=True, kw_only=True):
    """A term that adds its weight to the score of each domain that holds such a pod."""

    weight: int = 0
    pod_affinity_term: PodAffinityTerm = PodAffinityTerm()


class PodAffinity(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """The pods near which, or away from which, a pod must or would rather run."""

    required: tuple[PodAffinityTerm, ...] = msgspec.field(default=(), name=_REQUIRED)
    preferred: tuple[WeightedPodAffinityTerm, ...] = msgspec.field(default=(), name=_PREFERRED)


class Affinity(_Part, frozen=True, kw_only=True):
    """Where a pod wants to run."""

    node_affinity: NodeAffinity | None = None
    pod_affinity: PodAffinity | None = None
    pod_anti_affinity: PodAffinity | None = None


class TopologySpreadConstraint(_Part, frozen=True, kw_only=True):
    """How unevenly pods of a selection may be spread over the values of a label."""

    max_skew: int = 1
    topology_key: str = ""
    when_unsatisfiable: str = "DoNotSchedule"
    label_selector: LabelSelector | None = None
    min_domains: int | None = None
    node_affinity_policy: str = ""
    node_taints_policy: str = ""
    match_label_keys: tuple[str, ...] = ()


class SchedulingGate(_Part, frozen=True, kw_only=True):
    """What holds a pod back from the scheduler until it is taken away."""

    name: str = ""
