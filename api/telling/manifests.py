"""Manifests and changes in their JSON form, as changes: files, folders, or texts of YAML or JSON."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from foretell.model.changes import FORMS, Apply, Change, change_from_json
from foretell.model.documents import from_document
from foretell.model.errors import ManifestError
from foretell.model.kinds import is_foreign, misfit
from foretell.model.meta import Json
from foretell.model.objects import CLUSTER_SCOPED
from foretell.model.reading import Source, read_documents


def changes_in(files: Iterable[Source], namespace: str) -> list[Change]:
    """The changes in files and folders, in order; `namespace` is where objects are that don't say it.

    Raises ManifestError with file, document and path.
    """
    changes: list[Change] = []
    for file in files:
        for located in read_documents(file):
            try:
                changes.append(change_of(located.document, namespace))
            except ManifestError as error:
                raise error.at(located.source, located.number) from None
    return changes


def in_namespace(change: Change, namespace: str) -> Change:
    """The change, looking for its object in a namespace."""
    if "namespace" not in change.__struct_fields__:
        return change
    return msgspec.structs.replace(change, namespace=namespace)


def change_of(document: Json, namespace: str) -> Change:
    """The change of a document; `namespace` is where objects are that don't say it. Raises ManifestError."""
    if isinstance(document, dict) and "kind" in document:
        _check_head(document)
    change = change_from_json(document)
    if isinstance(change, Apply):
        change = Apply(object=_placed(change.object, namespace))
        # The server reads it again; here it is known where it stands.
        from_document(change.object)
        return change
    (name, body), *_ = document.items()
    said = isinstance(body, dict) and "namespace" in body and "namespace" in FORMS[name].__struct_fields__
    return change if said else in_namespace(change, namespace)


def _check_head(manifest: dict[str, Json]) -> None:
    api_version, kind = manifest.get("apiVersion"), manifest["kind"]
    if not isinstance(api_version, str) or not api_version:
        raise ManifestError("missing field: expected an apiVersion such as apps/v1", path="$.apiVersion")
    problem = misfit(api_version, kind) if isinstance(kind, str) else "expected a kind such as StatefulSet"
    if problem:
        raise ManifestError(problem, path="$.kind")


def _placed(manifest: Json, namespace: str) -> Json:
    """The manifest with its namespace; whether custom resources have one isn't known."""
    if not isinstance(manifest, dict) or manifest.get("kind") in CLUSTER_SCOPED:
        return manifest
    meta = manifest.get("metadata")
    if not isinstance(meta, dict) or meta.get("namespace") or is_foreign(str(manifest.get("apiVersion", ""))):
        return manifest
    return {**manifest, "metadata": {**meta, "namespace": namespace}}
