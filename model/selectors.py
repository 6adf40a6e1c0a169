"""Label selectors; taints and the tolerations that answer them."""

from __future__ import annotations

import msgspec


class Requirement(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """One expression of a selector: a key, an operator, and values."""

    key: str
    operator: str
    values: tuple[str, ...] = ()


class LabelSelector(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, rename="camel", gc=False):
    """Selects objects by labels; all of its parts must hold, and an empty one selects everything."""

    match_labels: dict[str, str] = {}
    match_expressions: tuple[Requirement, ...] = ()

    @property
    def requirements(self) -> tuple[Requirement, ...]:
        """Both forms as one list of expressions."""
        pairs = (Requirement(key=k, operator="In", values=(v,)) for k, v in sorted(self.match_labels.items()))
        return (*pairs, *self.match_expressions)


class Taint(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, rename="camel", gc=False):
    """What keeps pods off a node; a node has at most one for each key and effect."""

    key: str
    value: str = ""
    effect: str
    time_added: str | None = None


class Toleration(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, rename="camel", gc=False):
    """What lets a pod stay in spite of taints; empty fields match more (see `toleration.lp`)."""

    key: str = ""
    operator: str = ""
    value: str = ""
    effect: str = ""
    toleration_seconds: int | None = None
