"""Statements as people write them, such as `deploy/shop keeps 2 ready`, and back in words."""

from __future__ import annotations

import re
from collections.abc import Callable

from foretell.api.telling.kinds import kind_of, short_name
from foretell.model import statements as s
from foretell.model.meta import Key

FORMS = (
    "settles [within TIME]",
    "KIND/NAME keeps N ready|available",
    "KIND/NAME ready within TIME",
    "KIND/NAME on N nodes",
    "pod/NAME stays|goes",
    "pod/NAME on NODE",
)
"""How statements are written; a name may have its namespace in front, NAMESPACE/KIND/NAME."""

_WORKLOADS = ("DaemonSet", "Deployment", "ReplicaSet", "StatefulSet")
_SECONDS = {"s": 1, "m": 60, "h": 60 * 60}
Made = Callable[[re.Match[str], str], s.Statement]


def _settles(found: re.Match[str], _: str) -> s.Statement:
    return s.Settles(within=_seconds(found) if found["time"] else None)


def _keeps(found: re.Match[str], namespace: str) -> s.Statement:
    workload = _workload(found, namespace)
    return s.Keeps(workload=workload, pods=int(found["pods"]), available=found["how"] == "available")


def _ready(found: re.Match[str], namespace: str) -> s.Statement:
    return s.GetsReady(workload=_workload(found, namespace), within=_seconds(found))


def _spreads(found: re.Match[str], namespace: str) -> s.Statement:
    return s.Spreads(workload=_workload(found, namespace), nodes=int(found["nodes"]))


def _stays(found: re.Match[str], namespace: str) -> s.Statement:
    pod = _pod(found, namespace)
    return s.Stays(pod=pod) if found["how"] == "stays" else s.Goes(pod=pod)


def _is_on(found: re.Match[str], namespace: str) -> s.Statement:
    return s.IsOn(pod=_pod(found, namespace), node=found["node"])


_OBJECT = r"(?:(?P<namespace>[^/\s]+)/)?(?P<kind>[^/\s]+)/(?P<name>[^/\s]+)"
_WITHIN = r"within (?P<time>\d{1,9})(?P<unit>[smh])"
_READERS: tuple[tuple[re.Pattern[str], Made], ...] = tuple(
    (re.compile(pattern), made)
    for pattern, made in (
        (rf"settles(?: {_WITHIN})?", _settles),
        (rf"{_OBJECT} keeps (?P<pods>\d{{1,9}}) (?P<how>ready|available)", _keeps),
        (rf"{_OBJECT} ready {_WITHIN}", _ready),
        (rf"{_OBJECT} on (?P<nodes>\d{{1,9}}) nodes?", _spreads),
        (rf"{_OBJECT} (?P<how>stays|goes)", _stays),
        (rf"{_OBJECT} on (?P<node>\S+)", _is_on),
    )
)


def statement(text: str, namespace: str) -> s.Statement:
    """The statement that a text makes, names being looked for in a namespace; raises ValueError."""
    plain = " ".join(text.split())
    for pattern, made in _READERS:
        found = pattern.fullmatch(plain)
        if found is not None:
            return made(found, namespace)
    raise ValueError(f"{text!r} is no statement: expected {', '.join(FORMS[:-1])} or {FORMS[-1]}")


def _seconds(found: re.Match[str]) -> float:
    return float(int(found["time"]) * _SECONDS[found["unit"]])


def _workload(found: re.Match[str], namespace: str) -> Key:
    kind = kind_of(found["kind"])
    if kind not in _WORKLOADS:
        raise ValueError(f"{found[0]!r} is about a {kind}: expected one of {', '.join(_WORKLOADS)}")
    return Key(kind, found["namespace"] or namespace, found["name"])


def _pod(found: re.Match[str], namespace: str) -> Key:
    kind = kind_of(found["kind"])
    if kind != "Pod":
        raise ValueError(f"{found[0]!r} is about a {kind}: expected a pod, such as pod/web-0")
    return Key(kind, found["namespace"] or namespace, found["name"])


def in_words(statement: s.Statement, namespace: str) -> str:
    """A statement as it is written, with a namespace where that isn't the one that is looked from."""
    match statement:
        case s.Settles(within=within):
            return "settles" if within is None else f"settles within {within:.0f}s"
        case s.Keeps(workload=key, pods=pods, available=available):
            return f"{_named(key, namespace)} keeps {pods} {'available' if available else 'ready'}"
        case s.GetsReady(workload=key, within=within):
            return f"{_named(key, namespace)} ready within {within:.0f}s"
        case s.Spreads(workload=key, nodes=nodes):
            return f"{_named(key, namespace)} on {nodes} node{'' if nodes == 1 else 's'}"
        case s.Stays(pod=key):
            return f"{_named(key, namespace)} stays"
        case s.Goes(pod=key):
            return f"{_named(key, namespace)} goes"
        case s.IsOn(pod=key, node=node):
            return f"{_named(key, namespace)} on {node}"
        case _:
            raise TypeError(f"no such statement: {statement!r}")


def _named(key: Key, namespace: str) -> str:
    place = "" if key.namespace in ("", namespace) else f"{key.namespace}/"
    return f"{place}{short_name(key.kind, key.name) if key.kind != 'Pod' else f'pod/{key.name}'}"
