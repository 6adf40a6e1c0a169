"""What operators see: health, metrics, logs and traces."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest

from foretell.api.server.logs import configure
from foretell.api.server.settings import LogFormat, Settings
from foretell.api.server.telemetry import OpenTelemetry
from tests.api.server.conftest import NOWHERE, live, looped, receive

SECRET = "hunter2"


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """What is logged, as JSON."""
    yield from logged(LogFormat.JSON)


@pytest.fixture
def text_log() -> Iterator[io.StringIO]:
    """What is logged, as text."""
    yield from logged(LogFormat.TEXT)


def logged(form: LogFormat) -> Iterator[io.StringIO]:
    loggers = [logging.getLogger(name) for name in ("foretell", "uvicorn")]
    before = [(logger.handlers[:], logger.level, logger.propagate) for logger in loggers]
    stream = io.StringIO()
    configure(form, stream)
    yield stream
    for logger, (handlers, level, propagate) in zip(loggers, before, strict=True):
        logger.handlers[:], logger.level, logger.propagate = handlers, level, propagate


def lines(stream: io.StringIO, message: str) -> list[dict[str, Any]]:
    found = [json.loads(line) for line in stream.getvalue().splitlines()]
    return [line for line in found if line["message"] == message]


@looped
async def test_a_server_is_alive_and_ready_or_says_why_not() -> None:
    async with live() as server:
        get = server.client.get
        assert (await get("/healthz")).text == (await get("/readyz")).text == "ok\n"
        server.backend.problem = "the store can't be reached"
        unready = await get("/readyz")
        assert (unready.status_code, (await get("/healthz")).status_code) == (503, 200)
    assert unready.json()["errors"][0]["message"] == "the store can't be reached"


@looped
async def test_metrics_count_requests_operations_caches_and_what_the_services_say() -> None:
    async with live() as server:
        for query in ("{ head }", "{ head }", "{ nope }", "mutation { bump }"):
            await server.ask(query)
        await server.client.get("/elsewhere")
        metrics = (await server.client.get("/metrics")).text
    for line in (
        'foretell_requests_total{kind="query",route="/graphql",status="200"} 2.0',
        'foretell_requests_total{kind="",route="/graphql",status="400"} 1.0',
        'foretell_requests_total{kind="",route="other",status="404"} 1.0',
        'foretell_operations_total{code="",kind="mutation"} 1.0',
        'foretell_operations_total{code="INVALID_DOCUMENT",kind=""} 1.0',
        'foretell_request_seconds_count{route="/graphql"} 4.0',
        "foretell_requests_under_way 1.0",
        'foretell_cache_lookups_total{cache="answers",result="hit"} 1.0',
        'foretell_solver_workers{state="idle"} 2.0',
    ):
        assert line in metrics.splitlines()


@looped
async def test_applications_count_for_themselves() -> None:
    async with live() as one, live() as other:
        await one.ask("{ head }")
        assert 'route="/graphql"' not in (await other.client.get("/metrics")).text


def test_a_request_is_one_line_of_json_without_its_secrets(log: io.StringIO) -> None:
    @looped
    async def story() -> None:
        async with live() as server:
            await server.client.post(
                "/graphql",
                json={"query": "query Say($t: String!) { echo(text: $t) }", "variables": {"t": SECRET}},
                headers={"x-request-id": "abc-1", "authorization": f"Bearer {SECRET}"},
            )
            await server.client.get("/graphql", params={"query": f'{{ echo(text: "{SECRET}") }}'})

    story()
    assert SECRET not in log.getvalue()
    first, second = lines(log, "request")
    shown = {
        name: first[name] for name in ("request", "method", "path", "status", "operation", "kind", "cost")
    }
    assert shown == {
        "request": "abc-1", "method": "POST", "path": "/graphql", "status": 200,
        "operation": "Say", "kind": "query", "cost": 1,
    }  # fmt: skip
    assert (first["level"], first["principal"], first["codes"]) == ("info", "local", [])
    assert first["bytes"] > 0 < first["ms"]
    assert first["time"].endswith("Z")
    assert second["request"] != first["request"]


def test_the_operations_of_a_websocket_are_lines_of_their_own(log: io.StringIO) -> None:
    @looped
    async def story() -> None:
        async with live() as server, server.socket() as socket:
            await socket.send('{"type": "connection_init"}')
            await receive(socket)
            message = {"type": "subscribe", "id": "1", "payload": {"query": "query Q { head }"}}
            await socket.send(msgspec.json.encode(message).decode())
            assert [(await receive(socket))["type"] for _ in range(2)] == ["next", "complete"]

    story()
    [operation], [request] = lines(log, "operation"), lines(log, "request")
    assert (operation["operation"], operation["kind"]) == ("Q", "query")
    assert (request["method"], request["status"]) == ("WEBSOCKET", 101)
    assert operation["request"] == request["request"]


def test_the_lines_of_the_server_itself_have_the_same_form(log: io.StringIO) -> None:
    @looped
    async def story() -> None:
        async with live():
            pass

    story()
    assert {json.loads(line)["logger"] for line in log.getvalue().splitlines()} == {"uvicorn.error"}


def test_an_error_that_nobody_foresaw_is_told_by_its_reference_and_logged_with_its_trace(
    log: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    @looped
    async def story() -> None:
        async with live() as server:

            async def broken() -> str | None:
                raise RuntimeError(SECRET)

            monkeypatch.setattr(server.backend, "unready", broken)
            response = await server.client.get("/readyz", headers={"x-request-id": "abc-2"})
            assert response.status_code == 500
            assert response.json()["errors"][0]["message"] == "Internal error, reference abc-2"

    story()
    [line] = lines(log, "internal error abc-2")
    assert "RuntimeError" in line["trace"]


def test_logs_can_be_text(text_log: io.StringIO) -> None:
    @looped
    async def story() -> None:
        async with live() as server:
            await server.ask("{ head }")

    story()
    assert " INFO    request " in text_log.getvalue()
    assert "path=/graphql status=200" in text_log.getvalue()


@pytest.mark.parametrize("given", ["", "a b", "x" * 65, 'a"b'])
@looped
async def test_an_id_that_is_not_fit_for_a_log_is_replaced(given: str) -> None:
    async with live() as server:
        response = await server.client.get("/healthz", headers={"x-request-id": given})
    assert len(response.headers["x-request-id"]) == 16


@looped
async def test_requests_and_operations_are_spans_of_the_trace_that_the_client_names() -> None:
    sdk = pytest.importorskip("opentelemetry.sdk.trace")
    export = pytest.importorskip("opentelemetry.sdk.trace.export")
    memory = pytest.importorskip("opentelemetry.sdk.trace.export.in_memory_span_exporter")
    exporter = memory.InMemorySpanExporter()
    provider = sdk.TracerProvider(shutdown_on_exit=False)
    provider.add_span_processor(export.SimpleSpanProcessor(exporter))
    trace = "0af7651916cd43dd8448eb211c80319c"
    async with live(Settings(page=NOWHERE), tracing=OpenTelemetry(provider)) as server:
        server.client.headers["traceparent"] = f"00-{trace}-b7ad6b7169203331-01"
        await server.ask("query Say { head rejected }")
    operation, request = exporter.get_finished_spans()
    assert (operation.name, request.name) == ("query Say", "POST /graphql")
    assert operation.parent.span_id == request.context.span_id
    assert f"{request.context.trace_id:032x}" == trace
    assert operation.attributes["foretell.codes"] == ("REJECTED",)
    assert request.attributes["http.response.status_code"] == 200
