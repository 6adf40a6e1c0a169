"""Objects as terms: every object has one of its own, and is found by it again."""

from __future__ import annotations

import clingo
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from foretell.logic.policy.terms import key_of, term_of
from foretell.logic.vocabulary import Argument, Term, text_of
from foretell.model.meta import Key


@pytest.mark.parametrize(
    ("key", "text"),
    [
        (Key("Pod", "default", "web-0"), 'pod("default/web-0")'),
        (Key("Node", "", "n1"), 'node("n1")'),
        (Key("PersistentVolumeClaim", "a", "b"), 'claim("a/b")'),
        (Key("PodDisruptionBudget", "a", "b"), 'budget("a/b")'),
        (Key("ConfigMap", "a", "b"), 'configmap("a/b")'),
        (Key("Node.longhorn.io", "a", "b"), 'object("Node.longhorn.io","a/b")'),
        (Key("Claim", "a", "b"), 'object("Claim","a/b")'),
        (Key("POD", "a", "b"), 'object("POD","a/b")'),
        (Key("Not", "a", "b"), 'object("Not","a/b")'),
        (Key("Object", "a", "b"), 'object("Object","a/b")'),
    ],
)
def test_an_object_is_told_by_its_kind(key: Key, text: str) -> None:
    assert text_of(term_of(key)) == text
    assert key_of(term_of(key), [key.kind]) == key


KINDS = st.sampled_from(["Pod", "Node", "ConfigMap", "Cat", "Cat.pets.io", "Not", "Claim", "pod", ""])
NAMES = st.text(st.characters(exclude_characters="/\0", exclude_categories=["Cs"]), min_size=1)


@given(KINDS, NAMES, NAMES)
@example("Pod", 'a"\\', "\r\n\t\x1b\u2028")
def test_whatever_an_object_is_called_it_is_found_again(kind: str, namespace: str, name: str) -> None:
    key = Key(kind, namespace, name)
    symbol = clingo.parse_term(text_of(term_of(key)))
    *kinds, path = (argument.string for argument in symbol.arguments)
    assert key_of(Term(symbol.name, (*kinds, path)), [kind]) == key


@pytest.mark.parametrize(
    "term",
    [
        "pod", 7, Term("pod"), Term("pod", (7,)), Term("pod", ("a", "b")), Term("cat", ("a/b",)),
        Term("object", ("a/b",)), Term("object", (7, "a/b")), Term("", ("a", "b")),
    ],
)  # fmt: skip
def test_other_terms_are_no_objects(term: Argument) -> None:
    assert key_of(term) is None
