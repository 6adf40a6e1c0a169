"""Who may ask what: every field of the schema that needs a role, against every role."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Iterator
from contextlib import aclosing, asynccontextmanager
from pathlib import Path
from shutil import copy
from typing import Any

import msgspec
import pytest
from graphql import (
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLSchema,
    build_schema,
    get_named_type,
    is_leaf_type,
    is_list_type,
    is_required_argument,
    is_required_input_field,
    print_ast,
)

from foretell.api.access.roles import Grant, Principal, Role
from foretell.api.graphql.context import Context
from foretell.api.graphql.engine import Engine
from foretell.api.graphql.ids import Named, global_id
from foretell.api.graphql.requests import STREAMING, WRITING, Request
from foretell.api.graphql.schema import schema, schema_text
from foretell.api.service.loading import load
from foretell.api.service.services import Services
from tests.api import shops

TUTORIAL = Path(__file__).resolve().parents[3] / "examples" / "tutorial"
SCHEMA: GraphQLSchema = build_schema(schema_text())
ROOTS = ("Query", "Mutation", "Subscription")
NAME = "guarded"


def directives_of(field: GraphQLField) -> list[str]:
    """The directives of a field, as they stand in the schema."""
    return [print_ast(directive) for directive in (field.ast_node and field.ast_node.directives) or ()]


def role_of(field: GraphQLField) -> Role | None:
    """The role that a field says it needs."""
    found = (re.fullmatch(r"@requires\(role: (\w+)\)", text) for text in directives_of(field))
    return next((Role[match[1]] for match in found if match), None)


def guarded() -> Iterator[tuple[str, str, Role]]:
    """Every field that needs a role: its type, its name, the role; fields of interfaces by their types."""
    for name, form in sorted(SCHEMA.type_map.items()):
        if isinstance(form, GraphQLObjectType) and not name.startswith("__"):
            for field_name, field in form.fields.items():
                role = role_of(field)
                if role is not None:
                    yield name, field_name, role


EVERY = list(guarded())

OTHERS = {
    "CronJob": "cj/nightly", "Deployment": "deploy/shop", "Job": "job/import",
    "ReplicaSet": f"rs/shop-{shops.OLD}", "StatefulSet": "sts/test-sts",
}  # fmt: skip
"""The workloads that lead to no more than other workloads do, each with one that is there."""

# What each type lets whom ask; its other fields need no more than the way to it.
TABLE = {
    "Query": dict.fromkeys(("clusters", "cluster", "node", "rules", "viewer"), Role.VIEWER),
    "Cluster": dict.fromkeys(
        (
            "desiredPods",
            "leftOut",
            "diff",
            "forecast",
            "whatIf",
            "compare",
            "placement",
            "bestPlacement",
            "explain",
        ),
        Role.PLANNER,
    ),
    "ClusterNode": dict.fromkeys(("desiredPods", "leftOut"), Role.PLANNER),
    "DaemonSet": dict.fromkeys(("desiredPods", "diff", "leftOut"), Role.PLANNER),
    **{kind: dict.fromkeys(("desiredPods", "diff"), Role.PLANNER) for kind in OTHERS},
    "Subscription": {"clusterChanged": Role.VIEWER, "forecastWaves": Role.PLANNER},
}
IN_CLUSTER = f'{{{{ cluster(name: "{NAME}") {{{{ %s }}}} }}}}'
WAYS = {
    "Query": "{{ {field} }}",
    "Mutation": "mutation {{ {field} }}",
    "Subscription": "subscription {{ {field} }}",
    "Cluster": IN_CLUSTER % "{field}",
    "ClusterNode": IN_CLUSTER % "nodes(first: 1) {{ nodes {{ {field} }} }}",
    "DaemonSet": IN_CLUSTER % 'object(name: "ds/test-ds") {{ ... on DaemonSet {{ {field} }} }}',
    **{
        kind: IN_CLUSTER % f'object(name: "{name}") {{{{ ... on {kind} {{{{ {{field}} }}}} }}}}'
        for kind, name in OTHERS.items()
    },
}


def test_the_fields_that_need_a_role_are_those_of_the_table_and_every_mutation() -> None:
    found: dict[str, dict[str, Role]] = {}
    for form, field, role in EVERY:
        found.setdefault(form, {})[field] = role
    mutation = SCHEMA.mutation_type
    assert mutation is not None
    assert found.pop("Mutation") == dict.fromkeys(mutation.fields, Role.OPERATOR)
    assert found == TABLE


def test_whatever_asks_a_worker_needs_a_role() -> None:
    """Fields that cost more ask the rules, and a viewer doesn't; a payload comes after its mutation."""
    costly = [
        f"{name}.{field_name}"
        for name, form in SCHEMA.type_map.items()
        if isinstance(form, GraphQLObjectType) and name != "ChangePayload"
        for field_name, field in form.fields.items()
        if any(text.startswith("@cost") for text in directives_of(field))
        and (role_of(field) or 0) < Role.PLANNER
    ]
    assert costly == []


def sample(form: Any, name: str) -> str:
    """A value of an input type, with what is required alone."""
    if is_list_type(getattr(form, "of_type", form)) or is_list_type(form):
        inner = get_named_type(form)
        count = 2 if inner.name == "Scenario" else 1
        return "[" + ", ".join(sample(inner, name) for _ in range(count)) + "]"
    inner = get_named_type(form)
    if isinstance(inner, GraphQLEnumType):
        return str(next(iter(inner.values)))
    if isinstance(inner, GraphQLInputObjectType):
        if inner.name == "ChangeInput":
            return '{cordon: {node: "worker-0"}}'
        fields = (f for f in inner.fields.items() if is_required_input_field(f[1]))
        return "{" + ", ".join(f"{key}: {sample(field.type, key)}" for key, field in fields) + "}"
    if name in ("cluster", "name", "source") and inner.name == "String":
        return f'"{NAME}"'
    known = {"Int": "1", "Float": "1", "Boolean": "true", "JSON": "{}", "ID": "id", "String": f'"{name}"'}
    if inner.name == "ID":
        return f'"{global_id(Named(NAME))}"'
    text: str = known[inner.name]
    return text


