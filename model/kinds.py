"""The kinds of Kubernetes' own API groups, to tell a misspelt kind from a custom resource."""

from __future__ import annotations

from difflib import get_close_matches

_K8S = ".k8s.io"
BUILT_IN: dict[str, frozenset[str]] = {
    group: frozenset(kinds.split())
    for group, kinds in {
        "v1": "Binding ComponentStatus ConfigMap Endpoints Event LimitRange Namespace Node "
        "PersistentVolume PersistentVolumeClaim Pod PodTemplate ReplicationController ResourceQuota "
        "Secret Service ServiceAccount",
        "apps/v1": "ControllerRevision DaemonSet Deployment ReplicaSet StatefulSet",
        "batch/v1": "CronJob Job",
        "policy/v1": "Eviction PodDisruptionBudget",
        "autoscaling/v1": "HorizontalPodAutoscaler Scale",
        "autoscaling/v2": "HorizontalPodAutoscaler",
        f"storage{_K8S}/v1": "CSIDriver CSINode CSIStorageCapacity StorageClass VolumeAttachment "
        "VolumeAttributesClass",
        f"networking{_K8S}/v1": "IPAddress Ingress IngressClass NetworkPolicy ServiceCIDR",
        f"rbac.authorization{_K8S}/v1": "ClusterRole ClusterRoleBinding Role RoleBinding",
        f"scheduling{_K8S}/v1": "PriorityClass",
        f"coordination{_K8S}/v1": "Lease",
        f"discovery{_K8S}/v1": "EndpointSlice",
        f"events{_K8S}/v1": "Event",
        f"node{_K8S}/v1": "RuntimeClass",
        f"resource{_K8S}/v1": "DeviceClass ResourceClaim ResourceClaimTemplate ResourceSlice",
        f"certificates{_K8S}/v1": "CertificateSigningRequest",
        f"apiextensions{_K8S}/v1": "CustomResourceDefinition",
        f"apiregistration{_K8S}/v1": "APIService",
        f"admissionregistration{_K8S}/v1": "MutatingAdmissionPolicy MutatingAdmissionPolicyBinding "
        "MutatingWebhookConfiguration ValidatingAdmissionPolicy ValidatingAdmissionPolicyBinding "
        "ValidatingWebhookConfiguration",
        f"flowcontrol.apiserver{_K8S}/v1": "FlowSchema PriorityLevelConfiguration",
        f"authentication{_K8S}/v1": "SelfSubjectReview TokenRequest TokenReview",
        f"authorization{_K8S}/v1": "LocalSubjectAccessReview SelfSubjectAccessReview SelfSubjectRulesReview "
        "SubjectAccessReview",
    }.items()
}
_GROUPS = frozenset(version.rpartition("/")[0] for version in BUILT_IN)
_SETTLED = frozenset({"", "apps", "batch", "extensions", "policy"})
_HOME = {kind: version for version, kinds in reversed(BUILT_IN.items()) for kind in kinds}


def group_of(api_version: str) -> str:
    """The group in an apiVersion; the core group's name is empty."""
    return api_version.rpartition("/")[0]


def is_foreign(api_version: str) -> bool:
    """Whether the apiVersion belongs to a group that isn't Kubernetes' own."""
    return group_of(api_version) not in _GROUPS


def misfit(api_version: str, kind: str) -> str:
    """What is wrong with a kind in a built-in group, with a guess at what was meant; empty if nothing is.

    Groups that are still at work on alpha or beta versions may hold kinds that aren't known here.
    """
    home = _HOME.get(kind)
    if api_version not in BUILT_IN:
        settled = group_of(api_version) in _SETTLED
        return f"apiVersion {api_version!r} is not served: expected {home or 'v1'}" if settled else ""
    if kind in BUILT_IN[api_version]:
        return ""
    if home:
        return f"{kind} is no kind of {api_version}: expected apiVersion {home}"
    near = get_close_matches(kind.lower(), {known.lower(): known for known in _HOME}, n=1, cutoff=0.6)
    guess = next((known for known in sorted(_HOME) if near and known.lower() == near[0]), "")
    return f"unknown kind {kind!r} of {api_version}" + (f": did you mean {guess}?" if guess else "")
