"""Mutations of whole clusters: made, imported, copied, moved on, reverted and deleted."""

from __future__ import annotations

from typing import Annotated

import strawberry

from foretell.api.access.roles import Role, check
from foretell.api.graphql import inputs_objects as objects
from foretell.api.graphql.access import FORECAST, ClusterName, guard
from foretell.api.graphql.context import Info
from foretell.api.graphql.forecasts import Assumptions, assumed
from foretell.api.graphql.input_parts import optional, told
from foretell.api.graphql.mutations import DryRun, Expected, Reasoned, order
from foretell.api.graphql.payload import ChangePayload, answered
from foretell.api.service.changing import Outcome
from foretell.api.service.errors import InvalidInputError
from foretell.api.solver import questions as q
from foretell.logic.gates import DEFAULT_VERSION, UnknownGateError, default_gates, gates_with
from foretell.model.cluster import Cluster


@strawberry.input(description="A feature gate that is set otherwise than by default.")
class GateInput:
    """A feature gate."""

    name: str = told("The gate.")
    on: bool = told("Whether it is on.")


@strawberry.input(description="Whose laws hold in a cluster.")
class CreateInput:
    """A new cluster."""

    kubernetes: str = told("The version of Kubernetes.", default=DEFAULT_VERSION)
    gates: list[GateInput] = told("Feature gates that are set otherwise.", default_factory=list)

    def laws(self) -> dict[str, bool]:
        """The gates; raises InvalidInputError for one, or a version, that isn't known."""
        gates = {gate.name: gate.on for gate in self.gates}
        try:
            default_gates(self.kubernetes)
        except UnknownGateError as error:
            raise InvalidInputError(str(error), "input", "kubernetes") from None
        try:
            gates_with(self.kubernetes, gates)
        except UnknownGateError as error:
            raise InvalidInputError(str(error), "input", "gates") from None
        return gates


@strawberry.input(description="A dump to import: what `kubectl get … -o json` prints, or manifests.")
class ImportInput(CreateInput):
    """A dump."""

    dump: str = told("JSON or YAML.")
    replace: bool = told("Whether a cluster of this name gets it as its next revision.", default=False)


@strawberry.input(description="Which cluster is copied.")
class CopyInput:
    """A copy."""

    source: str = told("The cluster that is copied.")
    revision: int | None = optional("Its revision; by default the newest.")


@strawberry.input(description="How far the controllers are let act.")
class AdvanceInput:
    """A number of waves."""

    waves: int = told("How many waves they act for, from 1.", default=1)
    assume: Assumptions | None = optional("Where the world is to answer otherwise.")


@strawberry.input(description="How the world answers while the controllers act.")
class ReconcileInput:
    """What is assumed."""

    assume: Assumptions | None = optional("Where the world is to answer otherwise.")


@strawberry.input(description="Which revision is brought back.")
class RevertInput:
    """An earlier revision."""

    revision: int = told("The number of the revision.")


NewName = Annotated[str, strawberry.argument(description="The name of the new cluster.")]


