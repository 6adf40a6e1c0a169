"""Numbers of things in words: one object, 2,000 objects."""

from __future__ import annotations


def counted(number: int, noun: str) -> str:
    """A number with its noun, which gets an s unless there is just one."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
