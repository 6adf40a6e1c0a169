"""The rules as clients see them."""

from __future__ import annotations

from pathlib import Path

import foretell.logic
from tests.api.graphql.asked import Api

RULES = Path(foretell.logic.__file__).parent / "rules"


def test_every_rule_file_is_shown_as_clingo_reads_it(api: Api) -> None:
    """By name, with its text and what it is about."""
    files = api.ask("{ rules { files { name about source includes } } }")["rules"]["files"]
    names = [file["name"] for file in files]
    assert names == sorted(str(path.relative_to(RULES)) for path in RULES.rglob("*.lp"))
    for file in files:
        assert file["source"] == (RULES / file["name"]).read_text()
        assert file["about"]
        assert set(file["includes"]) <= set(names)
    assert any(file["includes"] for file in files)


def test_every_predicate_says_what_it_means_and_where_it_is_described(api: Api) -> None:
    """All of them by name, and each in its file."""
    rules = api.ask(
        "{ rules { predicates { name arguments about file } files { name predicates { name } } } }"
    )["rules"]
    predicates = rules["predicates"]
    assert [p["name"] for p in predicates] == sorted(p["name"] for p in predicates)
    by_file = {file["name"]: [p["name"] for p in file["predicates"]] for file in rules["files"]}
    assert sum(map(len, by_file.values())) == len(predicates) > 50
    for predicate in predicates:
        assert predicate["about"]
        assert predicate["name"] in by_file[predicate["file"]]
    creates = next(p for p in predicates if p["name"] == "creates")
    assert creates["arguments"][0] == "Workload"


def test_the_file_of_a_predicate_has_it_in_its_source(api: Api) -> None:
    """So that a client can jump there."""
    files = api.ask("{ rules { files { source predicates { name } } } }")["rules"]["files"]
    for file in files:
        for predicate in file["predicates"]:
            assert predicate["name"] in file["source"]
