"""The committed page needs nothing but itself, and is what its sources make."""

from __future__ import annotations

import gzip
import json
import re
import subprocess
from html.parser import HTMLParser
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "api" / "static" / "graphiql"
WEB = ROOT / "web"
SECONDS = 60

GOOD = "# A title\n# A text.\n\nquery Clusters {\n  clusters {\n    name\n  }\n}\n"


class _References(HTMLParser):
    """Collects what a page refers to, and what it says within its scripts."""

    def __init__(self) -> None:
        super().__init__()
        self.references: list[str] = []
        self.inline = ""

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        del tag
        self.references += [value for name, value in attributes if name in ("src", "href") and value]
        self.inline += "".join(name for name, _ in attributes if name.startswith("on"))

    def handle_data(self, data: str) -> None:
        if self.lasttag in ("script", "style"):
            self.inline += data.strip()


def _build(node: str, *options: str | Path) -> subprocess.CompletedProcess[str]:
    command = [node, str(WEB / "build.mjs"), *map(str, options)]
    return subprocess.run(command, capture_output=True, text=True, timeout=SECONDS)


def test_the_page_refers_only_to_its_own_files_and_holds_no_script() -> None:
    page = _References()
    page.feed((PAGE / "index.html").read_text())
    assert sorted(page.references) == ["graphiql/app.css", "graphiql/app.js", "graphiql/favicon.svg"]
    assert all((PAGE.parent / reference).is_file() for reference in page.references)
    assert page.inline == ""


def test_the_style_loads_nothing() -> None:
    style = (PAGE / "app.css").read_text()
    assert "@import" not in style
    assert "@font-face" not in style
    assert [url for url in re.findall(r"url\(\s*[\"']?([^)]{8})", style) if not url.startswith("data:")] == []


def test_each_compressed_twin_holds_its_file() -> None:
    twins = sorted(PAGE.glob("*.gz"))
    assert [twin.name for twin in twins] == ["app.css.gz", "app.js.gz", "favicon.svg.gz", "index.html.gz"]
    for twin in twins:
        assert gzip.decompress(twin.read_bytes()) == twin.with_suffix("").read_bytes()


def test_the_licence_of_each_direct_dependency_is_there() -> None:
    licences = (PAGE / "LICENSES.txt").read_text()
    for name, version in json.loads((WEB / "package.json").read_text())["dependencies"].items():
        assert f"\n{name} {version} (MIT)\n" in licences


def test_the_lock_file_names_no_registry() -> None:
    packages = json.loads((WEB / "package-lock.json").read_text())["packages"]
    assert [name for name, package in packages.items() if "resolved" in package] == []
    assert all("integrity" in package for name, package in packages.items() if name)


def test_the_committed_page_is_what_its_sources_make(node: str) -> None:
    done = _build(node, "--check")
    assert (done.returncode, done.stderr) == (0, "")


def test_the_same_sources_give_the_same_bytes(node: str, tmp_path: Path) -> None:
    for name in ("one", "other"):
        assert _build(node, "--out", tmp_path / name).returncode == 0
    one, other = (
        {path.name: path.read_bytes() for path in (tmp_path / name).iterdir()} for name in ("one", "other")
    )
    assert one == other


def test_a_page_that_is_not_what_its_sources_make_is_told_file_by_file(node: str, tmp_path: Path) -> None:
    page = tmp_path / "page"
    assert _build(node, "--out", page).returncode == 0
    (page / "app.css").write_text("body {}")
    (page / "app.js.gz").unlink()
    (page / "old.js").touch()
    done = _build(node, "--check", "--out", page)
    assert done.returncode == 1
    assert done.stderr.splitlines()[:3] == [
        "app.css differs from its sources.",
        "app.js.gz is missing.",
        "old.js is built no longer.",
    ]


def test_a_folder_that_holds_something_else_is_left_alone(node: str, tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("all my work")
    done = _build(node, "--out", tmp_path)
    assert (done.returncode, done.stderr) == (1, f"{tmp_path} holds something else than the page.\n")
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]


@pytest.mark.parametrize(
    ("files", "sentence"),
    [
        pytest.param({"01-a.graphql": GOOD[GOOD.index("query") :]}, "has no title", id="no title"),
        pytest.param({"01-a.graphql": "# A title\n\nquery {"}, "does not parse", id="no GraphQL"),
        pytest.param({"01-a.graphql": GOOD + "query More { clusters { name } }"}, "one operation", id="two"),
        pytest.param({"01-a.graphql": "# A title\n\n{ clusters { name } }"}, "with a name", id="anonymous"),
        pytest.param({"a.graphql": GOOD}, "is no example", id="no number"),
        pytest.param({"01-a.variables.json": "{}"}, "is no example", id="variables of nothing"),
        pytest.param({"01-a.graphql": GOOD, "01-a.variables.json": "{"}, "is no JSON", id="no JSON"),
    ],
)
def test_an_example_that_is_none_is_refused(
    node: str, tmp_path: Path, files: dict[str, str], sentence: str
) -> None:
    for name, text in files.items():
        (tmp_path / name).write_text(text)
    done = _build(node, "--check", "--examples", tmp_path)
    assert done.returncode == 1
    assert len(done.stderr.splitlines()) == 1
    assert sentence in done.stderr
