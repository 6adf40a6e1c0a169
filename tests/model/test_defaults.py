"""Documents are filled in as the API server does it, byte for byte."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from foretell.model.admission import admitted
from foretell.model.defaults import defaulted
from foretell.model.defaults_pod import image_pull_policy
from foretell.model.errors import RejectedError
from foretell.model.revisions import revision_hash

POD = {
    "restartPolicy": "Always",
    "terminationGracePeriodSeconds": 30,
    "dnsPolicy": "ClusterFirst",
    "securityContext": {},
    "schedulerName": "default-scheduler",
}
CONTAINER = {
    "name": "main",
    "image": "nginx:1.25",
    "resources": {},
    "terminationMessagePath": "/dev/termination-log",
    "terminationMessagePolicy": "File",
    "imagePullPolicy": "IfNotPresent",
}
REQUESTS = {"requests": {"cpu": "100m", "memory": "64Mi"}}


def statefulset(
    template_spec: dict[str, Any] | None = None, labels: Any = None, **spec: Any
) -> dict[str, Any]:
    template = {
        "metadata": {"labels": labels or {"app": "web"}},
        "spec": template_spec or {"containers": [{"name": "main", "image": "nginx:1.25"}]},
    }
    return {
        "apiVersion": "apps/v1",
        "kind": "StatefulSet",
        "metadata": {"name": "web"},
        "spec": {
            "serviceName": "web",
            "selector": {"matchLabels": {"app": "web"}},
            "template": template,
            **spec,
        },
    }


def pod(**spec: Any) -> dict[str, Any]:
    spec.setdefault("containers", [{"name": "main", "image": "nginx:1.25"}])
    return {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "a"}, "spec": spec}


def test_a_statefulset_gets_the_defaults_of_its_fields() -> None:
    stored = defaulted(statefulset())["spec"]
    assert stored == {
        "serviceName": "web",
        "selector": {"matchLabels": {"app": "web"}},
        "template": {"metadata": {"labels": {"app": "web"}}, "spec": {"containers": [CONTAINER], **POD}},
        "podManagementPolicy": "OrderedReady",
        "updateStrategy": {"type": "RollingUpdate", "rollingUpdate": {"partition": 0}},
        "persistentVolumeClaimRetentionPolicy": {"whenDeleted": "Retain", "whenScaled": "Retain"},
        "replicas": 1,
        "revisionHistoryLimit": 10,
    }


@pytest.mark.parametrize(
    ("given_strategy", "gates", "stored"),
    [
        pytest.param({}, (), {"type": "RollingUpdate", "rollingUpdate": {"partition": 0}}, id="nothing said"),
        pytest.param({"type": "RollingUpdate"}, (), {"type": "RollingUpdate"}, id="a type alone stays alone"),
        pytest.param({"type": "OnDelete"}, (), {"type": "OnDelete"}, id="on delete"),
        pytest.param(
            {"rollingUpdate": {"maxUnavailable": 2}},
            (),
            {"type": "RollingUpdate", "rollingUpdate": {"partition": 0}},
            id="maxUnavailable is dropped while its gate is off",
        ),
        pytest.param(
            {"rollingUpdate": {"maxUnavailable": 2}},
            ("MaxUnavailableStatefulSet",),
            {"type": "RollingUpdate", "rollingUpdate": {"maxUnavailable": 2, "partition": 0}},
            id="maxUnavailable with its gate",
        ),
    ],
)
def test_a_statefulset_strategy(given_strategy: Any, gates: tuple[str, ...], stored: Any) -> None:
    document = statefulset(updateStrategy=given_strategy)
    assert defaulted(document, gates=frozenset(gates))["spec"]["updateStrategy"] == stored


def test_claim_templates_are_whole_claims() -> None:
    claim = {"metadata": {"name": "data"}, "spec": {"resources": {"requests": {"storage": "1024Mi"}}}}
    assert defaulted(statefulset(volumeClaimTemplates=[claim]))["spec"]["volumeClaimTemplates"] == [
        {
            "kind": "PersistentVolumeClaim",
            "apiVersion": "v1",
            "metadata": {"name": "data"},
            "spec": {"resources": {"requests": {"storage": "1Gi"}}, "volumeMode": "Filesystem"},
            "status": {"phase": "Pending"},
        }
    ]


def test_a_daemonset_gets_the_defaults_of_its_fields() -> None:
    document = {
        "apiVersion": "apps/v1",
        "kind": "DaemonSet",
        "metadata": {"name": "agent"},
        "spec": {"minReadySeconds": 0},
    }
    stored = defaulted(document)
    assert stored["metadata"]["annotations"] == {"deprecated.daemonset.template.generation": "1"}
    assert stored["spec"] == {
        "template": {"metadata": {}, "spec": POD},
        "updateStrategy": {"type": "RollingUpdate", "rollingUpdate": {"maxUnavailable": 1, "maxSurge": 0}},
        "revisionHistoryLimit": 10,
    }


# Names of real revisions, as a control plane of version 1.36 gave them.
@pytest.mark.parametrize(
    ("labels", "spec", "name"),
    [
        pytest.param(
            {"app": "crash"},
            {"containers": [{"name": "main", "image": "nginx:1.25", "resources": REQUESTS}]},
            "6b467f957b",
            id="requests",
        ),
        pytest.param(
            {"app": "kafka-broker"},
            {
                "containers": [
                    {
                        "name": "main",
                        "image": "kafka:3.7",
                        "resources": {"requests": {"cpu": "0.1", "memory": "65536Ki"}},
                        "volumeMounts": [
                            {"name": "data", "mountPath": "/data", "readOnly": False},
                            {"name": "log", "mountPath": "/log", "subPath": ""},
                        ],
                        "env": [],
                    }
                ],
                "nodeSelector": {},
                "tolerations": None,
                "hostNetwork": False,
            },
            "77c7bc85d7",
            id="mounts, other spellings and empty fields",
        ),
    ],
)
def test_the_stored_template_has_the_hash_that_the_controller_gives(
    labels: Any, spec: Any, name: str
) -> None:
    stored = defaulted(statefulset(spec, labels))
    assert revision_hash(stored["spec"]["template"]) == name


@pytest.mark.parametrize(
    ("image", "policy"),
    [
        ("nginx", "Always"), ("nginx:latest", "Always"), ("nginx:1.25", "IfNotPresent"),
        ("host:5000/nginx", "Always"),
        ("host:5000/nginx:1", "IfNotPresent"), ("nginx@sha256:00", "IfNotPresent"),
        ("nginx:latest@sha256:00", "Always"),
    ],
)  # fmt: skip
def test_an_image_without_a_fixed_tag_is_pulled_always(image: str, policy: str) -> None:
    assert image_pull_policy(image) == policy


@pytest.mark.parametrize(
    ("field", "given_value", "stored"),
    [
        pytest.param(
            "livenessProbe",
            {"httpGet": {"port": 80}, "timeoutSeconds": 0},
            {
                "httpGet": {"port": 80, "path": "/", "scheme": "HTTP"},
                "timeoutSeconds": 1,
                "periodSeconds": 10,
                "successThreshold": 1,
                "failureThreshold": 3,
            },
            id="http probe",
        ),
        pytest.param(
            "readinessProbe",
            {
                "grpc": {"port": 80},
                "periodSeconds": 5,
                "successThreshold": 2,
                "failureThreshold": 1,
                "timeoutSeconds": 9,
            },
            {
                "grpc": {"port": 80, "service": ""},
                "periodSeconds": 5,
                "successThreshold": 2,
                "failureThreshold": 1,
                "timeoutSeconds": 9,
            },
            id="grpc probe",
        ),
        pytest.param("ports", [{"containerPort": 80}], [{"containerPort": 80, "protocol": "TCP"}], id="port"),
        pytest.param(
            "env",
            [
                {"name": "A", "value": ""},
                {"name": "B", "valueFrom": {"fieldRef": {"fieldPath": "metadata.name"}}},
                {"name": "C", "valueFrom": {"resourceFieldRef": {"resource": "limits.cpu"}}},
            ],
            [
                {"name": "A"},
                {"name": "B", "valueFrom": {"fieldRef": {"fieldPath": "metadata.name", "apiVersion": "v1"}}},
                {"name": "C", "valueFrom": {"resourceFieldRef": {"resource": "limits.cpu", "divisor": "0"}}},
            ],
            id="environment",
        ),
        pytest.param(
            "lifecycle",
            {"preStop": {"httpGet": {"port": 80}}},
            {"preStop": {"httpGet": {"port": 80, "path": "/", "scheme": "HTTP"}}},
            id="hook",
        ),
        pytest.param(
            "securityContext",
            {"privileged": False, "runAsUser": 0, "capabilities": {"add": []}},
            {"privileged": False, "runAsUser": 0, "capabilities": {}},
            id="zeros that say something are kept",
        ),
        pytest.param(
            "resources",
            {"limits": {"cpu": 1}, "requests": {}},
            {"limits": {"cpu": "1"}},
            id="a template's limits are no requests",
        ),
    ],
)
def test_a_container_field(field: str, given_value: Any, stored: Any) -> None:
    container = {"name": "main", "image": "nginx:1.25", field: given_value}
    template = defaulted(statefulset({"containers": [container]}))["spec"]["template"]
    assert template["spec"]["containers"][0][field] == stored


@pytest.mark.parametrize(
    ("given_source", "stored"),
    [
        pytest.param({}, {"emptyDir": {}}, id="no source"),
        pytest.param({"emptyDir": {"sizeLimit": "1024Mi"}}, {"emptyDir": {"sizeLimit": "1Gi"}}, id="empty"),
        pytest.param({"hostPath": {"path": "/x"}}, {"hostPath": {"path": "/x", "type": ""}}, id="hostPath"),
        pytest.param({"configMap": {}}, {"configMap": {"defaultMode": 420}}, id="configMap"),
        pytest.param({"secret": {"defaultMode": 0}}, {"secret": {"defaultMode": 0}}, id="secret"),
        pytest.param(
            {"persistentVolumeClaim": {"claimName": "c", "readOnly": False}},
            {"persistentVolumeClaim": {"claimName": "c"}},
            id="claim",
        ),
        pytest.param(
            {"projected": {"sources": [{"serviceAccountToken": {"path": "t"}}, {"downwardAPI": {"items": [
                {"path": "l", "fieldRef": {"fieldPath": "metadata.labels"}}]}}]}},
            {"projected": {"defaultMode": 420, "sources": [
                {"serviceAccountToken": {"path": "t", "expirationSeconds": 3600}}, {"downwardAPI": {"items": [
                    {"path": "l", "fieldRef": {"fieldPath": "metadata.labels", "apiVersion": "v1"}}]}}]}},
            id="projected",
        ),
        pytest.param(
            {"ephemeral": {"volumeClaimTemplate": {"spec": {"accessModes": ["ReadWriteOnce"]}}}},
            {"ephemeral": {"volumeClaimTemplate": {"metadata": {}, "spec": {
                "accessModes": ["ReadWriteOnce"], "resources": {}, "volumeMode": "Filesystem"}}}},
            id="ephemeral",
        ),
    ],
)  # fmt: skip
def test_a_volume(given_source: Any, stored: Any) -> None:
    document = statefulset({"volumes": [{"name": "v", **given_source}]})
    assert defaulted(document)["spec"]["template"]["spec"]["volumes"] == [{"name": "v", **stored}]


def test_a_pods_limits_are_its_requests() -> None:
    limits = {"cpu": "1", "memory": "1Gi"}
    document = pod(
        containers=[
            {"name": "main", "image": "x", "resources": {"limits": limits, "requests": {"cpu": "0.5"}}}
        ]
    )
    resources = defaulted(document)["spec"]["containers"][0]["resources"]
    assert resources == {"limits": limits, "requests": {"cpu": "500m", "memory": "1Gi"}}


def test_a_pod_on_the_nodes_network_takes_the_nodes_ports() -> None:
    document = pod(
        hostNetwork=True, containers=[{"name": "main", "image": "x", "ports": [{"containerPort": 80}]}]
    )
    assert defaulted(document)["spec"]["containers"][0]["ports"] == [
        {"containerPort": 80, "protocol": "TCP", "hostPort": 80}
    ]


def test_either_spelling_of_the_service_account_is_stored_as_both() -> None:
    spec = defaulted(pod(serviceAccount="robot"))["spec"]
    assert (spec["serviceAccountName"], spec["serviceAccount"]) == ("robot", "robot")


@pytest.mark.parametrize(
    ("document", "field", "stored"),
    [
        pytest.param(
            {"kind": "Node", "status": {"capacity": {"cpu": "2000m"}}},
            "status",
            {"capacity": {"cpu": "2"}, "allocatable": {"cpu": "2"}},
            id="node",
        ),
        pytest.param(
            {"kind": "Service", "spec": {"clusterIP": "None", "ports": [{"port": 80}]}},
            "spec",
            {
                "clusterIP": "None",
                "clusterIPs": ["None"],
                "ipFamilies": ["IPv4"],
                "ipFamilyPolicy": "SingleStack",
                "internalTrafficPolicy": "Cluster",
                "ports": [{"port": 80, "protocol": "TCP", "targetPort": 80}],
                "sessionAffinity": "None",
                "type": "ClusterIP",
            },
            id="headless service",
        ),
        pytest.param({"kind": "StorageClass"}, "volumeBindingMode", "Immediate", id="storage class"),
        pytest.param({"kind": "PersistentVolumeClaim"}, "status", {"phase": "Pending"}, id="claim"),
        pytest.param(
            {
                "kind": "PersistentVolume",
                "spec": {"hostPath": {"path": "/x"}, "capacity": {"storage": "1024Mi"}},
            },
            "spec",
            {
                "hostPath": {"path": "/x", "type": ""},
                "capacity": {"storage": "1Gi"},
                "persistentVolumeReclaimPolicy": "Retain",
                "volumeMode": "Filesystem",
            },
            id="volume",
        ),
        pytest.param(
            {"kind": "PodDisruptionBudget", "spec": {"minAvailable": 0, "selector": {}}},
            "spec",
            {"minAvailable": 0, "selector": {}},
            id="budget",
        ),
        pytest.param(
            {"kind": "Node", "apiVersion": "longhorn.io/v1"}, "status", None, id="a node of another group"
        ),
    ],
)
def test_other_kinds(document: dict[str, Any], field: str, stored: Any) -> None:
    assert defaulted({"apiVersion": "v1", **document}).get(field) == stored


def test_a_job_selects_its_pods_by_its_uid() -> None:
    document = {"apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": "j", "uid": "u"}, "spec": {}}
    spec = defaulted(document)["spec"]
    assert spec["selector"] == {"matchLabels": {"batch.kubernetes.io/controller-uid": "u"}}
    assert spec["template"]["metadata"]["labels"]["job-name"] == "j"


FIELDS = [
    "containers", "env", "httpGet", "labels", "limits", "livenessProbe", "metadata", "ports", "requests",
    "resources", "rollingUpdate", "spec", "status", "template", "updateStrategy", "value", "valueFrom",
    "volumes",
]  # fmt: skip
json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | st.sampled_from(["", "x", "1Gi", "0.5"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(FIELDS),
            inner,
            max_size=4,
        )
    ),
    max_leaves=25,
)
kinds = st.sampled_from(
    ["StatefulSet", "DaemonSet", "Pod", "Node", "Service", "PersistentVolumeClaim", "Job", "Deployment"]
)


@given(kinds, st.dictionaries(st.sampled_from(["spec", "status", "metadata"]), json_values))
def test_whatever_is_filled_in_is_left_alone_and_then_complete(kind: str, parts: dict[str, Any]) -> None:
    document = {"apiVersion": "v1", "kind": kind, **parts}
    before = copy.deepcopy(document)
    stored = defaulted(document)
    assert document == before
    assert defaulted(stored) == stored


def tolerated(document: dict[str, Any]) -> list[str]:
    return [toleration.get("key", "") for toleration in admitted(document)["spec"]["tolerations"]]


@pytest.mark.parametrize(
    ("tolerations", "keys"),
    [
        pytest.param([], ["node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable"], id="none"),
        pytest.param([{"operator": "Exists"}], [""], id="everything"),
        pytest.param(
            [{"key": "node.kubernetes.io/not-ready", "value": "x", "effect": "NoExecute"}],
            ["node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable"],
            id="one of the two, whatever its value",
        ),
        pytest.param(
            [{"key": "node.kubernetes.io/not-ready", "effect": "NoSchedule"}],
            [
                "node.kubernetes.io/not-ready",
                "node.kubernetes.io/not-ready",
                "node.kubernetes.io/unreachable",
            ],
            id="another effect",
        ),
    ],
)
def test_a_new_pod_tolerates_lost_nodes_for_a_while(tolerations: list[Any], keys: list[str]) -> None:
    assert tolerated(pod(tolerations=tolerations)) == keys


def test_a_new_pod_gets_the_priority_of_its_class() -> None:
    classes = [
        {"metadata": {"name": "high"}, "value": 100, "preemptionPolicy": "Never"},
        {"metadata": {"name": "usual"}, "value": 5, "globalDefault": True},
    ]
    high = admitted(pod(priorityClassName="high"), priority_classes=classes)["spec"]
    assert (high["priority"], high["preemptionPolicy"]) == (100, "Never")
    usual = admitted(pod(), priority_classes=classes)["spec"]
    assert (usual["priority"], usual["priorityClassName"]) == (5, "usual")
    assert admitted(pod(priorityClassName="system-node-critical"))["spec"]["priority"] == 2000001000
    assert admitted(pod())["spec"]["priority"] == 0


def test_a_priority_class_that_is_not_there_is_refused() -> None:
    with pytest.raises(
        RejectedError, match='pods "a" is forbidden: no PriorityClass with name gold was found'
    ):
        admitted(pod(priorityClassName="gold"))


def test_a_new_claim_gets_the_newest_default_class_and_is_protected() -> None:
    default = {"storageclass.kubernetes.io/is-default-class": "true"}
    classes = [
        {"metadata": {"name": "old", "annotations": default, "creationTimestamp": "2026-01-01T00:00:00Z"}},
        {"metadata": {"name": "new", "annotations": default, "creationTimestamp": "2026-02-01T00:00:00Z"}},
        {"metadata": {"name": "other"}},
    ]
    claim = {"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": {"name": "c"}, "spec": {}}
    stored = admitted(claim, storage_classes=classes)
    assert stored["spec"]["storageClassName"] == "new"
    assert stored["metadata"]["finalizers"] == ["kubernetes.io/pvc-protection"]
