"""Pods that the rules can't tell apart, of ReplicaSets and StatefulSets: one is told, and stands for all."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass, field

from foretell.model.meta import Key
from foretell.model.objects import Pod


@dataclass
class Alike:
    """Groups of alike pods, by the pod that stands for them; single pods are in no group.

    What the claims of a StatefulSet's ordinals stand for is here as well.
    """

    members: dict[Key, Sequence[Key]] = field(default_factory=dict)

    def add(self, pods: Iterable[tuple[Key, Hashable]]) -> list[tuple[Key, int]]:
        """Group pods, given with all that a rule can see of each: the first of each group, and its size."""
        groups: dict[Hashable, list[Key]] = {}
        for key, signature in pods:
            if signature in groups:
                groups[signature].append(key)
            else:
                groups[signature] = [key]
        self.members.update((group[0], tuple(group)) for group in groups.values() if len(group) > 1)
        return [(group[0], len(group)) for group in groups.values()]


def by_uid(pod: Pod) -> tuple[str, Key]:
    """The order in which pods go that nothing else tells apart."""
    return (pod.metadata.uid, pod.key)
