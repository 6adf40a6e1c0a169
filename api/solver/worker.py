"""A worker process: it calls the entry once, then does one task after the other until its server has gone."""

from __future__ import annotations

import errno
import faulthandler
import importlib
import importlib.util
import logging
import os
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import NoReturn

import msgspec

from foretell.api.solver import guard
from foretell.api.solver.frames import (
    Answer,
    Ask,
    Begin,
    Close,
    Ended,
    Failed,
    Order,
    Ready,
    framed,
    receive,
    send,
)
from foretell.api.solver.refusals import refusal
from foretell.model.errors import ForetellError, RulesError

Handler = Callable[[object], object]
_LOG = logging.getLogger("foretell.api.solver.worker")


class Wire:
    """The two ends of the pipes to the server, out of reach of what else uses stdin or stdout."""

    def __init__(self) -> None:
        self._orders, self._replies = os.dup(0), os.dup(1)
        nothing = os.open(os.devnull, os.O_RDONLY)
        os.dup2(nothing, 0)
        os.close(nothing)
        os.dup2(2, 1)
        guard.begin(self._orders)

    def order(self) -> Order:
        """The next order; the process ends when there will be none."""
        order = receive(self._orders)
        if order is None:
            sys.stderr.flush()
            os._exit(0)
        return order

    def send(self, frame: bytes) -> None:
        """Send a reply."""
        send(self._replies, frame)


def main() -> None:
    """Work for the server at the other end of stdin and stdout."""
    wire = Wire()
    faulthandler.enable()
    logging.basicConfig(
        stream=sys.stderr, level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s"
    )
    begin = wire.order()
    assert isinstance(begin, Begin)
    try:
        _work(begin, wire)
    except MemoryError:
        guard.out_of_memory()


def _work(begin: Begin, wire: Wire) -> NoReturn:
    try:
        guard.limit(begin.memory)
        handlers = entry_of(begin.entry)(msgspec.msgpack.decode(begin.argument))
    except Exception as error:
        _LOG.exception("the entry %s failed", begin.entry)
        text = str(error) if isinstance(error, ForetellError) else f"{type(error).__name__}: {error}"
        wire.send(framed(Failed(text, guard.resident())))
        os._exit(1)
    wire.send(framed(Ready(guard.resident())))
    while True:
        order = wire.order()
        # Else it is the close of a stream that has ended meanwhile.
        if isinstance(order, Ask):
            wire.send(last_reply(order, handlers, wire))


def entry_of(name: str) -> Callable[[object], Mapping[str, Handler]]:
    """The function that `module:function` or `/path/of/file.py:function` names."""
    place, _, function = name.rpartition(":")
    if place.endswith(".py"):
        spec = importlib.util.spec_from_file_location(Path(place).stem, place)
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        sys.modules[module.__name__] = module
        spec.loader.exec_module(module)
    else:
        module = importlib.import_module(place)
    found: Callable[[object], Mapping[str, Handler]] = getattr(module, function)
    return found


def last_reply(ask: Ask, handlers: Mapping[str, Handler], wire: Wire) -> bytes:
    """Do a task, and give the frame of the reply that ends it."""
    try:
        result = handlers[ask.task](msgspec.msgpack.decode(ask.params))
        if not ask.stream:
            return _answer(result)
        if not isinstance(result, Iterator):
            raise TypeError(f"a stream's handler gave {type(result).__name__}, which is no iterator")
        _stream(result, wire)
        return framed(Ended(guard.resident()))
    except (Exception, SystemExit) as error:
        if _is_out_of_memory(error):
            guard.out_of_memory()
        if isinstance(error, ForetellError):
            try:
                return framed(refusal(error, guard.resident()))
            except (TypeError, ValueError, RecursionError):  # such as text with half a character in it
                _LOG.warning("the refusal of the task %s can't be sent", ask.task)
        _LOG.exception("the task %s failed", ask.task)
        return framed(Failed(type(error).__name__, guard.resident()))


def _stream(items: Iterator[object], wire: Wire) -> None:
    """Send an item whenever one is asked for."""
    try:
        for item in items:
            wire.send(_answer(item))
            if isinstance(wire.order(), Close):
                return
    finally:
        close = getattr(items, "close", None)
        if close is not None:
            close()


def _answer(value: object) -> bytes:
    return framed(Answer(msgspec.Raw(msgspec.msgpack.encode(value)), guard.resident()))


def _is_out_of_memory(error: BaseException) -> bool:
    """Whether an allocation has failed, as Python, the system or the solver says it."""
    if isinstance(error, MemoryError) or (isinstance(error, OSError) and error.errno == errno.ENOMEM):
        return True
    return isinstance(error, RuntimeError | RulesError) and "bad_alloc" in str(error)


if __name__ == "__main__":
    main()
