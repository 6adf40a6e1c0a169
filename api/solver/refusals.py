"""Refusals: how a ForetellError that a handler raises gets from its worker to who has asked."""

from __future__ import annotations

import sys
from importlib import import_module

import msgspec

from foretell.api.solver.frames import Refused
from foretell.model.errors import ForetellError


def refusal(error: ForetellError, resident: int) -> Refused:
    """The error as a frame; what msgpack doesn't know among its arguments and attributes becomes text."""
    bases = type(error).__mro__
    known = bases[: bases.index(ForetellError) + 1]
    return Refused(
        tuple(f"{form.__module__}:{form.__qualname__}" for form in known),
        str(error),
        msgspec.Raw(msgspec.msgpack.encode(error.args, enc_hook=str)),
        msgspec.Raw(msgspec.msgpack.encode(vars(error), enc_hook=str)),
        resident,
    )


def refused(frame: Refused) -> ForetellError:
    """The error again: of the same class, or where only the worker knows that, of its nearest base.

    Its `__init__` isn't called again. Lists among its attributes are tuples.
    """
    arguments = msgspec.msgpack.decode(frame.arguments, type=tuple[object, ...])
    attributes = msgspec.msgpack.decode(frame.attributes, type=dict[str, object])
    form = ForetellError
    for number, name in enumerate(frame.classes):
        known = _class(name)
        if known is not None:
            form = known
            # A base doesn't know how the class put its sentence together.
            arguments = (frame.sentence,) if number else arguments
            break
    error = form.__new__(form, *arguments)
    error.args = tuple(map(_frozen, arguments))
    vars(error).update((name, _frozen(value)) for name, value in attributes.items())
    return error


def _class(name: str) -> type[ForetellError] | None:
    module, _, qualified = name.partition(":")
    # A worker can make the server import modules of this package, and no others.
    if module not in sys.modules and not module.startswith("foretell."):
        return None
    try:
        found: object = import_module(module)
        for part in qualified.split("."):
            found = getattr(found, part)
    except (ImportError, AttributeError):
        return None
    return found if isinstance(found, type) and issubclass(found, ForetellError) else None


def _frozen(value: object) -> object:
    return tuple(map(_frozen, value)) if isinstance(value, list) else value
