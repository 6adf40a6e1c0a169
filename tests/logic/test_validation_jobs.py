"""What the API server refuses of Jobs and CronJobs, in its own words."""

from __future__ import annotations

from typing import Any

import pytest

from foretell.logic.forecast import forecast
from foretell.model.changes import Apply, Change, Patch, Scale, SetImage
from foretell.model.errors import RejectedError
from tests.builders import Document, after, cluster, cronjob, job, nodes

INDEXED: Document = {"completionMode": "Indexed", "completions": 3}
CODES: Document = {"onExitCodes": {"operator": "In", "values": [1]}}


def refusal(*changes: Change, before: Document | None = None) -> list[str]:
    """The sentences with which the last change is refused; none where it isn't."""
    there = cluster(nodes(1), *([before] if before else []))
    try:
        forecast(there, changes, horizon=0)
    except RejectedError as error:
        lines = str(error).split("\n* ")
        return lines[1:] or [lines[0].partition(" is invalid: ")[2] or lines[0]]
    return []


def policy(**rule: Any) -> Document:
    """A failure policy with one rule."""
    return {"podFailurePolicy": {"rules": [rule]}}


@pytest.mark.parametrize(
    ("spec", "sentence"),
    [
        pytest.param(
            {"parallelism": -1},
            "spec.parallelism: Invalid value: -1: must be greater than or equal to 0",
            id="negative",
        ),
        pytest.param(
            {"completionMode": "Sorted"},
            'spec.completionMode: Unsupported value: "Sorted": supported values: "NonIndexed", "Indexed"',
            id="mode",
        ),
        pytest.param(
            {"completionMode": "Indexed", "parallelism": 2},
            "spec.completions: Required value: when completion mode is Indexed",
            id="indexed without completions",
        ),
        pytest.param(
            {**INDEXED, "parallelism": 100_001},
            "spec.parallelism: Invalid value: 100001: "
            "must be less than or equal to 100000 when completion mode is Indexed",
            id="too many at a time",
        ),
        pytest.param(
            {"backoffLimitPerIndex": 1},
            "spec.backoffLimitPerIndex: Invalid value: 1: requires indexed completion mode",
            id="a limit for each index without indexes",
        ),
        pytest.param(
            {**INDEXED, "maxFailedIndexes": 1},
            "spec.backoffLimitPerIndex: Required value: when maxFailedIndexes is specified",
            id="failed indexes without a limit for each",
        ),
        pytest.param(
            {**INDEXED, "backoffLimitPerIndex": 1, "maxFailedIndexes": 4},
            "spec.maxFailedIndexes: Invalid value: 4: must be less than or equal to completions",
            id="more failed indexes than there are",
        ),
        pytest.param(
            {"podReplacementPolicy": "Never"},
            'spec.podReplacementPolicy: Unsupported value: "Never": '
            'supported values: "Failed", "TerminatingOrFailed"',
            id="replacement",
        ),
        pytest.param(
            {**policy(action="Count", **CODES), "podReplacementPolicy": "TerminatingOrFailed"},
            'spec.podReplacementPolicy: Unsupported value: "TerminatingOrFailed": supported values: "Failed"',
            id="replacement beside a failure policy",
        ),
        pytest.param(
            policy(action="Skip", **CODES),
            'spec.podFailurePolicy.rules[0].action: Unsupported value: "Skip": '
            'supported values: "Count", "FailIndex", "FailJob", "Ignore"',
            id="action",
        ),
        pytest.param(
            policy(action="FailIndex", **CODES),
            'spec.podFailurePolicy.rules[0].action: Invalid value: "FailIndex": '
            "requires the backoffLimitPerIndex to be set",
            id="an index without a limit",
        ),
        pytest.param(
            policy(action="Count"),
            "spec.podFailurePolicy.rules[0]: Invalid value: "
            "specifying one of OnExitCodes and OnPodConditions is required",
            id="a rule about nothing",
        ),
        pytest.param(
            policy(action="Count", onExitCodes={"operator": "In", "values": [0]}),
            "spec.podFailurePolicy.rules[0].onExitCodes.values[0]: Invalid value: 0: "
            "must not be 0 for the In operator",
            id="success as a failure",
        ),
        pytest.param(
            policy(action="Count", onExitCodes={"operator": "In", "values": [3, 2]}),
            "spec.podFailurePolicy.rules[0].onExitCodes.values: Invalid value: [3,2]: must be ordered",
            id="codes out of order",
        ),
        pytest.param(
            {"successPolicy": {"rules": []}},
            'spec.successPolicy: Invalid value: {"rules":[]}: requires indexed completion mode',
            id="success policy without indexes",
        ),
        pytest.param(
            {**INDEXED, "successPolicy": {"rules": [{"succeededIndexes": "2,1"}]}},
            'spec.successPolicy.rules[0].succeededIndexes: Invalid value: "2,1": '
            "error parsing succeededIndexes: non-increasing order, previous: 2, current: 1",
            id="indexes out of order",
        ),
        pytest.param(
            {"managedBy": "me"},
            'spec.managedBy: Invalid value: "me": must be a domain-prefixed path (such as "acme.io/foo")',
            id="manager",
        ),
        pytest.param(
            {"pod": {"restartPolicy": "Always"}},
            'spec.template.spec.restartPolicy: Required value: valid values: "OnFailure", "Never"',
            id="restart policy",
        ),
        pytest.param(
            {**policy(action="Count", **CODES), "pod": {"restartPolicy": "OnFailure"}},
            'spec.template.spec.restartPolicy: Invalid value: "OnFailure": '
            'only "Never" is supported when podFailurePolicy is specified',
            id="restart policy beside a failure policy",
        ),
        pytest.param(
            {"parallelism": 3_000_000_000},
            'Job in version "v1" cannot be handled as a Job: json: cannot unmarshal number 3000000000 '
            "into Go struct field JobSpec.spec.parallelism of type int32",
            id="huge",
        ),
    ],
)
def test_a_job_is_refused(spec: Document, sentence: str) -> None:
    assert refusal(Apply(object=job(**spec))) == [sentence]


