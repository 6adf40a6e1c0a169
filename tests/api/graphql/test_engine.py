"""The engine: what is answered, what is told of errors, and which documents are known."""

from __future__ import annotations

import logging
from hashlib import sha256
from pathlib import Path
from typing import Any

import msgspec
import pytest
from graphql import get_introspection_query

from foretell.api.graphql.engine import Engine
from foretell.api.graphql.limits import Limits
from foretell.api.graphql.persisted import Persisted, read_documents
from foretell.api.graphql.requests import READING, Kind, Request
from foretell.model.errors import ManifestError
from tests.api.graphql.engines import Asked, decoded
from tests.api.server.conftest import looped
from tests.api.server.sample import PODS, SCHEMA, TABLE, Context, World

HEAD = "{ head }"
DIGEST = sha256(HEAD.encode()).hexdigest()


@looped
async def test_an_answer_has_data_and_cost() -> None:
    answer = await Asked().answer("query Names($n: Int) { pods(first: $n) { total } }", variables={"n": 2})
    assert decoded(answer) == {
        "data": {"pods": {"total": 100}},
        "extensions": {"cost": {"requested": 2, "limit": 50_000}},
    }
    assert (answer.executed, answer.kind, answer.operation, answer.cost) == (True, Kind.QUERY, "Names", 2)


@looped
async def test_a_table_of_pods_is_answered_whole() -> None:
    rows = (await Asked().body(TABLE))["data"]["pods"]["nodes"]
    assert [row["name"] for row in rows] == [pod.name for pod in PODS]


@pytest.mark.parametrize(
    ("query", "parameters", "code"),
    [
        pytest.param("{", {}, "SYNTAX", id="syntax"),
        pytest.param("{ nope }", {}, "INVALID_DOCUMENT", id="unknown-field"),
        pytest.param("fragment A on Pod { name }", {}, "INVALID_DOCUMENT", id="no-operation"),
        pytest.param("query A { head } query B { head }", {}, "UNKNOWN_OPERATION", id="which"),
        pytest.param(HEAD, {"operation_name": "Nope"}, "UNKNOWN_OPERATION", id="unknown-operation"),
        pytest.param(
            "query ($t: String!) { echo(text: $t) }", {}, "INVALID_VARIABLES", id="missing-variable"
        ),
        pytest.param(
            "query ($t: Int!) { pods(first: $t) { total } }",
            {"variables": {"t": "x"}},
            "INVALID_VARIABLES",
            id="wrong-variable",
        ),
        pytest.param("subscription { count(to: 1) }", {}, "OPERATION_NOT_ALLOWED", id="subscription"),
        pytest.param(None, {}, "INVALID_REQUEST", id="nothing"),
        pytest.param(None, {"document_id": "nope"}, "INVALID_REQUEST", id="no-sha256"),
        pytest.param(None, {"document_id": f"sha256:{DIGEST}"}, "PERSISTED_QUERY_NOT_FOUND", id="unknown-id"),
    ],
)
@looped
async def test_a_request_that_is_not_run_has_a_code_and_no_data(
    query: str | None, parameters: dict[str, Any], code: str
) -> None:
    asked = Asked()
    answer = await asked.answer(query, **parameters)
    assert (answer.executed, answer.codes) == (False, (code,))
    assert "data" not in decoded(answer)
    assert asked.world.runs == 0


@looped
async def test_a_mutation_is_refused_where_only_queries_are_allowed() -> None:
    world = World()
    answer = await Engine(SCHEMA).execute(Request("mutation { bump }"), Context(world), allowed=READING)
    assert (answer.executed, world.head) == (False, 1)


@looped
async def test_errors_for_users_keep_their_sentence_and_get_a_code() -> None:
    errors = (await Asked().body("{ rejected argued }"))["errors"]
    assert [(error["message"], error["path"], error["extensions"]) for error in errors] == [
        ("the pod can't be that big", ["rejected"], {"code": "REJECTED"}),
        ("first is 0: expected 1 to 100", ["argued"], {"code": "INVALID", "argument": ["first"]}),
    ]


