"""Changes on the command line mean what their JSON form says."""

from __future__ import annotations

from typing import Any

import pytest

from foretell.api.cli.change_options import CHANGES, WAIT
from foretell.model.changes import FORMS, change_to_json

PATCHES = {"suspend", "unsuspend"}
READERS = {row.name: row.reader for row in (*CHANGES, WAIT)}
_TAINT = {"taint": {"node": "w", "key": "gpu", "value": "a", "effect": "NoExecute"}}


@pytest.mark.parametrize(
    ("option", "text", "document"),
    [
        pytest.param("taint", "w:gpu=a:NoExecute", _TAINT, id="taint"),
        pytest.param("taint", "node=w,key=gpu,value=a,effect=NoExecute", _TAINT, id="taint-by-fields"),
        pytest.param(
            "taint", "effect=NoExecute,value=a,key=gpu,node=w", _TAINT, id="taint-by-fields-in-any-order"
        ),
        pytest.param(
            "taint",
            "w:gpu:NoSchedule",
            {"taint": {"node": "w", "key": "gpu", "effect": "NoSchedule"}},
            id="no-value",
        ),
        pytest.param(
            "taint",
            "w:example.com/gpu:NoSchedule",
            {"taint": {"node": "w", "key": "example.com/gpu", "effect": "NoSchedule"}},
            id="prefixed-key",
        ),
        pytest.param(
            "taint",
            "w:gpu:Never",
            {"taint": {"node": "w", "key": "gpu", "effect": "Never"}},
            id="effect-that-the-server-refuses",
        ),
        pytest.param(
            "scale",
            "sts/web=-1",
            {"scale": {"kind": "StatefulSet", "name": "web", "replicas": -1}},
            id="scale-that-the-server-refuses",
        ),
        pytest.param(
            "scale",
            "deploy/shop=3",
            {"scale": {"kind": "Deployment", "name": "shop", "replicas": 3}},
            id="scale-a-deployment",
        ),
        pytest.param(
            "image",
            "rs/shop-7d=shop:2",
            {"image": {"kind": "ReplicaSet", "name": "shop-7d", "image": "shop:2"}},
            id="image-of-a-replicaset",
        ),
        pytest.param(
            "delete",
            "job/import,cascade=orphan",
            {"delete": {"kind": "Job", "name": "import", "cascade": "Orphan"}},
            id="delete-a-job",
        ),
        pytest.param("pause", "deploy/shop", {"pause": {"kind": "Deployment", "name": "shop"}}, id="pause"),
        pytest.param(
            "resume", "deploy/shop", {"resume": {"kind": "Deployment", "name": "shop"}}, id="resume"
        ),
        pytest.param(
            "suspend",
            "cj/nightly",
            {"patch": {"kind": "CronJob", "name": "nightly", "with": {"spec": {"suspend": True}}}},
            id="suspend",
        ),
        pytest.param(
            "unsuspend",
            "job/import",
            {"patch": {"kind": "Job", "name": "import", "with": {"spec": {"suspend": False}}}},
            id="unsuspend",
        ),
        pytest.param("untaint", "w:gpu", {"untaint": {"node": "w", "key": "gpu"}}, id="untaint"),
        pytest.param(
            "untaint",
            "w:gpu:NoExecute-",
            {"untaint": {"node": "w", "key": "gpu", "effect": "NoExecute"}},
            id="minus",
        ),
        pytest.param(
            "untaint", "node=w,key=gpu", {"untaint": {"node": "w", "key": "gpu"}}, id="untaint-by-fields"
        ),
        pytest.param(
            "annotate",
            "ds/agent,a=1,b-",
            {"annotate": {"annotations": {"a": "1", "b": None}, "kind": "DaemonSet", "name": "agent"}},
            id="annotate",
        ),
        pytest.param(
            "label",
            "node/w,a=1,b-",
            {"label": {"labels": {"a": "1", "b": None}, "node": "w"}},
            id="label-node",
        ),
        pytest.param(
            "label", "po/web-0,a=", {"label": {"labels": {"a": ""}, "pod": "web-0"}}, id="label-pod"
        ),
        pytest.param(
            "label",
            "sts/web,a=1",
            {"label": {"labels": {"a": "1"}, "kind": "StatefulSet", "name": "web"}},
            id="label-workload",
        ),
        pytest.param("cordon", "w", {"cordon": {"node": "w"}}, id="cordon"),
        pytest.param("uncordon", "w", {"uncordon": {"node": "w"}}, id="uncordon"),
        pytest.param("drain", "w", {"drain": {"node": "w", "kubectl": True}}, id="drain"),
        pytest.param(
            "node-ready", "w=false", {"nodeReady": {"node": "w", "status": "False"}}, id="node-ready"
        ),
        pytest.param(
            "node-condition",
            "w,DiskPressure=True",
            {"nodeCondition": {"node": "w", "type": "DiskPressure", "status": "True"}},
            id="node-condition",
        ),
        pytest.param("evict", "agent@w", {"evict": {"pod": "agent@w"}}, id="evict"),
        pytest.param("delete-pod", "web-0", {"deletePod": {"pod": "web-0"}}, id="delete-pod"),
        pytest.param(
            "delete-pod", "web-0,grace=0", {"deletePod": {"pod": "web-0", "grace": 0}}, id="at-once"
        ),
        pytest.param(
            "pod-status",
            "web-0=Running",
            {"podStatus": {"pod": "web-0", "phase": "Running", "ready": True}},
            id="runs",
        ),
        pytest.param(
            "pod-status",
            "web-0=Running,ready=false",
            {"podStatus": {"pod": "web-0", "phase": "Running", "ready": False}},
            id="runs-unready",
        ),
        pytest.param(
            "pod-status",
            "web-0=Failed,reason=Evicted",
            {"podStatus": {"pod": "web-0", "phase": "Failed", "ready": False, "reason": "Evicted"}},
            id="failed",
        ),
        pytest.param("delete", "ds/agent", {"delete": {"kind": "DaemonSet", "name": "agent"}}, id="delete"),
        pytest.param(
            "delete",
            "sts/web,cascade=orphan",
            {"delete": {"kind": "StatefulSet", "name": "web", "cascade": "Orphan"}},
            id="delete-orphaning",
        ),
        pytest.param(
            "scale", "sts/web=5", {"scale": {"kind": "StatefulSet", "name": "web", "replicas": 5}}, id="scale"
        ),
        pytest.param(
            "image",
            "ds/agent=registry:5000/nginx:1.27@sha256:abc",
            {"image": {"kind": "DaemonSet", "name": "agent", "image": "registry:5000/nginx:1.27@sha256:abc"}},
            id="image",
        ),
        pytest.param(
            "image",
            "ds/agent=x,container=log",
            {"image": {"kind": "DaemonSet", "name": "agent", "image": "x", "container": "log"}},
            id="image-of-a-container",
        ),
        pytest.param("restart", "sts/web", {"restart": {"kind": "StatefulSet", "name": "web"}}, id="restart"),
        pytest.param("undo", "sts/web", {"undo": {"kind": "StatefulSet", "name": "web"}}, id="undo"),
        pytest.param(
            "undo",
            "sts/web,to=3",
            {"undo": {"kind": "StatefulSet", "name": "web", "to_revision": 3}},
            id="undo-to",
        ),
        pytest.param(
            "patch",
            'sts/web={"spec": {"replicas": 5}}',
            {"patch": {"kind": "StatefulSet", "name": "web", "with": {"spec": {"replicas": 5}}}},
            id="patch",
        ),
        pytest.param("wait", "1.5", {"wait": 1.5}, id="wait"),
    ],
)
def test_a_notation_means_a_change(option: str, text: str, document: dict[str, Any]) -> None:
    assert change_to_json(READERS[option](text)) == document


