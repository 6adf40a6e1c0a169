"""JSON documents are fetched from an issuer: over https, of bounded size, and in bounded time."""

from __future__ import annotations

import ipaddress
import json
import urllib.request
from collections.abc import Mapping
from http.client import HTTPException
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.parse import urlsplit

from foretell.api.access.deadline import Deadline
from foretell.model.errors import ForetellError

SECONDS = 5.0
"""For a document as a whole, from the connection to the last byte, redirects included."""

LARGEST = 2**20
_PIECE = 2**16


class FetchError(ForetellError):
    """A document can't be had; the sentence names the URL."""


def allowed(url: str) -> bool:
    """Whether a document may come from a URL: https, or http on this machine itself."""
    try:
        parts = urlsplit(url)
        _ = parts.port  # which may be none
    except ValueError:
        return False
    if not parts.hostname or parts.username is not None or parts.password is not None:
        return False
    return parts.scheme == "https" or (parts.scheme == "http" and _loopback(url))


def fetch(url: str) -> Mapping[str, object]:
    """A JSON object; raises FetchError."""
    if not allowed(url):
        raise FetchError(f"{url!r} can't be fetched: expected https, or http on a loopback address")
    # Proxies lead elsewhere than to this machine.
    proxies = [urllib.request.ProxyHandler({})] if _loopback(url) else []
    late = FetchError(f"{url!r} can't be fetched: it takes longer than {SECONDS:g} seconds")
    with Deadline(SECONDS) as deadline:
        opener = urllib.request.build_opener(_SameScheme, *deadline.handlers(), *proxies)
        opener.addheaders = [("User-Agent", "foretell"), ("Accept", "application/json")]
        try:
            with opener.open(url, timeout=SECONDS) as response:
                body = _body(response)
        except HTTPError as error:
            error.close()
            raise FetchError(f"{url!r} can't be fetched: status {error.code}") from None
        except (FetchError, OSError, HTTPException, ValueError) as error:
            reason = error.reason if isinstance(error, URLError) else error
            if deadline.over or isinstance(reason, TimeoutError):
                raise late from None
            raise FetchError(f"{url!r} can't be fetched: {reason}") from None
        # What is cut off may look as if it had ended by itself.
        if deadline.over:
            raise late
    try:
        document = json.loads(body)
    except (ValueError, RecursionError):
        raise FetchError(f"{url!r} gives no JSON") from None
    if not isinstance(document, dict):
        raise FetchError(f"{url!r} gives no JSON object")
    return document


def _body(response: Any) -> bytes:
    """What a response holds; its size is bounded whatever it says of itself."""
    body = bytearray()
    while piece := response.read1(_PIECE):
        body += piece
        if len(body) > LARGEST:
            raise FetchError(f"it is larger than {LARGEST // 2**20} MiB")
    return bytes(body)


def _loopback(url: str) -> bool:
    host = urlsplit(url).hostname or ""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


class _SameScheme(urllib.request.HTTPRedirectHandler):
    """Follows redirects that don't leave the scheme, and lead where documents may come from."""

    def redirect_request(
        self, req: urllib.request.Request, fp: Any, code: int, msg: str, headers: Any, newurl: str
    ) -> urllib.request.Request | None:
        """Refuse all others; the signature is urllib's own."""
        if not allowed(newurl) or urlsplit(newurl).scheme != urlsplit(req.full_url).scheme:
            fp.close()
            raise FetchError("it redirects to where documents may not come from")
        return super().redirect_request(req, fp, code, msg, headers, newurl)
