"""Files of changes hold manifests and changes, and mistakes in them are told with their place."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from foretell.api.telling.manifests import changes_in
from foretell.model.changes import change_to_json
from foretell.model.errors import ManifestError

MANIFEST = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: m}\n"


def _read(path: Path, text: str, namespace: str = "default") -> list[Any]:
    path.write_text(text)
    return [change_to_json(change) for change in changes_in([str(path)], namespace)]


def test_manifests_and_changes_may_stand_in_one_file_in_order(tmp_path: Path) -> None:
    text = MANIFEST + "---\ncordon: {node: a}\n---\n- wait: 3\n- apply: {kind: Node, metadata: {name: b}}\n"
    kinds = [next(iter(change)) for change in _read(tmp_path / "changes.yaml", text)]
    assert kinds == ["apply", "cordon", "wait", "apply"]


def test_the_namespace_is_filled_in_where_none_is_said(tmp_path: Path) -> None:
    text = (
        f"{MANIFEST}---\napiVersion: v1\nkind: Pod\nmetadata: {{name: p, namespace: own}}\n---\n"
        "apiVersion: v1\nkind: Node\nmetadata: {name: n1}\n---\n"
        "evict: {pod: p}\n---\nevict: {pod: p, namespace: own}\n"
    )
    mapped, pod, node, evicted, other = _read(tmp_path / "changes.yaml", text, "team")
    assert mapped["apply"]["metadata"]["namespace"] == "team"
    assert pod["apply"]["metadata"]["namespace"] == "own"
    assert "namespace" not in node["apply"]["metadata"]
    assert evicted["evict"]["namespace"] == "team"
    assert other["evict"]["namespace"] == "own"


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        pytest.param("frobnicate: {}\n", "unknown change 'frobnicate'", id="unknown-change"),
        pytest.param("a: 1\nb: 2\n", "no change", id="neither"),
        pytest.param("5\n", "no change", id="number"),
        pytest.param("cordon: {nodes: a}\n", r"\$\.cordon", id="unknown-field"),
        pytest.param(
            "scale: {kind: StatefulSet, name: web, replicas: many}\n", r"\$\.scale\.replicas", id="type"
        ),
        pytest.param("kind: Pod\nmetadata: {name: p}\n", "expected an apiVersion", id="no-apiVersion"),
        pytest.param(
            "apiVersion: v1\nkind: Podd\nmetadata: {name: p}\n", "did you mean Pod", id="misspelt-kind"
        ),
        pytest.param("apiVersion: v1\nkind: Pod\nmetadata: {}\n", r"\$\.metadata\.name", id="no-name"),
        pytest.param("apply: 5\n", "expected", id="apply-a-number"),
    ],
)
def test_mistakes_are_told_with_file_and_document(text: str, sentence: str, tmp_path: Path) -> None:
    path = tmp_path / "changes.yaml"
    with pytest.raises(ManifestError, match=sentence) as caught:
        _read(path, f"{MANIFEST}---\n{text}")
    assert str(caught.value).startswith(f"{path}, document 2")