def test_a_selector_of_ones_own_is_refused_unless_it_is_asked_for() -> None:
    found = refusal(Apply(object=job(selector={"matchLabels": {"app": "hash"}})))
    assert found[0].endswith("`selector` not auto-generated")


@pytest.mark.parametrize(
    ("before", "change", "sentence"),
    [
        pytest.param(
            {},
            {"completions": 2},
            "spec.completions: Invalid value: 2: field is immutable",
            id="completions",
        ),
        pytest.param(
            INDEXED,
            {"completions": 2},
            "spec.completions: Invalid value: 2: can only be modified in tandem with spec.parallelism",
            id="completions of indexes by themselves",
        ),
        pytest.param(INDEXED, {"completions": 2, "parallelism": 2}, None, id="both of them"),
        pytest.param({}, {"parallelism": 7}, None, id="parallelism"),
        pytest.param(
            {},
            {"managedBy": "acme.io/foo"},
            'spec.managedBy: Invalid value: "acme.io/foo": field is immutable',
            id="manager",
        ),
    ],
)
def test_a_change_of_a_job_is_refused(before: Document, change: Document, sentence: str | None) -> None:
    patch = Patch(kind="Job", name="hash", with_={"spec": change})
    assert refusal(patch, before=job(**before)) == ([sentence] if sentence else [])


@pytest.mark.parametrize("suspend", [pytest.param(True, id="suspended"), pytest.param(False, id="at work")])
def test_only_a_suspended_job_may_go_elsewhere(*, suspend: bool) -> None:
    spec = {"template": {"spec": {"nodeSelector": {"pool": "b"}}}}
    found = refusal(Patch(kind="Job", name="hash", with_={"spec": spec}), before=job(suspend=suspend))
    assert [each.rpartition(": ")[2] for each in found] == ([] if suspend else ["field is immutable"])


def test_the_image_of_a_job_is_fixed() -> None:
    before = after(cluster(nodes(1), job(suspend=True)))
    with pytest.raises(RejectedError, match="field is immutable"):
        forecast(before, [SetImage(kind="Job", name="hash", image="hash:2")])


@pytest.mark.parametrize(
    ("document", "sentence"),
    [
        pytest.param(cronjob(schedule=""), "spec.schedule: Required value", id="no schedule"),
        pytest.param(
            cronjob(schedule="61 * * * *"),
            'spec.schedule: Invalid value: "61 * * * *": end of range (61) above maximum (59): 61',
            id="schedule",
        ),
        pytest.param(
            cronjob(schedule="TZ=UTC 1 * * * *"),
            'spec.schedule: Invalid value: "TZ=UTC 1 * * * *": '
            "cannot use TZ or CRON_TZ in schedule, use timeZone field instead",
            id="time zone in the schedule",
        ),
        pytest.param(
            cronjob(timeZone="Europe/Nowhere"),
            'spec.timeZone: Invalid value: "Europe/Nowhere": unknown time zone Europe/Nowhere',
            id="time zone",
        ),
        pytest.param(
            cronjob(timeZone="../etc/passwd"),
            'spec.timeZone: Invalid value: "../etc/passwd": unknown time zone ../etc/passwd',
            id="a path for a time zone",
        ),
        pytest.param(
            cronjob(concurrencyPolicy="Queue"),
            'spec.concurrencyPolicy: Unsupported value: "Queue": '
            'supported values: "Allow", "Forbid", "Replace"',
            id="concurrency",
        ),
        pytest.param(
            cronjob(startingDeadlineSeconds=-1),
            "spec.startingDeadlineSeconds: Invalid value: -1: must be greater than or equal to 0",
            id="deadline",
        ),
        pytest.param(
            cronjob("r" * 53),
            f'metadata.name: Invalid value: "{"r" * 53}": must be no more than 52 characters',
            id="name",
        ),
        pytest.param(
            cronjob(job_spec={"pod": {"restartPolicy": "Always"}}),
            "spec.jobTemplate.spec.template.spec.restartPolicy: Required value: "
            'valid values: "OnFailure", "Never"',
            id="template",
        ),
        pytest.param(
            cronjob(job_spec={"selector": {"matchLabels": {"app": "x"}}}),
            'spec.jobTemplate.spec.selector: Invalid value: {"matchLabels":{"app":"x"}}: '
            "`selector` will be auto-generated",
            id="selector",
        ),
    ],
)
def test_a_cronjob_is_refused(document: Document, sentence: str) -> None:
    assert refusal(Apply(object=document)) == [sentence]


def test_a_job_has_no_replicas_to_scale() -> None:
    found = refusal(Scale(kind="Job", name="hash", replicas=3), before=job())
    assert found == ["Error from server (NotFound): the server could not find the requested resource"]
