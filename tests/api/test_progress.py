"""How far Deployments and Jobs are, in kubectl's words."""

from __future__ import annotations

from typing import Any

import pytest

from foretell.api.telling.progress import job_status, rollout_status
from foretell.model.documents import from_document
from foretell.model.objects import Deployment, Job
from tests import builders as b

FINISHING = 'Waiting for deployment "shop" rollout to finish: '
LATE = [{"type": "Progressing", "status": "False", "reason": "ProgressDeadlineExceeded"}]
HOLDS = {"status": "True"}


@pytest.mark.parametrize(
    ("status", "sentence"),
    [
        pytest.param({"observedGeneration": 1}, "Waiting for deployment spec update to be observed...",
                     id="not-observed"),
        pytest.param({"conditions": LATE}, 'error: deployment "shop" exceeded its progress deadline',
                     id="late"),
        pytest.param({"replicas": 3, "updatedReplicas": 2},
                     f"{FINISHING}2 out of 3 new replicas have been updated...", id="not-updated"),
        pytest.param({"replicas": 4, "updatedReplicas": 3},
                     f"{FINISHING}1 old replicas are pending termination...", id="old-ones-left"),
        pytest.param({"replicas": 3, "updatedReplicas": 3, "availableReplicas": 1},
                     f"{FINISHING}1 of 3 updated replicas are available...", id="not-available"),
        pytest.param({"replicas": 3, "updatedReplicas": 3, "availableReplicas": 3},
                     'deployment "shop" successfully rolled out', id="done"),
    ],
)  # fmt: skip
def test_a_roll_out_is_told_as_kubectl_does(status: dict[str, Any], sentence: str) -> None:
    document = b.deployment("shop", 3)
    document["metadata"]["generation"] = 2
    thing = from_document({**document, "status": {"observedGeneration": 2, **status}})
    assert isinstance(thing, Deployment)
    assert rollout_status(thing) == sentence


@pytest.mark.parametrize(
    ("conditions", "terminating", "word"),
    [
        pytest.param([], False, "Running", id="running"),
        pytest.param([{"type": "Suspended", "status": "False"}], False, "Running", id="resumed"),
        pytest.param([{"type": "Suspended", **HOLDS}], False, "Suspended", id="suspended"),
        pytest.param([{"type": "FailureTarget", **HOLDS}], False, "FailureTarget", id="failing"),
        pytest.param([{"type": "SuccessCriteriaMet", **HOLDS}], False, "SuccessCriteriaMet", id="succeeding"),
        pytest.param([{"type": "FailureTarget", **HOLDS}, {"type": "Failed", **HOLDS}], False, "Failed",
                     id="failed"),
        pytest.param([{"type": "SuccessCriteriaMet", **HOLDS}, {"type": "Complete", **HOLDS}], True,
                     "Complete", id="complete-though-it-goes"),
        pytest.param([{"type": "Suspended", **HOLDS}], True, "Terminating", id="terminating"),
    ],
)  # fmt: skip
def test_a_job_is_told_in_one_word(conditions: list[dict[str, str]], terminating: bool, word: str) -> None:
    document = b.job("import", image="import:1")
    document["metadata"] |= {"deletionTimestamp": "2026-01-01T00:00:00Z"} if terminating else {}
    thing = from_document({**document, "status": {"conditions": conditions}})
    assert isinstance(thing, Job)
    assert job_status(thing) == word