@strawberry.type(description="What changes clusters as a whole.")
class ChangingClusters:
    """The mutations of whole clusters."""

    @strawberry.field(
        description="Apply manifests: objects are created, configured, or left unchanged.",
        **guard(Role.OPERATOR, weight=FORECAST),
    )
    async def apply(
        self,
        info: Info,
        cluster: ClusterName,
        input: Annotated[objects.ApplyInput, strawberry.argument(description="The manifests.")],
        expected_revision: Expected = None,
        dry_run: DryRun = False,
        why: Reasoned = "",
    ) -> ChangePayload:
        """Apply manifests."""
        return await answered(
            lambda: info.context.services.changing.apply(
                order(info, "apply", cluster, expected_revision, dry_run, why),
                input.manifests,
                input.namespace,
            )
        )

    @strawberry.field(
        description="Let the controllers act for some waves.", **guard(Role.OPERATOR, weight=FORECAST)
    )
    async def advance(
        self,
        info: Info,
        cluster: ClusterName,
        input: Annotated[
            AdvanceInput | None, strawberry.argument(description="How far; by default one wave.")
        ] = None,
        expected_revision: Expected = None,
        dry_run: DryRun = False,
        why: Reasoned = "",
    ) -> ChangePayload:
        """Let the controllers act for some waves."""
        given = input or AdvanceInput()

        async def work() -> Outcome:
            if given.waves < 1:
                raise InvalidInputError(f"waves is {given.waves}: expected a number from 1", "input", "waves")
            wanted = order(info, "advance", cluster, expected_revision, dry_run, why)
            return await info.context.services.changing.advance(wanted, given.waves, assumed(given.assume))

        return await answered(work)

    @strawberry.field(
        description="Let the controllers act until nothing is left to do.",
        **guard(Role.OPERATOR, weight=FORECAST),
    )
    async def reconcile(
        self,
        info: Info,
        cluster: ClusterName,
        input: Annotated[ReconcileInput | None, strawberry.argument(description="What is assumed.")] = None,
        expected_revision: Expected = None,
        dry_run: DryRun = False,
        why: Reasoned = "",
    ) -> ChangePayload:
        """Let the controllers act until nothing is left to do."""
        assume = assumed(input.assume if input else None)
        return await answered(
            lambda: info.context.services.changing.advance(
                order(info, "reconcile", cluster, expected_revision, dry_run, why), None, assume
            )
        )

    @strawberry.field(
        description="Bring an earlier revision back, as a new one.", **guard(Role.OPERATOR, weight=FORECAST)
    )
    async def revert(
        self,
        info: Info,
        cluster: ClusterName,
        input: Annotated[RevertInput, strawberry.argument(description="Which revision.")],
        expected_revision: Expected = None,
        dry_run: DryRun = False,
        why: Reasoned = "",
    ) -> ChangePayload:
        """Bring an earlier revision back."""
        return await answered(
            lambda: info.context.services.changing.revert(
                order(info, "revert", cluster, expected_revision, dry_run, why), input.revision
            )
        )

    @strawberry.field(description="Make an empty cluster.", **guard(Role.OPERATOR, weight=FORECAST))
    async def create_cluster(
        self,
        info: Info,
        cluster: NewName,
        input: Annotated[CreateInput | None, strawberry.argument(description="Whose laws hold.")] = None,
        expected_revision: Expected = None,
        dry_run: DryRun = False,
        why: Reasoned = "",
    ) -> ChangePayload:
        """Make an empty cluster."""
        given = input or CreateInput()

        async def work() -> Outcome:
            wanted = order(info, "createCluster", cluster, expected_revision, dry_run, why)
            return await info.context.services.changing.create(
                wanted, Cluster(), kubernetes=given.kubernetes, gates=given.laws()
            )

        return await answered(work)

    @strawberry.field(description="Import a cluster from a dump.", **guard(Role.OPERATOR, weight=FORECAST))
    async def import_cluster(
        self,
        info: Info,
        cluster: NewName,
        input: Annotated[ImportInput, strawberry.argument(description="The dump.")],
        expected_revision: Expected = None,
        dry_run: DryRun = False,
        why: Reasoned = "",
    ) -> ChangePayload:
        """Import a cluster."""

        async def work() -> Outcome:
            wanted = order(info, "importCluster", cluster, expected_revision, dry_run, why)
            question = q.ReadQuestion(text=input.dump.encode(), source="the dump")
            return await info.context.services.changing.put(
                wanted, question, kubernetes=input.kubernetes, gates=input.laws(), replace=input.replace
            )

        return await answered(work)

    @strawberry.field(
        description="Copy a cluster: a sandbox to try things in.", **guard(Role.OPERATOR, weight=FORECAST)
    )
    async def copy_cluster(
        self,
        info: Info,
        cluster: NewName,
        input: Annotated[CopyInput, strawberry.argument(description="What is copied.")],
        expected_revision: Expected = None,
        dry_run: DryRun = False,
        why: Reasoned = "",
    ) -> ChangePayload:
        """Copy a cluster."""
        check(info.context.principal, input.source, Role.VIEWER)
        return await answered(
            lambda: info.context.services.changing.copy(
                order(info, "copyCluster", cluster, expected_revision, dry_run, why),
                input.source,
                input.revision,
            )
        )

    @strawberry.field(
        description="Delete a cluster with its history.", **guard(Role.OPERATOR, weight=FORECAST)
    )
    async def delete_cluster(
        self,
        info: Info,
        cluster: ClusterName,
        expected_revision: Expected = None,
        dry_run: DryRun = False,
        why: Reasoned = "",
    ) -> ChangePayload:
        """Delete a cluster."""
        return await answered(
            lambda: info.context.services.changing.delete(
                order(info, "deleteCluster", cluster, expected_revision, dry_run, why)
            )
        )
