"""Foretell says what Kubernetes' controllers will do, in which order, and why, before they do it.

    from foretell import AddTaint, forecast, read

    cluster = read("cluster.json")                    # what `kubectl get … -o json` printed, or manifests
    story = forecast(cluster, [AddTaint(node="worker-2", key="maintenance", effect="NoExecute")])
    for wave in story.waves:
        for action in wave.actions:
            print(wave.at, action.verb, action.name, action.node, action.reason)
    print(story.verdict.outcome)

Everything here is loaded when it is first asked for, so that `import foretell` costs next to nothing.
Values come from `foretell.model`, decisions from `foretell.logic`; both may be imported directly too.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from foretell.logic.desired import desired
    from foretell.logic.divergence import diff
    from foretell.logic.forecast import forecast, unfolding
    from foretell.logic.gates import UnknownGateError, default_gates, gates_with
    from foretell.logic.orders.exploring import every_order
    from foretell.logic.orders.sure import orders
    from foretell.logic.policy.judging import check, judge
    from foretell.logic.policy.orders import judge_orders
    from foretell.logic.policy.sources import read_policies
    from foretell.logic.remedy.remedies import remedy
    from foretell.logic.why.answers import why
    from foretell.model.changes import (
        AddTaint,
        Apply,
        Change,
        Cordon,
        Delete,
        DeletePod,
        Drain,
        Evict,
        Patch,
        Pause,
        RemoveTaint,
        Restart,
        Resume,
        Scale,
        SetAnnotations,
        SetImage,
        SetLabels,
        SetNodeCondition,
        SetNodeReady,
        SetPodStatus,
        Uncordon,
        Undo,
        Wait,
        change_from_json,
        change_to_json,
    )
    from foretell.model.cluster import Cluster
    from foretell.model.diff import Detail, Diff, Difference, Divergence
    from foretell.model.errors import (
        ForetellError,
        ManifestError,
        NotFoundError,
        PolicyError,
        QuantityError,
        RejectedError,
        RulesError,
    )
    from foretell.model.explanation import About, Act, Code, Explanation, Ground, Source
    from foretell.model.forecast import (
        Action,
        Assumptions,
        Because,
        DesiredPod,
        EvictionAnswer,
        Forecast,
        LeftOut,
        Obstacle,
        Outcome,
        Reason,
        Verb,
        Verdict,
        Wave,
        Why,
    )
    from foretell.model.meta import Key
    from foretell.model.orders import Holds, Order, Orders
    from foretell.model.policy import Finding, Judged, Level, Limits, Policy, Report, Waves
    from foretell.model.reading import read, read_with_notes
    from foretell.model.remedy import (
        Against,
        Drained,
        Edit,
        EditKind,
        EditPattern,
        Goal,
        Remedies,
        Remedy,
        RunsOn,
        Schedulable,
        Spared,
        Unstuck,
    )
    from foretell.model.statements import (
        GetsReady,
        Goes,
        IsOn,
        Keeps,
        Settles,
        Spreads,
        Statement,
        Stays,
    )
    from foretell.model.writing import write_cluster

__all__ = [  # noqa: RUF022 - by what they are: functions, clusters, changes, forecasts, errors
    "read", "read_with_notes", "write_cluster", "desired", "diff", "forecast", "unfolding",
    "orders", "every_order", "why", "remedy", "check", "judge", "judge_orders", "read_policies",
    "default_gates", "gates_with",
    "Cluster", "Key",
    "Change", "AddTaint", "Apply", "Cordon", "Delete", "DeletePod", "Drain", "Evict", "Patch", "Pause",
    "RemoveTaint", "Restart", "Resume", "Scale", "SetAnnotations", "SetImage", "SetLabels",
    "SetNodeCondition", "SetNodeReady", "SetPodStatus", "Uncordon", "Undo", "Wait",
    "change_from_json", "change_to_json",
    "Assumptions", "Forecast", "Wave", "Action", "Verb", "Reason", "Verdict", "Outcome", "Obstacle", "Why",
    "About", "Explanation", "Ground", "Source", "Code", "Act",
    "EvictionAnswer", "DesiredPod", "LeftOut", "Because", "Diff", "Difference", "Detail", "Divergence",
    "Holds", "Order", "Orders",
    "Statement", "Settles", "Keeps", "GetsReady", "Spreads", "Stays", "Goes", "IsOn",
    "Goal", "RunsOn", "Schedulable", "Unstuck", "Drained", "Spared",
    "Edit", "EditKind", "EditPattern", "Remedies", "Remedy", "Against",
    "Policy", "Report", "Judged", "Finding", "Level", "Waves", "Limits",
    "ForetellError", "ManifestError", "NotFoundError", "PolicyError", "QuantityError", "RejectedError",
    "RulesError", "UnknownGateError",
    "__version__",
]  # fmt: skip

_ELSEWHERE = {
    "desired": "logic.desired",
    "diff": "logic.divergence",
    **dict.fromkeys(("forecast", "unfolding"), "logic.forecast"),
    **dict.fromkeys(("UnknownGateError", "default_gates", "gates_with"), "logic.gates"),
    **dict.fromkeys(("check", "judge"), "logic.policy.judging"),
    "judge_orders": "logic.policy.orders",
    "read_policies": "logic.policy.sources",
    "orders": "logic.orders.sure",
    "every_order": "logic.orders.exploring",
    "remedy": "logic.remedy.remedies",
    "Cluster": "model.cluster",
    "Key": "model.meta",
    **dict.fromkeys(("read", "read_with_notes"), "model.reading"),
    "why": "logic.why.answers",
    "write_cluster": "model.writing",
}
_SHARED = (
    "model.changes", "model.forecast", "model.diff", "model.errors", "model.orders", "model.statements",
    "model.explanation", "model.remedy", "model.policy",
)  # fmt: skip


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module 'foretell' has no attribute {name!r}")
    value = _version() if name == "__version__" else _found(name)
    globals()[name] = value
    return value


def _version() -> str:
    from importlib.metadata import version

    return version("foretell")


def _found(name: str) -> object:
    homes = (_ELSEWHERE[name],) if name in _ELSEWHERE else _SHARED
    modules = (import_module(f"foretell.{home}") for home in homes)
    return next(getattr(module, name) for module in modules if hasattr(module, name))


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
