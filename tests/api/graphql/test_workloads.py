"""Deployments, ReplicaSets, Jobs, CronJobs and budgets: what each tells, and the ways between them."""

from __future__ import annotations

from typing import Any

import pytest

from tests import builders as b
from tests.api import shops
from tests.api.graphql.asked import Api

OLD, NEW = f"shop-{shops.OLD}", f"shop-{shops.NEW}"


def of_cluster(api: Api, cluster: str, fields: str) -> Any:
    """What a cluster answers."""
    return api.ask(f'{{ cluster(name: "{cluster}") {{ {fields} }} }}')["cluster"]


def test_a_deployment_leads_to_its_replica_sets_and_to_their_pods(api: Api, shop: str) -> None:
    """And back, from each."""
    fields = """deployments { totalCount nodes { name revisionNumber
      replicaSets { totalCount nodes { name templateHash revisionNumber desired ready updated images
        deployment { name } owner { kind name }
        pods { nodes { name revisionHash workload { __typename name } } } } }
      pods { totalCount nodes { name } } } }"""
    found = of_cluster(api, shop, fields)["deployments"]
    assert found["totalCount"] == 2
    held, deployment = found["nodes"]
    assert (held["name"], held["replicaSets"]["nodes"], held["pods"]["nodes"]) == ("held", [], [])
    assert deployment["revisionNumber"] == 2
    old, new = deployment["replicaSets"]["nodes"]
    assert (old["name"], old["revisionNumber"], old["desired"], old["ready"]) == (OLD, 1, 3, 3)
    assert (new["templateHash"], new["images"], new["ready"]) == (shops.NEW, ["shop:2"], 0)
    assert old["deployment"] == {"name": "shop"}
    assert old["owner"] == {"kind": "Deployment", "name": "shop"}
    workload = {"__typename": "ReplicaSet", "name": OLD}
    assert old["pods"]["nodes"] == [
        {"name": f"{OLD}-{end}", "revisionHash": shops.OLD, "workload": workload}
        for end in ("aaaaa", "bbbbb", "ccccc")
    ]
    assert [pod["name"] for pod in deployment["pods"]["nodes"]] == [
        f"{OLD}-aaaaa", f"{OLD}-bbbbb", f"{OLD}-ccccc", f"{NEW}-ddddd",
    ]  # fmt: skip


def test_a_deployment_tells_how_far_its_roll_out_is(api: Api, shop: str) -> None:
    """Numbers, conditions, bounds, and kubectl's sentence."""
    fields = """object(name: "deploy/shop") { ... on Deployment {
      replicas currentPods updated ready available unavailable paused updateStrategy maxSurge maxUnavailable
      progressDeadlineSeconds observedGeneration generation rolloutStatus terminatingPods
      conditions { type status reason } } }"""
    assert of_cluster(api, shop, fields)["object"] == {
        "replicas": 3, "currentPods": 4, "updated": 1, "ready": 3, "available": 3, "unavailable": 1,
        "paused": False, "updateStrategy": "RollingUpdate", "maxSurge": "25%", "maxUnavailable": "25%",
        "progressDeadlineSeconds": 600, "observedGeneration": 2, "generation": 2, "terminatingPods": None,
        "rolloutStatus":
            'Waiting for deployment "shop" rollout to finish: 1 out of 3 new replicas have been updated...',
        "conditions": [{"type": "Progressing", "status": "True", "reason": "ReplicaSetUpdated"}],
    }  # fmt: skip


def test_a_cron_job_leads_to_its_jobs_and_to_their_pods(api: Api, shop: str) -> None:
    """And back, from each."""
    fields = """cronJobs { nodes { name schedule timeZone concurrencyPolicy suspended active images
      lastScheduledAt lastSucceededAt
      jobs { nodes { name cronJob { name } pods { nodes { name workload { name } } } } }
      pods { totalCount } } }"""
    (nightly,) = of_cluster(api, shop, fields)["cronJobs"]["nodes"]
    name = shops.NOON
    pod = {"name": f"{name}-2-eeeee", "workload": {"name": name}}
    assert nightly == {
        "name": "nightly", "schedule": "0 3 * * *", "timeZone": "Europe/Berlin", "suspended": False,
        "concurrencyPolicy": "Forbid", "active": 1, "images": ["import:1"], "pods": {"totalCount": 1},
        "lastScheduledAt": "2026-01-01T00:30:00+00:00", "lastSucceededAt": None,
        "jobs": {"nodes": [{"name": name, "cronJob": {"name": "nightly"}, "pods": {"nodes": [pod]}}]},
    }  # fmt: skip


