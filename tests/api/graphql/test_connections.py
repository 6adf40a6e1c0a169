"""Pages of lists: Relay's laws for every list, and which cursors are taken."""

from __future__ import annotations

import asyncio
from base64 import urlsafe_b64encode
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from foretell.api.access.roles import Grant, Principal, Role
from tests.api.graphql.asked import Api

# By name: the way to a list, with PAGE for the arguments and ROWS for the fields, and what tells rows apart.
LISTS = {
    "nodes": ("it: nodes(PAGE) ROWS", "id"),
    "pods": ("it: pods(PAGE) ROWS", "id"),
    "pods-filtered": ('it: pods(owner: "sts/web", PAGE) ROWS', "id"),
    "workloads": ("it: workloads(PAGE) ROWS", "id"),
    "claims": ("it: claims(PAGE) ROWS", "id"),
    "revisions": ("it: revisions(PAGE) ROWS", "id"),
    "services": ("it: services(PAGE) ROWS", "id"),
    "history": ("it: history(PAGE) ROWS", "id"),
    "desired": ("it: desiredPods(PAGE) ROWS", "owner nodeName ordinal"),
    "left-out": ("it: leftOut(PAGE) ROWS", "owner nodeName"),
    "diff": ("it: diff(PAGE) ROWS", "owner nodeName ordinal difference podName"),
    "of-node": ('it: object(name: "node/n2") { ... on ClusterNode { it: pods(PAGE) ROWS } }', "id"),
    "of-workload": ('it: object(name: "sts/web") { ... on StatefulSet { it: pods(PAGE) ROWS } }', "id"),
    "its-claims": ('it: object(name: "sts/web") { ... on StatefulSet { it: claims(PAGE) ROWS } }', "id"),
    "of-service": ('it: object(name: "svc/web") { ... on Service { it: pods(PAGE) ROWS } }', "id"),
    "its-revisions": ('it: object(name: "ds/agent") { ... on DaemonSet { it: revisions(PAGE) ROWS } }', "id"),
    "its-left-out": (
        'it: object(name: "ds/gpu") { ... on DaemonSet { it: leftOut(PAGE) ROWS } }',
        "nodeName",
    ),
}
SOME = ("pods", "desired", "diff", "history", "of-workload")
NO_CURSOR = "is no cursor: expected one that a page of this list gave"
PAGE_INFO = "pageInfo { hasNextPage hasPreviousPage startCursor endCursor }"
Page = dict[str, Any]


@pytest.fixture(scope="module")
def long(api: Api, sample: str) -> str:
    """A cluster whose lists all have rows: with differences, and a history."""
    name = api.copied(sample)
    for number in range(4):
        api.mutate(
            "annotate", name, f'{{kind: "node", name: "n1", pairs: [{{key: "a", value: "{number}"}}]}}'
        )
    api.mutate("setImage", name, '{kind: "sts", name: "web", image: "web:2"}')
    api.mutate("deletePod", name, '{pod: "agent@n2", graceSeconds: 0}')
    return name


def asked(cluster: str, name: str, arguments: str, at: str = "") -> str:
    """The query for a page of one of LISTS."""
    way, fields = LISTS[name]
    rows = f"{{ totalCount nodes {{ {fields} }} edges {{ cursor node {{ {fields} }} }} {PAGE_INFO} }}"
    field = way.replace("PAGE", arguments).replace("ROWS", rows)
    return f'{{ cluster(name: "{cluster}"{at}) {{ {field} }} }}'


def page(api: Api, cluster: str, name: str, arguments: str, at: str = "") -> Page:
    """A page of one of LISTS."""
    found: Page = api.ask(asked(cluster, name, arguments, at))["cluster"]["it"]
    it: Page = found.get("it", found)
    return it


def walked(api: Api, cluster: str, name: str, size: int, *, backwards: bool) -> list[Any]:
    """All rows, page by page; every page is checked on the way."""
    rows: list[Any] = []
    cursor, more = "", True
    while more:
        count, end = ("last", "before") if backwards else ("first", "after")
        it = page(api, cluster, name, f"{count}: {size}" + (f', {end}: "{cursor}"' if cursor else ""))
        info, nodes, edges = it["pageInfo"], it["nodes"], it["edges"]
        assert [edge["node"] for edge in edges] == nodes
        assert 0 < len(nodes) <= size
        assert info["startCursor"] == edges[0]["cursor"]
        assert info["endCursor"] == edges[-1]["cursor"]
        rows = [*nodes, *rows] if backwards else [*rows, *nodes]
        ahead, behind = "hasNextPage", "hasPreviousPage"
        if backwards:
            ahead, behind = behind, ahead
        assert info[behind] is (len(rows) > len(nodes))
        assert info[ahead] is (len(rows) < it["totalCount"])
        assert len(nodes) == size or not info[ahead]
        more, cursor = info[ahead], info["startCursor" if backwards else "endCursor"]
    return rows