@pytest.mark.parametrize("query", ["{ broken }", "{ nothing }"])
@looped
async def test_other_errors_are_masked_and_logged_under_a_reference(
    query: str, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.ERROR, "foretell.graphql"):
        body = await Asked().body(query)
    message = body["errors"][0]["message"]
    assert body["errors"][0]["extensions"] == {"code": "INTERNAL"}
    assert message.startswith("Internal error, reference ")
    assert "hunter2" not in msgspec.json.encode(body).decode()
    assert message.split()[-1] in caplog.text


@looped
async def test_an_operation_ends_at_its_time_limit() -> None:
    asked = Asked(Engine(SCHEMA, Limits(seconds=0.05)))
    assert (await asked.body("{ slow }"))["errors"] == [
        {"message": "the request took more than 0.05 s and was ended", "extensions": {"code": "TIME_LIMIT"}}
    ]


@looped
async def test_without_introspection_the_schema_cannot_be_read() -> None:
    asked = Asked(Engine(SCHEMA, introspection=False))
    assert (await asked.answer("{ __typename }")).executed
    assert (await asked.answer("{ __schema { types { name } } }")).codes == ("INTROSPECTION_DISABLED",)
    guess = await asked.body("{ pod { nam } }")
    assert guess["errors"][0]["message"] == "Cannot query field 'nam' on type 'Pod'."


@looped
async def test_with_introspection_names_are_suggested() -> None:
    asked = Asked()
    assert (await asked.answer(get_introspection_query())).executed
    assert "Did you mean 'name'" in (await asked.body("{ pod { nam } }"))["errors"][0]["message"]


@looped
async def test_a_document_is_parsed_once() -> None:
    asked = Asked()
    for _ in range(3):
        await asked.answer("{ clock }")
        await asked.answer("{ nope }")
    assert (asked.engine.stats.documents_missed, asked.engine.stats.documents_hit) == (2, 4)


@looped
async def test_a_persisted_query_is_registered_by_its_sha256_and_then_sent_without_text() -> None:
    asked, named = Asked(), {"persistedQuery": {"version": 1, "sha256Hash": DIGEST}}
    body = await asked.body(None, extensions=named)
    assert body["errors"][0]["message"] == "PersistedQueryNotFound"
    assert (await asked.body(HEAD, extensions=named))["data"] == {"head": 1}
    assert (await asked.body(None, extensions=named))["data"] == {"head": 1}
    assert (await asked.body(None, document_id=f"sha256:{DIGEST}"))["data"] == {"head": 1}


@looped
async def test_a_persisted_query_is_not_registered_under_a_wrong_sha256_or_when_it_is_invalid() -> None:
    asked, named = Asked(), {"persistedQuery": {"version": 1, "sha256Hash": "0" * 64}}
    assert (await asked.answer(HEAD, extensions=named)).codes == ("PERSISTED_QUERY_MISMATCH",)
    wrong = sha256(b"{ nope }").hexdigest()
    named = {"persistedQuery": {"version": 1, "sha256Hash": wrong}}
    assert (await asked.answer("{ nope }", extensions=named)).codes == ("INVALID_DOCUMENT",)
    assert (await asked.answer(None, extensions=named)).codes == ("PERSISTED_QUERY_NOT_FOUND",)


@looped
async def test_with_given_documents_no_others_are_answered(tmp_path: Path) -> None:
    path = tmp_path / "documents.json"
    path.write_bytes(msgspec.json.encode({f"sha256:{DIGEST}": HEAD}))
    asked = Asked(Engine(SCHEMA, persisted=Persisted(only=read_documents(path))))
    assert (await asked.body(None, document_id=f"sha256:{DIGEST}"))["data"] == {"head": 1}
    assert (await asked.body(HEAD))["data"] == {"head": 1}
    assert (await asked.answer("{ clock }")).codes == ("PERSISTED_QUERIES_ONLY",)


@pytest.mark.parametrize("text", ['{"sha256:00": "{ head }"}', "[]", "{"])
def test_a_file_of_documents_that_is_wrong_is_refused(text: str, tmp_path: Path) -> None:
    path = tmp_path / "documents.json"
    path.write_text(text)
    with pytest.raises(ManifestError, match=r"documents\.json"):
        read_documents(path)
