"""ControllerRevisions in GraphQL: what workloads remember of their templates."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Annotated

import strawberry

from foretell.api.graphql.lists import listed
from foretell.api.graphql.objects import Format, KubernetesObject, owner_of, shows
from foretell.api.service.snapshots import Snapshot
from foretell.logic.templates import HASH_LABEL, label_of_revision, remembered_template
from foretell.model.cluster import Cluster
from foretell.model.objects import ControllerRevision, DaemonSet, StatefulSet
from foretell.model.objects import Pod as ModelPod
from foretell.model.objects import Revisioned as ModelWorkload
from foretell.model.writing import write_document

if TYPE_CHECKING:
    from foretell.api.graphql.pods import Pod
    from foretell.api.graphql.workloads import Workload


@strawberry.type(name="ControllerRevision", description="A template that a workload remembers.")
class Revision(KubernetesObject):
    """A ControllerRevision."""

    thing: strawberry.Private[ControllerRevision]
    number: int = strawberry.field(description="Its number: the workload's newest template has the highest.")

    @strawberry.field(description="The workload that it belongs to, if it is there.")
    def workload(self) -> Annotated[Workload, strawberry.lazy("foretell.api.graphql.workloads")] | None:
        """Its workload."""
        from foretell.api.graphql.workloads import workload_of

        return workload_of(self.snapshot, owner_of(self.snapshot.cluster, self.thing.metadata.controller))

    @listed(
        Annotated["Pod", strawberry.lazy("foretell.api.graphql.pods")], "The pods that were made from it."
    )
    def pods(self) -> Sequence[ModelPod]:
        """Its pods."""
        cluster = self.snapshot.cluster
        owner = owner_of(cluster, self.thing.metadata.controller)
        if not isinstance(owner, DaemonSet | StatefulSet):
            return []
        mark = label_of_revision(owner, self.thing)
        return [p for _, p in cluster.owned_pods(owner.metadata.uid) if p.labels.get(HASH_LABEL) == mark]

    @strawberry.field(description="The template that it remembers.")
    def template(
        self, format: Annotated[Format, strawberry.argument(description="How it is written.")] = Format.YAML
    ) -> str:
        """The template."""
        return write_document(remembered_template(self.thing), format.value).decode()


def revisions_of(cluster: Cluster, workload: ModelWorkload) -> Iterator[tuple[str, ControllerRevision]]:
    """A workload's revisions, each with what its pods bear, in the order of names."""
    for thing in cluster.owned_by(workload.metadata.uid):
        if isinstance(thing, ControllerRevision):
            yield label_of_revision(workload, thing), thing


@shows(ControllerRevision)
def revision_of(snapshot: Snapshot, revision: ControllerRevision) -> Revision:
    """A revision in GraphQL."""
    return Revision(
        snapshot=snapshot,
        thing=revision,
        name=revision.name,
        namespace=revision.namespace,
        number=revision.revision,
    )
