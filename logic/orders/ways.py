"""Ways: what is open in a round of the controllers, and which of its ways differ by more than alike nodes."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Sequence
from typing import TYPE_CHECKING

from foretell.logic import vocabulary as v
from foretell.logic.orders.readiness import owner_of_pod
from foretell.logic.orders.sight import Sight
from foretell.model.meta import Key
from foretell.model.objects import Pod
from foretell.model.orders import Choice, ChoiceKind

if TYPE_CHECKING:
    from foretell.logic.round import Round
    from foretell.logic.simulation import Simulation


def choices_among(rounds: Sequence[Round], simulation: Simulation) -> Iterator[Choice]:
    """What is chosen among rounds: on which nodes roll-outs go on, and which pods go."""
    wave = len(simulation.waves) + 1
    nodes: dict[Key, set[str]] = {}
    for term, node, _ in rounds[0].answer.get("contends", ()):
        nodes.setdefault(v.workload_key(term), set()).add(str(node))
    for key, names in sorted(nodes.items()):
        yield Choice(kind=ChoiceKind.ROLL_OUT, about=(key,), wave=wave, nodes=tuple(sorted(names)))
    going = [frozenset(work.answer.get("goes", ())) for work in rounds]
    if len(set(going)) == 1:
        return
    victims: dict[Key, set[str]] = {}
    for _, path in frozenset().union(*going):
        pod = simulation.cluster.get(v.key_of("Pod", str(path)))
        if isinstance(pod, Pod):
            key = owner_of_pod(simulation.cluster, pod) or pod.key
            victims.setdefault(key, set()).add(pod.spec.node_name)
    for key, names in sorted(victims.items()):
        yield Choice(kind=ChoiceKind.VICTIMS, about=(key,), wave=wave, nodes=tuple(sorted(names - {""})))


def taken_by(work: Round, sight: Sight) -> Iterator[Hashable]:
    """What a round takes of what is open: lines and pods, with what tells nodes and pods apart."""
    for term, node, _, line in work.answer.get("granted", ()):
        yield (term, line, sight.node(str(node)))
    for term, path in work.answer.get("goes", ()):
        pod = work.cluster.get(v.key_of("Pod", str(path)))
        if isinstance(pod, Pod):
            yield (term, sight.spot(pod))


def common_to(rounds: Sequence[Round]) -> Hashable:
    """What the first and the last of the rounds have in common, which is what all of them have, or more."""
    first, last = (
        {(name, atom) for name, atoms in work.answer.items() for atom in atoms}
        for work in (rounds[0], rounds[-1])
    )
    return frozenset(first & last)


def first_of_each(marks: Sequence[Hashable]) -> list[int]:
    """The places of the first of each kind of alike ways."""
    first: dict[Hashable, int] = {}
    for place, mark in enumerate(marks):
        first.setdefault(mark, place)
    return list(first.values())
