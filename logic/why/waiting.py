"""What workloads wait for: each obstacle with the rule that found it and the fields that it stands on."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import NamedTuple

from foretell.logic import vocabulary as v
from foretell.logic.carried import moment_of
from foretell.logic.facts import Facts, facts_of
from foretell.logic.memory import Memory
from foretell.logic.order import natural
from foretell.logic.scope import scope_of
from foretell.logic.verdict import KINDS, SENTENCES, verdict_facts
from foretell.logic.vocabulary import Term, text_of
from foretell.logic.why.derivation import Derivations, derivations
from foretell.logic.why.grounds import ground
from foretell.logic.why.narrowing import narrowed_to
from foretell.logic.why.origins import Origins
from foretell.model.cluster import Cluster
from foretell.model.explanation import Ground, Source
from foretell.model.forecast import Reason, Why
from foretell.model.meta import Key
from foretell.model.objects import Pod, Workload

_FILES = ("verdict.lp",)


class Waits(NamedTuple):
    """What a workload waits for, and why it makes pods next: by ordinal, or by node.

    `acting` says whether its controller would do anything, `expected` in how many seconds a CronJob runs.
    """

    grounds: tuple[Ground, ...]
    making: dict[int, Ground]
    placing: dict[str, Ground]
    acting: bool
    expected: int | None


def waits(cluster: Cluster, workload: Workload, gates: frozenset[str]) -> Waits:
    """What a workload waits for as things stand, its controllers awake."""
    owned = cluster.owned_by(workload.metadata.uid)
    keys = {workload.key, *(one.key for one in owned if isinstance(one, Workload))}
    memory = Memory(touched=keys)
    now = moment_of(cluster)
    there = narrowed_to(cluster, [workload.key])
    facts = facts_of(there, scope_of(there, memory, now), memory, now, gates)
    term = text_of(v.workload_term(workload.key))
    found = derivations(
        _FILES,
        facts.text,
        f"waits({term},Object,Why)",
        f"creates({term},Place,Hash,Reason)",
        f"expects_run({term},Seconds)",
    )
    origins = origins_of(cluster)
    grounds: list[Ground] = []
    making: dict[int, Ground] = {}
    placing: dict[str, Ground] = {}
    for atom in found.asked:
        if atom.name == "waits" and _why(atom) is not Why.ASLEEP:
            grounds.append(ground_of_wait(atom, found, origins, facts))
        elif atom.name == "creates":
            sentence = "its controller makes one next"
            made = ground(Reason.MISSING, found.every(atom), origins, sentence=sentence)
            place = atom.arguments[1]
            assert isinstance(place, Term)
            if place.name == "ordinal":
                making.update(dict.fromkeys(_ordinals(place, facts, workload.key), made))
            elif place.name == "on":
                placing.update(dict.fromkeys(facts.nodes_alike(str(place.arguments[0]), {}), made))
    acting = any(atom.name == "waits" and _why(atom) is Why.ASLEEP for atom in found.asked)
    runs = [int(str(atom.arguments[1])) for atom in found.asked if atom.name == "expects_run"]
    return Waits(in_order(grounds), making, placing, acting, min(runs, default=None))


def stuck_on(
    cluster: Cluster, memory: Memory, now: float, gates: frozenset[str]
) -> tuple[tuple[Key, Ground], ...]:
    """What each workload waits for where a forecast has ended, with what was remembered there."""
    facts = verdict_facts(cluster, memory, now, gates)
    found = derivations(_FILES, facts.text, "waits(Workload,Object,Why)")
    origins = origins_of(cluster)
    pairs = [
        (v.workload_key(atom.arguments[0]), ground_of_wait(atom, found, origins, facts))
        for atom in found.asked
    ]
    return tuple(sorted(pairs, key=lambda one: (one[0], _place(one[1]))))


def origins_of(cluster: Cluster, pods: Iterable[Pod] = ()) -> Origins:
    """Origins that know what the templates of all DaemonSets ask for, and these pods."""
    origins = Origins(cluster)
    for daemonset in cluster.daemonsets:
        origins.of_template(daemonset, daemonset.spec.template.spec, "spec.template.")
    for pod in pods:
        origins.of_pod(pod)
    return origins


def ground_of_wait(atom: Term, found: Derivations, origins: Origins, facts: Facts) -> Ground:
    """The ground of an atom of `waits`."""
    thing = atom.arguments[1]
    assert isinstance(thing, Term)
    why = _why(atom)
    sentence, remedy = SENTENCES[why]
    key, others = _meant(thing, facts)
    first: list[Source] = []
    pod = origins.cluster.get(key)
    if isinstance(pod, Pod):
        first = [origins.at(key, path) for path in _TELLING.get(why, ())]
    more = f" ({others:,} more alike)" if others else ""
    return ground(
        why, found.every(atom), origins, about=str(key), first=first,
        sentence=f"{key} {sentence}{more}", remedy=remedy,
    )  # fmt: skip


# The fields in which somebody sees first that a pod is so.
_TELLING = {
    Why.POD_NOT_READY: ("status.conditions[type=Ready].status",),
    Why.POD_NOT_STARTED: ("spec.nodeName", "status.phase"),
    Why.POD_UNPLACED: ("status.conditions[type=PodScheduled].message",),
    Why.POD_TERMINATING: ("metadata.deletionTimestamp",),
    Why.POD_FAILED: ("status.phase",),
}


def _meant(thing: Term, facts: Facts) -> tuple[Key, int]:
    """The key of what is waited for, and how many others are meant, too."""
    if thing.name not in KINDS:
        return v.workload_key(thing), 0
    key = v.key_of(KINDS[thing.name], str(thing.arguments[0]))
    alike = facts.alike(key, {})
    return key, len(alike) - 1


def _why(atom: Term) -> Why:
    return Why(v.word_of(atom.arguments[2]))


def _ordinals(place: Term, facts: Facts, statefulset: Key) -> Collection[int]:
    ordinal = place.arguments[0]
    assert isinstance(ordinal, int)
    return facts.ordinals_alike(statefulset, ordinal)


def in_order(grounds: Iterable[Ground]) -> tuple[Ground, ...]:
    """Grounds by what is waited for (numbers in names by value), then by why."""
    return tuple(sorted(grounds, key=_place))


def _place(one: Ground) -> tuple[object, ...]:
    return natural(one.about), one.code.value