def test_jobs_tell_how_far_they_are(api: Api, shop: str) -> None:
    """Each as kubectl says it."""
    fields = """jobs { nodes { name status parallelism completions completionMode suspended active ready
      succeeded failed completedIndexes failedIndexes startedAt completedAt cronJob { name } } }"""
    export, done, run = of_cluster(api, shop, fields)["jobs"]["nodes"]
    assert (export["status"], export["suspended"], export["parallelism"]) == ("Suspended", True, 4)
    assert (done["status"], done["succeeded"], done["cronJob"]) == ("Complete", 1, None)
    assert (done["startedAt"], done["completedAt"]) == (
        "2026-01-01T00:00:00+00:00", "2026-01-01T00:00:42+00:00",
    )  # fmt: skip
    assert (run["status"], run["completionMode"], run["completions"]) == ("Running", "Indexed", 3)
    assert (run["active"], run["ready"], run["succeeded"], run["failed"]) == (1, 1, 2, 0)
    assert (run["completedIndexes"], run["failedIndexes"]) == ("0,1", "")


def test_a_budget_tells_what_it_allows_and_of_which_pods(api: Api, shop: str) -> None:
    """And a pod which budgets cover it."""
    fields = """budgets { nodes { name blocks allowedDisruptions currentHealthy desiredHealthy expectedPods
      minAvailable maxUnavailable unhealthyPodEvictionPolicy matchLabels { key value }
      pods { totalCount nodes { name budgets { name } } } } }"""
    old, shop_budget = of_cluster(api, shop, fields)["budgets"]["nodes"]
    assert (old["blocks"], old["allowedDisruptions"], old["maxUnavailable"]) == (False, 1, "50%")
    assert (shop_budget["blocks"], shop_budget["minAvailable"], shop_budget["expectedPods"]) == (True, "3", 3)
    assert shop_budget["unhealthyPodEvictionPolicy"] == "IfHealthyBudget"
    assert (old["pods"]["totalCount"], shop_budget["pods"]["totalCount"]) == (3, 4)
    assert shop_budget["pods"]["nodes"][0]["budgets"] == [{"name": "old"}, {"name": "shop"}]
    assert shop_budget["pods"]["nodes"][3]["budgets"] == [{"name": "shop"}]


def test_a_budget_without_a_selector_covers_nothing_and_with_an_empty_one_everything(api: Api) -> None:
    """In its namespace; expressions count too."""
    expression = {"matchExpressions": [{"key": "app", "operator": "NotIn", "values": ["a"]},
                                       {"key": "rare", "operator": "DoesNotExist"}]}  # fmt: skip
    some = b.budget("some", None)
    some["spec"]["selector"] = expression
    elsewhere = b.pod("d", labels={"app": "d"})
    elsewhere["metadata"]["namespace"] = "other"
    state = b.cluster(
        b.pod("a", labels={"app": "a"}), b.pod("b", labels={"app": "b"}),
        b.pod("c", labels={"app": "c", "rare": "yes"}), elsewhere,
        b.budget("none", None), b.budget("all", {}), some,
    )  # fmt: skip
    found = of_cluster(api, api.made(state), "budgets { nodes { name pods { nodes { name } } } }")["budgets"]
    covered = {one["name"]: [pod["name"] for pod in one["pods"]["nodes"]] for one in found["nodes"]}
    assert covered == {"none": [], "all": ["a", "b", "c"], "some": ["b"]}


