"""Traces by OpenTelemetry, an extra: a span for each request, and one for each operation below it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import TYPE_CHECKING, Protocol

from starlette.types import ASGIApp, Receive, Scope, Send

from foretell.api.graphql.requests import Answer
from foretell.api.server.note import note_of
from foretell.model.errors import ForetellError

if TYPE_CHECKING:
    from opentelemetry.trace import TracerProvider

Answered = Callable[[Answer], None]


class TelemetryMissingError(ForetellError):
    """The libraries of OpenTelemetry are not installed."""

    def __str__(self) -> str:
        return "tracing needs libraries that are not installed: pip install 'foretell[telemetry]'"


class Tracing(Protocol):
    """Makes spans."""

    def operation(self) -> AbstractContextManager[Answered]:
        """The span of an operation, as long as the context lasts; it is told the answer."""

    def around(self, app: ASGIApp) -> ASGIApp:
        """The application with a span around each request."""


class NoTracing:
    """Makes no spans."""

    def operation(self) -> AbstractContextManager[Answered]:
        """Nothing."""
        return _NOTHING

    def around(self, app: ASGIApp) -> ASGIApp:
        """The application as it is."""
        return app


def _ignore(_: Answer) -> None:
    pass


_NOTHING = nullcontext(_ignore)


class OpenTelemetry:
    """Makes spans of a provider, by default the one that is set for the process (by OTEL_… variables).

    A request's span continues the trace that its headers name. Documents, variables and tokens are never
    told. Raises TelemetryMissingError.
    """

    def __init__(self, provider: TracerProvider | None = None) -> None:
        try:
            from opentelemetry import propagate, trace
        except ImportError:
            raise TelemetryMissingError from None
        self._trace, self._extract = trace, propagate.extract
        self._tracer = trace.get_tracer("foretell", tracer_provider=provider)

    @contextmanager
    def operation(self) -> Iterator[Answered]:
        """The span of an operation."""
        with self._tracer.start_as_current_span("graphql") as span:

            def answered(answer: Answer) -> None:
                kind = answer.kind or "request"
                span.update_name(f"{kind} {answer.operation}" if answer.operation else str(kind))
                span.set_attribute("graphql.operation.type", str(kind))
                span.set_attribute("graphql.operation.name", answer.operation or "")
                span.set_attribute("foretell.cost", answer.cost or 0)
                span.set_attribute("foretell.cached", answer.cached)
                if answer.codes:
                    span.set_attribute("foretell.codes", answer.codes)
                    span.set_status(self._trace.StatusCode.ERROR, answer.codes[0])

            yield answered

    def around(self, app: ASGIApp) -> ASGIApp:
        """The application with a span around each request."""

        async def traced(scope: Scope, receive: Receive, send: Send) -> None:
            if scope["type"] not in ("http", "websocket"):
                await app(scope, receive, send)
                return
            carrier = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
            note = note_of(scope)
            method = scope.get("method", "WEBSOCKET")
            with self._tracer.start_as_current_span(
                f"{method} {note.route}", self._extract(carrier), self._trace.SpanKind.SERVER
            ) as span:
                span.set_attribute("http.request.method", method)
                span.set_attribute("http.route", note.route)
                try:
                    await app(scope, receive, send)
                finally:
                    span.set_attribute("http.response.status_code", note.status)
                    if note.status >= 500:
                        span.set_status(self._trace.StatusCode.ERROR)

        return traced
