"""Documents that are named by the SHA-256 of their text, so that it is sent once or never.

Two ways of naming are understood: Apollo's automatic persisted queries (`extensions.persistedQuery`, with the
text to register it), and `documentId: "sha256:…"` of the GraphQL-over-HTTP specification's appendix.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

import msgspec

from foretell.api.graphql.lru import Lru
from foretell.api.graphql.refusals import RefusedError, RequestCode
from foretell.api.graphql.requests import Request
from foretell.model.errors import ManifestError

_DIGEST = re.compile("[0-9a-f]{64}")
_PREFIX = "sha256:"


class Named(NamedTuple):
    """A document's text, its SHA-256 in hexadecimal digits, and whether the request asks to remember it."""

    text: str
    digest: str
    register: bool = False


class Persisted:
    """Finds the document that a request means; with `only`, no others than those are answered.

    `most` bounds the characters that are kept of registered documents.
    """

    def __init__(self, *, only: Mapping[str, str] | None = None, most: int = 4 * 2**20) -> None:
        self._only = only
        self._kept: Lru[str, str] = Lru(most)

    def find(self, request: Request) -> Named:
        """The document of a request; raises RefusedError."""
        digest = _named(request)
        if request.query is None:
            if digest is None:
                raise RefusedError.of(
                    RequestCode.INVALID_REQUEST, "the request has no document: expected query or documentId"
                )
            text = self._only.get(digest) if self._only is not None else self._kept.get(digest)
            if text is None:
                # Apollo's clients know the message as well as the code.
                raise RefusedError.of(RequestCode.PERSISTED_QUERY_NOT_FOUND, "PersistedQueryNotFound")
            return Named(text, digest)
        own = sha256(request.query.encode()).hexdigest()
        if digest is not None and digest != own:
            raise RefusedError.of(
                RequestCode.PERSISTED_QUERY_MISMATCH, "the SHA-256 that was sent is not that of the query"
            )
        if self._only is not None and own not in self._only:
            raise RefusedError.of(
                RequestCode.PERSISTED_QUERIES_ONLY, "this server answers only the documents that it was given"
            )
        return Named(request.query, own, digest is not None and self._only is None)

    def register(self, document: Named) -> None:
        """Remember a document, which has turned out to be valid."""
        self._kept.put(document.digest, document.text, len(document.text))


def _named(request: Request) -> str | None:
    digest: object = None
    if request.document_id is not None:
        digest = request.document_id.removeprefix(_PREFIX)
        if not request.document_id.startswith(_PREFIX):
            digest = ""
    elif request.extensions is not None and "persistedQuery" in request.extensions:
        asked = request.extensions["persistedQuery"]
        digest = asked.get("sha256Hash") if isinstance(asked, dict) and asked.get("version") == 1 else ""
    if digest is None:
        return None
    if not isinstance(digest, str) or not _DIGEST.fullmatch(digest):
        raise RefusedError.of(
            RequestCode.INVALID_REQUEST,
            "the document is not named as expected: a version 1 persistedQuery, or documentId sha256:…, "
            "with 64 hexadecimal digits",
        )
    return digest


def read_documents(path: Path) -> dict[str, str]:
    """The documents of a file, by their SHA-256: a JSON object whose keys are `sha256:…` or the digits alone.

    Raises ManifestError where a key is not the SHA-256 of its text.
    """
    try:
        found = msgspec.json.decode(path.read_bytes(), type=dict[str, str])
    except (OSError, msgspec.DecodeError, RecursionError) as error:
        raise ManifestError(f"can't be read as an object of documents: {error}", source=str(path)) from error
    documents = {}
    for key, text in sorted(found.items()):
        digest = sha256(text.encode()).hexdigest()
        if key.removeprefix(_PREFIX) != digest:
            raise ManifestError(
                f"{key} is not the SHA-256 of its document, which is {digest}", source=str(path)
            )
        documents[digest] = text
    return documents
