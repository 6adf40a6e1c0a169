"""YAML is what kubectl takes it for; what is none is named with line and column."""

from __future__ import annotations

import pytest

from foretell.model.errors import ManifestError
from foretell.model.reading_yaml import yaml_documents


@pytest.mark.parametrize(
    ("scalar", "value"),
    [
        ("2024-01-01", "2024-01-01"),
        ("12:30:45", "12:30:45"),
        ("yes", True),
        ("Off", False),
        ("y", True),
        ("~", None),
        ("", None),
        ("'yes'", "yes"),
        ("0644", 420),
        ("0o17", 15),
        ("0x1F", 31),
        ("0b11", 3),
        ("1_000", 1000),
        ("1e3", 1000.0),
        (".5", 0.5),
        ("08", 8.0),
        ("1.2.3", "1.2.3"),
        ("500m", "500m"),
        ("-1", -1),
        ("!!str 5", "5"),
        ('!!int "5"', 5),
        ("99999999999999999999999", 1e23),
        ("|\n  5", "5\n"),
        ("\n  -", [None]),
        ("<<", "<<"),
    ],
)
def test_a_scalar_is_what_kubectl_takes_it_for(scalar: str, value: object) -> None:
    (document,) = yaml_documents(f"a: {scalar}\n".encode())
    assert document == {"a": value}
    assert type(document["a"]) is type(value)


@pytest.mark.parametrize(
    ("document", "value"),
    [
        pytest.param("1: a\ntrue: b\n1.5: c", {"1": "a", "true": "b", "1.5": "c"}, id="keys are strings"),
        pytest.param("a: &x [1]\nb: *x", {"a": [1], "b": [1]}, id="anchors"),
        pytest.param(
            "a: &x {b: 1, c: 1}\nd: {<<: *x, c: 2}",
            {"a": {"b": 1, "c": 1}, "d": {"b": 1, "c": 2}},
            id="merge",
        ),
        pytest.param(
            "a: {<<: [{b: 1}, {b: 2, c: 3}]}", {"a": {"b": 1, "c": 3}}, id="the first merged one counts"
        ),
    ],
)
def test_yaml_has_keys_anchors_and_merges(document: str, value: object) -> None:
    assert list(yaml_documents(document.encode())) == [value]


@pytest.mark.parametrize(
    ("document", "sentence"),
    [
        pytest.param("a: .inf", "at line 1, column 4: .inf has no place in JSON", id="infinity"),
        pytest.param("a: 1e999", "at line 1, column 4: 1e999 has no place in JSON", id="beyond floats"),
        pytest.param("? [a]\n: b", "at line 1, column 3: a key that is no scalar", id="key"),
        pytest.param("~: b", "at line 1, column 1: a key that is null", id="null key"),
        pytest.param("a: !x b", "at line 1, column 4: the tag !x has no meaning here", id="tag"),
        pytest.param(
            "a: *b", "at line 1, column 4: the alias *b stands for nothing that came before", id="alias"
        ),
        pytest.param(
            "a: &x [*x]", "at line 1, column 8: the alias *x stands for nothing", id="an alias within itself"
        ),
        pytest.param("a: {<<: 5}", "a merge (<<) of something that is no mapping", id="merge"),
        pytest.param("[" * 99999, "at line 1, column 201: nested deeper than 200 levels", id="deep"),
        pytest.param("a: \0", "character 4 is not allowed", id="control character"),
        pytest.param("\ta: 1", "at line 1, column 1: found character that cannot start any token", id="tab"),
    ],
)
def test_yaml_that_is_none_is_named_with_line_and_column(document: str, sentence: str) -> None:
    with pytest.raises(ManifestError) as caught:
        list(yaml_documents(document.encode()))
    assert str(caught.value).startswith("malformed YAML")
    assert sentence in str(caught.value)


def test_aliases_cannot_blow_up_a_document() -> None:
    lines = ["a: &a [x, x, x, x, x, x, x, x, x, x]"]
    for before, name in zip("abcdefgh", "bcdefghi", strict=True):
        lines.append(f"{name}: &{name} [{', '.join([f'*{before}'] * 10)}]")
    with pytest.raises(ManifestError, match="aliases make more than"):
        list(yaml_documents("\n".join(lines).encode()))
