"""Answers in their encoded form, with the cost of the request among their extensions."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import msgspec
from graphql import ExecutionResult

from foretell.api.graphql.documents import Operation
from foretell.api.graphql.limits import Limits
from foretell.api.graphql.masking import masked, refused, told
from foretell.api.graphql.refusals import RefusedError
from foretell.api.graphql.requests import Answer
from foretell.api.service.errors import Code

_ENCODER = msgspec.json.Encoder()


class Telling:
    """Encodes results and refusals; `shown` is an answer without a body, which says what is known of it."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits

    def result(self, result: ExecutionResult, shown: Answer, *, executed: bool) -> Answer:
        """What an operation came to."""
        return self._answer(
            result.data, [told(error) for error in result.errors or ()], shown, executed=executed
        )

    def refusal(self, refusal: RefusedError, operation: Operation | None = None) -> Answer:
        """Why a request was not run."""
        shown = Answer(b"", False, cost=refusal.cost)
        if operation is not None:
            shown = replace(shown, kind=operation.kind, operation=operation.name)
        return self._answer(None, refused(refusal.faults), shown, executed=False)

    def late(self, shown: Answer) -> Answer:
        """That an operation ran into its time limit."""
        sentence = f"the request took more than {self._limits.seconds:g} s and was ended"
        return self._failed(sentence, Code.TIME_LIMIT, shown)

    def failed(self, error: Exception, shown: Answer) -> Answer:
        """That an operation failed for a reason that nobody foresaw."""
        return self._failed(masked(error), Code.INTERNAL, shown)

    def _failed(self, sentence: str, code: Code, shown: Answer) -> Answer:
        return self._answer(None, [{"message": sentence, "extensions": {"code": code}}], shown, executed=True)

    def _answer(
        self, data: dict[str, Any] | None, errors: list[dict[str, Any]], shown: Answer, *, executed: bool
    ) -> Answer:
        body: dict[str, Any] = {"errors": errors} if errors else {}
        if executed:
            body["data"] = data
        body["extensions"] = {"cost": {"requested": shown.cost, "limit": self._limits.cost}}
        codes = tuple(sorted({str(error["extensions"]["code"]) for error in errors}))
        return replace(shown, body=_ENCODER.encode(body), executed=executed, codes=codes)
