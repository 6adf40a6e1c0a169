"""A task is run in a worker, and what it gives or raises arrives."""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import Awaitable, Callable, Iterator

import msgspec
import pytest

from foretell.api.solver.errors import SolverFaultError
from foretell.api.solver.pool import Pool
from foretell.logic.gates import UnknownGateError
from foretell.model.errors import ForetellError, ManifestError, NotFoundError, QuantityError, RejectedError
from tests.api.solver.playing import ENTRY, LOOPS

Ask = Callable[[Callable[[Pool], Awaitable[object]]], object]


class Point(msgspec.Struct, frozen=True):
    x: int
    y: tuple[str, ...] = ()


@pytest.fixture(scope="module", params=LOOPS)
def ask(request: pytest.FixtureRequest) -> Iterator[Ask]:
    """Ask a pool that all tests of the module share."""
    with asyncio.Runner(loop_factory=LOOPS[request.param]) as runner:
        pool = Pool(ENTRY, {"some": [1, None]}, 1)
        runner.run(pool.start())

        async def asked(question: Callable[[Pool], Awaitable[object]]) -> object:
            return await question(pool)

        yield lambda question: runner.run(asked(question))
        assert pool.stats().recycled == dict.fromkeys(pool.stats().recycled, 0)
        runner.run(pool.stop())


def test_a_result_has_the_type_that_was_asked_for(ask: Ask) -> None:
    point = Point(3, ("a", "b"))
    assert ask(lambda pool: pool.run("echo", point, result=Point)) == point


@pytest.mark.parametrize("size", [0, 1, 65_535, 70_000, 30_000_000], ids="{:,} bytes".format)
def test_a_question_and_its_answer_have_any_size(ask: Ask, size: int) -> None:
    data = os.urandom(size)
    assert ask(lambda pool: pool.run("echo", data, result=bytes)) == data


def test_the_entry_gets_its_argument(ask: Ask) -> None:
    assert ask(lambda pool: pool.run("argument", None, result=dict)) == {"some": [1, None]}


def test_what_a_task_prints_is_logged_and_does_no_harm(ask: Ask, caplog: pytest.LogCaptureFixture) -> None:
    assert ask(lambda pool: pool.run("print", "printed\n", result=str)) == "printed\n"
    assert ask(lambda pool: pool.run("echo", 1, result=int)) == 1
    assert caplog.text.count("printed") == 3


def test_a_task_that_reads_standard_input_finds_nothing(ask: Ask) -> None:
    assert ask(lambda pool: pool.run("read", None, result=str)) == ""


def test_what_a_task_writes_to_stderr_is_logged_within_bounds(
    ask: Ask, caplog: pytest.LogCaptureFixture
) -> None:
    assert ask(lambda pool: pool.run("shout", 3_000_000, result=int)) == 3_000_000
    assert "(more is left out)" in caplog.text
    assert 60_000 < len(caplog.text) < 80_000


@pytest.mark.parametrize(
    ("name", "form", "sentence", "attributes"),
    [
        pytest.param(
            "manifest",
            ManifestError,
            "a.yaml, document 2, $.spec: no mapping",
            {"problem": "no mapping", "source": "a.yaml", "document": 2, "path": "$.spec"},
            id="a manifest that can't be read",
        ),
        pytest.param(
            "rejected",
            RejectedError,
            "nodes are full",
            {"sentence": "nodes are full", "reason": "Forbidden"},
            id="a change that is refused",
        ),
        pytest.param(
            "not-found",
            NotFoundError,
            'nodes "n" not found',
            {"sentence": 'nodes "n" not found', "reason": "NotFound"},
            id="an object that isn't there",
        ),
        pytest.param("quantity", QuantityError, "'x' is no quantity", {}, id="an error without attributes"),
        pytest.param("gate", UnknownGateError, "unknown feature gate 'X'", {}, id="an error of logic"),
        pytest.param(
            "private",
            RejectedError,
            "privately: no",
            {"sentence": "no", "reason": "Conflict"},
            id="an error that only the worker knows, as its base",
        ),
        pytest.param(
            "table",
            ForetellError,
            "2 rows are wrong",
            {"rows": (("a", 1), ("b", 2)), "place": "/etc"},
            id="attributes that aren't text",
        ),
    ],
)
def test_a_refusal_arrives_as_it_was_raised(
    ask: Ask, name: str, form: type[ForetellError], sentence: str, attributes: dict[str, object]
) -> None:
    with pytest.raises(form) as caught:
        ask(lambda pool: pool.run("raise", name, result=int))
    assert type(caught.value) is form
    assert (str(caught.value), vars(caught.value)) == (sentence, attributes)


@pytest.mark.parametrize(
    ("task", "params", "logged"),
    [
        pytest.param("raise", "fault", "swordfish", id="any other error"),
        pytest.param("raise", "exit", "SystemExit", id="an end of the program"),
        pytest.param("raise", "deep", "RecursionError", id="a recursion without end"),
        pytest.param("raise", "half", "can't be sent", id="a refusal that can't be sent"),
        pytest.param("unencodable", None, "TypeError", id="a result that can't be sent"),
        pytest.param("nested", 100_000, "RecursionError", id="a result that is too deep"),
        pytest.param("nonsense", None, "KeyError", id="an unknown task"),
        pytest.param("echo", "text", "Expected `int`", id="a result of another type"),
    ],
)
def test_a_fault_is_told_in_the_log_alone(
    ask: Ask, caplog: pytest.LogCaptureFixture, task: str, params: object, logged: str
) -> None:
    with pytest.raises(SolverFaultError) as caught:
        ask(lambda pool: pool.run(task, params, result=int))
    assert str(caught.value) == f"the solver failed in the task {task!r}; its log says why"
    assert ask(lambda pool: pool.run("echo", 1, result=int)) == 1
    assert logged in caplog.text
    assert all(record.levelno >= logging.WARNING for record in caplog.records)


def test_a_question_that_cannot_be_sent_is_the_callers_fault(ask: Ask) -> None:
    with pytest.raises(TypeError):
        ask(lambda pool: pool.run("echo", object(), result=int))
    assert ask(lambda pool: pool.run("echo", 1, result=int)) == 1
