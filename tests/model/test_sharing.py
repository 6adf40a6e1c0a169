"""What objects share, and how their texts are kept, shows in nothing but memory."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from unittest.mock import patch

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from foretell.model.checks import check
from foretell.model.cluster import Cluster
from foretell.model.deltas import decode_delta, delta_between, encode_delta
from foretell.model.documents import decode, to_document
from foretell.model.errors import ManifestError
from foretell.model.kept import Keeper, Kept
from foretell.model.meta import Json, Object
from foretell.model.reading import Source, read_with_notes
from foretell.model.sharing import Sharing

MODEL = "foretell.model"


class Unshared(Sharing):
    """Leaves objects as they were decoded, and their texts whole."""

    def shared(self, thing: Object, text: bytes) -> Object:
        return msgspec.structs.replace(thing, text=text)


def told(source: Source) -> Any:
    """All that a source says: the cluster, its documents and notes, or what is wrong."""
    try:
        cluster, notes = read_with_notes(source)
    except ManifestError as error:
        return str(error)
    return cluster, [to_document(thing) for thing in cluster], notes


def told_plainly(source: Source) -> Any:
    """The same, where every document goes the longest way, by itself."""
    with (
        patch(f"{MODEL}.reading_sources.listed", lambda _: None),
        patch(f"{MODEL}.reading.stored_pod", lambda *_: None),
        patch(f"{MODEL}.reading.Sharing", Unshared),
        patch(f"{MODEL}.reading.Checks.check", lambda _, thing: check(thing)),
    ):
        return told(source)


def listed(documents: list[Json], indent: int = 4) -> bytes:
    """The documents as `kubectl` prints them."""
    text = msgspec.json.encode({"apiVersion": "v1", "items": documents, "kind": "List"})
    return msgspec.json.format(text, indent=indent)


TIME = st.sampled_from(["2026-01-31T12:00:00Z", "2026-02-01T00:00:00Z"])
ODD: st.SearchStrategy[Any] = st.sampled_from([None, 7, "x", [], {}, [{}], [None]])


class Documents:
    """Documents of few values, so that much is equal; sound ones, or such that anything may be wrong in."""

    def __init__(self, *, sound: bool) -> None:
        self.sound = sound
        wrong = [] if sound else ["", "A_b/", "node.kubernetes.io/x", "é", "-wrong-", "x" * 64]
        self.word = st.sampled_from(["a", "b-1", "app", *wrong])
        self.map = st.dictionaries(self.word, self.word, max_size=3)
        amounts = ["100m", "1Gi", "2", 2, 2.0, 0.5, 10**15, *([] if sound else ["much", -1, True, 10**25])]
        names = st.sampled_from(["cpu", "memory", "pods"])
        self.amount = st.sampled_from(amounts)
        self.amounts = st.dictionaries(names, self.amount, max_size=2)

    def some(self, **fields: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
        """A mapping of some of these fields, now and then with one of a wrong type."""
        odd = {name: field if self.sound else field | field | field | ODD for name, field in fields.items()}
        return st.fixed_dictionaries({}, optional=odd)

    def spec(self) -> st.SearchStrategy[dict[str, Any]]:
        """What a pod runs."""
        some, word = self.some, self.word
        container = some(
            name=word,
            image=word,
            resources=some(requests=self.amounts, limits=self.amounts),
            ports=st.lists(some(containerPort=st.integers(0, 9), protocol=word), max_size=2),
            env=st.lists(some(name=word, value=word), max_size=2),
        )
        field = st.fixed_dictionaries(
            {"key": word, "operator": st.just("In"), "values": st.lists(word, min_size=1, max_size=1)}
        )
        term = some(matchFields=st.lists(field, max_size=1))
        required = some(nodeSelectorTerms=st.lists(term, max_size=2))
        toleration = st.fixed_dictionaries({"key": word, "operator": st.sampled_from(["Exists", "Equal"])})
        return some(
            nodeName=word,
            hostname=word,
            nodeSelector=self.map,
            overhead=self.amounts,
            containers=st.lists(container, max_size=2),
            tolerations=st.lists(toleration if self.sound else some(key=word), max_size=2),
            volumes=st.lists(some(name=word, emptyDir=some(sizeLimit=self.amount, medium=word)), max_size=2),
            affinity=some(nodeAffinity=some(requiredDuringSchedulingIgnoredDuringExecution=required)),
        )

    def status(self) -> st.SearchStrategy[dict[str, Any]]:
        """How a pod or a node is."""
        condition = st.fixed_dictionaries(
            {"type": self.word, "status": self.word}, optional={"lastTransitionTime": TIME}
        )
        container = self.some(name=self.word, restartCount=st.integers(0, 3))
        return self.some(
            phase=self.word,
            startTime=TIME,
            podIP=self.word,
            conditions=st.lists(condition, max_size=3),
            capacity=self.amounts,
            containerStatuses=st.lists(container, max_size=2),
        )

    def metadata(self) -> st.SearchStrategy[dict[str, Any]]:
        """Metadata, with uids or without."""
        owner = st.fixed_dictionaries(
            {"apiVersion": st.just("apps/v1"), "kind": st.just("ReplicaSet"), "name": self.word},
            optional={"uid": self.word, "controller": st.booleans()},
        )
        return st.fixed_dictionaries(
            {"name": st.sampled_from(["a", "b", "c", "d", "e", *([] if self.sound else ["F"])])},
            optional={
                "uid": st.sampled_from(["u-1", "u-2", "u-3"]),
                "namespace": st.sampled_from(["default", "other"]),
                "creationTimestamp": TIME,
                "labels": self.map,
                "annotations": self.map,
                "ownerReferences": st.lists(owner, max_size=1),
                "managedFields": st.just([{"manager": "x"}]),
            },
        )

    def pods(self) -> st.SearchStrategy[dict[str, Any]]:
        """Pods."""
        return st.fixed_dictionaries(
            {"apiVersion": st.just("v1"), "kind": st.just("Pod"), "metadata": self.metadata()},
            optional={"spec": self.spec(), "status": self.status()},
        )

    def any(self) -> st.SearchStrategy[dict[str, Any]]:
        """Documents of any kind, misspelt ones among them."""
        kinds = ["Pod", "Node", "DaemonSet", "ReplicaSet", "ConfigMap", "Pods"]
        return self.pods() | st.fixed_dictionaries(
            {
                "apiVersion": st.sampled_from(["v1", "apps/v1", "example.com/v1"]),
                "kind": st.sampled_from(kinds),
                "metadata": self.metadata(),
            },
            optional={"spec": self.spec() | self.some(template=self.some(spec=self.spec()))},
        )


SOUND, ANY = Documents(sound=True).pods(), Documents(sound=False).any()


def place_of(document: Json) -> tuple[str, str]:
    metadata = document["metadata"]
    return metadata["name"], metadata.get("namespace", "default")


@given(st.lists(SOUND, max_size=6, unique_by=place_of))
def test_pods_are_read_as_if_each_stood_alone(documents: list[Json]) -> None:
    story = told(listed(documents))
    assert not isinstance(story, str)
    assert story == told_plainly(listed(documents))


@given(st.lists(ANY, max_size=4), st.sampled_from([-1, 0, 2, 4]))
def test_any_objects_are_read_as_if_each_stood_alone(documents: list[Json], indent: int) -> None:
    assert told(listed(documents, indent)) == told_plainly(listed(documents, indent))


@given(st.lists(ANY, min_size=1, max_size=2), st.data())
def test_broken_texts_are_named_as_ever(documents: list[Json], data: st.DataObject) -> None:
    text = bytearray(listed(documents))
    place = data.draw(st.integers(0, len(text) - 1))
    end = place + data.draw(st.integers(0, 3))
    text[place:end] = data.draw(st.sampled_from([b"", b"{", b'"', b"\xff"]))
    assert told(bytes(text)) == told_plainly(bytes(text))


@given(st.lists(st.binary() | st.binary(min_size=200).map(lambda text: text * 3)))
def test_a_kept_text_is_that_text(texts: list[bytes]) -> None:
    keeper = Keeper()
    kept = [keeper.kept(text, "a", "b") for text in texts]
    assert list(map(bytes, kept)) == texts
    assert kept == texts


def test_a_text_that_is_like_another_one_takes_little_room() -> None:
    keeper = Keeper()
    texts = [b"%d: " % number + bytes(range(256)) * 4 for number in range(100)]
    first, *others = [keeper.kept(text, "all") for text in texts]
    assert first == texts[0]
    assert all(isinstance(kept, Kept) and len(kept.packed) < 100 for kept in others)
    assert [hash(kept) for kept in others] == list(map(hash, texts[1:]))


def test_kept_texts_are_equal_whatever_they_are_kept_by() -> None:
    text = bytes(range(256)) * 4
    kept = []
    for other in (b"x" + text, text + b"y"):
        keeper = Keeper()
        keeper.kept(other, "all")
        kept.append(keeper.kept(text, "all"))
    assert kept[0] == kept[1]
    assert kept[0] != Kept(b"", b"")
    assert kept[0] != "no text"


def dump(count: int) -> list[dict[str, Any]]:
    spec = {"containers": [{"name": "main", "image": "x", "env": [{"name": "A", "value": "b" * 99}] * 9}]}
    documents = []
    for number in range(count):
        metadata = {"name": f"p-{number}", "namespace": "default", "uid": f"u-{number}", "labels": {"a": "b"}}
        pod = {"apiVersion": "v1", "kind": "Pod", "metadata": metadata}
        documents.append({**pod, "spec": {**spec, "nodeName": f"n-{number}"}})
    return documents


def test_pods_of_one_template_share_its_parts() -> None:
    cluster, _ = read_with_notes(listed(dump(9)))
    first, *others = cluster.pods
    assert all(pod.spec.containers is first.spec.containers for pod in others)
    assert all(pod.metadata.labels is first.metadata.labels for pod in others)
    assert all(isinstance(pod.text, Kept) for pod in others)


def test_kept_texts_go_into_a_store_as_texts() -> None:
    cluster, _ = read_with_notes(listed(dump(9)))
    delta = decode_delta(encode_delta(delta_between(Cluster(), cluster)))
    assert delta.after(Cluster()) == cluster
    assert [decode(pod.origin) for pod in cluster.pods] == list(cluster.pods)


def test_a_large_file_is_read_as_a_small_one(tmp_path: Path) -> None:
    path = tmp_path / "dump.json"
    marked = b"\xef\xbb\xbf" + listed(dump(1))
    for text in (listed(dump(99)), listed([{"kind": "Pod"}]), b'[{"a":', b"kind: [", marked):
        path.write_bytes(text)
        small = told(path)
        with patch(f"{MODEL}.reading_sources._LARGE", 1):
            assert told(path) == small
