"""docs/access.md says what is."""

from __future__ import annotations

import re
from pathlib import Path

from foretell.api.access.claims import read_mapping
from foretell.api.access.keys import ALGORITHMS
from foretell.api.access.roles import Grant, Role
from foretell.api.access.tokens import entry_text, tokens_of

PAGE = (Path(__file__).resolve().parents[3] / "docs" / "access.md").read_text(encoding="utf-8")
TOKENS, MAPPING = re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL)


def test_each_role_has_a_row_and_a_higher_one_includes_the_lower() -> None:
    rows = re.findall(r"^\| `(\w+)` \|(.*)\|$", PAGE, re.MULTILINE)
    marks = {name: cells.count("yes") for name, cells in rows if name in {role.word for role in Role}}
    assert marks == {role.word: role.value for role in Role}


def test_the_example_of_a_token_file_is_as_the_command_writes_it() -> None:
    [token] = tokens_of(TOKENS.encode()).entries
    assert entry_text(token) == TOKENS


def test_the_example_of_a_mapping_is_one(tmp_path: Path) -> None:
    (tmp_path / "mapping.toml").write_text(MAPPING)
    assert read_mapping(tmp_path / "mapping.toml") == {
        "platform": (Grant("*", Role.OPERATOR),),
        "team a": (Grant("team-a-*", Role.OPERATOR), Grant("shared", Role.PLANNER)),
    }


def test_all_algorithms_are_listed() -> None:
    listed = re.search(r"\((RS256.*?);", PAGE, re.DOTALL)
    assert listed
    assert re.findall(r"\w+\d{3}|EdDSA", listed[1]) == list(ALGORITHMS)
