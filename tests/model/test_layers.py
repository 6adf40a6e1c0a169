"""Mappings in layers: whatever is changed in whatever order, they are what plain ones would be."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from foretell.model.cluster import Cluster
from foretell.model.layers import Layers
from foretell.model.meta import Key
from tests import builders as b

_CHANGES = st.lists(st.dictionaries(st.integers(0, 200), st.none() | st.integers(), max_size=12), max_size=12)


@given(st.dictionaries(st.integers(0, 200), st.integers(), max_size=150), _CHANGES)
def test_layers_are_what_a_plain_mapping_would_be(
    start: dict[int, int], rounds: list[dict[int, int | None]]
) -> None:
    plain, layers = dict(start), Layers(dict(start))
    for changes in rounds:
        before, known = dict(plain), layers
        plain = {k: value for k, value in {**plain, **changes}.items() if value is not None}
        layers = layers.changed(changes.items())
        assert dict(layers.pairs()) == plain == {key: layers[key] for key in layers}
        assert len(layers) == len(plain)
        assert all((key in layers) == (key in plain) for key in range(201))
        assert {k: known.get(k) for k in range(201)} == {k: before.get(k) for k in range(201)}
        assert (layers == known) == (plain == before)
        assert set(layers.differing(known)) == {k for k in range(201) if plain.get(k) is not before.get(k)}


_NAMES = st.integers(0, 60).map(lambda number: f"n{number:02}")
_CHANGED = st.tuples(st.sets(_NAMES, max_size=5), st.sets(_NAMES, max_size=3), st.booleans())
_ROUNDS = st.lists(_CHANGED, max_size=8)


@given(st.sets(_NAMES), _ROUNDS)
def test_objects_stay_in_order_whatever_comes_and_goes(
    start: set[str], rounds: list[tuple[set[str], set[str], bool]]
) -> None:
    names, cluster = set(start), b.cluster([b.node(name) for name in start])
    for come, gone, looked in rounds:
        assert not looked or [node.name for node in cluster.nodes] == sorted(names)
        names = names - gone | come
        fresh = b.cluster([b.node(name, labels={"new": "yes"}) for name in come]).nodes
        cluster = cluster.replaced(fresh, [Key("Node", "", name) for name in gone])
        assert all(cluster.find(type(node), node.name) is node for node in fresh)
    assert [node.name for node in cluster.nodes] == sorted(names)
    assert cluster == Cluster(cluster)
