"""Mutations: what each does when it is accepted and when it is refused, and what it leaves behind."""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import Any, Literal

import msgspec
import pytest

from foretell.api.graphql.schema import schema
from foretell.model.documents import to_document
from foretell.model.writing import write_cluster
from tests import builders as b
from tests.api.graphql.asked import Api
from tests.api.graphql.conftest import sample_state

Told = dict[str, Any]

# By mutation: an input that is accepted in a copy of the sample, kubectl's words, and what becomes of which
# objects; then one that is refused, with the code, where it is, and the beginning of the sentence.
TABLE: dict[str, tuple[str, list[str], list[str], str, str, list[str], str]] = {
    "taint": (
        '{node: "n2", key: "k", value: "v", effect: NO_SCHEDULE}', ["node/n2 tainted"],
        ["CONFIGURED Node/n2"],
        '{node: "n9", key: "k", effect: NO_SCHEDULE}', "NOT_FOUND", [],
        'Error from server (NotFound): nodes "n9" not found',
    ),
    "untaint": (
        '{node: "n1", key: "control", effect: NO_SCHEDULE}', ["node/n1 untainted"], ["CONFIGURED Node/n1"],
        '{node: "n2", key: "control"}', "REJECTED", [], 'error: taint "control" not found',
    ),
    "label": (
        '{kind: "po", name: "alone", pairs: [{key: "a", value: "b"}, {key: "app"}]}',
        ["pod/alone labeled"], ["CONFIGURED Pod/alone"],
        '{kind: "po", name: "alone", pairs: [{key: "a b", value: "b"}]}', "REJECTED", [],
        'The Pod "alone" is invalid: metadata.labels: Invalid value: "a b"',
    ),
    "annotate": (
        '{kind: "configmap", name: "settings", pairs: [{key: "said", value: "naïve 🚀"}]}',
        ["configmap/settings annotated"], ["CONFIGURED ConfigMap/settings"],
        '{kind: "maps", name: "settings", pairs: []}', "INVALID", ["input", "kind"], "unknown kind 'maps'",
    ),
    "cordon": (
        '{node: "n2"}', ["node/n2 cordoned"], ["CONFIGURED Node/n2"],
        '{node: ""}', "NOT_FOUND", [], "Error from server (NotFound): nodes",
    ),
    "uncordon": (
        '{node: "n6"}', ["node/n6 uncordoned"], ["CONFIGURED Node/n6"],
        '{node: "n9"}', "NOT_FOUND", [], "Error from server (NotFound): nodes",
    ),
    "drain": (
        '{node: "n4"}',
        ["node/n4 cordoned", *(f"pod/{pod} not evicted: it would violate the disruption budget web"
                               for pod in ("web-1", "web-3", "web-7")),
         "pod/db-1 evicted", "node/n4 not drained"],
        ["CONFIGURED Node/n4", "CONFIGURED Pod/db-1"],
        '{node: "n9"}', "NOT_FOUND", [], "Error from server (NotFound): nodes",
    ),
    "evict": (
        '{pod: "alone"}', ["pod/alone evicted"], ["CONFIGURED Pod/alone"],
        '{pod: "alone", namespace: "shop"}', "NOT_FOUND", [], 'Error from server (NotFound): pods "alone"',
    ),
    "deletePod": (
        '{pod: "alone", graceSeconds: 0}', ['pod "alone" deleted from default namespace'],
        ["DELETED Pod/alone"],
        '{pod: "agent@n1"}', "NOT_FOUND", [], "Error from server (NotFound): pods",
    ),
    "scale": (
        '{kind: "sts", name: "db", namespace: "shop", replicas: 3}', ["statefulset.apps/db scaled"],
        ["CONFIGURED StatefulSet/db"],
        '{kind: "sts", name: "db", namespace: "shop", replicas: -1}', "REJECTED", [],
        'The StatefulSet "db" is invalid: spec.replicas: Invalid value: -1',
    ),
    "restart": (
        '{kind: "ds", name: "gpu"}', ["daemonset.apps/gpu restarted"], ["CONFIGURED DaemonSet/gpu"],
        '{kind: "ds", name: "cpu"}', "NOT_FOUND", [], 'Error from server (NotFound): daemonsets.apps "cpu"',
    ),
    "pauseRollout": (
        '{kind: "deploy", name: "shop"}', ["deployment.apps/shop paused"], ["CONFIGURED Deployment/shop"],
        '{kind: "rs", name: "shop-6d4b75cb6d"}', "REJECTED", [],
        'error: replicasets.apps "shop-6d4b75cb6d" pausing is not supported',
    ),
    "resumeRollout": (
        '{kind: "deploy", name: "held"}', ["deployment.apps/held resumed"], ["CONFIGURED Deployment/held"],
        '{kind: "deploy", name: "shop"}', "REJECTED", [], 'error: deployments.apps "shop" is not paused',
    ),
    "suspendJob": (
        '{kind: "cj", name: "nightly"}', ["cronjob.batch/nightly patched"], ["CONFIGURED CronJob/nightly"],
        '{kind: "deploy", name: "shop"}', "INVALID", ["input", "kind"],
        "Deployment can't be suspended: expected Job or CronJob",
    ),
    "resumeJob": (
        '{kind: "job", name: "export"}', ["job.batch/export patched"], ["CONFIGURED Job/export"],
        '{kind: "job", name: "deport"}', "NOT_FOUND", [],
        'Error from server (NotFound): jobs.batch "deport" not found',
    ),
    "undo": (
        '{kind: "ds", name: "agent"}', ["daemonset.apps/agent rolled back"], ["CONFIGURED DaemonSet/agent"],
        '{kind: "ds", name: "agent", toRevision: 9}', "REJECTED", [],
        "error: unable to find specified revision 9 in history",
    ),
    "setImage": (
        '{kind: "sts", name: "web", image: "web:2", container: "main"}',
        ["statefulset.apps/web image updated"], ["CONFIGURED StatefulSet/web"],
        '{kind: "sts", name: "web", image: "web:2", container: "side"}', "REJECTED", [],
        'error: unable to find container named "side"',
    ),
    "addNode": (
        '{name: "n7", labels: [{key: "zone", value: "c"}], taints: [{key: "new", effect: NO_SCHEDULE}]}',
        ["node/n7 created"], ["CREATED Node/n7"],
        '{name: "N_7"}', "REJECTED", [], 'The Node "N_7" is invalid: ',
    ),
    "removeNode": (
        '{node: "n6"}', ['node "n6" deleted'], ["DELETED Node/n6"],
        '{node: "n7"}', "NOT_FOUND", [], 'Error from server (NotFound): nodes "n7" not found',
    ),
    "setNodeStatus": (
        '{node: "n2", status: UNKNOWN}', ["node/n2 reports Ready=Unknown"], ["CONFIGURED Node/n2"],
        '{node: "n9", condition: "DiskPressure", status: TRUE}', "NOT_FOUND", [], "Error from server",
    ),
    "setPodStatus": (
        '{pod: "web-0", phase: "Failed", ready: false, reason: "Evicted"}', ["pod/web-0 is Failed"],
        ["CONFIGURED Pod/web-0"],
        '{pod: "web-0", phase: "failed", ready: false}', "INVALID", ["input", "phase"],
        "unknown phase 'failed': expected one of Pending, Running, Succeeded, Failed, Unknown",
    ),
    "patch": (
        '{kind: "svc", name: "web", patch: {metadata: {labels: {a: "b"}}}}', ["service/web patched"],
        ["CONFIGURED Service/web"],
        '{kind: "sts", name: "web", patch: "nonsense"}', "INVALID", ["input", "patch"],
        "the patch is no JSON object: expected such as {spec: …}",
    ),
    "delete": (
        '{kind: "cm", name: "settings"}', ['configmap "settings" deleted from default namespace'],
        ["DELETED ConfigMap/settings"],
        '{kind: "cm", name: "setting"}', "NOT_FOUND", [],
        'Error from server (NotFound): configmaps "setting" not found',
    ),
    "apply": (
        '{manifests: "taint: {node: n2, key: k, effect: NoSchedule}"}', ["node/n2 tainted"],
        ["CONFIGURED Node/n2"],
        '{manifests: "wait: 5"}', "MALFORMED", [],
        "$.wait: time passes in forecasts alone: expected a change of objects",
    ),
    "advance": (
        "{waves: 1}", ["0 waves taken"], [],
        "{waves: 0}", "INVALID", ["input", "waves"], "waves is 0: expected a number from 1",
    ),
    "revert": (
        "{revision: 1}", ["reverted to revision 1: 0 objects put back, 0 taken away"], [],
        "{revision: 2}", "NOT_FOUND", [], "cluster ",
    ),
}  # fmt: skip
OF_SHOP = {"pauseRollout", "resumeRollout", "suspendJob", "resumeJob"}
"""The mutations that are tried on the shop instead of the sample."""
WHOLE = {"createCluster", "importCluster", "copyCluster", "deleteCluster", "reconcile"}


