"""The order of a forecast: why each action comes, why not earlier, and what it makes possible."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

import msgspec

from foretell.logic import vocabulary as v
from foretell.logic.facts import facts_of
from foretell.logic.forecast import accompanied
from foretell.logic.memory import Memory
from foretell.logic.round import Round
from foretell.logic.scope import owner_of, scope_of
from foretell.logic.vocabulary import Argument, Term, text_of
from foretell.logic.watching import Watch
from foretell.logic.why.acting import atom_of, atoms_of
from foretell.logic.why.derivation import Derivation, Derivations, derivations
from foretell.logic.why.fields import FIELDS, TIMED
from foretell.logic.why.grounds import ground
from foretell.logic.why.instrumented import ANY
from foretell.logic.why.narrowing import narrowed_to
from foretell.logic.why.origins import Origins
from foretell.logic.why.waiting import origins_of
from foretell.model.changes import Change
from foretell.model.cluster import Cluster
from foretell.model.explanation import About, Act, Awaited, Explanation, Ground, Source
from foretell.model.forecast import Action, Assumptions, Forecast, Wave
from foretell.model.meta import Key

replace = msgspec.structs.replace
_FILES = ("sync.lp",)


class _Moment(NamedTuple):
    """A cluster as it was at some point, and its facts."""

    cluster: Cluster
    facts: str
    origins: Origins

    @classmethod
    def of(cls, cluster: Cluster, keys: Iterable[Key], gates: frozenset[str]) -> _Moment:
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


def order_answer(
    cluster: Cluster,
    about: About,
    changes: Iterable[Change],
    assume: Assumptions,
    horizon: int | None,
    *,
    wave: int | None,
    most: int | None,
    patience: float | None,
    gates: frozenset[str],
    resync: bool,
) -> tuple[Explanation, Forecast]:
    """Why a forecast's actions come in their order, and the forecast."""
    watch = Watch(waves=_WATCHED if most is None else most, only=None if wave is None else wave - 1)
    story = accompanied(
        cluster, changes, assume, horizon, patience=patience, gates=gates, resync=resync, watch=watch
    )
    told: list[Act] = []
    total = 0
    for number, one in enumerate(story.waves):
        wanted = [action for action in one.actions if _is_about(action, about)]
        total += len(wanted)
        room = len(wanted) if most is None else most - len(told)
        if room > 0 and wanted and wave in (None, number + 1):
            before = story.states[number - 1] if number else None
            told += _acts(one, number, wanted[:room], watch.rounds.get(number, []), before, gates, len(told))
    acts = _linked(told)
    waves = f"{len(story.waves):,} wave{'' if len(story.waves) == 1 else 's'}"
    shown = f"{total:,} action{'' if total == 1 else 's'} in {waves}"
    return (
        Explanation(
            about=about, holds=bool(total), acts=acts, more=total - len(acts), outcome=story.verdict.outcome,
            answer=shown if total else "no controller acts",
        ),
        story,
    )  # fmt: skip


_WATCHED = 1_000
"""How many waves are derived one by one where all actions are told."""


def _is_about(action: Action, about: About) -> bool:
    """Whether an action is of the workload that is asked about, by itself or through a ReplicaSet or Job."""
    if not about.kind:
        return True
    if action.namespace != about.namespace:
        return False
    asked = str(about.key)
    if asked in (action.owner, _named(action)):
        return True
    return (action.owner or "").partition("/")[2].startswith(f"{about.name}-") and about.kind in (
        "Deployment", "CronJob",
    )  # fmt: skip


def _owner(action: Action) -> Key:
    kind, _, name = (action.owner or f"{action.kind}/{action.name}").partition("/")
    return Key(kind, action.namespace, name)


def _acts(
    wave: Wave,
    number: int,
    actions: Sequence[Action],
    rounds: Sequence[Round],
    earlier: Cluster | None,
    gates: frozenset[str],
    told: int,
) -> list[Act]:
    """The acts of a wave, derived from the rounds in which they were decided.

    `earlier` is the cluster after the wave before, before the world answered.
    """
    keys = [_owner(action) for action in actions]
    before = _Moment.of(earlier, keys, gates) if earlier is not None else None
    found: dict[int, tuple[Round, Term]] = {}
    for work in rounds:
        atoms: dict[Hashable, Term] = atoms_of(work)
        done = {_identity(action) for action in work.actions}
        for place, action in enumerate(actions):
            atom = atom_of(action, atoms)
            if place not in found and _identity(action) in done and atom is not None:
                found[place] = (work, atom)
    deciding = {id(work): work for work, _ in found.values()}
    derived = {
        number: _derived(work, [atom for each, atom in found.values() if each is work])
        for number, work in deciding.items()
    }
    moments = {
        number: _Moment.of(work.cluster.at(work.now), keys, gates) for number, work in deciding.items()
    }
    acts = []
    for place, action in enumerate(actions):
        why = Ground(code=action.reason, sentence="")
        awaited: tuple[Awaited, ...] = ()
        if place in found:
            work, atom = found[place]
            because = derived[id(work)].every(atom)
            why, awaited = _grounded(
                because, moments[id(work)], before, action, _alike(work, atom, action, before)
            )
        one = told + place + 1
        acts.append(
            Act(number=one, wave=number + 1, at=wave.at, action=action, ground=why, waited_for=awaited)
        )
    return acts


