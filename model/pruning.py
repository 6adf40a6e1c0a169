"""Pruning: what the API server doesn't store, because Go leaves empty fields out when it writes JSON."""

from __future__ import annotations

from foretell.model.meta import Json

# Maps of strings that a user fills: their values are kept as they are, and an empty map is left out.
STRING_MAPS = frozenset({
    "annotations", "labels", "matchLabels", "nodeSelector", "parameters", "selector", "volumeAttributes",
})  # fmt: skip
RESOURCE_MAPS = frozenset({"allocatable", "capacity", "limits", "overhead", "requests"})
# Fields that are pointers in Go, or have no `omitempty`: their zero says something, and is stored.
_POINTERS = frozenset({
    "activeDeadlineSeconds", "allowPrivilegeEscalation", "automountServiceAccountToken", "backoffLimit",
    "backoffLimitPerIndex", "completions", "containerPort", "defaultMode", "enableServiceLinks",
    "expirationSeconds", "fsGroup", "fsGroupChangePolicy", "hostUsers", "hostnameOverride", "manualSelector",
    "maxFailedIndexes", "maxSkew", "maxSurge", "maxUnavailable", "minAvailable", "minDomains", "mode",
    "optional", "parallelism", "partition", "port", "preemptionPolicy", "priority", "privileged", "procMount",
    "progressDeadlineSeconds", "readOnlyRootFilesystem", "replicas", "revision", "revisionHistoryLimit",
    "runAsGroup", "runAsNonRoot", "runAsUser", "runtimeClassName", "seconds", "service", "setHostnameAsFQDN",
    "shareProcessNamespace", "sizeLimit", "start", "storageClassName", "suspend", "targetPort",
    "terminationGracePeriodSeconds", "tolerationSeconds", "topologyKey", "ttlSecondsAfterFinished", "weight",
})  # fmt: skip
_POINTERS_WITHIN = frozenset({
    ("", "value"), ("azureDisk", "readOnly"), ("csi", "fsType"), ("csi", "readOnly"), ("hostPath", "type"),
    ("httpHeaders", "value"), ("matchExpressions", "key"), ("options", "value"), ("sysctls", "value"),
})  # fmt: skip


def pruned(value: Json, within: str = "") -> Json:
    """A copy of an object's part without nulls, empty lists and maps, and zeros that Go would leave out.

    `within` is the name of the field that the value stands in. Source: the `omitempty` tags of the types in
    k8s.io/api, as encoding/json takes them; structures are kept even when empty.
    """
    if isinstance(value, list):
        return [pruned(item, within) for item in value]
    if not isinstance(value, dict):
        return value
    if within in STRING_MAPS and within != "selector":
        return {key: "" if item is None else item for key, item in value.items()}
    kept = ((key, pruned(item, key), item) for key, item in value.items())
    return {key: item for key, item, given in kept if given is not None and not _omitted(within, key, item)}


def _omitted(within: str, key: str, item: Json) -> bool:
    if isinstance(item, list):
        return not item
    if isinstance(item, dict):
        return not item and (key in STRING_MAPS - {"selector"} or key in RESOURCE_MAPS)
    return (
        not item
        and within not in RESOURCE_MAPS
        and key not in _POINTERS
        and (within, key) not in _POINTERS_WITHIN
    )
