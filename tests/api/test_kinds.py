"""Kinds are found by every name that kubectl knows them by."""

from __future__ import annotations

import pytest

from foretell.api.telling.kinds import called, full_name, kind_of, plural, reference, short_name
from foretell.model.meta import Key


@pytest.mark.parametrize(
    ("word", "kind"),
    [
        pytest.param("ds", "DaemonSet", id="short"),
        pytest.param("statefulset", "StatefulSet", id="singular"),
        pytest.param("StatefulSets", "StatefulSet", id="plural-in-any-case"),
        pytest.param("daemonsets.apps", "DaemonSet", id="with-group"),
        pytest.param("pvc", "PersistentVolumeClaim", id="claim"),
        pytest.param("storageclasses", "StorageClass", id="plural-in-es"),
        pytest.param("networkpolicies", "NetworkPolicy", id="plural-in-ies"),
        pytest.param("Certificate.cert-manager.io", "Certificate.cert-manager.io", id="custom"),
    ],
)
def test_a_word_means_a_kind(word: str, kind: str) -> None:
    assert kind_of(word) == kind


def test_an_unknown_word_gets_a_guess() -> None:
    with pytest.raises(ValueError, match="did you mean daemonset"):
        kind_of("dameonset")


@pytest.mark.parametrize("text", ["web", "sts/", "/web", ""])
def test_a_reference_has_kind_and_name(text: str) -> None:
    with pytest.raises(ValueError, match="KIND/NAME"):
        reference(text)


def test_objects_are_named_as_kubectl_people_and_sentences_name_them() -> None:
    assert full_name(Key("StatefulSet", "default", "web")) == "statefulset.apps/web"
    assert full_name(Key("Pod", "default", "web-0")) == "pod/web-0"
    assert short_name("StatefulSet", "web") == "sts/web"
    assert called("Pod/web-0") == "pod web-0"
    assert called("StatefulSet/web") == "sts/web"
    assert plural("Ingress") == "ingresses"
