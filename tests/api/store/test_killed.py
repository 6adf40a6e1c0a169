"""A process that is killed while it commits loses no revision that it has acknowledged."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.api.store.conftest import Open
from tests.api.store.samples import ENTRY, found, made, node, nodes, put, taints

ROOT = Path(__file__).resolve().parents[3]


@pytest.mark.parametrize("after", [1, 25, 60])
def test_every_acknowledged_revision_is_there_after_a_kill(url: str, open_store: Open, after: int) -> None:
    store = open_store()
    info = made(store, cluster=nodes(100))
    with subprocess.Popen(
        [sys.executable, "-m", "tests.api.store.committer", url, str(info.id)],
        cwd=ROOT, stdout=subprocess.PIPE, text=True,
    ) as process:  # fmt: skip
        assert process.stdout is not None
        acknowledged = [int(process.stdout.readline()) for _ in range(after)]
        process.kill()
        # A line may be cut off by the end; only whole ones were told to anybody.
        acknowledged += [int(line) for line in process.stdout if line.endswith("\n")]
    store.close()

    reopened = open_store()
    head = found(reopened).head
    assert acknowledged[-1] <= head <= acknowledged[-1] + 1
    assert acknowledged == list(range(2, acknowledged[-1] + 1))
    for number in range(head, 1, -1):
        assert taints(reopened.load(info.id, number), "n1") == [f"t{number}"]
    assert [each.number for each in reopened.revisions(info.id, limit=head)] == list(range(head, 0, -1))
    assert reopened.commit(info.id, head, put(node("n1", "after")), ENTRY).number == head + 1