def test_every_mutation_has_its_test() -> None:
    """In the table, or below."""
    mutation = schema()._schema.mutation_type
    assert mutation is not None
    assert set(mutation.fields) == set(TABLE) | WHOLE


@pytest.fixture
def home(request: pytest.FixtureRequest, sample: str, shop: str) -> str:
    """The cluster that a mutation is tried on."""
    return shop if request.node.callspec.params["field"] in OF_SHOP else sample


def objects(payload: Told) -> list[str]:
    """What became of the objects of a payload."""
    return [f"{one['result']} {one['kind']}/{one['name']}" for one in payload["objects"]]


@pytest.mark.parametrize("field", TABLE)
def test_a_mutation_that_is_accepted_makes_one_revision_that_tells_of_it(
    api: Api, home: str, field: str
) -> None:
    """Who, when, what and why; in kubectl's words, and by object."""
    name = api.copied(home)
    given, results, changed, *_ = TABLE[field]
    done = api.mutate(field, name, given, 'why: "to see 🚀"')
    assert (done["results"], objects(done)) == (results, changed)
    made = done["revision"]
    assert (made["number"], made["by"], made["action"], made["why"]) == (2, "local", field, "to see 🚀")
    assert made["results"] == results
    assert len(made["changes"]) == 1
    query = f"""{{ cluster(name: "{name}") {{ revision madeBy {{ number putCount dropCount }}
      history {{ totalCount nodes {{ number action cluster {{ revision }} }} }} }} }}"""
    found = api.ask(query)["cluster"]
    assert found["revision"] == found["madeBy"]["number"] == 2
    assert found["madeBy"]["putCount"] + found["madeBy"]["dropCount"] == len(changed)
    assert [(entry["number"], entry["action"]) for entry in found["history"]["nodes"]] == [
        (2, field), (1, "copyCluster"),
    ]  # fmt: skip
    assert [entry["cluster"]["revision"] for entry in found["history"]["nodes"]] == [2, 1]