@pytest.mark.parametrize(
    ("option", "text"),
    [
        pytest.param("taint", "w", id="taint-without-key"),
        pytest.param("taint", "w:gpu=a", id="taint-without-effect"),
        pytest.param("taint", "node=w,colour=red,effect=NoExecute", id="unknown-field"),
        pytest.param("taint", "node=w,node=v,key=a,effect=NoExecute", id="field-twice"),
        pytest.param("untaint", ":gpu", id="untaint-without-node"),
        pytest.param("label", "node/w", id="no-label"),
        pytest.param("label", "node/w,a", id="label-without-value"),
        pytest.param("label", "w,a=1", id="label-without-kind"),
        pytest.param("annotate", "node/w,a", id="annotation-without-value"),
        pytest.param("node-ready", "w=maybe", id="no-status"),
        pytest.param("node-condition", "w=True", id="no-condition"),
        pytest.param("pod-status", "web-0", id="no-phase"),
        pytest.param("pod-status", "web-0=Sleeping", id="unknown-phase"),
        pytest.param("pod-status", "web-0=Running,ready=maybe", id="unclear-readiness"),
        pytest.param("delete", "web", id="delete-without-kind"),
        pytest.param("delete", "sts/web,cascade=Sometimes", id="unknown-cascade"),
        pytest.param("delete", "frob/web", id="unknown-kind"),
        pytest.param("scale", "sts/web", id="scale-to-nothing"),
        pytest.param("scale", "sts/web=many", id="scale-to-a-word"),
        pytest.param("image", "ds/agent", id="no-image"),
        pytest.param("undo", "sts/web,to=last", id="undo-to-a-word"),
        pytest.param("patch", "sts/web", id="no-patch"),
        pytest.param("patch", "sts/web={", id="broken-patch"),
        pytest.param("patch", "sts/web=5", id="patch-without-fields"),
        pytest.param("wait", "long", id="wait-a-word"),
        pytest.param("wait", "-1", id="wait-backwards"),
        pytest.param("wait", "nan", id="wait-no-number"),
    ],
)
def test_what_cannot_be_read_is_told_with_what_was_expected(option: str, text: str) -> None:
    with pytest.raises(ValueError, match=r"expected|did you mean"):
        READERS[option](text)


def test_every_form_of_change_has_an_option_but_apply() -> None:
    """What is applied is a manifest, and comes from a file; two options make patches, as kubectl has none."""
    named = {
        "label": "label", "podStatus": "pod-status", "deletePod": "delete-pod", "nodeReady": "node-ready",
        "nodeCondition": "node-condition",
    }  # fmt: skip
    assert {named.get(form, form) for form in FORMS} - {"apply"} == set(READERS) - PATCHES
