"""A process that commits for ever, and prints the number of each revision once it is acknowledged."""

from __future__ import annotations

import sys

from foretell.api.store.spacing import Spacing
from foretell.api.store.store import Store
from tests.api.store.samples import ENTRY, node, put


def main(url: str, cluster_id: int) -> None:
    """Taint a node anew in each revision after the first; every tenth has a checkpoint."""
    store, number = Store.open(url, spacing=Spacing(deltas=10)), 1
    while True:
        number = store.commit(cluster_id, number, put(node("n1", f"t{number + 1}")), ENTRY).number
        print(number, flush=True)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
