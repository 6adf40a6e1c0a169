"""Frames: what the server and its workers say to each other, as msgpack behind its length."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import TypeAlias

import msgspec

_HEAD = 4
_CHUNK = 1024 * 1024
MOST_BYTES = 1024 * 1024 * 1024
"""The longest frame; a longer one can only come from a stream that is out of step."""


class _Frame(msgspec.Struct, frozen=True, array_like=True):
    pass


class Begin(_Frame, frozen=True, tag="begin"):
    """The first order: which entry to call with what, and how many bytes may be taken."""

    entry: str
    argument: msgspec.Raw
    memory: int


class Ask(_Frame, frozen=True, tag="ask"):
    """Do a task; of a stream, only as far as the first item."""

    task: str
    params: msgspec.Raw
    stream: bool


class Next(_Frame, frozen=True, tag="next"):
    """Work out the next item of the stream."""


class Close(_Frame, frozen=True, tag="close"):
    """End the stream, if it hasn't ended by now."""


class Ready(_Frame, frozen=True, tag="ready"):
    """The entry was called; `resident` is the worker's memory in bytes, as in every reply."""

    resident: int


class Answer(_Frame, frozen=True, tag="answer"):
    """The result of a task, or one item of a stream."""

    value: msgspec.Raw
    resident: int


class Ended(_Frame, frozen=True, tag="ended"):
    """A stream has no more items."""

    resident: int


class Refused(_Frame, frozen=True, tag="refused"):
    """A task raised a ForetellError; `classes` are its own and the bases, as `module:name`."""

    classes: tuple[str, ...]
    sentence: str
    arguments: msgspec.Raw
    attributes: msgspec.Raw
    resident: int


class Failed(_Frame, frozen=True, tag="failed"):
    """A task, or the entry, raised anything else; the sentence is for whoever starts the server."""

    sentence: str
    resident: int


Order: TypeAlias = Begin | Ask | Next | Close
Reply: TypeAlias = Ready | Answer | Ended | Refused | Failed

_ORDERS: msgspec.msgpack.Decoder[Order] = msgspec.msgpack.Decoder(Order)
_REPLIES: msgspec.msgpack.Decoder[Reply] = msgspec.msgpack.Decoder(Reply)


class OutOfStepError(Exception):
    """What came can't be a frame."""


def framed(frame: Order | Reply) -> bytes:
    """A frame as it is sent; raises OverflowError for one that is too long."""
    body = msgspec.msgpack.encode(frame)
    if len(body) > MOST_BYTES:
        raise OverflowError(f"a frame of {len(body):,} bytes is too long")
    return len(body).to_bytes(_HEAD, "big") + body


def reply_of(body: bytes | bytearray) -> Reply:
    """The reply in a frame; raises OutOfStepError."""
    try:
        return _REPLIES.decode(body)
    except msgspec.DecodeError as error:
        raise OutOfStepError(str(error)) from None


class Cutter:
    """Cuts what arrives bit by bit into the bodies of frames."""

    def __init__(self) -> None:
        self._buffer = bytearray()

    def feed(self, data: bytes) -> Iterator[bytes]:
        """The bodies that are complete with this; raises OutOfStepError."""
        buffer = self._buffer
        buffer += data
        while len(buffer) >= _HEAD:
            end = _HEAD + int.from_bytes(buffer[:_HEAD], "big")
            if end > MOST_BYTES + _HEAD:
                raise OutOfStepError("a frame is too long")
            if len(buffer) < end:
                return
            body = bytes(memoryview(buffer)[_HEAD:end])
            del buffer[:end]
            yield body


def receive(descriptor: int) -> Order | None:
    """The next order from a pipe; None at its end."""
    head = _exactly(descriptor, _HEAD)
    body = None if head is None else _exactly(descriptor, int.from_bytes(head, "big"))
    return None if body is None else _ORDERS.decode(body)


def send(descriptor: int, frame: bytes) -> None:
    """Write a whole frame to a pipe."""
    rest = memoryview(frame)
    while rest:
        rest = rest[os.write(descriptor, rest) :]


def _exactly(descriptor: int, length: int) -> bytes | None:
    data = os.read(descriptor, min(length, _CHUNK))
    if len(data) == length:
        return data
    parts = bytearray(data)
    while data and len(parts) < length:
        data = os.read(descriptor, min(length - len(parts), _CHUNK))
        parts += data
    return bytes(parts) if len(parts) == length else None
