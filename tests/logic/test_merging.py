"""Documents are merged as JSON merge patches, and as server-side apply does."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from foretell.logic.merging import applied, merge_patched

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=2), inner, max_size=3),
    max_leaves=8,
)

# The examples of RFC 7386, appendix A.
RFC_7386: list[tuple[Any, Any, Any]] = [
    ({"a": "b"}, {"a": "c"}, {"a": "c"}),
    ({"a": "b"}, {"b": "c"}, {"a": "b", "b": "c"}),
    ({"a": "b"}, {"a": None}, {}),
    ({"a": "b", "b": "c"}, {"a": None}, {"b": "c"}),
    ({"a": ["b"]}, {"a": "c"}, {"a": "c"}),
    ({"a": "c"}, {"a": ["b"]}, {"a": ["b"]}),
    ({"a": {"b": "c"}}, {"a": {"b": "d", "c": None}}, {"a": {"b": "d"}}),
    ({"a": [{"b": "c"}]}, {"a": [1]}, {"a": [1]}),
    (["a", "b"], ["c", "d"], ["c", "d"]),
    ({"a": "b"}, ["c"], ["c"]),
    ({"a": "foo"}, None, None),
    ({"a": "foo"}, "bar", "bar"),
    ({"e": None}, {"a": 1}, {"e": None, "a": 1}),
    ([1, 2], {"a": "b", "c": None}, {"a": "b"}),
    ({}, {"a": {"bb": {"ccc": None}}}, {"a": {"bb": {}}}),
]


@pytest.mark.parametrize(("document", "patch", "result"), RFC_7386, ids=range(len(RFC_7386)))
def test_merge_patches_follow_the_specification(document: Any, patch: Any, result: Any) -> None:
    assert merge_patched(document, patch) == result


@given(JSON, JSON)
def test_a_patch_that_was_merged_changes_nothing_more(document: Any, patch: Any) -> None:
    once = merge_patched(document, patch)
    assert merge_patched(once, patch) == once


@pytest.mark.parametrize(
    ("field", "stored", "configuration", "result"),
    [
        pytest.param("labels", {"a": "1"}, {"b": "2"}, {"a": "1", "b": "2"}, id="maps-are-merged"),
        pytest.param("args", ["a"], ["b"], ["b"], id="other-lists-are-replaced"),
        pytest.param(
            "containers",
            [{"name": "a", "image": "a:1", "tty": True}, {"name": "b", "image": "b:1"}],
            [{"name": "c", "image": "c:1"}, {"name": "a", "image": "a:2"}],
            [
                {"name": "a", "image": "a:2", "tty": True},
                {"name": "b", "image": "b:1"},
                {"name": "c", "image": "c:1"},
            ],
            id="lists-with-keys-are-merged-by-them",
        ),
        pytest.param(
            "ports",
            [{"containerPort": 80, "protocol": "TCP"}],
            [{"containerPort": 80, "protocol": "UDP"}],
            [{"containerPort": 80, "protocol": "TCP"}, {"containerPort": 80, "protocol": "UDP"}],
            id="a-key-may-have-several-fields",
        ),
    ],
)
def test_a_configuration_is_applied(field: str, stored: Any, configuration: Any, result: Any) -> None:
    assert applied({field: stored}, {field: configuration}) == {field: result}


@given(JSON)
def test_a_configuration_that_is_stored_changes_nothing(document: Any) -> None:
    assert applied(document, document) == document
