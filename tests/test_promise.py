"""The promise of stability is kept, and written down in whole."""

from __future__ import annotations

from tests.promise import kept, promised


def test_all_that_is_promised_is_kept() -> None:
    """What goes or changes breaks those who rely on it: that is for the next major version."""
    assert sorted(promised() - kept()) == []


def test_all_that_is_public_is_promised() -> None:
    """`python -m tests.promise` writes down what is new."""
    assert sorted(kept() - promised()) == []
