"""Names and data of revisions: how a template becomes a ControllerRevision."""

from __future__ import annotations

import json
from typing import Any

from foretell.model.meta import Json

_ALPHABET = "bcdfghjklmnpqrstvwxz2456789"
_PRIME, _OFFSET, _MASK = 0x01000193, 0x811C9DC5, 0xFFFFFFFF


def compact(value: Json) -> str:
    """JSON as Go's encoder writes it: compact, keys sorted, `<`, `>` and `&` escaped."""
    text = json.dumps(value, separators=(",", ":"), sort_keys=True, ensure_ascii=False)
    return text.translate({ord(c): f"\\u{ord(c):04x}" for c in "<>&\u2028\u2029"})


def revision_data(template: dict[str, Any]) -> dict[str, Any]:
    """What a revision remembers of a workload: a patch that replaces the template alone."""
    return {"spec": {"template": {**template, "$patch": "replace"}}}


def safe_encoded(number: int) -> str:
    """The decimal digits of a hash in an alphabet that spells no bad words.

    Source: apimachinery `SafeEncodeString`.
    """
    return "".join(_ALPHABET[ord(digit) % len(_ALPHABET)] for digit in str(number))


def fnv1(text: str) -> int:
    """The 32-bit FNV-1 hash of a text's UTF-8 bytes."""
    value = _OFFSET
    for byte in text.encode():
        value = (value * _PRIME & _MASK) ^ byte
    return value


def revision_hash(template: dict[str, Any], collisions: int = 0) -> str:
    """The hash in the name of a StatefulSet's revision of a stored (defaulted) template.

    For DaemonSets it is a stable stand-in: the real one hashes a dump of Go structures.
    Source: Kubernetes controller_history.go `HashControllerRevision`.
    """
    return safe_encoded(fnv1(compact(revision_data(template)) + str(collisions)))