def query_of(form: str, field_name: str, *, dry_run: bool = False) -> str:
    """A document that asks for one field."""
    owner = SCHEMA.type_map[form]
    assert isinstance(owner, GraphQLObjectType | GraphQLInterfaceType)
    field = owner.fields[field_name]
    arguments = [
        f"{key}: {sample(argument.type, key)}"
        for key, argument in field.args.items()
        if is_required_argument(argument)
    ]
    if dry_run:
        arguments.append("dryRun: true")
    text = field_name + (f"({', '.join(arguments)})" if arguments else "")
    below = "" if is_leaf_type(get_named_type(field.type)) else " { __typename }"
    return WAYS[form].format(field=f"{text}{below}")


def principal(role: Role | None, pattern: str = NAME) -> Principal:
    """Somebody with a role on the clusters of a pattern."""
    return Principal("somebody", () if role is None else (Grant(pattern, role),))


@asynccontextmanager
async def services(folder: Path) -> AsyncIterator[Services]:
    """The services of a store with one cluster."""
    made = Services.over(f"sqlite:///{folder}/store.db", workers=1)
    state = folder / "state"
    state.mkdir()
    for name in ("cluster", "daemonset", "statefulset"):
        copy(TUTORIAL / f"{name}.yaml", state)
    (state / "shop.json").write_bytes(msgspec.json.encode(shops.documents()))
    load(made.store, NAME, str(state))
    await made.start()
    try:
        yield made
    finally:
        await made.stop()


async def codes(engine: Engine, made: Services, who: Principal, query: str) -> set[str]:
    """The codes of the errors of an answer, or of the first part of a subscription's."""
    context = Context(made, who)
    if query.startswith("subscription"):
        async with aclosing(engine.subscribe(Request(query), context)) as parts:
            first = asyncio.ensure_future(anext(parts))
            done, _ = await asyncio.wait({first}, timeout=0.5)
            if not done:
                first.cancel()
                await asyncio.wait({first})
                return set()
            body = first.result().body
    else:
        body = (await engine.execute(Request(query), context, allowed=WRITING)).body
    answer = msgspec.json.decode(body)
    return {error["extensions"]["code"] for error in answer.get("errors", ())}


def test_every_field_is_refused_below_its_role_and_answered_from_it_on(tmp_path: Path) -> None:
    """All fields that need a role, with no role, each role, and every role on another cluster."""

    async def everything() -> list[str]:
        engine, wrong = Engine(schema()), []
        async with services(tmp_path) as made:
            for form, field, needed in EVERY:
                if (form, field) == ("Mutation", "deleteCluster"):
                    continue  # last of all, below
                for role in (None, *Role):
                    refused = "FORBIDDEN" in await codes(engine, made, principal(role), query_of(form, field))
                    if refused is not ((role or 0) < needed):
                        wrong.append(f"{form}.{field} with {role!r}")
                if form in ("Query", "Subscription") and "cluster" in field.lower() and field != "clusters":
                    stranger = principal(Role.OPERATOR, "another-*")
                    if "FORBIDDEN" not in await codes(engine, made, stranger, query_of(form, field)):
                        wrong.append(f"{form}.{field} for a stranger")
            delete = query_of("Mutation", "deleteCluster")
            for role in (None, *Role):
                refused = "FORBIDDEN" in await codes(engine, made, principal(role), delete)
                wrong += [f"deleteCluster with {role!r}"] * (refused is not ((role or 0) < Role.OPERATOR))
        return wrong

    assert asyncio.run(everything()) == []


def test_a_dry_run_of_every_mutation_needs_a_planner(tmp_path: Path) -> None:
    """Not an operator, since it changes nothing; a viewer may not."""

    async def everything() -> list[str]:
        engine, wrong = Engine(schema()), []
        mutation = SCHEMA.mutation_type
        assert mutation is not None
        async with services(tmp_path) as made:
            for field in mutation.fields:
                query = query_of("Mutation", field, dry_run=True)
                for role in Role:
                    refused = "FORBIDDEN" in await codes(engine, made, principal(role), query)
                    if refused is not (role < Role.PLANNER):
                        wrong.append(f"{field} with {role!r}")
            assert made.clusters.head(NAME) == 1
        return wrong

    assert asyncio.run(everything()) == []


def test_a_list_of_clusters_shows_those_that_one_may_see(tmp_path: Path) -> None:
    """Others are neither shown nor counted."""

    async def asked() -> Any:
        engine = Engine(schema())
        async with services(tmp_path) as made:
            load(made.store, "hidden", str(TUTORIAL / "cluster.yaml"))
            who = Principal("somebody", (Grant(NAME, Role.VIEWER),))
            answer = await engine.execute(
                Request("{ clusters { totalCount nodes { name } } }"), Context(made, who), allowed=STREAMING
            )
        return msgspec.json.decode(answer.body)["data"]

    assert asyncio.run(asked()) == {"clusters": {"totalCount": 1, "nodes": [{"name": NAME}]}}


@pytest.mark.parametrize("name", ROOTS)
def test_every_field_at_the_root_needs_some_role(name: str) -> None:
    root = SCHEMA.type_map[name]
    assert isinstance(root, GraphQLObjectType)
    assert [field for field in root.fields if role_of(root.fields[field]) is None] == []
