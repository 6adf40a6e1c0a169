"""Changes of objects as input: manifests, patches, deletions, labels, and what workloads are told to do."""

from __future__ import annotations

import msgspec
import strawberry
from strawberry.scalars import JSON

from foretell.api.graphql.input_parts import Cascade, ObjectInput, change, optional, told
from foretell.api.service.errors import InvalidInputError
from foretell.model.meta import Json


@strawberry.input(
    description="Manifests to apply: they create objects, or are merged into those that are there."
)
class ApplyInput:
    """Manifests to apply."""

    manifests: str = told("YAML or JSON; several documents and Lists are taken apart.")
    namespace: str = told("Where objects are that don't say it.", default="default")


@strawberry.input(description="A JSON merge patch (RFC 7386) of an object.")
class PatchInput(ObjectInput):
    """A patch."""

    patch: JSON = told("The patch: null takes a field away, lists are replaced.")

    def changes(self) -> tuple[Json, ...]:
        """The change; raises InvalidInputError for a patch that isn't one."""
        if not isinstance(self.patch, dict):
            raise InvalidInputError(
                "the patch is no JSON object: expected such as {spec: …}", "input", "patch"
            )
        try:
            msgspec.msgpack.encode(self.patch)
        except OverflowError:
            problem = "the patch has a number that is too large: expected integers of at most 64 bits"
            raise InvalidInputError(problem, "input", "patch") from None
        return change("patch", **self.named(), **{"with": self.patch})


@strawberry.input(description="An object to delete.")
class DeleteInput(ObjectInput):
    """A deletion."""

    cascade: Cascade = told("What becomes of what it owns.", default=Cascade.BACKGROUND)
    grace_seconds: int | None = optional("For how long it may end; 0 removes it at once.")

    def changes(self) -> tuple[Json, ...]:
        """The change."""
        return change("delete", **self.named(), cascade=self.cascade.value, grace=self.grace_seconds)


@strawberry.input(description="A label or annotation to set, or to take away.")
class PairInput:
    """A label or annotation."""

    key: str = told("The key.")
    value: str | None = optional("The value; null takes it away.")


@strawberry.input(description="Labels or annotations to set on an object, or to take off it.")
class PairsInput(ObjectInput):
    """Labels or annotations."""

    pairs: list[PairInput] = told("What to set, and what to take away.")

    def _change(self, name: str, field: str) -> tuple[Json, ...]:
        named = self.named()
        if named["kind"] == "Node":
            named = {"node": self.name}
        elif named["kind"] == "Pod":
            named = {"pod": self.name, "namespace": self.namespace}
        return change(name, **named, **{field: {pair.key: pair.value for pair in self.pairs}})


@strawberry.input(description="Labels to set on an object, or to take off it.")
class LabelInput(PairsInput):
    """Labels."""

    def changes(self) -> tuple[Json, ...]:
        """The change."""
        return self._change("label", "labels")


@strawberry.input(description="Annotations to set on an object, or to take off it.")
class AnnotateInput(PairsInput):
    """Annotations."""

    def changes(self) -> tuple[Json, ...]:
        """The change."""
        return self._change("annotate", "annotations")


@strawberry.input(description="How many replicas a workload is to have.")
class ScaleInput(ObjectInput):
    """A number of replicas."""

    replicas: int = told("The number of replicas.")

    def changes(self) -> tuple[Json, ...]:
        """The change."""
        return change("scale", **self.named(), replicas=self.replicas)


@strawberry.input(description="A workload whose pods are all to be replaced.")
class RestartInput(ObjectInput):
    """A workload to restart."""

    def changes(self) -> tuple[Json, ...]:
        """The change."""
        return change("restart", **self.named())


@strawberry.input(description="A Deployment whose roll-out is to be held.")
class PauseRolloutInput(ObjectInput):
    """A roll-out to pause."""

    def changes(self) -> tuple[Json, ...]:
        """The change."""
        return change("pause", **self.named())


@strawberry.input(description="A Deployment whose roll-out is to go on.")
class ResumeRolloutInput(ObjectInput):
    """A roll-out to resume."""

    def changes(self) -> tuple[Json, ...]:
        """The change."""
        return change("resume", **self.named())


class _SuspensionInput(ObjectInput):
    """A Job or CronJob, which alone can be suspended; kubectl patches them."""

    def _suspended(self, *, suspended: bool) -> tuple[Json, ...]:
        named = self.named()
        if named["kind"] not in ("Job", "CronJob"):
            raise InvalidInputError(
                f"{named['kind']} can't be suspended: expected Job or CronJob", "input", "kind"
            )
        return change("patch", **named, **{"with": {"spec": {"suspend": suspended}}})


@strawberry.input(description="A Job or CronJob that is to rest.")
class SuspendJobInput(_SuspensionInput):
    """A Job to suspend."""

    def changes(self) -> tuple[Json, ...]:
        """The change; raises InvalidInputError for another kind."""
        return self._suspended(suspended=True)


@strawberry.input(description="A Job or CronJob that is to go on.")
class ResumeJobInput(_SuspensionInput):
    """A Job to resume."""

    def changes(self) -> tuple[Json, ...]:
        """The change; raises InvalidInputError for another kind."""
        return self._suspended(suspended=False)


@strawberry.input(description="The image that a container of a workload or pod is to run.")
class SetImageInput(ObjectInput):
    """An image."""

    image: str = told("The image.")
    container: str | None = optional("The container; by default the first one.")

    def changes(self) -> tuple[Json, ...]:
        """The change."""
        return change("image", **self.named(), image=self.image, container=self.container)


@strawberry.input(description="A workload to which an earlier template is put back.")
class UndoInput(ObjectInput):
    """A roll-out to undo."""

    to_revision: int | None = optional(
        "The number of the ControllerRevision or ReplicaSet; by default the one before the newest."
    )

    def changes(self) -> tuple[Json, ...]:
        """The change."""
        return change("undo", **self.named(), to_revision=self.to_revision)
