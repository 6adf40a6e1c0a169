"""Claims: a dotted path leads to values, and a mapping says what they grant."""

from __future__ import annotations

from pathlib import Path

import pytest

from foretell.api.access.claims import claim_at, granted, name_in, read_mapping
from foretell.api.access.errors import AccessFileError, UnauthenticatedError
from foretell.api.access.roles import Grant, Role

CLAIMS = {
    "sub": "alice",
    "groups": ["a", "b"],
    "realm_access": {"roles": ["ops"]},
    "https://example.com/roles": ["web"],
    "resource_access": {"my.client": {"roles": ["x"]}},
    "a.b": {"c": 1},
    "a": {"b.c": 2, "b": {"c": 3}},
}


@pytest.mark.parametrize(
    ("path", "value"),
    [
        pytest.param("groups", ["a", "b"], id="plain"),
        pytest.param("realm_access.roles", ["ops"], id="dotted"),
        pytest.param("https://example.com/roles", ["web"], id="a name that is a URL"),
        pytest.param("resource_access.my.client.roles", ["x"], id="a name with a dot within"),
        pytest.param("a.b.c", 1, id="the longest name counts"),
        pytest.param("none", None, id="none"),
        pytest.param("sub.x", None, id="through a text"),
        pytest.param("realm_access.", None, id="dot at the end"),
        pytest.param(".roles", None, id="dot at the start"),
    ],
)
def test_a_dotted_path_leads_to_a_claim(path: str, value: object) -> None:
    assert claim_at(CLAIMS, path) == value


VIEW, PLAN = Grant("*", Role.VIEWER), Grant("team-a-*", Role.PLANNER)


@pytest.mark.parametrize(
    ("value", "grants"),
    [
        pytest.param(["viewers"], (VIEW,), id="list"),
        pytest.param("viewers", (VIEW,), id="text"),
        pytest.param(["planners", "viewers", "viewers"], (VIEW, PLAN), id="each once, in order"),
        pytest.param(["others"], (), id="unknown"),
        pytest.param([["viewers"], None, 1, {}], (), id="no texts"),
        pytest.param(None, (), id="none"),
        pytest.param({"viewers": 1}, (), id="an object"),
        pytest.param("viewers planners", (), id="a text is one value"),
    ],
)
def test_values_of_a_claim_become_grants(value: object, grants: tuple[Grant, ...]) -> None:
    assert granted(value, {"viewers": [VIEW], "planners": [PLAN, VIEW]}) == grants


def test_a_mapping_is_read_from_a_file(tmp_path: Path) -> None:
    file = tmp_path / "mapping.toml"
    file.write_text('"team a" = [{ role = "planner", cluster = "team-a-*" }]\n')
    assert read_mapping(file) == {"team a": (PLAN,)}


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        pytest.param("x = 1", "mapping.toml: 'x': expected a list such as", id="no list"),
        pytest.param("x", "mapping.toml: expected TOML", id="no TOML"),
        pytest.param('x = [{ role = "v", cluster = "*" }]', "'x', grant 1: `role`: expected", id="role"),
        pytest.param(None, "mapping.toml: can't be read: no such file", id="no file"),
    ],
)
def test_a_broken_mapping_is_told_with_its_place(tmp_path: Path, text: str | None, problem: str) -> None:
    file = tmp_path / "mapping.toml"
    if text is not None:
        file.write_text(text)
    with pytest.raises(AccessFileError, match=problem):
        read_mapping(file)


@pytest.mark.parametrize(
    "name",
    [
        pytest.param(None, id="none"),
        pytest.param("", id="empty"),
        pytest.param("a\nb", id="line break"),
        pytest.param("x" * 257, id="long"),
        pytest.param(7, id="number"),
    ],
)
def test_a_name_can_be_shown(name: object) -> None:
    with pytest.raises(
        UnauthenticatedError, match=r"^the token gives no name: .* in its claim 'user\.name'$"
    ):
        name_in({"user": {"name": name}}, "user.name")