@pytest.mark.parametrize("field", TABLE)
def test_a_mutation_that_is_refused_says_why_and_leaves_nothing_behind(
    api: Api, home: str, field: str
) -> None:
    """Neither a revision nor a part of one."""
    *_, given, code, path, sentence = TABLE[field]
    error = api.failed(field, api.copied(home), given)
    assert (error["code"], error["path"], error["head"]) == (code, path, None)
    assert error["message"].startswith(sentence)


@pytest.mark.parametrize("field", TABLE)
def test_a_dry_run_shows_what_a_mutation_would_do_and_stores_nothing(api: Api, home: str, field: str) -> None:
    """The same results, objects, diff and forecast as when it is done."""
    name = api.copied(home)
    more = """diff(first: 100) { counts { missing surplus outdated unhealthy misplaced }
                nodes { owner difference nodeName ordinal } }
      forecast { waveCount verdict { outcome obstacleCount } waves { actions { verb kind node reason } } }
      cluster { name head objectCount pods(first: 100) { nodes { name phase ready terminating } } }"""
    dry = api.mutate(field, name, TABLE[field][0], "dryRun: true", more)
    assert api.head(name) == 1
    done = api.mutate(field, name, TABLE[field][0], "", more)
    assert dry.pop("revision") is None
    assert done.pop("revision")["number"] == 2
    assert (dry["cluster"].pop("head"), done["cluster"].pop("head")) == (1, 2)
    if field == "drain":
        # Ahead of it, what its budget refuses stands in the way; afterwards nobody asks any more.
        assert dry["forecast"].pop("verdict") == {"outcome": "STUCK", "obstacleCount": 3}
        assert done["forecast"].pop("verdict") == {"outcome": "SETTLED", "obstacleCount": 0}
    assert dry == done


@pytest.mark.parametrize("field", sorted(TABLE))
def test_every_mutation_of_a_cluster_takes_an_expected_revision(api: Api, home: str, field: str) -> None:
    """Another one is a conflict, which names the head."""
    name = api.copied(home)
    for expected in (0, 2, -1):
        error = api.failed(field, name, TABLE[field][0], f"expectedRevision: {expected}")
        assert error == {
            "code": "CONFLICT", "path": ["expectedRevision"], "head": 1,
            "message": f"cluster {name!r} is at revision 1, not at the expected one",
        }  # fmt: skip
    assert api.mutate(field, name, TABLE[field][0], "expectedRevision: 1")["revision"]["number"] == 2


