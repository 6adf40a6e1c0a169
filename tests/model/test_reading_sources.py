"""Manifests are read from files, folders, streams and values; what can't be read is named."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest

from foretell.model.cluster import Cluster
from foretell.model.documents import to_document
from foretell.model.errors import ManifestError
from foretell.model.reading import Source, read, read_documents

POD = "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec: {containers: [{name: c, image: x}]}\n"


def written(kind: str, name: str, api_version: str = "v1", **rest: Any) -> dict[str, Any]:
    return {"apiVersion": api_version, "kind": kind, "metadata": {"name": name}, **rest}


def problem(source: Source, *, strict: bool = True) -> str:
    with pytest.raises(ManifestError) as caught:
        read(source, strict=strict)
    return str(caught.value)


@pytest.mark.parametrize(
    "source",
    [
        pytest.param(POD.encode(), id="bytes"),
        pytest.param(POD.encode("utf-16"), id="as PowerShell writes it"),
        pytest.param(b"\xef\xbb\xbf" + POD.encode(), id="with a byte order mark"),
        pytest.param(io.StringIO(POD), id="an open text file"),
        pytest.param(io.BytesIO(POD.encode()), id="an open binary file"),
        pytest.param(json.dumps(written("Pod", "a")).encode(), id="JSON"),
        pytest.param(b" \n" + json.dumps([written("Pod", "a")]).encode(), id="an array"),
        pytest.param(written("Pod", "a"), id="a document"),
        pytest.param([written("Pod", "a")], id="documents"),
        pytest.param({"apiVersion": "v1", "kind": "List", "items": [written("Pod", "a")]}, id="a List"),
        pytest.param(
            {"apiVersion": "v1", "kind": "PodList", "items": [{"metadata": {"name": "a"}}]}, id="a PodList"
        ),
    ],
)
def test_a_source_is_read(source: Source) -> None:
    assert [pod.key.path for pod in read(source).pods] == ["default/a"]


def test_objects_are_a_source_too() -> None:
    cluster = read(POD.encode())
    assert [to_document(thing) for thing in read(list(cluster))] == [to_document(thing) for thing in cluster]


def test_a_folder_is_read_at_any_depth_but_for_hidden_and_other_files(tmp_path: Path) -> None:
    (tmp_path / "deep" / "er").mkdir(parents=True)
    (tmp_path / ".git").mkdir()
    (tmp_path / "b.yaml").write_text(POD)
    (tmp_path / "deep" / "er" / "c.yml").write_text("# nothing here\n")
    (tmp_path / "deep" / "a.json").write_text(json.dumps(written("Node", "n")))
    (tmp_path / ".git" / "x.yaml").write_text("no: {manifest")
    (tmp_path / "README.md").write_text("no manifest")
    found = read_documents(tmp_path)
    assert [Path(located.source).name for located in found] == ["b.yaml", "a.json"]
    assert read(str(tmp_path)) == read(tmp_path)


def test_standard_input_is_a_dash(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"kind: Pod")))
    assert (
        problem("-")
        == "<stdin>, document 1, $.apiVersion: missing field: expected an apiVersion such as apps/v1"
    )


def test_values_that_follow_one_another_are_documents() -> None:
    stream = json.dumps(written("Node", "a")) + "\n" + json.dumps(written("Node", "b"))
    assert len(read(stream.encode()).nodes) == 2


def test_documents_are_counted_within_their_source() -> None:
    items = {"apiVersion": "v1", "kind": "List", "items": [written("Node", "a"), written("Node", "b")]}
    stream = "---\n".join(["# nothing\n", json.dumps(items) + "\n", json.dumps(written("Node", "c")) + "\n"])
    assert [located.number for located in read_documents(stream.encode())] == [1, 2, 3]


def test_an_empty_list_is_a_cluster_without_objects() -> None:
    assert read(b'{"apiVersion": "v1", "kind": "List", "items": []}') == Cluster()


@pytest.mark.parametrize(
    ("source", "sentence"),
    [
        pytest.param(b"", "<bytes>: empty: expected at least one object", id="nothing"),
        pytest.param(b"# a comment\n---\n", "<bytes>: empty: expected at least one object", id="comments"),
        pytest.param(
            "/no/such/file", "/no/such/file: can't be read: No such file or directory", id="no file"
        ),
        pytest.param(b"5", "<bytes>, document 1, $: expected a mapping, got an integer", id="no mapping"),
        pytest.param(b"just text", "<bytes>, document 1, $: expected a mapping, got a string", id="text"),
        pytest.param([3], "<objects>, document 1, $: expected a mapping, got an integer", id="no object"),
        pytest.param(
            b'{"kind": "List",\n"items": [{"kind": "Po',
            "<bytes>: malformed JSON: it breaks off in line 2, before its end: is the file cut in half?",
            id="a file cut in half",
        ),
        pytest.param(
            b'{"a": 1,\n}', "<bytes>: malformed JSON at line 2, column 1: trailing comma in object", id="JSON"
        ),
        pytest.param(
            b'{"a": 1}\n{"b":',
            "<bytes>: malformed JSON at line 2, column 6: expecting value",
            id="second value",
        ),
        pytest.param(
            b'{"a":' + b"[" * 9999 + b"]" * 9999 + b"}",
            "<bytes>: malformed JSON: nested too deeply",
            id="deep",
        ),
        pytest.param(
            b"a: b: c",
            "<bytes>: malformed YAML at line 1, column 5: mapping values are not allowed in this context",
            id="YAML",
        ),
        pytest.param(
            b"a: 1\nb:\n  c: 1\n  c: 2\n",
            "<bytes>: malformed YAML at line 4, column 3: the key 'c' stands here a second time",
            id="a key twice",
        ),
        pytest.param(b"a: \xff", "<bytes>: no text: byte 4 is no UTF-8", id="no text"),
        pytest.param(
            b'{"kind": "List", "items": {}}', "<bytes>, $.items: expected a list, got a mapping", id="List"
        ),
    ],
)
def test_what_is_no_manifest_is_named(source: Source, sentence: str) -> None:
    assert problem(source) == sentence


def test_a_folder_without_manifests_is_named(tmp_path: Path) -> None:
    assert problem(tmp_path) == f"{tmp_path}: nothing to read: expected a *.yaml, *.yml or *.json file"
