"""The order of a forecast: why each action comes, why not earlier, and what it makes possible."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence

import msgspec

from foretell.logic import vocabulary as v
from foretell.logic.forecast import accompanied
from foretell.logic.round import Round
from foretell.logic.vocabulary import Argument, Term, text_of
from foretell.logic.watching import Watch
from foretell.logic.why.acting import atom_of, atoms_of
from foretell.logic.why.awaited import Moment, awaited_by, named
from foretell.logic.why.derivation import Derivation, Derivations, derivations
from foretell.logic.why.grounds import ground
from foretell.model.changes import Change
from foretell.model.cluster import Cluster
from foretell.model.explanation import About, Act, Awaited, Explanation, Ground
from foretell.model.forecast import Action, Assumptions, Forecast, Wave
from foretell.model.meta import Key

replace = msgspec.structs.replace
_FILES = ("sync.lp",)


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
    if asked in (action.owner, named(action)):
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
    before = Moment.of(earlier, keys, gates) if earlier is not None else None
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
    moments = {number: Moment.of(work.cluster.at(work.now), keys, gates) for number, work in deciding.items()}
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
    moment: Moment,
    before: Moment | None,
    action: Action,
    alike: Mapping[str, str],
) -> tuple[Ground, tuple[Awaited, ...]]:
    """Why an action comes, and what it waited for, by the objects that are meant."""
    why = ground(action.reason, because, moment.origins, sentence="")
    sources = tuple(replace(one, object=alike.get(one.object, one.object)) for one in why.sources)
    law = why.rule.law if why.rule is not None else ""
    awaited = awaited_by(because, moment, before, action) if before is not None else ()
    return (
        replace(why, sentence=law, sources=sources),
        tuple(replace(one, object=alike.get(one.object, one.object)) for one in awaited),
    )


def _alike(work: Round, atom: Term, action: Action, before: Moment | None) -> dict[str, str]:
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
        and (named(one.action), one.action.namespace) == (awaited.object, awaited.namespace)
    ]
    return writers[-1] if writers else None
