"""Why an action comes no earlier: what its derivation rests on was otherwise after the wave before."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from foretell.logic.facts import facts_of
from foretell.logic.memory import Memory
from foretell.logic.scope import owner_of, scope_of
from foretell.logic.vocabulary import Term, text_of
from foretell.logic.why.derivation import Derivation, derivations
from foretell.logic.why.fields import FIELDS, TIMED
from foretell.logic.why.instrumented import ANY
from foretell.logic.why.narrowing import narrowed_to
from foretell.logic.why.origins import Origins
from foretell.logic.why.waiting import origins_of
from foretell.model.cluster import Cluster
from foretell.model.explanation import Awaited, Source
from foretell.model.forecast import Action
from foretell.model.meta import Key

_FILES = ("sync.lp",)


class Moment(NamedTuple):
    """A cluster as it was at some point, and its facts."""

    cluster: Cluster
    facts: str
    origins: Origins

    @classmethod
    def of(cls, cluster: Cluster, keys: Iterable[Key], gates: frozenset[str]) -> Moment:
        """What holds in a cluster for these workloads and their owners, each thing told by itself."""
        touched = {key for key in keys if key in cluster}
        for key in list(touched):
            thing = cluster.get(key)
            owner = owner_of(cluster, thing) if thing is not None else None
            touched |= {owner.key} if owner is not None else set()
        memory = Memory(touched=touched)
        now = cluster.moment
        there = narrowed_to(cluster, touched)
        facts = facts_of(there, scope_of(there, memory, now), memory, now, gates, grouped=False)
        return cls(cluster, facts.text, origins_of(cluster))


def named(action: Action) -> str:
    """An action's object, such as `Pod/web-0`."""
    return f"{action.kind}/{action.name}"


def awaited_by(
    because: Iterable[Derivation], moment: Moment, before: Moment, action: Action
) -> tuple[Awaited, ...]:
    """What a derivation stands on that was otherwise after the wave before.

    That is: facts that weren't there then, what then spoke against it and doesn't any more, and what was
    counted otherwise; or else that time went by, where it rests on how long something lasts.
    """
    then, now = set(before.facts.splitlines()), set(moment.facts.splitlines())
    parts = [part for one in because for part in one.parts() if not part.again]
    fresh = [
        part
        for part in parts
        if part.rule is None and not part.denied and part.atom.name in FIELDS and f"{part.text}." not in then
    ]
    changed = [source for part in fresh if (source := moment.origins.of(part)) is not None]
    asked = {text_of(part.atom) for part in parts if part.denied}
    then_held: list[Derivation] = []
    asked |= {text_of(_counting(atom)) for part in parts for atom in _counted(part)}
    if asked:
        held = derivations(_FILES, before.facts, *sorted(asked))
        then_held = [held.of(atom) for atom in held.asked]
        leaves = [leaf for one in then_held for leaf in one.leaves() if leaf.atom.name in FIELDS]
        others = [leaf for leaf in leaves if leaf.denied is (f"{text_of(leaf.atom)}." in now)]
        changed += [source for leaf in others if (source := before.origins.of(leaf)) is not None]
    turned = _turned(changed, before.cluster, moment.cluster)
    passed = moment.cluster.moment - before.cluster.moment
    lasting = (part.atom.name for one in (*because, *then_held) for part in one.parts())
    if not turned and passed > 0 and not TIMED.isdisjoint(lasting):
        return (Awaited(object=named(action), namespace=action.namespace, seconds=passed),)
    return turned


def _counted(part: Derivation) -> Iterator[Term]:
    """What a derivation by a rule that counts rests on, itself among it."""
    if part.rule is not None and "#" in part.rule.text:
        yield part.atom
        yield from (one.atom for one in part.because if not one.denied and one.rule is not None)


def _counting(atom: Term) -> Term:
    """An atom that rests on a count, whatever the count was."""
    first, *others = atom.arguments
    return Term(atom.name, (first, *[Term(ANY)] * len(others)))


# A pod that runs is looked at for whether it is ready, too.
_READY = "status.conditions[type=Ready].status"


def _turned(changed: Iterable[Source], before: Cluster, after: Cluster) -> tuple[Awaited, ...]:
    """The fields that are another now, and the objects that went; each once."""
    earlier, later = Origins(before), Origins(after)
    found: dict[Awaited, None] = {}
    for source in changed:
        kind, _, name = source.object.partition("/")
        key = Key(kind, source.namespace, name)
        if key not in after:
            found[Awaited(object=source.object, namespace=source.namespace)] = None
            continue
        paths = (source.path, _READY) if source.path == "status.phase" else (source.path,)
        for path in paths:
            old = earlier.at(key, path).value if key in before else ""
            new = later.at(key, path).value
            if old != new:
                one = Awaited(
                    object=source.object, namespace=source.namespace, path=path, before=old, after=new
                )
                found[one] = None
    return tuple(sorted(found, key=lambda one: (one.namespace, one.object, one.path)))
