"""Routes beside GraphQL: dumps of clusters, and the playground."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from foretell.api.server.settings import Settings
from tests.api.server.conftest import live, looped

JSON = {"content-type": "application/json"}


@looped
async def test_a_dump_is_streamed_with_its_revision_as_entity_tag() -> None:
    async with live() as server:
        response = await server.client.get("/clusters/prod.json")
        assert response.content == server.backend.documents["prod"]
        again = await server.client.get(
            "/clusters/prod.json", headers={"if-none-match": response.headers["etag"]}
        )
        older = await server.client.get("/clusters/prod.json", params={"revision": "7"})
    assert (response.headers["etag"], response.headers["transfer-encoding"]) == ('"1"', "chunked")
    assert (again.status_code, again.content) == (304, b"")
    assert older.headers["etag"] == '"7"'


@looped
async def test_a_dump_that_is_put_makes_a_revision_and_leaves_no_file_behind() -> None:
    async with live() as server:
        created = await server.client.put("/clusters/new.json", content=b'{"a": 1}', headers=JSON)
        assert server.backend.documents["new"] == b'{"a": 1}'
        replaced = await server.client.put("/clusters/new.json", content=b"{}", headers=JSON)
        assert server.backend.spooled is not None
        assert not server.backend.spooled.exists()
    assert (created.status_code, created.json(), created.headers["etag"]) == (201, {"revision": 1}, '"1"')
    assert (replaced.status_code, replaced.json()) == (200, {"revision": 2})


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        pytest.param({"if-match": '"1"'}, 200, id="expected"),
        pytest.param({"if-match": '"2"'}, 412, id="other"),
        pytest.param({"if-match": "1"}, 412, id="no-tag"),
        pytest.param({"if-none-match": "*"}, 412, id="only-create"),
        pytest.param({"content-type": "text/plain"}, 415, id="type"),
    ],
)
@looped
async def test_a_dump_is_put_only_over_the_expected_revision(headers: dict[str, str], status: int) -> None:
    async with live() as server:
        before = dict(server.backend.documents)
        response = await server.client.put("/clusters/prod.json", content=b"{}", headers={**JSON, **headers})
        assert (server.backend.documents == before) == (status != 200)
    assert response.status_code == status


@pytest.mark.parametrize(
    ("path", "status", "sentence"),
    [
        pytest.param("/clusters/nope.json", 404, "there is no cluster 'nope'", id="unknown"),
        pytest.param("/clusters/prod.json?revision=x", 400, "expected one from 1", id="revision"),
        pytest.param("/clusters/prod", 404, "there is nothing at", id="suffix"),
    ],
)
@looped
async def test_a_dump_that_there_is_not_is_refused(path: str, status: int, sentence: str) -> None:
    async with live() as server:
        response = await server.client.get(path)
    assert response.status_code == status
    assert sentence in response.json()["errors"][0]["message"]


@pytest.fixture
def page(tmp_path: Path) -> Path:
    (tmp_path / "index.html").write_text("<!doctype html><title>Foretell</title>")
    (tmp_path / "app.js").write_text("let a = 1;\n" * 1_000)
    (tmp_path / "app.js.gz").write_bytes(gzip.compress(b"let packed;"))
    return tmp_path


@looped
async def test_the_root_leads_to_the_page(page: Path) -> None:
    async with live(Settings(page=page)) as server:
        response = await server.client.get("/", follow_redirects=True)
        slash = await server.client.get("/graphiql/", follow_redirects=True)
    for got in (response, slash):
        assert got.url.path == "/graphiql"
        assert "<title>Foretell</title>" in got.text
        assert got.headers["content-type"] == "text/html; charset=utf-8"


@looped
async def test_files_are_served_packed_to_who_takes_them_so_and_not_again_to_who_has_them(page: Path) -> None:
    async with live(Settings(page=page)) as server:
        get = server.client.get
        packed = await get("/graphiql/app.js", headers={"accept-encoding": "gzip, br"})
        plain = await get("/graphiql/app.js", headers={"accept-encoding": "gzip;q=0"})
        again = await get("/graphiql/app.js", headers={"if-none-match": plain.headers["etag"]})
    assert (packed.headers["content-encoding"], packed.text) == ("gzip", "let packed;")
    assert "content-encoding" not in plain.headers
    assert plain.headers["content-type"] == "text/javascript; charset=utf-8"
    assert again.status_code == 304


@pytest.mark.parametrize("path", ["nope.js", "../secret", "%2e%2e/secret", "app.js.gz"])
@looped
async def test_only_the_files_of_the_page_are_served(path: str, page: Path) -> None:
    (page.parent / "secret").write_text("secret")
    async with live(Settings(page=page)) as server, server.raw() as (reader, writer):
        writer.write(f"GET /graphiql/{path} HTTP/1.1\r\nhost: localhost\r\n\r\n".encode())
        assert (await reader.readline()).split()[1] == b"404"


@looped
async def test_without_a_built_page_the_answer_says_so() -> None:
    async with live() as server:
        response = await server.client.get("/graphiql")
    assert response.status_code == 404
    assert "its page was not built" in response.json()["errors"][0]["message"]