@pytest.mark.parametrize("field", sorted({*TABLE, "reconcile", "deleteCluster"}))
def test_a_cluster_that_is_not_there_can_not_be_changed(api: Api, field: str) -> None:
    """Whatever the mutation."""
    given = TABLE[field][0] if field in TABLE else None
    error = api.failed(field, "nowhere", given)
    assert (error["code"], error["message"]) == ("NOT_FOUND", "there is no cluster 'nowhere'")


@pytest.mark.parametrize(
    ("field", "given", "results"),
    [
        pytest.param("taint", '{node: "n1", key: "control", effect: NO_SCHEDULE}',
                     ["node/n1 tainted already"], id="taint"),
        pytest.param("cordon", '{node: "n6"}', ["node/n6 already cordoned"], id="cordon"),
        pytest.param("uncordon", '{node: "n1"}', ["node/n1 already uncordoned"], id="uncordon"),
        pytest.param("label", '{kind: "node", name: "n1", pairs: [{key: "zone", value: "a"}]}',
                     ["node/n1 not labeled"], id="label"),
        pytest.param("patch", '{kind: "sts", name: "web", patch: {spec: {replicas: 12}}}',
                     ["statefulset.apps/web patched (no change)"], id="patch"),
        pytest.param("undo", '{kind: "ds", name: "agent", toRevision: 2}',
                     ["daemonset.apps/agent skipped rollback (current template already matches)"], id="undo"),
    ],
)  # fmt: skip
def test_what_changes_nothing_is_told_as_such(
    api: Api, sample: str, field: str, given: str, results: list[str]
) -> None:
    """And is in the history all the same."""
    done = api.mutate(field, api.copied(sample), given, more="made: revision { putCount dropCount }")
    assert done["results"] == results
    assert {one["result"] for one in done["objects"]} <= {"UNCHANGED"}
    assert done["made"] == {"putCount": 0, "dropCount": 0}


def test_an_eviction_that_a_budget_refuses_is_told_with_the_budget(api: Api, sample: str) -> None:
    """The pod stays; one that no budget covers goes."""
    done = api.mutate(
        "evict",
        api.copied(sample),
        '{pod: "web-3"}',
        more='cluster { pods(owner: "sts/web") { totalCount } }',
    )
    assert done["evictions"] == [{"namespace": "default", "pod": "web-3", "allowed": False, "budget": "web"}]
    assert done["results"] == ["pod/web-3 not evicted: it would violate the disruption budget web"]
    assert (done["objects"], done["cluster"]) == ([], {"pods": {"totalCount": 12}})
    drained = api.mutate("drain", api.copied(sample), '{node: "n2"}')
    assert {e["pod"]: e["allowed"] for e in drained["evictions"]}["alone"] is True
    assert "node/n2 not drained" in drained["results"]


def test_a_drain_in_kubectls_manner_is_refused_by_pods(api: Api, sample: str) -> None:
    """The node is cordoned all the same; the flags are named as kubectl names them."""
    name = api.copied(sample)
    more = "forecast { verdict { outcome obstacles { workload why } } }"
    refused = api.mutate("drain", name, '{node: "n2", kubectl: true}', "dryRun: true", more)
    assert refused["results"][0] == "node/n2 cordoned"
    assert "(use --ignore-daemonsets to ignore): default/agent-" in refused["results"][1]
    assert "DAEMON_POD" in {each["why"] for each in refused["forecast"]["verdict"]["obstacles"]}
    flags = "kubectl: true, ignoreDaemonsets: true, deleteEmptydirData: true, force: true"
    drained = api.mutate("drain", name, f'{{node: "n2", {flags}}}')
    assert {each["pod"]: each["allowed"] for each in drained["evictions"]}["alone"] is True


def test_a_flag_of_kubectls_needs_kubectl(api: Api, sample: str) -> None:
    error = api.failed("drain", api.copied(sample), '{node: "n2", force: true}')
    assert (error["code"], error["path"]) == ("INVALID", ["input", "kubectl"])