ALL = [
    "CronJob/nightly", "Deployment/held", "Deployment/shop", "Job/export", "Job/import",
    f"Job/{shops.NOON}", f"ReplicaSet/{OLD}", f"ReplicaSet/{NEW}",
]  # fmt: skip


def named(rows: list[Any]) -> list[str]:
    """Rows by kind and name."""
    return [f"{row['__typename']}/{row['name']}" for row in rows]


@pytest.mark.parametrize(
    ("field", "expected"),
    [
        pytest.param("workloads", ALL, id="all"),
        pytest.param("workloads(kind: DEPLOYMENT)", ALL[1:3], id="kind"),
        pytest.param("workloads(kind: REPLICA_SET)", ALL[6:], id="another kind"),
        pytest.param("workloads(kind: DAEMON_SET)", [], id="kind that isn't there"),
        pytest.param('workloads(owner: "deploy/shop")', ALL[6:], id="owner"),
        pytest.param('jobs(owner: "cj/nightly")', ALL[5:6], id="jobs of an owner"),
        pytest.param('replicaSets(labelSelector: "app=shop")', ALL[6:], id="label"),
        pytest.param('replicaSets(fieldSelector: "status.replicas=1")', ALL[7:], id="field"),
        pytest.param('jobs(fieldSelector: "status.successful=1")', ALL[4:5], id="field of jobs"),
        pytest.param('deployments(fieldSelector: "metadata.name!=shop")', ALL[1:2], id="common field"),
        pytest.param('cronJobs(fieldSelector: "spec.suspend=false")', ALL[:1], id="field of cron jobs"),
        pytest.param('deployments(namespace: "other")', [], id="namespace"),
        pytest.param("statefulSets", [], id="none"),
        pytest.param("daemonSets", [], id="none either"),
        pytest.param("budgets(blocking: true)", ["PodDisruptionBudget/shop"], id="budgets that block"),
        pytest.param("budgets(blocking: false)", ["PodDisruptionBudget/old"], id="budgets that don't"),
        pytest.param('budgets(fieldSelector: "metadata.name=old")', ["PodDisruptionBudget/old"], id="budget"),
    ],
)
def test_lists_of_workloads_are_filtered(api: Api, shop: str, field: str, expected: list[str]) -> None:
    """By kind, owner, labels, fields and namespace."""
    it = of_cluster(api, shop, f"it: {field} {{ totalCount nodes {{ __typename name }} }}")["it"]
    assert named(it["nodes"]) == expected
    assert it["totalCount"] == len(expected)


@pytest.mark.parametrize("size", [1, 2, 3, 8])
def test_workloads_of_all_kinds_are_paged_through_in_both_directions(api: Api, shop: str, size: int) -> None:
    """Each once, and in order."""
    page = "{ pageInfo { hasNextPage hasPreviousPage startCursor endCursor } nodes { __typename name } }"
    forth: list[str] = []
    after = ""
    while True:
        it = of_cluster(api, shop, f"it: workloads(first: {size}{after}) {page}")["it"]
        forth += named(it["nodes"])
        if not it["pageInfo"]["hasNextPage"]:
            break
        after = f', after: "{it["pageInfo"]["endCursor"]}"'
    back: list[str] = []
    before = ""
    while True:
        it = of_cluster(api, shop, f"it: workloads(last: {size}{before}) {page}")["it"]
        back = named(it["nodes"]) + back
        if not it["pageInfo"]["hasPreviousPage"]:
            break
        before = f', before: "{it["pageInfo"]["startCursor"]}"'
    assert forth == back == ALL


def test_numbers_that_a_kind_does_not_have_are_null(api: Api, shop: str) -> None:
    """A Job isn't rolled out, and a CronJob has no pods of its own."""
    fields = """workloads { nodes { __typename desired ready updated available updateStrategy minReadySeconds
      observedGeneration matchLabels { key } revisions { totalCount } conditions { type } } }"""
    rows = {row.pop("__typename"): row for row in of_cluster(api, shop, fields)["workloads"]["nodes"]}
    nothing = dict.fromkeys((
        "desired", "ready", "updated", "available", "updateStrategy", "minReadySeconds", "observedGeneration",
    ))  # fmt: skip
    empty = {"matchLabels": [], "revisions": {"totalCount": 0}, "conditions": []}
    assert rows["CronJob"] == nothing | empty
    selected = [{"key": "batch.kubernetes.io/controller-uid"}]
    assert rows["Job"] == nothing | empty | {"ready": 1, "matchLabels": selected}
    assert rows["ReplicaSet"] == nothing | empty | {
        "desired": 1, "ready": 0, "available": 0, "minReadySeconds": 0, "observedGeneration": 1,
        "matchLabels": [{"key": "app"}, {"key": "pod-template-hash"}],
    }  # fmt: skip


