"""Logs: one JSON object a line, or text for people."""

from __future__ import annotations

import logging
import sys
import time
from typing import Any, TextIO

import msgspec

from foretell.api.graphql.requests import Answer
from foretell.api.server.note import Note
from foretell.api.server.settings import LogFormat

LOG = logging.getLogger("foretell.requests")
_NAMES = ("foretell", "uvicorn")


class JsonFormatter(logging.Formatter):
    """Writes a record as a JSON object: time (UTC), level, logger, message, `fields`, an error's trace."""

    def format(self, record: logging.LogRecord) -> str:
        """The line of a record."""
        moment = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(record.created))
        line: dict[str, Any] = {
            "time": f"{moment}.{int(record.msecs):03d}Z",
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
            **getattr(record, "fields", {}),
        }
        if record.exc_info:
            line["trace"] = self.formatException(record.exc_info)
        return msgspec.json.encode(line, enc_hook=str).decode()


class TextFormatter(logging.Formatter):
    """Writes a record as a line of text, its `fields` as name=value."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)-7s %(message)s", "%H:%M:%S")

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - logging's own name
        """The line of a record, without a trace."""
        fields = getattr(record, "fields", {})
        shown = " ".join(f"{name}={value}" for name, value in fields.items() if value is not None)
        return " ".join(filter(None, (super().formatMessage(record), shown)))


def configure(form: LogFormat, stream: TextIO | None = None) -> None:
    """Send the logs of Foretell and of uvicorn to a stream, by default standard error."""
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(JsonFormatter() if form is LogFormat.JSON else TextFormatter())
    for name in _NAMES:
        logger = logging.getLogger(name)
        logger.handlers[:] = [handler]
        logger.setLevel(logging.INFO)
        logger.propagate = False


def log_request(note: Note, method: str, path: str, seconds: float) -> None:
    """Write the line of a request."""
    if not LOG.isEnabledFor(logging.INFO):
        return
    fields = {
        "request": note.id,
        "method": method,
        "path": path,
        "status": note.status,
        "ms": round(seconds * 1e3, 3),
        "bytes": note.sent,
        "principal": note.principal,
        "operation": note.operation,
        "kind": note.kind,
        "cost": note.cost,
        "cached": note.cached,
        "codes": note.codes,
    }
    LOG.info("request", extra={"fields": fields})


def log_operation(request: str, principal: str, answer: Answer | None) -> None:
    """Write the line of an operation that was sent over a WebSocket, with its last answer."""
    fields: dict[str, Any] = {"request": request, "principal": principal}
    if answer is not None:
        fields |= {
            "operation": answer.operation,
            "kind": answer.kind,
            "cost": answer.cost,
            "codes": answer.codes,
        }
    LOG.info("operation", extra={"fields": fields})
