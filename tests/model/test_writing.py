"""A cluster is written so that nothing is lost, and files are replaced at once."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from foretell.model.cluster import Cluster
from foretell.model.documents import to_document
from foretell.model.reading import read
from foretell.model.reading_yaml import yaml_documents
from foretell.model.writing import Format, replace_file, write_cluster, write_document

names = st.from_regex(r"[a-z0-9]([-a-z0-9]{0,8}[a-z0-9])?", fullmatch=True)
values = st.from_regex(r"([A-Za-z0-9]([-A-Za-z0-9_.]{0,8}[A-Za-z0-9])?)?", fullmatch=True)
scalars = (
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text()
)
unknown = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3)
)
objects = st.builds(
    lambda kind, name, labels, extra: {
        "apiVersion": kind[0],
        "kind": kind[1],
        "metadata": {"name": name, "uid": f"{kind}/{name}", "labels": labels, "managedFields": [extra]},
        "extra": extra,
    },
    st.sampled_from(
        [("v1", "Node"), ("v1", "Pod"), ("apps/v1", "StatefulSet"), ("v1", "ConfigMap"), ("x.io/v1", "Node")]
    ),
    names,
    st.dictionaries(values.filter(bool), values, max_size=3),
    unknown,
)
clusters = st.lists(
    objects,
    max_size=5,
    unique_by=lambda thing: (thing["apiVersion"], thing["kind"], thing["metadata"]["name"]),
)


def documents(cluster: Cluster) -> list[dict[str, Any]]:
    return [to_document(thing) for thing in cluster]


@pytest.mark.parametrize("format", ["yaml", "json"])
@given(things=clusters)
def test_what_is_written_is_read_again_without_loss(format: Format, things: list[dict[str, Any]]) -> None:
    cluster = read(things)
    assert sorted(map(repr, documents(cluster))) == sorted(map(repr, things))
    assert documents(read(write_cluster(cluster, format))) == documents(cluster)


@given(st.text() | st.from_regex(r"[-+.0-9eExXob_:yYnN~<=]{1,6}", fullmatch=True))
def test_a_string_is_read_as_that_string(text: str) -> None:
    document = {"key": text, "list": [text], text: "value"}
    (again,) = yaml_documents(write_document(document, "yaml"))
    assert again == document


def test_what_others_stand_on_comes_first() -> None:
    kinds = [
        ("v1", "Pod"),
        ("apps/v1", "StatefulSet"),
        ("v1", "Node"),
        ("x.io/v1", "Alpha"),
        ("storage.k8s.io/v1", "StorageClass"),
    ]
    things = [{"apiVersion": group, "kind": kind, "metadata": {"name": "b"}} for group, kind in kinds]
    things.append({"apiVersion": "v1", "kind": "Node", "metadata": {"name": "a"}})
    (written,) = yaml_documents(write_cluster(read(things), "yaml"))
    assert [(item["kind"], item["metadata"]["name"]) for item in written["items"]] == [
        ("StorageClass", "b"), ("Node", "a"), ("Node", "b"), ("StatefulSet", "b"),
        ("Pod", "b"), ("Alpha", "b"),
    ]  # fmt: skip


def test_a_written_cluster_looks_as_kubectl_prints_it() -> None:
    node = {
        "apiVersion": "v1",
        "kind": "Node",
        "metadata": {"name": "a", "uid": "u", "labels": {"on": "yes", "id": "1e3"}},
    }
    assert write_cluster(read(node), "yaml").decode() == (
        "apiVersion: v1\nkind: List\nitems:\n- apiVersion: v1\n  kind: Node\n  metadata:\n    name: a\n  "
        "  uid: u\n    labels:\n      'on': 'yes'\n      id: '1e3'\n"
    )


def test_a_file_is_replaced_with_its_mode(tmp_path: Path) -> None:
    path = tmp_path / "state.yaml"
    path.write_text("old")
    path.chmod(0o640)
    replace_file(path, b"new")
    assert path.read_bytes() == b"new"
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    assert [entry.name for entry in tmp_path.iterdir()] == ["state.yaml"]


def test_a_new_file_gets_the_usual_mode(tmp_path: Path) -> None:
    replace_file(tmp_path / "new", b"x")
    (tmp_path / "usual").write_text("x")
    assert (tmp_path / "new").stat().st_mode == (tmp_path / "usual").stat().st_mode


def test_a_link_goes_on_pointing_where_it_did(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to("target")
    replace_file(tmp_path / "link", b"x")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "target").read_bytes() == b"x"


def test_a_failed_write_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "state.yaml"
    path.write_text("old")

    def fail(*_: object) -> None:
        raise OSError("disk full")

    monkeypatch.setattr(os, "replace", fail)
    with pytest.raises(OSError, match="disk full"):
        replace_file(path, b"new")
    assert path.read_text() == "old"
    assert [entry.name for entry in tmp_path.iterdir()] == ["state.yaml"]
