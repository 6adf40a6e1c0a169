"""Limits on documents: each is told by a code, and none takes long to be told."""

from __future__ import annotations

from time import process_time

import pytest

from foretell.api.graphql.engine import Engine
from foretell.api.graphql.limits import Limits
from foretell.api.graphql.refusals import RequestCode
from tests.api.graphql.engines import Asked
from tests.api.server.conftest import looped
from tests.api.server.sample import SCHEMA


def chain(length: int, body: str, last: str = "name") -> str:
    """Fragments of which each spreads the next, as `body` says."""
    fragments = [f"fragment F{i} on Pod {{ {body.replace('NEXT', f'...F{i + 1}')} }}" for i in range(length)]
    return f"{{ pod {{ ...F0 }} }} {' '.join(fragments)} fragment F{length} on Pod {{ {last} }}"


def many(piece: str, count: int) -> str:
    """A piece so many times, with its number in it."""
    return " ".join(piece.replace("#", str(number)) for number in range(count))


HOSTILE = [
    pytest.param(f"{{ {many('a#: head', 10_000)} }}", "TOO_MANY_TOKENS", id="10000-aliases"),
    pytest.param(f"{{ {many('a#: head', 21)} }}", "TOO_MANY_ROOT_FIELDS", id="root-fields"),
    pytest.param(
        f"{{ {many('...R', 21)} }} fragment R on Query {{ head }}", "TOO_MANY_ROOT_FIELDS", id="spread-root"
    ),
    pytest.param(f"{{ pod {{ {many('a#: name', 101)} }} }}", "TOO_MANY_ALIASES", id="aliases"),
    pytest.param("{ pod " + "{ self " * 1_000 + "{ name }" + " }" * 1_001, "TOO_DEEP", id="depth-1000"),
    pytest.param("{ pod " + "{ self " * 19 + "{ name }" + " }" * 20, "TOO_DEEP", id="depth-21"),
    pytest.param("{ " + "... { " * 70 + "head" + " }" * 71, "TOO_DEEP", id="inline-fragments"),
    pytest.param(f"{{ echo(text: {'[' * 2_000}{']' * 2_000}) }}", "TOO_DEEP", id="nested-values"),
    pytest.param(chain(15, "x: self { NEXT } y: self { NEXT }"), "TOO_MANY_FIELDS", id="bomb"),
    pytest.param(chain(50, "NEXT NEXT"), "TOO_MANY_FIELDS", id="bomb-beyond-counting"),
    pytest.param(chain(500, "NEXT"), "TOO_DEEP", id="long-chain"),
    pytest.param(chain(1, "self { NEXT }", "self { ...F0 }"), "CYCLIC_FRAGMENTS", id="cycle"),
    pytest.param("{ head } fragment A on Pod { ...A }", "CYCLIC_FRAGMENTS", id="cycle-unused"),
    pytest.param(f"{{ head {many('@skip(if: false)', 51)} }}", "TOO_MANY_DIRECTIVES", id="directives"),
    pytest.param(
        f"query {many('@skip(if: false)', 51)} {{ head }}", "TOO_MANY_DIRECTIVES", id="on-operation"
    ),
    pytest.param(
        f"{{ pod {{ {many('...F', 51)} }} }} fragment F on Pod {{ name }}", "TOO_MANY_SPREADS", id="spreads"
    ),
    pytest.param(f"{{ pod {{ {many('self { name }', 500)} }} }}", "TOO_MANY_FIELDS", id="equal-fields"),
    pytest.param(
        "{ pods(first: 100) { nodes { siblings(first: 100) { siblings(first: 100) { name } } } } }",
        "TOO_COSTLY",
        id="cost",
    ),
    pytest.param(
        "{ __schema { types " + "{ fields { type " * 4 + "{ name }" + " } }" * 4 + " } }",
        "INVALID_DOCUMENT",
        id="introspection",
    ),
]


