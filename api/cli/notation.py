"""How changes are noted on the command line: an object, then `=` and a value, then fields after commas.

Every reader raises ValueError with what was expected.
"""

from __future__ import annotations

from typing import Literal, NoReturn, cast, get_args

Truth = Literal["True", "False", "Unknown"]
TRUTHS: tuple[str, ...] = get_args(Truth)
Fields = dict[str, str]


def expected(text: str, form: str) -> NoReturn:
    """Say that a text can't be read, and in which form it is expected."""
    raise ValueError(f"{text!r} can't be read: expected {form}")


def parts(text: str, form: str, *known: str) -> tuple[str, Fields]:
    """What stands before the first comma, and the fields after it."""
    head, *rest = text.split(",")
    fields: Fields = {}
    for part in rest:
        name, equals, value = part.partition("=")
        if not equals or name not in known or name in fields:
            expected(text, form)
        fields[name] = value
    if not head:
        expected(text, form)
    return head, fields


def assigned(text: str, form: str) -> tuple[str, str]:
    """Both sides of the first equals sign."""
    name, equals, value = text.partition("=")
    if not name or not equals or not value:
        expected(text, form)
    return name, value


def number(text: str, whole: str, form: str) -> int:
    """A number from 0."""
    if not text.isascii() or not text.isdigit():
        expected(whole, form)
    return int(text)


def truth(text: str, whole: str, form: str) -> Truth:
    """The status of a condition, in any case of letters."""
    word = text.capitalize()
    if word not in TRUTHS:
        expected(whole, form)
    return cast("Truth", word)
