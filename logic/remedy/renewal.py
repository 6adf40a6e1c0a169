"""What is assumed of pods once they were made anew from an earlier template."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeGuard

import msgspec

from foretell.logic.remedy.subject import own_pods, subject_of
from foretell.model import changes as c
from foretell.model.changes import Change
from foretell.model.cluster import Cluster
from foretell.model.forecast import Assumptions, Forecast, matches
from foretell.model.meta import Key
from foretell.model.objects import Pod

_OF_TEMPLATES = ("never_start", "never_ready", "fails")
"""The assumptions that are known of the template that pods were made from."""


def renewed(
    assume: Assumptions, start: Cluster, changes: Iterable[Change], story: Forecast
) -> Assumptions | None:
    """What is assumed after a story in which an earlier template was put back; None where that is the same.

    What is assumed of pods stands while any of those that were there in the beginning ails.
    """
    patterns: set[str] = set()
    for change in changes:
        if not _puts_back(change):
            continue
        top = subject_of(story.after, Key(change.kind, change.namespace, change.name)).thing
        for pod in own_pods(story.after, top):
            fitting = _assumed_of(assume, pod)
            before = start.get(pod.key)
            if fitting and not pod.ready and before is not None and before.metadata.uid == pod.metadata.uid:
                return None
            patterns |= fitting
    if not patterns:
        return None
    left = {field: tuple(p for p in getattr(assume, field) if p not in patterns) for field in _OF_TEMPLATES}
    return msgspec.structs.replace(assume, **left)


def _puts_back(change: Change) -> TypeGuard[c.Undo | c.Patch]:
    """Whether a change puts an earlier template back, be it for some ordinals alone."""
    if isinstance(change, c.Patch):
        strategy = change.with_.get("spec", {}).get("updateStrategy", {})
        return "partition" in strategy.get("rollingUpdate", {})
    return isinstance(change, c.Undo)


def _assumed_of(assume: Assumptions, pod: Pod) -> set[str]:
    """The patterns of what is assumed of a pod's template that match it."""
    owner = pod.metadata.controller
    names = (pod.name, f"{owner.name if owner else ''}@{pod.spec.node_name}")
    given = (pattern for field in _OF_TEMPLATES for pattern in getattr(assume, field))
    return {pattern for pattern in given if matches((pattern,), *names)}