def test_apply_creates_configures_and_leaves_alone_as_kubectl_says_it(api: Api, sample: str) -> None:
    """Object by object, in the order of the manifests."""
    manifests = [
        {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "größe".encode("punycode").decode()}},
        {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "web"}, "spec": {"clusterIP": "None"}},
        {**b.statefulset("web", 4, claims=["data"], parallel=True)},
    ]
    text = msgspec.json.encode({"apiVersion": "v1", "kind": "List", "items": manifests}).decode()
    done = api.mutate("apply", api.copied(sample), "{manifests: $m}", m=text)
    assert objects(done) == [
        f"CREATED ConfigMap/{manifests[0]['metadata']['name']}", "UNCHANGED Service/web",
        "CONFIGURED StatefulSet/web",
    ]  # fmt: skip
    assert [line.rpartition(" ")[2] for line in done["results"]] == ["created", "unchanged", "configured"]
    other = api.mutate("apply", api.copied(sample), '{manifests: $m, namespace: "shop"}', m=text)
    assert objects(other)[1] == "CREATED Service/web"


MALFORMED = [
    pytest.param("kind: [", "malformed YAML at line 2, column 1: ", id="yaml"),
    pytest.param('{"kind": ', "malformed JSON: it breaks off in line 1, before its end", id="json"),
    pytest.param("", "empty: expected at least one object", id="empty"),
    pytest.param("a\u0000b", "malformed YAML: character 2 is not allowed", id="NUL"),
    pytest.param('{"a": "\\ud800"}', "malformed JSON: ", id="half of a pair in JSON"),
    pytest.param(
        "a: &a [*a]", "malformed YAML at line 1, column 8: the alias *a stands for nothing", id="alias"
    ),
]


@pytest.mark.parametrize(("text", "sentence"), MALFORMED)
def test_manifests_that_can_not_be_read_are_refused(api: Api, sample: str, text: str, sentence: str) -> None:
    """With where it is in them."""
    error = api.failed("apply", api.copied(sample), "{manifests: $m}", m=text)
    assert error["code"] == "MALFORMED"
    assert error["message"].startswith(f"the manifests: {sentence}")


@pytest.mark.parametrize(("text", "sentence"), MALFORMED)
def test_a_dump_that_can_not_be_read_is_refused(api: Api, text: str, sentence: str) -> None:
    """And no cluster is made of it."""
    error = api.failed("importCluster", api.named(), "{dump: $m}", m=text)
    assert error["code"] == "MALFORMED"
    assert error["message"].startswith(f"the dump: {sentence}")


def test_a_manifest_that_is_wrong_is_refused_with_document_and_path(api: Api, sample: str) -> None:
    """In manifests and in dumps alike, and those before it aren't applied either."""
    text = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\n---\n"
    text += "apiVersion: apps/v1\nkind: DaemonSet\nmetadata: {name: other}\nspec: {template: 5}\n"
    wrong = "document 2, $.spec.template: expected a mapping, got an integer"
    applied = api.failed("apply", api.copied(sample), "{manifests: $m}", m=text)
    assert applied["message"] == f"the manifests, {wrong}"
    imported = api.failed("importCluster", api.named(), "{dump: $m}", m=text)
    assert imported["message"] == f"the dump, {wrong}"


def test_a_timestamp_that_can_not_be_read_is_refused_before_it_spoils_the_cluster(
    api: Api, sample: str
) -> None:
    """As every clock after it would have to read it."""
    pod = b.pod("odd")
    pod["metadata"]["creationTimestamp"] = "yesterday"
    name = api.copied(sample)
    error = api.failed("apply", name, "{manifests: $m}", m=msgspec.json.encode(pod).decode())
    assert error["code"] == "MALFORMED"
    assert "'yesterday' is no timestamp" in error["message"]
    api.mutate("cordon", name, '{node: "n1"}')


def test_signs_that_a_database_can_not_take_are_replaced_in_the_history(api: Api, sample: str) -> None:
    """NUL alone; all else is kept."""
    done = api.mutate("cordon", api.copied(sample), '{node: "n1"}', 'why: "a\\u0000b \\uD83D\\uDE80 ü"')
    assert done["revision"]["why"] == "a\ufffdb 🚀 ü"
    kept = api.mutate(
        "annotate", api.copied(sample),
        '{kind: "cm", name: "settings", pairs: [{key: "a", value: "\\u0000🚀"}]}',
        more='cluster { object(name: "cm/settings") { annotations { key value } } }',
    )  # fmt: skip
    assert {"key": "a", "value": "\u0000🚀"} in kept["cluster"]["object"]["annotations"]


