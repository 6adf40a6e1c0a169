"""What holds in every order as a JSON document, whose schema is versioned (docs/orders.md)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Literal

import msgspec

from foretell.api.telling.invented import Names
from foretell.api.telling.planned import (
    PlannedVerdict,
    PlannedWave,
    release,
    verdict_document,
    waves_document,
)
from foretell.api.telling.statements import in_words
from foretell.logic.gates import DEFAULT_VERSION
from foretell.model.changes import Change, change_to_json
from foretell.model.forecast import Assumptions
from foretell.model.meta import Key
from foretell.model.orders import ChoiceKind, Holds, Orders, Span

FORMAT: Literal["foretell.orders/1"] = "foretell.orders/1"


class _Part(msgspec.Struct, frozen=True, kw_only=True):
    pass


class Range(_Part, frozen=True, kw_only=True):
    """The least and the most in any order."""

    least: float
    most: float

    @classmethod
    def of(cls, span: Span) -> Range:
        """The range of a span."""
        return cls(least=span.least, most=span.most)


class OrderedSubject(_Part, frozen=True, kw_only=True):
    """A workload or a pod, such as `Deployment/shop`."""

    namespace: str
    name: str


class OrderedChoice(_Part, frozen=True, kw_only=True):
    """What is chosen: for which workloads or pods, in which wave, among which nodes."""

    kind: ChoiceKind
    about: tuple[OrderedSubject, ...]
    wave: int
    nodes: tuple[str, ...]


class OrderedEnd(_Part, frozen=True, kw_only=True):
    """A way in which orders end, as in one of them."""

    holds: Holds
    verdict: PlannedVerdict


class OrderedLowest(_Part, frozen=True, kw_only=True):
    """How few pods of a workload are ready and available at the worst moment of an order."""

    namespace: str
    workload: str
    wanted: int
    ready: Range
    available: Range


class OrderedGone(_Part, frozen=True, kw_only=True):
    """A pod that was there before and goes."""

    namespace: str
    pod: str
    owner: str | None
    node: str
    holds: Holds


class OrderedPlaced(_Part, frozen=True, kw_only=True):
    """The nodes on which new pods are in the end: in every order, and in some at least."""

    namespace: str
    subject: str
    sure: tuple[str, ...]
    possible: tuple[str, ...]


class Counterexample(_Part, frozen=True, kw_only=True):
    """An order in which a statement doesn't hold, up to the wave that breaks it."""

    waves: tuple[PlannedWave, ...]
    verdict: PlannedVerdict


class OrderedStatement(_Part, frozen=True, kw_only=True):
    """A statement, and in which orders it holds."""

    statement: str
    holds: Holds
    counterexample: Counterexample | None


class OrdersDocument(_Part, frozen=True, kw_only=True):
    """What is sure and what is possible; `changes` have the form in which `foretell plan` reads them."""

    format: Literal["foretell.orders/1"]
    foretell: str
    kubernetes: str
    gates: tuple[str, ...]
    changes: tuple[dict[str, Any], ...]
    assume: Assumptions
    orders: int
    complete: bool
    statements: tuple[OrderedStatement, ...]
    ends: tuple[OrderedEnd, ...]
    waves: Range
    seconds: Range
    lowest: tuple[OrderedLowest, ...]
    gone: tuple[OrderedGone, ...]
    placed: tuple[OrderedPlaced, ...]
    choices: tuple[OrderedChoice, ...]


def orders_document(
    found: Orders,
    *,
    changes: Iterable[Change] = (),
    assume: Assumptions | None = None,
    kubernetes: str = DEFAULT_VERSION,
    gates: frozenset[str] = frozenset(),
    namespace: str = "default",
) -> OrdersDocument:
    """The document of what was found, and what was asked; statements are as seen from a namespace."""
    changes = tuple(changes)
    names = Names(found.first, changes)

    def named(key: Key) -> str:
        if key.kind == "Pod":
            return f"Pod/{names.pod(key.namespace, key.name)[0]}"
        return names.reference(str(key), key.namespace)

    return OrdersDocument(
        format=FORMAT,
        foretell=release(),
        kubernetes=kubernetes,
        gates=tuple(sorted(gates)),
        changes=tuple(change_to_json(change) for change in changes),
        assume=assume or Assumptions(),
        orders=found.number,
        complete=found.complete,
        statements=tuple(
            OrderedStatement(
                statement=in_words(each.statement, namespace), holds=each.holds,
                counterexample=None if each.counterexample is None else Counterexample(
                    waves=waves_document(each.counterexample, Names(each.counterexample, changes)),
                    verdict=verdict_document(each.counterexample, Names(each.counterexample, changes)),
                ),
            )
            for each in found.assured
        ),
        ends=tuple(
            OrderedEnd(holds=end.holds, verdict=verdict_document(end.example, Names(end.example, changes)))
            for end in found.ends
        ),
        waves=Range.of(found.waves),
        seconds=Range.of(found.seconds),
        lowest=tuple(
            OrderedLowest(
                namespace=low.workload.namespace, workload=named(low.workload), wanted=low.wanted,
                ready=Range.of(low.ready), available=Range.of(low.available),
            )
            for low in found.lowest
        ),
        gone=tuple(
            OrderedGone(
                namespace=gone.pod.namespace, pod=gone.pod.name, owner=gone.owner, node=gone.node,
                holds=gone.holds,
            )
            for gone in found.gone
        ),
        placed=tuple(
            OrderedPlaced(
                namespace=spot.subject.namespace, subject=named(spot.subject), sure=spot.sure,
                possible=spot.possible,
            )
            for spot in found.placed
        ),
        choices=tuple(
            OrderedChoice(
                kind=choice.kind, wave=choice.wave, nodes=choice.nodes,
                about=tuple(OrderedSubject(namespace=k.namespace, name=named(k)) for k in choice.about),
            )
            for choice in found.choices
        ),
    )  # fmt: skip
