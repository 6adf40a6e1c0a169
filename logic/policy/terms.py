"""Objects as terms of policies, such as `pod("default/web-0")`, and back."""

from __future__ import annotations

import re
from collections.abc import Iterable

from foretell.logic.vocabulary import Argument, Term
from foretell.model.meta import Key
from foretell.model.objects import CLUSTER_SCOPED, KINDS

_WORD = re.compile(r"[A-Z][A-Za-z0-9]*")
_SHORT = {"PersistentVolumeClaim": "claim", "PodDisruptionBudget": "budget"}
_KIND_OF = {_SHORT.get(kind, kind.lower()): kind for kind in (*KINDS, *CLUSTER_SCOPED)}
_ELSE = "object"
_KIND_OF |= dict.fromkeys((_ELSE, "not"), "")
"""Kinds by their names in terms; two names are no kind's."""


def term_of(key: Key) -> Term:
    """The term of an object: its kind in lower case, or `object(Kind, Path)` where that isn't one's own."""
    name = _SHORT.get(key.kind, key.kind.lower())
    if key.kind in _SHORT or (_WORD.fullmatch(key.kind) and _KIND_OF.get(name, key.kind) == key.kind):
        return Term(name, (key.path,))
    return Term(_ELSE, (key.kind, key.path))


def key_of(term: Argument, kinds: Iterable[str] = ()) -> Key | None:
    """The key that a term names, if it is an object's; `kinds` are some that aren't always known."""
    if not isinstance(term, Term):
        return None
    kind: Argument | None = None
    path: Argument | None = None
    if term.name == _ELSE and len(term.arguments) == 2:
        kind, path = term.arguments
    elif len(term.arguments) == 1:
        others = {other.lower(): other for other in kinds}
        kind, path = _KIND_OF.get(term.name) or others.get(term.name), term.arguments[0]
    if not isinstance(kind, str) or not isinstance(path, str):
        return None
    namespace, _, name = path.rpartition("/")
    return Key(kind, namespace, name)
