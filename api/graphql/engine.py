"""The engine: takes a request, and gives the encoded answer, or a stream of them.

A request goes through these steps; each can refuse it, and the cheapest are taken first.

1. its document is found, by text or by name          (persisted)
2. it is parsed, measured and validated, once for all  (documents, limits)
3. an equal answer is at hand                          (answers)
4. its variables are coerced and its cost is told      (cost)
5. it is executed, and the answer encoded, with errors masked  (telling, masking)
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Set
from contextlib import aclosing
from dataclasses import replace
from typing import Any, NamedTuple

import msgspec
import strawberry
from graphql import ExecutionResult, GraphQLError
from graphql.execution import Executor, create_source_event_stream, map_source_to_response_event
from strawberry.execution import optimized_is_awaitable

from foretell.api.graphql.answers import Answers
from foretell.api.graphql.cost import Pricing
from foretell.api.graphql.documents import Document, Documents, Operation, fault_of
from foretell.api.graphql.limits import Limits
from foretell.api.graphql.persisted import Persisted
from foretell.api.graphql.refusals import RefusedError, RequestCode
from foretell.api.graphql.requests import READING, STREAMING, WRITING, Answer, Kind, Noting, Request
from foretell.api.graphql.telling import Telling

_IS_AWAITABLE: Any = optimized_is_awaitable  # annotated without the TypeGuard that is expected
_CANONICAL = msgspec.json.Encoder(order="deterministic")


class Stats(NamedTuple):
    """Counts since the engine was made; `kept` answers take `bytes`."""

    documents_hit: int
    documents_missed: int
    answers_hit: int
    answers_missed: int
    answers_shared: int
    kept: int
    bytes: int


class Engine:
    """Executes requests on a schema.

    `cache` bounds the bytes of the answers that are kept, 0 keeps none. Without `introspection` the schema
    can't be read, not by suggestions of names either.
    """

    def __init__(
        self,
        schema: strawberry.Schema,
        limits: Limits | None = None,
        *,
        persisted: Persisted | None = None,
        introspection: bool = True,
        cache: int = 64 * 2**20,
    ) -> None:
        self._schema = schema._schema  # what strawberry's own execute works on
        self._executor = schema.execution_context_class
        self._limits = limits or Limits()
        self._persisted = persisted or Persisted()
        self._documents = Documents(self._schema, self._limits, introspection=introspection)
        self._answers = Answers(cache)
        self._pricing = Pricing(self._schema)
        self._introspection = introspection
        self._telling = Telling(self._limits)

    @property
    def stats(self) -> Stats:
        """What the caches did so far."""
        documents, answers = self._documents, self._answers
        return Stats(
            documents.hits, documents.misses, answers.hits, answers.misses, answers.shared,
            len(answers.kept), answers.kept.weight,
        )  # fmt: skip

    async def execute(self, request: Request, context: Noting, *, allowed: Set[Kind] = WRITING) -> Answer:
        """The answer to a query or mutation."""
        try:
            document, operation = self._prepare(request, allowed - {Kind.SUBSCRIPTION})
        except RefusedError as refusal:
            return self._telling.refusal(refusal)
        if operation.kind is not Kind.QUERY:
            return await self._run(request, context, document, operation)
        key = (
            document.digest,
            operation.name,
            _CANONICAL.encode(request.variables) if request.variables else b"",
            context.principal_key,
        )
        return await self._answers.answer(
            key, context, lambda: self._run(request, context, document, operation)
        )

    async def subscribe(
        self, request: Request, context: Noting, *, allowed: Set[Kind] = STREAMING
    ) -> AsyncGenerator[Answer, None]:
        """The answers of a subscription as they come, or the one answer of another operation.

        The next one is computed when it is asked for; closing the iterator ends the subscription.
        """
        try:
            document, operation = self._prepare(request, allowed)
        except RefusedError as refusal:
            yield self._telling.refusal(refusal)
            return
        if operation.kind is not Kind.SUBSCRIPTION:
            yield await self.execute(request, context, allowed=READING | allowed)
            return
        shown = Answer(b"", False, operation.kind, operation.name)
        try:
            executor, cost = self._executor_of(request, context, document, operation)
            shown = replace(shown, cost=cost)
            source = create_source_event_stream(executor)
            if isinstance(source, Awaitable):
                async with asyncio.timeout(self._limits.seconds):
                    source = await source
        except RefusedError as refusal:
            yield self._telling.refusal(refusal, operation)
            return
        except TimeoutError:
            yield self._telling.late(shown)
            return
        if isinstance(source, ExecutionResult):
            yield self._telling.result(source, shown, executed=False)
            return
        results = map_source_to_response_event(executor, source)
        async with aclosing(results):
            while True:
                try:
                    result = await anext(results)
                except StopAsyncIteration:
                    return
                except Exception as error:
                    # The stream itself failed; its errors are told as those of its field.
                    located = error if isinstance(error, GraphQLError) else GraphQLError(
                        str(error), operation.node, original_error=error
                    )  # fmt: skip
                    yield self._telling.result(ExecutionResult(None, [located]), shown, executed=True)
                    return
                yield self._telling.result(result, shown, executed=True)

    def _prepare(self, request: Request, allowed: Set[Kind]) -> tuple[Document, Operation]:
        named = self._persisted.find(request)
        document = self._documents.read(named)
        if named.register:
            self._persisted.register(named)
        operation = document.operation(request.operation_name)
        if operation.kind not in allowed:
            raise RefusedError.of(
                RequestCode.OPERATION_NOT_ALLOWED,
                f"a {operation.kind} can't be sent in this way: expected {' or '.join(sorted(allowed))}",
            )
        return document, operation

    def _executor_of(
        self, request: Request, context: Noting, document: Document, operation: Operation
    ) -> tuple[Executor[Any], int]:
        """What executes the operation, and its cost; raises RefusedError."""
        built = self._executor.build(
            self._schema,
            document.node,
            None,
            context,
            request.variables,
            operation.name,
            max_coercion_errors=self._limits.errors,
            is_awaitable=_IS_AWAITABLE,
            hide_suggestions=not self._introspection,
            operation_extensions={},  # answers must not depend on them, since they are cached without
        )
        if isinstance(built, list):
            raise RefusedError([fault_of(error, RequestCode.INVALID_VARIABLES) for error in built])
        cost = self._pricing.price(document.node, operation.node, built.variable_values.coerced)
        if cost > self._limits.cost:
            raise RefusedError.of(
                RequestCode.TOO_COSTLY,
                f"the request costs {cost:,}: at most {self._limits.cost:,} is answered",
                cost=cost,
            )
        return built, cost

    async def _run(
        self, request: Request, context: Noting, document: Document, operation: Operation
    ) -> Answer:
        shown = Answer(b"", False, operation.kind, operation.name)
        try:
            executor, cost = self._executor_of(request, context, document, operation)
            shown = replace(shown, cost=cost)
            result = executor.execute_operation()
            if isinstance(result, Awaitable):
                async with asyncio.timeout(self._limits.seconds):
                    result = await result
            if not isinstance(result, ExecutionResult):
                raise TypeError(f"no single result, but {type(result).__name__}")
            return self._telling.result(result, shown, executed=True)
        except RefusedError as refusal:
            return self._telling.refusal(refusal, operation)
        except TimeoutError:
            return self._telling.late(shown)
        except Exception as error:
            return self._telling.failed(error, shown)
