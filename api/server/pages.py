"""The playground: the files of a built page, which need nothing from elsewhere."""

from __future__ import annotations

import gzip
import mimetypes
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from foretell.api.server.replies import refused

_INDEX = "index.html"
_TYPES = {".js": "text/javascript; charset=utf-8", ".svg": "image/svg+xml", ".map": "application/json"}


class _File(NamedTuple):
    body: bytes
    packed: bytes | None
    tag: str
    media: str


class Pages:
    """Serves the files below a folder, read once; without an index.html there is no page."""

    def __init__(self, folder: Path) -> None:
        self._files = _read(folder)

    async def index(self, request: Request) -> Response:
        """The page itself."""
        return self._answer(request, _INDEX)

    async def file(self, request: Request) -> Response:
        """A file of the page; the address of the page with a slash leads to the page."""
        name = request.path_params["path"]
        return self._answer(request, name) if name else RedirectResponse("../graphiql", 308)

    async def root(self, _: Request) -> Response:
        """The way from the root to the page."""
        return RedirectResponse("graphiql", 307)

    def _answer(self, request: Request, name: str) -> Response:
        found = self._files.get(name)
        if found is None:
            if _INDEX not in self._files:
                return refused(404, "this server has no playground: its page was not built (web/README.md)")
            return refused(404, "the playground has no such file")
        headers = {"etag": found.tag, "cache-control": "no-cache", "vary": "accept-encoding"}
        if found.tag in [tag.strip() for tag in request.headers.get("if-none-match", "").split(",")]:
            return Response(None, 304, headers)
        if found.packed is not None and _takes_gzip(request.headers.get("accept-encoding", "")):
            return Response(found.packed, 200, {**headers, "content-encoding": "gzip"}, found.media)
        return Response(found.body, 200, headers, found.media)


def _read(folder: Path) -> dict[str, _File]:
    files = {}
    for path in sorted(folder.rglob("*")) if folder.is_dir() else ():
        if path.suffix == ".gz" or not path.is_file():
            continue
        body = path.read_bytes()
        packed = path.with_name(f"{path.name}.gz")
        media = _TYPES.get(path.suffix) or mimetypes.guess_type(path.name)[0] or "application/octet-stream"
        files[path.relative_to(folder).as_posix()] = _File(
            body,
            packed.read_bytes() if packed.is_file() else _packed(body),
            f'W/"{sha256(body).hexdigest()[:20]}"',
            f"{media}; charset=utf-8" if media.startswith("text/") and "charset" not in media else media,
        )
    return files


def _packed(body: bytes) -> bytes | None:
    packed = gzip.compress(body, mtime=0)
    return packed if len(packed) < len(body) else None


def _takes_gzip(accepted: str) -> bool:
    for part in accepted.split(","):
        name, _, quality = part.strip().partition(";")
        if name.strip().lower() in ("gzip", "*"):
            return quality.strip().replace(" ", "") not in ("q=0", "q=0.0", "q=0.00", "q=0.000")
    return False
