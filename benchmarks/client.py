"""A client that costs little: GraphQL over one kept HTTP connection, on plain streams."""

from __future__ import annotations

import asyncio
from types import TracebackType
from typing import Any, Self

import msgspec

_HEAD = (
    "POST /graphql HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\n"
    "accept: {accept}\r\ncontent-length: {length}\r\n\r\n"
)
RESPONSE, EVENTS = "application/graphql-response+json", "text/event-stream"


class AnsweredError(Exception):
    """An answer has errors; `code` is that of the first one."""

    def __init__(self, errors: list[dict[str, Any]]) -> None:
        super().__init__("; ".join(error["message"] for error in errors))
        self.code = str(errors[0].get("extensions", {}).get("code", ""))


class Client:
    """One connection, which is made when it is entered; one request at a time."""

    def __init__(self, port: int) -> None:
        self._port = port

    async def __aenter__(self) -> Self:
        self._reader, self._writer = await asyncio.open_connection("127.0.0.1", self._port, limit=2**20)
        return self

    async def __aexit__(
        self, form: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._writer.close()

    async def ask(self, query: str, variables: dict[str, Any] | None = None) -> Any:
        """The data of an answer; raises AnsweredError, OSError or EOFError."""
        return data_of(msgspec.json.decode(await self.send(request(query, variables))))

    async def send(self, request: bytes) -> bytes:
        """The body of the answer to an encoded request."""
        self._writer.write(request)
        head = await self._reader.readuntil(b"\r\n\r\n")
        length = head.index(b"content-length: ") + 16
        return await self._reader.readexactly(int(head[length : head.index(b"\r", length)]))


def request(query: str, variables: dict[str, Any] | None = None, *, accept: str = RESPONSE) -> bytes:
    """An encoded request."""
    body = msgspec.json.encode({"query": query, "variables": variables or {}})
    return _HEAD.format(accept=accept, length=len(body)).encode() + body


def data_of(answer: dict[str, Any]) -> Any:
    """The data of a decoded answer; raises AnsweredError."""
    if "errors" in answer:
        raise AnsweredError(answer["errors"])
    return answer["data"]