@pytest.mark.parametrize("name", LISTS)
def test_a_list_read_forwards_and_backwards_in_pages_of_any_size_is_the_whole_list(
    api: Api, long: str, name: str
) -> None:
    """No row is left out, shown twice or out of its place."""
    whole = page(api, long, name, "first: 100")
    assert whole["totalCount"] == len(whole["nodes"]) > 0

    @given(st.integers(1, 100), st.booleans())
    @settings(max_examples=6, deadline=None)
    def holds(size: int, backwards: bool) -> None:
        assert walked(api, long, name, size, backwards=backwards) == whole["nodes"]

    holds()


@pytest.mark.parametrize("name", ["pods", "desired", "history"])
def test_a_page_between_two_cursors_has_just_the_rows_between(api: Api, long: str, name: str) -> None:
    """`after` and `before` together, whichever end is counted from."""
    whole = page(api, long, name, "first: 100")

    @given(st.tuples(st.integers(0, len(whole["nodes"]) - 1), st.integers(0, len(whole["nodes"]) - 1)),
           st.integers(1, 30), st.sampled_from(["first", "last"]))  # fmt: skip
    @settings(max_examples=12, deadline=None)
    def holds(ends: tuple[int, int], size: int, count: str) -> None:
        after, before = (whole["edges"][end]["cursor"] for end in ends)
        it = page(api, long, name, f'{count}: {size}, after: "{after}", before: "{before}"')
        between = whole["nodes"][ends[0] + 1 : ends[1]]
        assert it["nodes"] == (between[:size] if count == "first" else between[-size:])
        assert it["totalCount"] == whole["totalCount"]

    holds()


@pytest.mark.parametrize("name", SOME)
@pytest.mark.parametrize(
    ("arguments", "argument", "sentence"),
    [
        pytest.param("first: 0", "first", "first is 0: expected 1 to 100", id="none"),
        pytest.param("first: -1", "first", "first is -1: expected 1 to 100", id="negative"),
        pytest.param("first: 101", "first", "first is 101: expected 1 to 100", id="too many"),
        pytest.param("last: 0", "last", "last is 0: expected 1 to 100", id="none from the end"),
        pytest.param("last: 101", "last", "last is 101: expected 1 to 100", id="too many from the end"),
        pytest.param(
            "first: 1, last: 1",
            "last",
            "first and last exclude each other: expected one of them",
            id="both ends",
        ),
        pytest.param('after: "nonsense"', "after", f"after {NO_CURSOR}", id="garbage"),
        pytest.param('before: "\u00fc"', "before", f"before {NO_CURSOR}", id="umlaut"),
        pytest.param('after: ""', "after", f"after {NO_CURSOR}", id="empty"),
    ],
)
def test_a_page_that_there_is_not_is_refused(
    api: Api, sample: str, name: str, arguments: str, argument: str, sentence: str
) -> None:
    """With a sentence that says what was expected, and the argument that it is about."""
    (error,) = api.run(api.told(asked(sample, name, arguments)))["errors"]
    assert error["message"] == sentence
    assert error["extensions"] == {"code": "INVALID", "argument": [argument]}


def cursor_of(api: Api, cluster: str, name: str) -> str:
    """The cursor of the first row of a list."""
    cursor: str = page(api, cluster, name, "first: 1")["pageInfo"]["endCursor"]
    return cursor


@pytest.mark.parametrize("name", SOME)
def test_a_cursor_of_an_older_revision_is_stale_and_says_where_it_is_valid(
    api: Api, sample: str, name: str
) -> None:
    """On that revision it goes on, whatever has happened since."""
    cluster = api.copied(sample)
    api.mutate("deletePod", cluster, '{pod: "agent@n2", graceSeconds: 0}')
    after = f'first: 100, after: "{cursor_of(api, cluster, name)}"'
    rest = page(api, cluster, name, after)
    api.mutate("deletePod", cluster, '{pod: "agent@n3", graceSeconds: 0}')
    api.mutate("addNode", cluster, '{name: "n0"}')
    code, sentence = api.refused(asked(cluster, name, after))
    assert code == "STALE_CURSOR"
    assert sentence == (
        "the cursor is of revision 2 and the list of revision 4: expected to page through one revision, "
        "as cluster(name:, revision: 2) gives it"
    )
    assert page(api, cluster, name, after, ", revision: 2") == rest