def _grounded(
    because: Sequence[Derivation],
    moment: _Moment,
    before: _Moment | None,
    action: Action,
    alike: Mapping[str, str],
) -> tuple[Ground, tuple[Awaited, ...]]:
    """Why an action comes, and what it waited for, by the objects that are meant."""
    why = ground(action.reason, because, moment.origins, sentence="")
    sources = tuple(replace(one, object=alike.get(one.object, one.object)) for one in why.sources)
    law = why.rule.law if why.rule is not None else ""
    awaited = _awaited(because, moment, before, action) if before is not None else ()
    return (
        replace(why, sentence=law, sources=sources),
        tuple(replace(one, object=alike.get(one.object, one.object)) for one in awaited),
    )


def _alike(work: Round, atom: Term, action: Action, before: _Moment | None) -> dict[str, str]:
    """By the objects that the rules were told of: those that are meant by an action on another node."""
    if atom.name not in ("creates", "deletes"):
        return {}
    facts, path, meant = work.facts, atom.arguments[1], action.node or ""
    node = str(path.arguments[0]) if isinstance(path, Term) else facts.places.get(_pod_key(path), ("", 0))[0]
    if not node or node == meant or meant not in facts.grouping.members.get(node, ()):
        return {}
    pairs = {f"Node/{node}": f"Node/{meant}"}
    for cluster in (work.cluster, *([before.cluster] if before is not None else [])):
        ours, theirs = _by_owner(cluster, node), _by_owner(cluster, meant)
        for uid in ours.keys() & theirs.keys():
            pairs |= dict(zip(ours[uid], theirs[uid], strict=False))
    return pairs


def _named(action: Action) -> str:
    return f"{action.kind}/{action.name}"


def _by_owner(cluster: Cluster, node: str) -> dict[str, list[str]]:
    """The pods of a node by the uids of their controllers, older ones first."""
    found: dict[str, list[str]] = {}
    for pod in sorted(
        cluster.pods_on(node), key=lambda pod: (pod.metadata.creation_timestamp or "", pod.name)
    ):
        owner = pod.metadata.controller
        found.setdefault(owner.uid if owner is not None else "", []).append(str(pod.key))
    return found


def _pod_key(path: Argument) -> Key:
    return v.key_of("Pod", str(path))


def _identity(action: Action) -> Hashable:
    return action.verb, action.kind, action.namespace, action.name


def _derived(work: Round, atoms: Sequence[Term]) -> Derivations:
    patterns = sorted({text_of(atom) for atom in atoms})
    return derivations(_FILES, work.facts.text, *patterns)


def first_act(cluster: Cluster, key: Key, gates: frozenset[str]) -> tuple[Act | None, Forecast]:
    """What a forecast does with an object first, in one of its first waves; and the forecast."""
    watch = Watch(waves=_SOON)
    story = accompanied(cluster, waves=_SOON, gates=gates, watch=watch)
    for number, wave in enumerate(story.waves):
        for action in wave.actions:
            if (action.kind, action.namespace, action.name) == key:
                earlier = story.states[number - 1] if number else None
                (act,) = _acts(wave, number, [action], watch.rounds.get(number, []), earlier, gates, 0)
                return act, story
    return None, story


_SOON = 20
"""In how many waves it is looked for what becomes of an object."""

# --- why not earlier ---


def _awaited(
    because: Iterable[Derivation], moment: _Moment, before: _Moment, action: Action
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
        return (Awaited(object=_named(action), namespace=action.namespace, seconds=passed),)
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


# --- what it makes possible ---


def _linked(acts: Sequence[Act]) -> tuple[Act, ...]:
    """The acts, each with the numbers of those that waited for an object that it was the last to write."""
    following: dict[int, list[int]] = {}
    for act in acts:
        found = {_writer(acts, act, awaited) for awaited in act.waited_for} - {None, act.number}
        for number in found:
            following.setdefault(number or 0, []).append(act.number)
    return tuple(replace(act, next=tuple(following.get(act.number, ()))) for act in acts)


def _writer(acts: Sequence[Act], act: Act, awaited: Awaited) -> int | None:
    """The number of the action that last wrote what was waited for.

    What is wanted of an object controllers may write in the same wave; how it is, the world says before it.
    """
    same = awaited.path.startswith("spec.")
    writers = [
        one.number
        for one in acts
        if (one.wave <= act.wave if same else one.wave < act.wave)
        and (_named(one.action), one.action.namespace) == (awaited.object, awaited.namespace)
    ]
    return writers[-1] if writers else None