def test_what_is_wanted_of_pods_that_are_all_alike_is_no_list(api: Api, shop: str) -> None:
    """They have no identities: there is nothing to list, and nothing is refused."""
    fields = "workloads { nodes { desiredPods { totalCount } diff { totalCount } } }"
    rows = of_cluster(api, shop, fields)["workloads"]["nodes"]
    assert rows == [{"desiredPods": {"totalCount": 0}, "diff": {"totalCount": 0}}] * len(ALL)


def test_a_tree_goes_from_a_deployment_over_its_replica_sets_to_pods(api: Api, shop: str) -> None:
    """Level by level."""
    tree = of_cluster(api, shop, 'tree(root: "deploy/shop") { depth object { kind name } }')["tree"]
    assert [(line["depth"], line["object"]["kind"]) for line in tree] == [
        (0, "Deployment"), (1, "ReplicaSet"), (2, "Pod"), (2, "Pod"), (2, "Pod"), (1, "ReplicaSet"),
        (2, "Pod"),
    ]  # fmt: skip
    tree = of_cluster(api, shop, 'tree(root: "cj/nightly") { depth object { kind } }')["tree"]
    assert [line["object"]["kind"] for line in tree] == ["CronJob", "Job", "Pod"]


@pytest.mark.parametrize(
    ("field", "given", "results"),
    [
        pytest.param("scale", '{kind: "deploy", name: "shop", replicas: 5}', "deployment.apps/shop scaled",
                     id="deployment"),
        pytest.param("scale", f'{{kind: "rs", name: "{OLD}", replicas: 1}}', f"replicaset.apps/{OLD} scaled",
                     id="replicaset"),
        pytest.param("restart", '{kind: "deploy", name: "shop"}', "deployment.apps/shop restarted",
                     id="restart"),
        pytest.param("setImage", '{kind: "deploy", name: "shop", image: "shop:3"}',
                     "deployment.apps/shop image updated", id="image"),
        pytest.param("setImage", f'{{kind: "rs", name: "{OLD}", image: "shop:3"}}',
                     f"replicaset.apps/{OLD} image updated", id="image of a replicaset"),
        pytest.param("delete", '{kind: "job", name: "import", cascade: ORPHAN}',
                     'job.batch "import" deleted from default namespace', id="delete"),
        pytest.param("suspendJob", f'{{kind: "job", name: "{shops.NOON}"}}',
                     f"job.batch/{shops.NOON} patched", id="suspend a job"),
        pytest.param("suspendJob", '{kind: "job", name: "export"}', "job.batch/export patched (no change)",
                     id="suspended already"),
    ],
)  # fmt: skip
def test_mutations_take_every_kind_that_kubectl_takes(
    api: Api, shop: str, field: str, given: str, results: str
) -> None:
    """In kubectl's words."""
    assert api.mutate(field, api.copied(shop), given)["results"] == [results]


def test_a_change_of_each_sort_can_be_asked_about(api: Api, shop: str) -> None:
    """As part of a what-if."""
    changes = """[{pauseRollout: {kind: "deploy", name: "shop"}},
      {resumeRollout: {kind: "deploy", name: "shop"}},
      {suspendJob: {kind: "cj", name: "nightly"}}, {resumeJob: {kind: "job", name: "export"}}]"""
    told = api.run(
        api.told(f'{{ cluster(name: "{shop}") {{ whatIf(changes: {changes}) {{ waveCount }} }} }}')
    )
    assert "errors" not in told
