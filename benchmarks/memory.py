"""What a read cluster takes of memory, told by a process that does nothing else.

python benchmarks/memory.py dump.json [--traced]
"""

from __future__ import annotations

import argparse
import gc
import json
import subprocess
import sys
import tracemalloc
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import dump
from fleet import fleet, fleet_daemonset, fleet_node

from foretell.logic.desired import desired
from foretell.model.meta import Key
from foretell.model.reading import read

MOST_PODS = 110
"""So many pods a kubelet takes by default."""
REPLICAS = 20
_STATUS = Path("/proc/self/status")


def documents(nodes: int, daemonsets: int, pods: int) -> Iterator[dict[str, Any]]:
    """A cluster as kubectl prints it: daemon pods, and replicas until each node has about so many pods."""
    wanted = desired(fleet(nodes, daemonsets))
    kept: dict[str, int] = {}
    number = 0
    for index in range(nodes):
        document = fleet_node(index)
        meta = dump.meta(document["metadata"]["name"], index, labels=document["metadata"]["labels"])
        yield {**dump.node(index), "metadata": meta, "spec": document["spec"]}
    for index in range(daemonsets):
        document = fleet_daemonset(index)
        name = document["metadata"]["name"]
        owner = dump.workload("DaemonSet", name, 10**6 + index)
        owner["spec"]["template"]["spec"] |= document["spec"]["template"]["spec"]
        yield owner
        for node in wanted.nodes_of(Key("DaemonSet", "default", name)):
            number += 1
            kept[node] = kept.get(node, 0) + 1
            yield dump.pod(f"{name}-{number:07}", 10**7 + number, owner, node)
    places = [
        name
        for name in (f"node-{index:05}" for index in range(nodes))
        for _ in range(min(pods, MOST_PODS) - kept.get(name, 0))
    ]
    for index in range(0, len(places), REPLICAS):
        some = places[index : index + REPLICAS]
        name = f"stateful-{index // REPLICAS:05}"
        owner = dump.workload("StatefulSet", name, 2 * 10**6 + index, replicas=len(some), serviceName=name)
        yield owner
        for ordinal, node in enumerate(some):
            yield dump.pod(f"{name}-{ordinal}", 2 * 10**7 + index + ordinal, owner, node)


def write(path: Path, nodes: int, daemonsets: int, pods: int) -> None:
    """Write a cluster as a List."""
    with path.open("w") as file:
        file.write('{"apiVersion":"v1","kind":"List","items":[')
        for index, document in enumerate(documents(nodes, daemonsets, pods)):
            file.write(("," if index else "") + json.dumps(document, separators=(",", ":")))
        file.write("]}")


def resident() -> int:
    """How many bytes of memory this process has; nought where the kernel doesn't tell."""
    lines = _STATUS.read_text().splitlines() if _STATUS.exists() else []
    return sum(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmRSS:"))


def measured(nodes: int, daemonsets: int, pods: int) -> dict[str, Any]:
    """What the objects of a read cluster take, by a pod: by Python's own count, and as resident memory."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "dump.json"
        write(path, nodes, daemonsets, pods)
        row: dict[str, Any] = {"nodes": nodes, "file_mb": round(path.stat().st_size / 1e6, 1)}
        for way in ([], ["--traced"]):
            command = [sys.executable, __file__, str(path), *way]
            row |= json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    for kind in ("resident", "traced"):
        row[f"{kind}_bytes_a_pod"] = round(row[f"{kind}_bytes"] / row["pods"])
    return row


def main() -> None:
    """Read a file, and print what that took as JSON."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("path", type=Path)
    parser.add_argument("--traced", action="store_true")
    options = parser.parse_args()
    if options.traced:
        tracemalloc.start()
    before = resident()
    cluster = read(options.path)
    gc.collect()
    if options.traced:
        print(json.dumps({"traced_bytes": tracemalloc.get_traced_memory()[0]}))
    else:
        print(json.dumps({"pods": len(cluster.pods), "resident_bytes": resident() - before}))


if __name__ == "__main__":
    main()
