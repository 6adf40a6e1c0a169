"""Clusters that a server is started with: read from files or standard input, unless they are there."""

from __future__ import annotations

from datetime import UTC, datetime

from foretell.api.store.store import Store
from foretell.api.store.values import Entry, checked_name
from foretell.logic.forecast import moment_of
from foretell.model.reading import read_with_notes


def load(store: Store, name: str, source: str) -> str:
    """Make a cluster of a file, a folder or `-`, and tell what was done; one of this name is left as it is.

    Raises ManifestError or InvalidNameError.
    """
    there = store.cluster(checked_name(name))
    if there is not None:
        return f"cluster {name} is in the store already, at revision {there.head}: {source} is not read"
    cluster, notes = read_with_notes(source)
    told = f"{len(cluster):,} objects read from {'standard input' if source == '-' else source}"
    entry = Entry(at=datetime.now(UTC), by="local", action="load", told=(told, *notes))
    store.create(name, cluster.at(moment_of(cluster)), entry)
    return f"cluster {name}: {told}"
