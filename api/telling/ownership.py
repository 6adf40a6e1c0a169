"""What an object owns, as a tree: branches in order, and each object's Ready condition."""

from __future__ import annotations

from collections.abc import Iterator

from foretell.logic.order import natural
from foretell.model.cluster import Cluster
from foretell.model.documents import to_document
from foretell.model.meta import Object


def children(cluster: Cluster, thing: Object) -> list[Object]:
    """What an object owns, in the order of kinds, names and namespaces."""
    owned = cluster.owned_by(thing.metadata.uid) if thing.metadata.uid else ()
    return sorted(owned, key=lambda child: (child.kind, natural(child.name), child.namespace))


def branches(
    cluster: Cluster, thing: Object, stem: str = "", twig: str = "", path: frozenset[str] = frozenset()
) -> Iterator[tuple[str, Object]]:
    """Every object below one with what is drawn before it; an object that owns itself isn't followed."""
    yield twig, thing
    if thing.metadata.uid in path:
        return
    below_it = children(cluster, thing)
    for child in below_it:
        last = child is below_it[-1]
        below = stem + ("  " if last else "│ ")
        yield from branches(
            cluster, child, below, stem + ("└─" if last else "├─"), path | {thing.metadata.uid}
        )


def ready_condition(thing: Object) -> tuple[str, str]:
    """The Ready condition's status and reason; a dash where there is none."""
    for condition in to_document(thing).get("status", {}).get("conditions", ()):
        if condition.get("type") == "Ready":
            return str(condition.get("status", "")), str(condition.get("reason", ""))
    return "-", ""
