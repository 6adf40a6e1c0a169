"""What is written of ReplicaSets and their pods."""

from __future__ import annotations

from foretell.logic.round import Round


def write_replicas(work: Round) -> None:
    """ReplicaSets that are made, sized or forgotten."""
