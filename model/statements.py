"""Statements about what will happen, of which it is asked whether they hold in every order."""

from __future__ import annotations

import msgspec

from foretell.model.meta import Key


class Statement(msgspec.Struct, frozen=True, kw_only=True):
    """Something that holds of a forecast or doesn't."""


class Settles(Statement, frozen=True, kw_only=True):
    """In the end everything is as wanted; with `within`, after so many seconds at most."""

    within: float | None = None


class Keeps(Statement, frozen=True, kw_only=True):
    """From the first wave on at least so many pods of a workload are ready, or available."""

    workload: Key
    pods: int
    available: bool = False


class GetsReady(Statement, frozen=True, kw_only=True):
    """In the end as many pods of a workload are ready as it wants, all of them within so many seconds."""

    workload: Key
    within: float


class Spreads(Statement, frozen=True, kw_only=True):
    """In the end the pods of a workload are on at least so many nodes."""

    workload: Key
    nodes: int


class Stays(Statement, frozen=True, kw_only=True):
    """A pod that is there before is neither deleted nor evicted."""

    pod: Key


class Goes(Statement, frozen=True, kw_only=True):
    """A pod that is there before is gone in the end, or on its way out."""

    pod: Key


class IsOn(Statement, frozen=True, kw_only=True):
    """In the end a pod is on a node."""

    pod: Key
    node: str
