"""A cluster in GraphQL: its objects, what should be there, and what will happen."""

from __future__ import annotations

from datetime import UTC, datetime

import strawberry

from foretell.api.graphql.cluster_lists import ClusterLists
from foretell.api.graphql.cluster_questions import ClusterQuestions
from foretell.api.graphql.cluster_trees import ClusterTrees
from foretell.api.graphql.cluster_workloads import ClusterWorkloads
from foretell.api.graphql.context import Info
from foretell.api.graphql.history import ClusterRevision, cluster_revision_of, history_page
from foretell.api.graphql.ids import Named, global_id
from foretell.api.graphql.lists import paged
from foretell.api.graphql.objects import Node
from foretell.api.graphql.paging import Connection, Paging
from foretell.api.service.snapshots import Snapshot


@strawberry.type(description="A cluster as it was at a revision, or as a dry run would leave it.")
class Cluster(Node, ClusterLists, ClusterWorkloads, ClusterTrees, ClusterQuestions):
    """A cluster."""

    name: str = strawberry.field(description="Its name.")
    revision: int | None = strawberry.field(description="The revision; null where it was never stored.")

    @strawberry.field(description="The global id.")
    def id(self) -> strawberry.ID:
        """The global id."""
        return strawberry.ID(global_id(Named(self.name)))

    @strawberry.field(description="The newest revision.")
    def head(self) -> int:
        """The newest revision."""
        return self.snapshot.info.head

    @strawberry.field(description="The version of Kubernetes whose laws hold, such as `1.36`.")
    def kubernetes(self) -> str:
        """The version of Kubernetes."""
        return self.snapshot.info.kubernetes

    @strawberry.field(description="When the cluster was first stored here.")
    def created_at(self) -> datetime:
        """When it was first stored."""
        return self.snapshot.info.created

    @strawberry.field(description="The cluster's own now, on its virtual clock; null where nothing tells it.")
    def moment(self) -> datetime | None:
        """The cluster's own now."""
        moment = self.snapshot.cluster.moment
        return datetime.fromtimestamp(moment, UTC) if moment else None

    @strawberry.field(description="How many objects there are.")
    def object_count(self) -> int:
        """How many objects there are."""
        return len(self.snapshot.cluster)

    @strawberry.field(description="The revisions up to this one, the newest first.", **paged())
    async def history(self, info: Info, paging: Paging) -> Connection[ClusterRevision]:
        """The revisions up to this one."""
        return await history_page(info, self.snapshot, paging)

    @strawberry.field(description="What made this revision; null where the cluster was never stored.")
    async def made_by(self, info: Info) -> ClusterRevision | None:
        """What made this revision."""
        if self.revision is None:
            return None
        revision = await info.context.services.clusters.revision(self.snapshot.info, self.revision)
        return cluster_revision_of(revision)


def cluster_of(snapshot: Snapshot) -> Cluster:
    """A cluster in GraphQL."""
    return Cluster(snapshot=snapshot, name=snapshot.name, revision=snapshot.number)