def test_a_reason_has_a_thousand_characters_at_most(api: Api, sample: str) -> None:
    """More is no reason but a story."""
    name = api.copied(sample)
    api.mutate("cordon", name, '{node: "n1"}', f'why: "{"é" * 1000}"')
    error = api.failed("cordon", name, '{node: "n1"}', f'why: "{"é" * 1001}"')
    assert (error["code"], error["path"]) == ("INVALID", ["why"])
    assert error["message"] == "why has 1,001 characters: expected at most 1,000"


# --- whole clusters ---


@pytest.mark.parametrize(
    ("name", "given", "options", "code", "path"),
    [
        pytest.param("", None, "", "INVALID", ["cluster"], id="no name"),
        pytest.param("A b", None, "", "INVALID", ["cluster"], id="no name of a cluster"),
        pytest.param("größe", None, "", "INVALID", ["cluster"], id="beyond ASCII"),
        pytest.param("x" * 64, None, "", "INVALID", ["cluster"], id="too long"),
        pytest.param("sample", None, "", "NAME_TAKEN", ["cluster"], id="taken"),
        pytest.param("new", '{kubernetes: "1.2"}', "", "INVALID", ["input", "kubernetes"], id="version"),
        pytest.param(
            "new", '{gates: [{name: "Odd", on: true}]}', "", "INVALID", ["input", "gates"], id="gate"
        ),
        pytest.param("new", None, "expectedRevision: 1", "CONFLICT", ["expectedRevision"], id="expected"),
    ],
)
def test_a_cluster_that_can_not_be_made_is_refused(
    api: Api, sample: str, name: str, given: str | None, options: str, code: str, path: list[str]
) -> None:
    """In a dry run as well."""
    del sample
    for more in ("", ", dryRun: true"):
        error = api.failed("createCluster", name, given, f"{options}{more}".removeprefix(", "))
        assert (error["code"], error["path"]) == (code, path)


def test_a_copy_is_a_sandbox_of_its_own(api: Api, sample: str) -> None:
    """Of any revision; what happens in it doesn't touch the original, nor the other way round."""
    source = api.copied(sample)
    api.mutate("removeNode", source, '{node: "n6"}')
    old, new, dry = api.named(), api.named(), api.named()
    shown = "cluster { name head revision nodes { totalCount } madeBy { action } } diff { totalCount }"
    made = api.mutate("copyCluster", old, f'{{source: "{source}", revision: 1}}', more=shown)
    assert made["results"] == [f"copied from {source}, revision 1"]
    assert made["cluster"] == {
        "name": old, "head": 1, "revision": 1, "nodes": {"totalCount": 6},
        "madeBy": {"action": "copyCluster"},
    }  # fmt: skip
    assert (
        api.mutate("copyCluster", new, f'{{source: "{source}"}}', more=shown)["cluster"]["nodes"][
            "totalCount"
        ]
        == 5
    )
    tried = api.mutate("copyCluster", dry, f'{{source: "{source}"}}', "dryRun: true", shown)
    assert tried["cluster"] == {
        "name": dry,
        "head": 0,
        "revision": None,
        "nodes": {"totalCount": 5},
        "madeBy": None,
    }
    assert api.head(dry) == 0
    api.mutate("removeNode", new, '{node: "n5"}')
    api.mutate("deleteCluster", source)
    for name, count in ((old, 6), (new, 4)):
        query = f'{{ cluster(name: "{name}") {{ nodes {{ totalCount }} forecast {{ waveCount }} }} }}'
        assert api.ask(query)["cluster"]["nodes"]["totalCount"] == count


@pytest.mark.parametrize(
    ("given", "code", "sentence"),
    [
        pytest.param('{source: "nowhere"}', "NOT_FOUND", "there is no cluster 'nowhere'", id="cluster"),
        pytest.param(
            '{source: "sample", revision: 9}',
            "NOT_FOUND",
            "cluster 'sample' has no revision 9",
            id="revision",
        ),
        pytest.param(
            '{source: "sample", revision: 0}', "NOT_FOUND", "cluster 'sample' has no revision 0", id="nought"
        ),
    ],
)
def test_what_is_not_there_can_not_be_copied(
    api: Api, sample: str, given: str, code: str, sentence: str
) -> None:
    """Neither a cluster nor a revision."""
    del sample
    error = api.failed("copyCluster", api.named(), given)
    assert (error["code"], error["message"]) == (code, sentence)


