"""What pods, and the templates of workloads, run, ask for and tolerate."""

from __future__ import annotations

from collections.abc import Iterator

from foretell.logic.amounts import units
from foretell.logic.vocabulary import Argument
from foretell.model.errors import QuantityError
from foretell.model.meta import Object
from foretell.model.objects import (
    Container,
    CronJob,
    Deployment,
    Pod,
    PodOwner,
    PodSpec,
    PodTemplate,
)

Row = tuple[Argument, ...]
"""The arguments of a fact after the object itself."""
_MEBIBYTE = 2**20
_GREATEST = 2**31 - 1
_BYTES = ("memory", "ephemeral-storage", "storage", "hugepages-")


def template_of(thing: Object) -> PodTemplate | None:
    """The template of a workload's pods; None for other objects."""
    if isinstance(thing, CronJob):
        return thing.spec.job_template.spec.template
    return thing.spec.template if isinstance(thing, PodOwner | Deployment) else None


def spec_of(thing: Object) -> PodSpec:
    """The specification of a pod or of a workload's pods; an empty one for other objects."""
    template = template_of(thing)
    return template.spec if template else thing.spec if isinstance(thing, Pod) else PodSpec()


def containers_of(thing: Object) -> Iterator[Container]:
    """Its containers, init containers first."""
    spec = spec_of(thing)
    yield from spec.init_containers
    yield from spec.containers


def _amount(resource: str, text: str | int | float) -> int:
    """An amount in thousandths of a core, MiB or pieces."""
    whole = units(resource, text)
    if resource.startswith(_BYTES):
        whole = -(-whole // _MEBIBYTE)
    return min(whole, _GREATEST)


def amounts_in(texts: dict[str, str | int | float]) -> Iterator[tuple[str, int]]:
    """Amounts by resource; what is no quantity is left out."""
    for resource, text in texts.items():
        try:
            yield resource, _amount(resource, text)
        except QuantityError:
            continue


def tag_of(image: str) -> str:
    """The digest of an image or else its tag, as its name has it; that is latest where there is neither."""
    name, _, digest = image.partition("@")
    return digest or name.rpartition("/")[2].partition(":")[2] or "latest"


def requests(thing: Object) -> Iterator[Row]:
    """What each container asks for; what isn't requested but limited is requested up to the limit."""
    for container in containers_of(thing):
        for resource, amount in amounts_in({**container.resources.limits, **container.resources.requests}):
            yield container.name, resource, amount


def limits(thing: Object) -> Iterator[Row]:
    """What each container is held to."""
    for container in containers_of(thing):
        for resource, amount in amounts_in(container.resources.limits):
            yield container.name, resource, amount


def tolerations(thing: Object) -> Iterator[Row]:
    """Its tolerations."""
    for each in spec_of(thing).tolerations:
        yield each.key, each.operator or "Equal", each.value, each.effect
