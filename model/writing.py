"""Writing: a cluster as a List that kubectl and Foretell read, and files that are never half-written."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, Literal

import msgspec
import yaml

from foretell.model.cluster import Cluster
from foretell.model.documents import to_document
from foretell.model.meta import Json, Object
from foretell.model.reading_yaml import reads_as_text

_WIDEST = 2**31 - 1
Format = Literal["yaml", "json"]
# What others stand on comes first, as when a cluster is built up.
_FIRST = (
    "Namespace", "CustomResourceDefinition", "PriorityClass", "StorageClass", "Node", "PersistentVolume",
    "ServiceAccount", "Secret", "ConfigMap", "PersistentVolumeClaim", "Service", "PodDisruptionBudget",
    "DaemonSet", "Deployment", "StatefulSet", "Job", "CronJob", "ControllerRevision", "ReplicaSet", "Pod",
)  # fmt: skip
_RANKS = {kind: rank for rank, kind in enumerate(_FIRST)}


def write_cluster(cluster: Cluster, format: Format) -> bytes:
    """The cluster as one List, nothing lost that was read.

    The order: 1. the kinds as listed above, then all others by name; 2. namespaces; 3. names.
    """
    documents = [to_document(thing) for thing in sorted(cluster, key=_place)]
    whole = {"apiVersion": "v1", "kind": "List", "items": documents}
    return write_document(whole, format)


def dump_pieces(cluster: Cluster, count: int = 200) -> Iterator[bytes]:
    """The same List as compact JSON, in pieces of so many objects, for clusters too large for one text."""
    yield b'{"apiVersion":"v1","kind":"List","items":['
    things = sorted(cluster, key=_place)
    for start in range(0, len(things), count):
        texts = [msgspec.json.encode(to_document(thing)) for thing in things[start : start + count]]
        yield (b"," if start else b"") + b",".join(texts)
    yield b"]}\n"


def write_document(document: Json, format: Format) -> bytes:
    """A document in YAML or JSON, with a line break at its end."""
    if format == "json":
        return msgspec.json.format(msgspec.json.encode(document), indent=4) + b"\n"
    text: bytes = yaml.dump(
        document, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=_WIDEST, encoding="utf-8"
    )
    return text


def replace_file(path: str | Path, data: bytes) -> None:
    """Put a file in place of another at once: readers see the old content or the new, never a part.

    The mode is kept, and symbolic links are followed. Raises OSError, with the old file untouched.
    """
    target = Path(os.path.realpath(path))
    handle, name = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(name, _mode(target))
        os.replace(name, target)
    except BaseException:
        with suppress(FileNotFoundError):
            os.unlink(name)
        raise


def _mode(target: Path) -> int:
    """The mode of the file that is there, or that a new one would get."""
    with suppress(FileNotFoundError):
        return target.stat().st_mode & 0o7777
    umask = os.umask(0)
    os.umask(umask)
    return 0o666 & ~umask


def _place(thing: Object) -> tuple[int, str, str, str]:
    key = thing.key
    return _RANKS.get(key.kind, len(_RANKS)), key.kind, key.namespace, key.name


class _Dumper(yaml.CSafeDumper):
    """Writes strings so that they are read as strings again: `1e3` and `y` need quotes."""

    def ignore_aliases(self, _data: Any) -> bool:
        """Every value is written out."""
        return True


def _text(dumper: yaml.CSafeDumper, text: str) -> yaml.ScalarNode:
    style = "|" if "\n" in text else None if reads_as_text(text) else "'"
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_Dumper.add_representer(str, _text)
