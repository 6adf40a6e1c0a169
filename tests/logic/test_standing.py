"""What pods take of their nodes is kept, and made anew where a write may have changed it."""

from __future__ import annotations

from foretell.logic.standing import Standing, use_of
from foretell.model.cluster import Cluster
from foretell.model.objects import Node
from tests.builders import cluster, node, pod

AFFINITY = {"podAffinity": {"preferredDuringSchedulingIgnoredDuringExecution": [
    {"weight": 1, "podAffinityTerm": {"topologyKey": "zone", "labelSelector": {}}}
]}}  # fmt: skip


def there(*names: str) -> Cluster:
    """A node with these pods, each of which asks for a core."""
    return cluster(
        node("n1", allocatable={"cpu": "4"}), *(pod(name, "n1", requests={"cpu": "1"}) for name in names)
    )


def test_guests_are_pods_on_the_node_that_have_not_ended() -> None:
    ended, leaving = pod("ended", "n1", phase="Failed"), pod("leaving", "n1", terminating=True)
    use = Standing().use(cluster(node("n1"), ended, leaving, pod("elsewhere", "n2"), pod("waits")), "n1")
    assert [guest.name for guest in use.guests] == ["leaving"]


def test_what_guests_take_adds_up() -> None:
    assert Standing().use(there("a", "b"), "n1").taken == {"cpu": 2000, "pods": 2}


def test_guests_that_mind_others_are_known() -> None:
    use = Standing().use(cluster(node("n1"), pod("a", "n1"), pod("b", "n1", affinity=AFFINITY)), "n1")
    assert [guest.name for guest in use.social] == ["b"]


def test_what_is_known_stays_until_it_is_forgotten() -> None:
    standing, before, after = Standing(), there("a"), there("a", "b")
    assert len(standing.use(before, "n1").guests) == len(standing.use(after, "n1").guests) == 1
    standing.forget(None, next(found for found in after.pods if found.name == "b"))
    assert len(standing.use(after, "n1").guests) == 2


def test_a_pod_without_a_node_makes_nothing_forgotten() -> None:
    standing = Standing()
    known = standing.use(there("a"), "n1")
    standing.forget(*cluster(pod("waits")).pods)
    assert standing.use(there("a", "b"), "n1") is known


def test_a_node_that_is_written_is_measured_anew() -> None:
    standing = Standing()
    small, large = (cluster(node("n1", allocatable={"cpu": cpu})).find(Node, "n1") for cpu in ("1", "2"))
    assert small is not None
    assert large is not None
    assert standing.size(small) == standing.size(large) == {"cpu": 1000}
    standing.forget(small, large)
    assert standing.size(large) == {"cpu": 2000}


def test_guests_are_thought_away_and_beside() -> None:
    one, two = there("a", "b").pods
    use = use_of([one])
    assert use.with_guests([two]).taken == {"cpu": 2000, "pods": 2}
    assert use.with_guests([two]).without([one]).guests == (two,)