@pytest.mark.parametrize(
    ("name", "other"),
    [
        pytest.param("pods", "nodes", id="of other objects"),
        pytest.param("pods-filtered", "pods", id="of a row that the filter leaves out"),
        pytest.param("pods", "desired", id="of rows"),
        pytest.param("desired", "pods", id="of objects"),
        pytest.param("desired", "left-out", id="of other rows"),
        pytest.param("diff", "history", id="of the history"),
        pytest.param("left-out", "its-left-out", id="of the same rows with another filter"),
    ],
)
def test_a_cursor_of_another_list_is_refused(api: Api, long: str, name: str, other: str) -> None:
    """It would lead to some row or other."""
    query = asked(long, name, f'after: "{cursor_of(api, long, other)}"')
    assert api.refused(query) == ("INVALID", "after is a cursor of another list")


@pytest.mark.parametrize("name", ["pods", "desired", "history"])
def test_a_cursor_of_another_cluster_is_refused(api: Api, sample: str, name: str) -> None:
    """Though both are at revision 1 and hold the same."""
    query = asked(api.copied(sample), name, f'before: "{cursor_of(api, sample, name)}"')
    assert api.refused(query) == ("INVALID", "before is a cursor of another list")


@pytest.mark.parametrize(
    "where", ["99999999999999999999999999", "\u00b2", "-1", "1e3", "a/b/c", "Pod/default/x"]
)
@pytest.mark.parametrize("name", SOME)
def test_a_forged_cursor_is_refused(api: Api, sample: str, name: str, where: str) -> None:
    """Never with an internal error."""
    info = api.services.store.cluster(sample)
    assert info is not None
    stamp = f"{info.id}@1"
    for text in (f"{stamp} {where}", f"{stamp} {name}-0-{where}", stamp, f" {where}"):
        forged = urlsafe_b64encode(text.encode()).decode().rstrip("=")
        assert api.refused(asked(sample, name, f'after: "{forged}"'))[0] == "INVALID"


CLUSTERS = f"""query($first: Int, $last: Int, $after: String, $before: String) {{
  clusters(first: $first, last: $last, after: $after, before: $before) {{
    totalCount nodes {{ name }} {PAGE_INFO} }} }}"""


def test_the_list_of_clusters_is_paged_by_name(api: Api, sample: str) -> None:
    """A cluster that has come or gone meanwhile disturbs nobody, since cursors are names."""
    viewer = Principal("viewer", (Grant("paged-*", Role.VIEWER),))
    for number in range(5):
        api.mutate("createCluster", f"paged-{number}")
    first = api.ask(CLUSTERS, viewer, first=2)["clusters"]
    assert [node["name"] for node in first["nodes"]] == ["paged-0", "paged-1"]
    names = first["pageInfo"]["endCursor"]
    api.mutate("deleteCluster", "paged-1")
    second = api.ask(CLUSTERS, viewer, first=2, after=names)["clusters"]
    assert [node["name"] for node in second["nodes"]] == ["paged-2", "paged-3"]
    assert (second["pageInfo"]["hasPreviousPage"], second["pageInfo"]["hasNextPage"]) == (True, True)
    back = api.ask(CLUSTERS, viewer, last=2, before=second["pageInfo"]["startCursor"])["clusters"]
    assert [node["name"] for node in back["nodes"]] == ["paged-0"]
    assert back["totalCount"] == 4
    other = ("INVALID", "after is a cursor of another list")
    assert api.refused(CLUSTERS, viewer, after=cursor_of(api, sample, "pods")) == other
    assert api.refused(asked(sample, "pods", f'after: "{names}"')) == other


def test_a_cluster_that_is_deleted_while_clusters_are_listed_is_left_out(api: Api) -> None:
    """The others are shown."""
    viewer = Principal("viewer", (Grant("fading-*", Role.VIEWER),))
    for number in range(20):
        api.mutate("createCluster", f"fading-{number:02}")

    async def together() -> list[Page]:
        lists = [asyncio.create_task(api.data(CLUSTERS, viewer, first=100)) for _ in range(4)]
        await asyncio.gather(*(api.payload("deleteCluster", f"fading-{number:02}") for number in range(19)))
        return [await one for one in lists]

    for told in api.run(together()):
        assert told["clusters"]["nodes"][-1] == {"name": "fading-19"}