@pytest.mark.parametrize("form", ["json", "yaml"])
def test_a_dump_is_imported_with_all_that_is_in_it(api: Api, form: Literal["json", "yaml"]) -> None:
    """JSON and YAML make the same cluster; what isn't looked at is noted."""
    state = sample_state()
    name = api.named()
    text = write_cluster(state, form).decode()
    done = api.mutate(
        "importCluster", name, "{dump: $m}", more="cluster { objectCount diff { totalCount } }", m=text
    )
    assert done["results"] == [f"{len(state)} objects read"]
    assert done["cluster"] == {"objectCount": len(state), "diff": {"totalCount": 0}}
    assert done["notes"] == ["1 ConfigMap (v1): kept, but not looked at"]
    info = api.services.store.cluster(name)
    assert info is not None
    kept = api.services.store.load(info.id, 1)
    assert list(map(to_document, kept)) == list(map(to_document, state))


def test_a_dump_takes_the_place_of_a_cluster_only_where_that_is_said(api: Api, sample: str) -> None:
    """As its next revision, with what is gone and what is new."""
    name = api.copied(sample)
    dump = write_cluster(b.cluster(b.node("n1"), b.node("other")), "yaml").decode()
    assert api.failed("importCluster", name, "{dump: $m}", m=dump)["code"] == "NAME_TAKEN"
    assert (
        api.failed("importCluster", name, "{dump: $m, replace: true}", "expectedRevision: 7", m=dump)["head"]
        == 1
    )
    more = "cluster { objectCount revision } made: revision { putCount dropCount } diff { totalCount }"
    dry = api.mutate("importCluster", name, "{dump: $m, replace: true}", "dryRun: true", more, m=dump)
    assert dry["cluster"] == {"objectCount": 2, "revision": None}
    done = api.mutate("importCluster", name, "{dump: $m, replace: true}", "expectedRevision: 1", more, m=dump)
    assert done["cluster"] == {"objectCount": 2, "revision": 2}
    assert done["made"] == {"putCount": 2, "dropCount": 55}
    assert "CREATED Node/other" in objects(done)
    fresh = api.named()
    assert api.mutate("importCluster", fresh, "{dump: $m, replace: true}", m=dump)["revision"]["number"] == 1


def test_a_deleted_cluster_is_gone_and_its_name_is_free(api: Api) -> None:
    """Answers about the one of before aren't given for the one of now, though the revisions are equal."""
    name = api.named()
    query = f'{{ cluster(name: "{name}") {{ head nodes {{ nodes {{ name }} }} forecast {{ waveCount }} }} }}'
    for node in ("first", "second"):
        api.mutate("createCluster", name)
        api.mutate("addNode", name, f'{{name: "{node}"}}')
        assert api.ask(query)["cluster"]["nodes"]["nodes"] == [{"name": node}]
        assert api.mutate("deleteCluster", name, None, "dryRun: true")["results"] == [
            "deleted, with 2 revisions"
        ]
        assert api.failed("deleteCluster", name, None, "expectedRevision: 1")["head"] == 2
        assert api.mutate("deleteCluster", name, None, "expectedRevision: 2")["results"] == [
            "deleted, with 2 revisions"
        ]
        if node == "second":
            assert api.ask(query) == {"cluster": None}


# --- controllers at work ---


def updated(api: Api, sample: str) -> str:
    """A copy with much to do."""
    name = api.copied(sample)
    api.mutate("setImage", name, '{kind: "ds", name: "agent", image: "agent:3"}')
    api.mutate("scale", name, '{kind: "sts", name: "db", namespace: "shop", replicas: 4}')
    return name


def state_of(api: Api, name: str) -> Any:
    """The newest snapshot of a cluster."""
    info = api.services.store.cluster(name)
    assert info is not None
    return api.services.store.load(info.id, info.head)


def test_advancing_wave_by_wave_leads_where_reconciling_leads(api: Api, sample: str) -> None:
    """The same waves, and in the end the same pods on the same nodes."""
    waves = "forecast { waveCount verdict { outcome } waves { actions { verb kind name node because } } }"
    whole = updated(api, sample)
    done = api.mutate("reconcile", whole, more=waves)
    assert done["forecast"]["verdict"]["outcome"] == "SETTLED"
    assert done["results"] == [f"{done['forecast']['waveCount']} waves taken"]
    step = updated(api, sample)
    taken = []
    while one := api.mutate("advance", step, more=waves)["forecast"]["waves"]:
        taken += one
    acted = [sorted(map(str, wave["actions"])) for wave in done["forecast"]["waves"]]
    assert [sorted(map(str, wave["actions"])) for wave in taken] == acted
    pods = "pods(first: 100) { nodes { namespace ready nodeName revisionHash ordinal } } diff { totalCount }"
    query = f'{{ a: cluster(name: "{whole}") {{ {pods} }} b: cluster(name: "{step}") {{ {pods} }} }}'
    found = api.ask(query)
    assert found["a"] == found["b"]


