"""What the sandbox is asked and what it answers: JSON, each piece with its length before it."""

from __future__ import annotations

from typing import NamedTuple

import msgspec

from foretell.logic.policy.lexing import Fault
from foretell.logic.vocabulary import Argument

LENGTH = 8
"""How many bytes say how long a piece is."""


class Mention(NamedTuple):
    """A predicate that a rule asks for or derives, and where."""

    name: str
    arity: int
    line: int
    column: int


class Head(NamedTuple):
    """A rule that denies or warns: of which policy, with which message, where it begins, what it stands on.

    `conditions` are the predicates of the atoms that its body can't do without.
    """

    level: str
    policy: str
    message: str
    line: int
    conditions: tuple[str, ...]


class Vet(msgspec.Struct, frozen=True, tag=True):
    """Look a text through that has come through the gate."""

    text: str


class Vetted(msgspec.Struct, frozen=True, tag=True):
    """What is in a text: faults, what it asks for and derives, what it finds, its constants.

    `paths` are those of `field` that it asks for; None where it leaves one open. `sums` says that a sum is
    given a name.
    """

    faults: tuple[Fault, ...]
    asked: tuple[Mention, ...] = ()
    made: tuple[Mention, ...] = ()
    heads: tuple[Head, ...] = ()
    constants: tuple[str, ...] = ()
    paths: tuple[str, ...] | None = ()
    sums: bool = False


class Take(msgspec.Struct, frozen=True, tag=True):
    """Take a policy, with constants as clingo reads them, and the rules of the vocabulary that it needs."""

    text: str
    constants: dict[str, str]
    rules: str


class Taken(msgspec.Struct, frozen=True, tag=True):
    """The policy was taken; no fact holds yet."""


class Solve(msgspec.Struct, frozen=True, tag=True):
    """Answer the policy over several states.

    `fallen` and `risen` are facts that no longer, or from now on, hold in all states; `varying` are those
    that hold in some, and `states` say of each which, by places.
    """

    fallen: tuple[str, ...]
    risen: tuple[str, ...]
    varying: tuple[str, ...]
    states: tuple[tuple[int, ...], ...]


class Atom(NamedTuple):
    """A finding of the solver: `arguments` are the policy, the subject and a message, if there is one."""

    level: str
    arguments: tuple[Argument, ...]


class Solved(msgspec.Struct, frozen=True, tag=True):
    """All findings, by their places those that hold in each state, and what clingo notes, and where."""

    atoms: tuple[Atom, ...]
    states: tuple[tuple[int, ...], ...]
    notes: tuple[Fault, ...] = ()


class Failed(msgspec.Struct, frozen=True, tag=True):
    """Why there is no answer."""

    sentence: str
    line: int = 0
    column: int = 0


Order = Vet | Take | Solve
Reply = Vetted | Taken | Solved | Failed
_ORDERS: msgspec.json.Decoder[Order] = msgspec.json.Decoder(Order)
_REPLIES: msgspec.json.Decoder[Reply] = msgspec.json.Decoder(Reply)


def framed(piece: Order | Reply) -> bytes:
    """A piece with its length before it."""
    data = msgspec.json.encode(piece)
    return len(data).to_bytes(LENGTH, "big") + data


def order_of(data: bytes) -> Order:
    """The order of a piece."""
    return _ORDERS.decode(data)


def reply_of(data: bytes) -> Reply:
    """The reply of a piece; raises msgspec.DecodeError."""
    return _REPLIES.decode(data)
