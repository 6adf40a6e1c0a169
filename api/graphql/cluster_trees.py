"""One object of a cluster in GraphQL, by its name, and trees of what owns what."""

from __future__ import annotations

from typing import Annotated

import strawberry

from foretell.api.graphql.objects import KubernetesObject, wrapped
from foretell.api.graphql.paging import LONGEST_PAGE
from foretell.api.service.errors import InvalidInputError
from foretell.api.service.snapshots import Snapshot
from foretell.api.telling.kinds import not_found, reference
from foretell.api.telling.ownership import branches, ready_condition
from foretell.model.meta import Key
from foretell.model.objects import CLUSTER_SCOPED

Space = Annotated[str, strawberry.argument(description="The namespace of what is named.")]


@strawberry.type(description="A line of a tree of what owns what.")
class Branch:
    """A line of a tree."""

    object: KubernetesObject = strawberry.field(description="The object.")
    depth: int = strawberry.field(description="How deep it is; the root has 0.")
    drawing: str = strawberry.field(description="What is drawn before it, such as `├─`.")
    ready: str | None = strawberry.field(description="The status of its Ready condition, if it has one.")


@strawberry.type(description="Single objects of a cluster.")
class ClusterTrees:
    """The part of a cluster that finds objects by their names."""

    snapshot: strawberry.Private[Snapshot]

    @strawberry.field(description="One object; null where there is none of this name.")
    def object(
        self,
        name: Annotated[
            str,
            strawberry.argument(
                description="Kind and name, such as `sts/web`, `pod/web-0` or `node/worker-1`."
            ),
        ],
        namespace: Space = "default",
    ) -> KubernetesObject | None:
        """One object."""
        thing = self.snapshot.cluster.get(key_of(name, namespace, "name"))
        return None if thing is None else wrapped(self.snapshot, thing)

    @strawberry.field(description="An object and what it owns, line by line; at most 1,000 lines.")
    def tree(
        self,
        of: Annotated[
            str,
            strawberry.argument(name="root", description="Kind and name of the object, such as `sts/web`."),
        ],
        namespace: Space = "default",
    ) -> list[Branch]:
        """An object and what it owns."""
        key = key_of(of, namespace, "root")
        thing = self.snapshot.cluster.get(key)
        if thing is None:
            raise not_found(key.kind, key.name)
        lines = zip(range(10 * LONGEST_PAGE), branches(self.snapshot.cluster, thing), strict=False)
        return [
            Branch(
                object=wrapped(self.snapshot, child), depth=len(drawing) // 2, drawing=drawing,
                ready=None if (ready := ready_condition(child)[0]) == "-" else ready,
            )
            for _, (drawing, child) in lines
        ]  # fmt: skip


def key_of(text: str, namespace: str, argument: str) -> Key:
    """The key of an object such as `sts/web`; raises InvalidInputError."""
    try:
        kind, name = reference(text)
    except ValueError as error:
        raise InvalidInputError(str(error), argument) from None
    return Key(kind, "" if kind in CLUSTER_SCOPED else namespace, name)
