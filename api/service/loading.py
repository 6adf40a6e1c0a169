"""Clusters that a server is started with: read from files or standard input, unless they are there."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from foretell.api.store.store import Store
from foretell.api.store.values import Entry, checked_name
from foretell.api.telling.counts import counted
from foretell.logic.carried import moment_of
from foretell.model.reading import read_with_notes


def load(store: Store, name: str, source: str) -> str:
    """Make a cluster of a file, a folder or `-`, and tell what was done; one of this name is left as it is.

    Raises ManifestError or InvalidNameError.
    """
    there = store.cluster(checked_name(name))
    if there is not None:
        return f"cluster {name} is in the store already, at revision {there.head}: {source} is not read"
    cluster, notes = read_with_notes(source)
    # Whoever may see the history needn't learn where files are on the server.
    where = "standard input" if source == "-" else Path(source).name
    told = f"{counted(len(cluster), 'object')} read from {where}"
    entry = Entry(at=datetime.now(UTC), by="local", action="load", told=(told, *notes))
    store.create(name, cluster.at(moment_of(cluster)), entry)
    return f"cluster {name}: {told}"