@pytest.mark.parametrize(("query", "code"), HOSTILE)
@looped
async def test_a_hostile_document_is_refused_soon_and_nothing_is_run(query: str, code: str) -> None:
    asked = Asked()
    begun = process_time()
    answer = await asked.answer(query)
    assert process_time() - begun < 5
    assert (answer.executed, answer.codes, asked.world.runs) == (False, (code,), 0)


@pytest.mark.parametrize(
    "query",
    [
        pytest.param(f"{{ pod {{ {many('self { name }', 240)} }} }}", id="equal-fields"),
        pytest.param(
            f"{{ pod {{ {many('...F#', 50)} }} }} {many('fragment F# on Pod { name self { name } }', 50)}",
            id="fragments",
        ),
        pytest.param(f"{{ pod {{ {many('a#: name', 100)} }} }}", id="aliases"),
        pytest.param("{ pod " + "{ self " * 18 + "{ name }" + " }" * 19, id="depth"),
    ],
)
@looped
async def test_the_largest_documents_are_answered_soon(query: str) -> None:
    begun = process_time()
    assert (await Asked().answer(query)).executed
    assert process_time() - begun < 5


@looped
async def test_validation_stops_after_so_many_errors() -> None:
    body = await Asked().body(f"{{ pod {{ {many('x#', 400)} }} }}")
    assert len(body["errors"]) <= Limits().errors + 1


def cost(query: str, expected: int, name: str) -> object:
    return pytest.param(query, expected, id=name)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        cost("{ head }", 1, "field"),
        cost("{ __typename }", 0, "typename"),
        cost("{ heavy }", 700, "weight"),
        cost("{ pod { name phase } }", 3, "object"),
        cost("{ few { name } }", 1 + 3 * 2, "assumed-rows"),
        cost("{ pods(first: 100) { nodes { name phase } total } }", 1 + (1 + 100 * 3) + 1, "connection"),
        cost("{ pods(last: 7) { nodes { name } } }", 1 + (1 + 7 * 2), "last"),
        cost("{ pods { nodes { name } } }", 1 + (1 + 20 * 2), "no-first"),
        cost("{ pods(first: null) { nodes { name } } }", 1 + (1 + 20 * 2), "null"),
        cost("{ pod { siblings { name } } }", 1 + (1 + 10 * 2), "default-of-the-argument"),
        cost("query ($n: Int = 5) { pods(first: $n) { nodes { name } } }", 1 + (1 + 5 * 2), "variable"),
        cost(
            "{ ...A } fragment A on Query { pods(first: 3) { ...B } } fragment B on Pods { nodes { name } }",
            1 + (1 + 3 * 2),
            "fragments",
        ),
        cost(
            "{ pods(first: 3) { ... on Pods { nodes { ... @skip(if: true) { name } } } } }",
            1 + (1 + 3 * 2),
            "inline",
        ),
        cost(
            "{ pods(first: 10) { nodes { siblings(first: 10) { name } } } }",
            1 + 1 + 10 * (1 + 1 + 10 * 2),
            "nested",
        ),
        cost("{ __schema { types { name } } }", 1, "introspection"),
    ],
)
@looped
async def test_the_cost_is_about_the_number_of_fields(query: str, expected: int) -> None:
    assert (await Asked().answer(query)).cost == expected


@looped
async def test_variables_count_towards_the_cost_and_over_the_limit_nothing_is_run() -> None:
    asked = Asked(Engine(SCHEMA, Limits(cost=100)))
    query = "query ($n: Int!) { head pods(first: $n) { nodes { name } } }"
    assert (await asked.answer(query, variables={"n": 40})).executed
    runs = asked.world.runs
    refused = await asked.body(query, variables={"n": 60})
    assert refused == {
        "errors": [
            {
                "message": "the request costs 123: at most 100 is answered",
                "extensions": {"code": "TOO_COSTLY"},
            }
        ],
        "extensions": {"cost": {"requested": 123, "limit": 100}},
    }
    assert asked.world.runs == runs


def test_codes_are_named_as_they_are_written() -> None:
    assert all(code.name == code.value for code in RequestCode)
