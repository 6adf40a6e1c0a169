"""docs/policy.md tells the vocabulary and the library as they are.

`python -m tests.api.test_policy_document` writes both tables anew.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from foretell.api.cli.check_text import titles_of_library
from foretell.logic.policy.words import words

ROOT = Path(__file__).resolve().parent.parent.parent
DOCUMENT = ROOT / "docs" / "policy.md"


def _vocabulary() -> str:
    rows = "".join(f"| `{word.written}` | {word.meaning} |\n" for word in words().values())
    return f"| word | says |\n|---|---|\n{rows}"


def _library() -> str:
    rows = "".join(f"| `{name}` | {title} |\n" for name, title in titles_of_library())
    return f"| policy | denies or warns unless |\n|---|---|\n{rows}"


TABLES = {"words": _vocabulary, "library": _library}


def told(text: str, name: str) -> str:
    """What stands between the marks of a table."""
    found = re.search(rf"<!-- {name} -->\n(.*?)<!-- /{name} -->", text, re.DOTALL)
    assert found
    return found[1]


@pytest.mark.parametrize("name", sorted(TABLES))
def test_a_table_is_what_the_rules_say(name: str) -> None:
    assert told(DOCUMENT.read_text(encoding="utf-8"), name) == TABLES[name]()


def test_the_first_policy_is_the_example() -> None:
    text = DOCUMENT.read_text(encoding="utf-8")
    example = (ROOT / "examples" / "policy" / "enough.lp").read_text(encoding="utf-8")
    assert re.findall(r"```prolog\n(.*?)```", text, re.DOTALL) == [example]


if __name__ == "__main__":
    written = DOCUMENT.read_text(encoding="utf-8")
    for each, table in TABLES.items():
        written = written.replace(
            f"<!-- {each} -->\n{told(written, each)}<!-- /{each} -->",
            f"<!-- {each} -->\n{table()}<!-- /{each} -->",
        )
    DOCUMENT.write_text(written, encoding="utf-8")