def test_what_is_assumed_while_controllers_act_is_in_the_history(api: Api, sample: str) -> None:
    """A roll-out that gets stuck stays so, until it is reconciled without it."""
    name = api.copied(sample)
    api.mutate("setImage", name, '{kind: "sts", name: "web", image: "web:2"}')
    more = "forecast { verdict { outcome } } cluster { pods(first: 100) { nodes { name ready } } }"
    stuck = api.mutate("reconcile", name, '{assume: {neverReady: ["web-11"]}}', more=more)
    assert stuck["forecast"]["verdict"]["outcome"] == "STUCK"
    assert {pod["name"]: pod["ready"] for pod in stuck["cluster"]["pods"]["nodes"]}["web-11"] is False
    assert stuck["revision"]["changes"] == [{"advance": {"assume": {"neverReady": ["web-11"]}}}]
    dry = api.mutate("advance", name, '{waves: 2, assume: {neverReady: ["web-11"]}}', "dryRun: true", more)
    assert dry["forecast"]["verdict"]["outcome"] == "STUCK"
    assert api.head(name) == 3


def test_a_reverted_cluster_has_the_same_objects_as_it_had(api: Api, sample: str) -> None:
    """What is reverted to, and from, stays in the history as it was."""
    name = updated(api, sample)
    before = state_of(api, name)
    api.mutate("reconcile", name)
    api.mutate("delete", name, '{kind: "sts", name: "web", graceSeconds: 0}')
    after = state_of(api, name)
    done = api.mutate("revert", name, "{revision: 3}", 'why: "it was good"')
    assert done["revision"]["changes"] == [{"revert": 3}]
    assert "CREATED StatefulSet/web" in objects(done)
    assert state_of(api, name) == before
    info = api.services.store.cluster(name)
    assert info is not None
    assert api.services.store.load(info.id, 5) == after
    query = f"""{{
      old: cluster(name: "{name}", revision: 5) {{ object(name: "sts/web") {{ id }} revision head }}
      new: cluster(name: "{name}") {{ object(name: "sts/web") {{ name }} revision }} }}"""
    assert api.ask(query) == {
        "old": {"object": None, "revision": 5, "head": 6},
        "new": {"object": {"name": "web"}, "revision": 6},
    }


# --- many at once ---


def test_mutations_at_the_same_moment_all_land_where_no_revision_is_expected(api: Api) -> None:
    """One after the other, none lost."""
    name = api.named()
    api.mutate("createCluster", name)

    async def together() -> list[Told]:
        return await asyncio.gather(
            *(api.payload("addNode", name, f'{{name: "n{number}"}}') for number in range(20))
        )

    payloads = api.run(together())
    assert [payload["userErrors"] for payload in payloads] == [[]] * 20
    assert sorted(payload["revision"]["number"] for payload in payloads) == list(range(2, 22))
    query = (
        f'{{ cluster(name: "{name}") {{ head nodes {{ totalCount }} history(last: 1) {{ totalCount }} }} }}'
    )
    assert api.ask(query)["cluster"] == {
        "head": 21,
        "nodes": {"totalCount": 20},
        "history": {"totalCount": 21},
    }


def test_of_mutations_that_expect_the_same_revision_exactly_one_lands(api: Api) -> None:
    """The others are told where the cluster is."""
    name = api.named()
    api.mutate("createCluster", name)

    async def together() -> list[Told]:
        return await asyncio.gather(*(
            api.payload("addNode", name, f'{{name: "n{number}"}}', "expectedRevision: 1")
            for number in range(20)
        ))  # fmt: skip

    outcomes = Counter(
        (error["code"], error["head"]) if (error := next(iter(payload["userErrors"]), None)) else "landed"
        for payload in api.run(together())
    )
    assert outcomes == {"landed": 1, ("CONFLICT", 2): 19}
    assert api.head(name) == 2


def test_of_clusters_of_one_name_exactly_one_is_made(api: Api) -> None:
    """The others are told that the name is taken."""
    name = api.named()

    async def together() -> list[Told]:
        return await asyncio.gather(*(api.payload("createCluster", name) for _ in range(20)))

    codes = Counter(error["code"] for payload in api.run(together()) for error in payload["userErrors"])
    assert codes == {"NAME_TAKEN": 19}
