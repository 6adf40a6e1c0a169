"""Traces: scenarios that were played on a real control plane, step by step, and what it did."""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import Literal

import msgspec

from foretell.model.errors import ManifestError
from foretell.model.forecast import Assumptions
from foretell.model.meta import Json


class RecordedWave(msgspec.Struct, frozen=True, kw_only=True):
    """What controllers did in a turn; `cut` where the recording was stopped after it."""

    turn: int
    actions: list[Json] = []
    cut: bool = False


class Beginning(msgspec.Struct, frozen=True, kw_only=True):
    """What is known before a step: the cluster, the changes, and where the world is told to answer otherwise.

    `quiet` is for how many seconds without a write the recorder waited in each turn.
    """

    before: Json
    changes: list[Json] = []
    assume: Assumptions = Assumptions()
    quiet: float = 1.0


class Step(Beginning, frozen=True, kw_only=True):
    """One step of a scenario, with what happened."""

    title: str = ""
    compare: Literal["exact", "shape"] = "exact"
    waves: list[RecordedWave] = []
    results: list[Json] = []
    after: Json = {}


class Trace(msgspec.Struct, frozen=True, kw_only=True):
    """A scenario; `gates` were on beside the version's own, `ignore` names kinds whose writes race."""

    name: str
    about: str = ""
    kubernetes: str = ""
    gates: list[str] = []
    ignore: list[str] = []
    steps: list[Step]


_DECODER = msgspec.json.Decoder(Trace)


def read_trace(path: str | Path) -> Trace:
    """The trace of a file, which may be gzipped; raises ManifestError."""
    try:
        data = Path(path).read_bytes()
        return _DECODER.decode(gzip.decompress(data) if str(path).endswith(".gz") else data)
    except OSError as error:
        raise ManifestError(f"can't be read: {error.strerror or error}", source=str(path)) from None
    except (msgspec.DecodeError, EOFError) as error:
        raise ManifestError(f"no trace: {error}", source=str(path)) from None
