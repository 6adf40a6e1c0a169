"""What one forecast leaves to the next in the same thread: most are about the cluster of the last one."""

from __future__ import annotations

from collections.abc import Iterable
from threading import local

from foretell.logic.rest import MOST_FINDINGS
from foretell.logic.seen import Seen
from foretell.logic.stacks import Stacks
from foretell.logic.standing import Standing
from foretell.logic.world import active
from foretell.model.clock import seconds
from foretell.model.cluster import Cluster
from foretell.model.meta import Key, Object
from foretell.model.objects import CronJob, Job, Node, Pod

MOST_MARKS = 200_000
"""How many different things are remembered to have been told before all of that is forgotten."""


class _Carried(local):
    cluster: Cluster | None = None
    stamp = 0.0
    active: frozenset[Key] = frozenset()
    seen = Seen()
    stacks = Stacks()
    left: tuple[Cluster, Standing] | None = None


_CARRIED = _Carried()


def latest_stamp(thing: Object) -> float:
    """The latest moment that an object mentions; nought where it mentions none."""
    meta = thing.metadata
    stamps = [meta.creation_timestamp, meta.deletion_timestamp]
    if isinstance(thing, Pod | Node):
        stamps += [c.last_transition_time for c in thing.status.conditions]
    if isinstance(thing, Node):
        stamps += [c.last_heartbeat_time for c in thing.status.conditions]
    if isinstance(thing, Job):
        stamps += [thing.status.start_time, thing.status.completion_time]
        stamps += [c.last_transition_time for c in thing.status.conditions]
    if isinstance(thing, CronJob):
        stamps += [thing.status.last_schedule_time, thing.status.last_successful_time]
    return max((seconds(stamp) for stamp in {*stamps} if stamp is not None), default=0.0)


def moment_of(cluster: Cluster) -> float:
    """The cluster's own now, in seconds since the epoch.

    It is the latest moment that its objects mention, unless the cluster itself is known to be of a later one.
    """
    _know(cluster)
    return max(cluster.moment, _CARRIED.stamp)


def active_pods(cluster: Cluster) -> frozenset[Key]:
    """The pods that the scheduler or the world may still have something to do with."""
    _know(cluster)
    return _CARRIED.active


def told_before(cluster: Cluster) -> tuple[Seen, Stacks]:
    """What has been told of pods and nodes, of this cluster or of one that it shares objects with."""
    _know(cluster)
    _CARRIED.stacks.come_home(cluster)
    return _CARRIED.seen, _CARRIED.stacks


def standing_of(cluster: Cluster) -> Standing:
    """What is known of the nodes' use: what was left before, but for what is another thing now."""
    if _CARRIED.left is None:
        return Standing()
    known, standing = _CARRIED.left
    changed = list(cluster.differing(known))
    if 2 * len(changed) > len(cluster):
        return Standing()
    fresh = standing.copy()
    for key in changed:
        fresh.forget(known.get(key), cluster.get(key))
    return fresh


def leave(cluster: Cluster, standing: Standing) -> None:
    """Leave what is known of the nodes' use to the next forecast or question."""
    _CARRIED.left = cluster, standing


def _know(cluster: Cluster) -> None:
    """Bring what is carried up to date with a cluster."""
    known, seen = _CARRIED.cluster, _CARRIED.seen
    full = len(seen.marks) > MOST_MARKS or seen.rest.size > MOST_FINDINGS
    if known is cluster and not full:
        return
    changed = list(cluster.differing(known)) if known is not None else []
    if known is None or full or 2 * len(changed) > len(cluster):
        _CARRIED.stamp = _latest(cluster)
        _CARRIED.active = frozenset([pod.key for pod in cluster.pods if active(pod)])
        _CARRIED.seen, _CARRIED.stacks = Seen(), Stacks()
    elif changed:
        gone = (thing for key in changed if (thing := known.get(key)) is not None)
        come = [thing for key in changed if (thing := cluster.get(key)) is not None]
        if any(latest_stamp(thing) == _CARRIED.stamp for thing in gone):
            _CARRIED.stamp = _latest(cluster)
        else:
            _CARRIED.stamp = max([_CARRIED.stamp, *map(latest_stamp, come)])
        _CARRIED.stacks.come_home(cluster, changed)
        now_active = [thing.key for thing in come if isinstance(thing, Pod) and active(thing)]
        _CARRIED.active = _CARRIED.active.difference(changed).union(now_active)
    _CARRIED.cluster = cluster


def _latest(things: Iterable[Object]) -> float:
    return max(map(latest_stamp, things), default=0.0)
