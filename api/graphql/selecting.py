"""Which objects a list shows: by namespace, labels, fields, owner, node and phase."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from operator import attrgetter
from typing import Annotated, TypeVar

import strawberry

from foretell.api.service.errors import InvalidInputError
from foretell.api.telling.kinds import reference
from foretell.api.telling.label_selector import label_test
from foretell.model.documents import to_document
from foretell.model.meta import Object
from foretell.model.objects import Pod

O = TypeVar("O", bound=Object)  # noqa: E741 - an object
Test = Callable[[O], bool]

Namespace = Annotated[str | None, strawberry.argument(description="Only objects of this namespace.")]
Labels = Annotated[
    str | None,
    strawberry.argument(
        description="Only objects with these labels, as `kubectl -l` has it: `app=web,tier!=db,env "
        "in (a,b),!old`."
    ),
]
Fields = Annotated[
    str | None,
    strawberry.argument(
        description="Only objects with these fields, as `kubectl --field-selector` has it: "
        "`status.phase=Running,spec.nodeName!=worker-1`."
    ),
]
Owner = Annotated[
    str | None, strawberry.argument(description="Only objects that this one controls, such as `sts/web`.")
]
OnNode = Annotated[str | None, strawberry.argument(description="Only objects on this node.")]


def _pod_ip(thing: object) -> object:
    """What no rule looks at is left in the text."""
    return to_document(thing).get("status", {}).get("podIP", "") if isinstance(thing, Pod) else ""


_TERM = re.compile(r"\s*([\w.]+)\s*(==|=|!=)\s*([^\s,=!]*)\s*$")
_COMMON: dict[str, Callable[[object], object]] = {
    "metadata.name": attrgetter("name"),
    "metadata.namespace": attrgetter("namespace"),
    "metadata.uid": attrgetter("metadata.uid"),
}
_FIELDS: dict[str, dict[str, Callable[[object], object]]] = {
    "Pod": {
        "spec.nodeName": attrgetter("spec.node_name"),
        "spec.restartPolicy": attrgetter("spec.restart_policy"),
        "spec.schedulerName": attrgetter("spec.scheduler_name"),
        "spec.hostNetwork": attrgetter("spec.host_network"),
        "status.phase": attrgetter("phase"),
        "status.podIP": _pod_ip,
    },
    "Node": {"spec.unschedulable": attrgetter("spec.unschedulable")},
    "DaemonSet": {
        "status.numberReady": attrgetter("status.number_ready"),
        "spec.updateStrategy.type": attrgetter("spec.update_strategy.type"),
    },
    "StatefulSet": {
        "status.replicas": attrgetter("status.replicas"),
        "spec.serviceName": attrgetter("spec.service_name"),
        "spec.updateStrategy.type": attrgetter("spec.update_strategy.type"),
    },
    "Deployment": {"spec.strategy.type": attrgetter("spec.strategy.type")},
    "ReplicaSet": {"status.replicas": attrgetter("status.replicas")},
    "Job": {"status.successful": attrgetter("status.succeeded")},
    "CronJob": {"spec.suspend": attrgetter("spec.suspend")},
    "PodDisruptionBudget": {},
    "PersistentVolumeClaim": {
        "spec.storageClassName": attrgetter("spec.storage_class_name"),
        "spec.volumeName": attrgetter("spec.volume_name"),
        "status.phase": attrgetter("phase"),
    },
    "ControllerRevision": {"revision": attrgetter("revision")},
    "Service": {"spec.clusterIP": attrgetter("spec.cluster_ip")},
}


def in_namespace(namespace: str | None) -> list[Test[Object]]:
    """What an object of a namespace meets."""
    return [] if namespace is None else [lambda thing: thing.namespace == namespace]


def labelled(selector: str | None) -> list[Test[Object]]:
    """What an object that a label selector selects meets; raises InvalidInputError."""
    if selector is None:
        return []
    try:
        test = label_test(selector)
    except ValueError as error:
        raise InvalidInputError(str(error), "labelSelector") from None
    return [lambda thing: test(thing.labels)]


def with_fields(selector: str | None, *kinds: str) -> list[Test[Object]]:
    """What an object of these kinds that a field selector selects meets; raises InvalidInputError."""
    tests: list[Test[Object]] = []
    for term in selector.split(",") if selector is not None else ():
        match = _TERM.match(term)
        if match is None:
            raise InvalidInputError(
                f"{selector!r} is no field selector: expected such as status.phase=Running,metadata.name!=a",
                "fieldSelector",
            )
        path, operator, value = match.groups()
        known = {**_COMMON, **{k: get for kind in kinds for k, get in _FIELDS[kind].items()}}
        if path not in known:
            raise InvalidInputError(
                f"field {path} can't be selected by: expected one of {', '.join(sorted(known))}",
                "fieldSelector",
            )
        tests.append(_field_test(known[path], value, equal=operator != "!="))
    return tests


def _field_test(get: Callable[[object], object], value: str, *, equal: bool) -> Test[Object]:
    return lambda thing: (_text(get, thing) == value) is equal


def _text(get: Callable[[object], object], thing: Object) -> str:
    try:
        found = get(thing)
    except AttributeError:
        return ""  # a field of another kind
    return "" if found is None else str(found).lower() if isinstance(found, bool) else str(found)


def controlled_by(owner: str | None) -> list[Test[Object]]:
    """What an object meets that another one controls; raises InvalidInputError."""
    if owner is None:
        return []
    try:
        kind, name = reference(owner)
    except ValueError as error:
        raise InvalidInputError(str(error), "owner") from None

    def test(thing: Object) -> bool:
        controller = thing.metadata.controller
        return controller is not None and controller.kind == kind and controller.name == name

    return [test]


def chosen(things: Iterable[O], *tests: list[Test[Object]]) -> Sequence[O]:
    """The objects that meet all tests, in their order."""
    flat = [test for some in tests for test in some]
    if not flat:
        return things if isinstance(things, Sequence) else tuple(things)
    if len(flat) == 1:
        return tuple(filter(flat[0], things))
    return tuple(thing for thing in things if all(test(thing) for test in flat))


def in_phase(phase: str | None) -> list[Test[Object]]:
    """What a pod or claim in a phase meets."""
    return [] if phase is None else [lambda thing: getattr(thing, "phase", None) == phase]
