"""Global ids: every type's lead back to it, at any revision, and nothing else is taken."""

from __future__ import annotations

from base64 import urlsafe_b64encode
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from foretell.api.graphql.ids import Named, global_id, named_by
from foretell.api.service.errors import InvalidInputError
from foretell.model.meta import Key
from tests.api.graphql.asked import Api

NODE = "query($id: ID!, $revision: Int) { node(id: $id, revision: $revision) { __typename id %s } }"


def found(api: Api, id: str, fields: str = "", **variables: Any) -> Any:
    """What an id leads to."""
    return api.ask(NODE.replace("%s", fields), id=id, **variables)["node"]


@pytest.mark.parametrize(
    ("name", "form"),
    [
        pytest.param("node/n1", "ClusterNode", id="node"),
        pytest.param("pod/web-0", "Pod", id="pod"),
        pytest.param("sts/web", "StatefulSet", id="statefulset"),
        pytest.param("ds/agent", "DaemonSet", id="daemonset"),
        pytest.param("pvc/data-web-0", "PersistentVolumeClaim", id="claim"),
        pytest.param("svc/web", "Service", id="service"),
        pytest.param("cm/settings", "OtherObject", id="other"),
    ],
)
def test_the_id_of_an_object_leads_back_to_it(api: Api, sample: str, name: str, form: str) -> None:
    """With its type."""
    one = api.ask(f'{{ cluster(name: "{sample}") {{ object(name: "{name}") {{ id uid }} }} }}')["cluster"][
        "object"
    ]
    again = found(api, one["id"], "... on KubernetesObject { uid }")
    assert again == {"__typename": form, **one}


def test_the_ids_of_clusters_revisions_and_templates_lead_back_to_them(api: Api, sample: str) -> None:
    """The history's entries have ids as well."""
    query = f"""{{ cluster(name: "{sample}") {{ id madeBy {{ id number }}
      revisions(first: 1) {{ nodes {{ id number }} }} }} }}"""
    cluster = api.ask(query)["cluster"]
    assert found(api, cluster["id"], "... on Cluster { name }") == {
        "__typename": "Cluster", "id": cluster["id"], "name": sample,
    }  # fmt: skip
    made = cluster["madeBy"]
    assert found(api, made["id"], "... on ClusterRevision { number }") == {
        "__typename": "ClusterRevision",
        **made,
    }
    template = cluster["revisions"]["nodes"][0]
    again = found(api, template["id"], "... on ControllerRevision { number }")
    assert again == {"__typename": "ControllerRevision", **template}


def test_an_id_is_the_same_in_every_revision_and_leads_to_the_one_that_is_asked_for(
    api: Api, sample: str
) -> None:
    """Null where the object wasn't there, or is gone."""
    name = api.copied(sample)
    api.mutate("scale", name, '{kind: "sts", name: "web", replicas: 3}')
    id = api.ask(f'{{ cluster(name: "{name}") {{ object(name: "sts/web") {{ id }} }} }}')["cluster"][
        "object"
    ]["id"]
    api.mutate("delete", name, '{kind: "sts", name: "web", graceSeconds: 0}')
    replicas = "... on StatefulSet { replicas }"
    assert found(api, id, replicas) is None
    assert found(api, id, replicas, revision=2)["replicas"] == 3
    assert found(api, id, replicas, revision=1)["replicas"] == 12
    assert api.refused(NODE.replace("%s", ""), id=id, revision=9) == (
        "NOT_FOUND", f"cluster {name!r} has no revision 9",
    )  # fmt: skip
    api.mutate("deleteCluster", name)
    assert found(api, id) is None


def test_the_id_of_a_revision_that_is_not_there_leads_to_nothing(api: Api, sample: str) -> None:
    """Such as one of a former cluster of this name, which had more."""
    for number in (2, -1, 2**40, 10**30):
        assert found(api, global_id(Named(sample, number))) is None


def encoded(value: object) -> str:
    """What an id would be made of a value."""
    return urlsafe_b64encode(msgspec.json.encode(value)).decode().rstrip("=")


@pytest.mark.parametrize(
    "id",
    [
        pytest.param("", id="empty"),
        pytest.param("garbage", id="garbage"),
        pytest.param("é☃", id="beyond ASCII"),
        pytest.param("a\u0000", id="NUL"),
        pytest.param(encoded([]), id="of nothing"),
        pytest.param(encoded(["sample"]), id="without a revision"),
        pytest.param(encoded([1, 2]), id="of numbers"),
        pytest.param(encoded(["sample", 0, "Pod", "default"]), id="of half a key"),
        pytest.param(encoded(["sample", True]), id="of a truth value"),
        pytest.param(encoded({"cluster": "sample"}), id="of a mapping"),
        pytest.param(encoded(["sample", 0, "Pod", "default", ["web-0"]]), id="of a list"),
    ],
)
def test_an_id_that_was_never_given_is_refused(api: Api, sample: str, id: str) -> None:
    """Before anything is looked up."""
    del sample
    assert api.refused(NODE.replace("%s", ""), id=id) == (
        "INVALID", f"{id!r} is no id: expected one that this server gave",
    )  # fmt: skip


NAMES = st.text(st.characters(exclude_categories=["Cs"]), max_size=9)


@given(NAMES, st.integers(0, 2**31), st.none() | st.builds(Key, NAMES, NAMES, NAMES))
def test_an_id_names_just_what_it_was_made_of(cluster: str, revision: int, key: Key | None) -> None:
    """Whatever the names."""
    named = Named(cluster, revision, key)
    assert named_by(global_id(named)) == named


@given(st.text(max_size=40))
def test_any_text_is_an_id_or_refused(text: str) -> None:
    """Nothing else comes of it."""
    try:
        named = named_by(text)
    except InvalidInputError:
        return
    assert named_by(global_id(named)) == named
