"""Plain clingo gives the actions that the library gives, whether alike nodes are told once or one by one."""

from __future__ import annotations

import json
import subprocess
import sys
from functools import partial
from pathlib import Path

import clingo
import msgspec
import pytest
from hypothesis import given

from foretell.logic.carried import moment_of
from foretell.logic.desired import desired
from foretell.logic.diff import derived, write
from foretell.logic.embedding import facts_text
from foretell.logic.facts import facts_of
from foretell.logic.gates import default_gates
from foretell.logic.memory import Memory
from foretell.logic.order import in_order
from foretell.logic.round import Round
from foretell.logic.scope import everything, scope_of
from foretell.logic.solve import RULES, Answer
from foretell.logic.vocabulary import Argument, Term
from foretell.model.changes import SetImage
from foretell.model.cluster import Cluster
from foretell.model.forecast import Action
from foretell.model.meta import Object
from foretell.model.objects import Deployment
from foretell.model.reading import read
from tests.builders import (
    after,
    cluster,
    daemon_pod,
    daemonset,
    deployment,
    nodes,
    replicaset,
    revision,
    settled,
    statefulset,
)
from tests.logic.strategies import FEW, Scenario, one_by_one, scenarios, story_of

replace = msgspec.structs.replace
TUTORIAL = Path(__file__).parents[2] / "examples" / "tutorial"


def argument_of(symbol: clingo.Symbol) -> Argument:
    """A term of clingo as the library has it."""
    if symbol.type is clingo.SymbolType.String:
        return symbol.string
    if symbol.type is clingo.SymbolType.Number:
        return symbol.number
    return Term(symbol.name, tuple(map(argument_of, symbol.arguments)))


def answer_of(atoms: list[str]) -> Answer:
    """The texts of atoms as an answer."""
    answer: dict[str, list[tuple[Argument, ...]]] = {}
    for atom in map(clingo.parse_term, atoms):
        answer.setdefault(atom.name, []).append(tuple(map(argument_of, atom.arguments)))
    return answer


def plainly(facts: str) -> list[str]:
    """What clingo's own program answers to the facts with `sync.lp`."""
    command = [sys.executable, "-m", "clingo", "--outf=2", "0", str(RULES / "sync.lp"), "-"]
    done = subprocess.run(command, input=facts, capture_output=True, text=True, check=False)
    assert done.stderr == ""
    witnesses = json.loads(done.stdout)["Call"][0]["Witnesses"]
    assert len(witnesses) == 1
    return [str(atom) for atom in witnesses[0]["Value"]]


def actions_by(atoms: list[str], before: Cluster, *, grouped: bool) -> tuple[Action, ...]:
    """The actions that atoms mean, each for all that its node stands for."""
    memory, now = Memory(touched=set(everything(before))), moment_of(before)
    facts = facts_of(before, scope_of(before, memory, now), memory, now, default_gates(), grouped=grouped)
    work = Round(before, facts, answer_of(atoms), memory, now)
    write(work)
    return in_order(work.actions)


def actions_of(before: Cluster) -> tuple[Action, ...]:
    """The actions that the library derives with every controller awake."""
    memory = Memory(touched=set(everything(before)))
    work = derived(before, memory, moment_of(before), default_gates())
    write(work)
    return in_order(work.actions)


def tutorial(*files: str) -> Cluster:
    """The tutorial's cluster with some of its manifests."""
    return read([thing for file in ("cluster.yaml", *files) for thing in read(TUTORIAL / file)])


def outdated(count: int) -> Cluster:
    """So many nodes that are all alike, each with an outdated daemon pod."""
    old, new = daemonset(image="agent:1"), daemonset(rolling={"maxUnavailable": 3}, image="agent:2")
    first, second = revision(old, 1), revision(new, 2)
    pods = [daemon_pod(new, f"agent-{index}", f"n{index}", first) for index in range(1, count + 1)]
    return cluster(nodes(count), new, first, second, pods)


def shrinking(count: int) -> Cluster:
    """A roll-out of so many pods that are all alike, whose Deployment and ReplicaSet want fewer."""
    there = after(
        settled(nodes(2), deployment("shop", count), replicaset("web", count)),
        SetImage(kind="Deployment", name="shop", image="shop:2"),
        never_ready=("shop-*",),
    )
    [web] = there.all(Deployment)
    half = count // 2
    puts: list[Object] = [replace(web, spec=replace(web.spec, replicas=half))]
    puts += [
        replace(each, spec=replace(each.spec, replicas=half))
        for each in there.replicasets
        if each.name == "web"
    ]
    return there.replaced(puts)


def shortened(count: int) -> Cluster:
    """So many replicas of a parallel StatefulSet that are all alike, of which three are still wanted."""
    policy = {"whenScaled": "Delete", "whenDeleted": "Retain"}
    set_of = partial(statefulset, parallel=True, claims=["data"], persistentVolumeClaimRetentionPolicy=policy)
    there = settled(nodes(2), set_of(replicas=count))
    [web] = there.statefulsets
    return there.replaced([replace(web, spec=replace(web.spec, replicas=3))])


CLUSTERS = [
    pytest.param(tutorial(), id="tutorial"),
    pytest.param(tutorial("daemonset.yaml", "statefulset.yaml"), id="tutorial-applied"),
    pytest.param(after(tutorial("daemonset-tolerating.yaml", "statefulset.yaml")), id="tutorial-settled"),
    pytest.param(outdated(7), id="alike-outdated"),
    pytest.param(settled(nodes(3), daemonset(), statefulset(claims=["data"])), id="settled"),
    pytest.param(cluster(nodes(2), deployment("shop", 5), replicaset("web")), id="sets-new"),
    pytest.param(shrinking(40), id="sets-shrinking"),
    pytest.param(shortened(9), id="ordinals-condemned"),
    pytest.param(
        cluster(nodes(2), statefulset(replicas=9, parallel=True, claims=["data"])), id="ordinals-missing"
    ),
    pytest.param(cluster(), id="empty"),
]


@pytest.mark.parametrize("grouped", [False, True], ids=["one-by-one", "grouped"])
@pytest.mark.parametrize("before", CLUSTERS)
def test_plain_clingo_gives_the_actions_of_the_library(before: Cluster, *, grouped: bool) -> None:
    atoms = plainly(facts_text(before, grouped=grouped))
    assert actions_by(atoms, before, grouped=grouped) == actions_of(before)


def test_alike_nodes_are_told_once() -> None:
    few, many = (facts_text(outdated(count), grouped=True).count("\n") for count in (3, 30))
    assert few == many


def test_alike_pods_of_a_set_are_told_once() -> None:
    few, many = (facts_text(shrinking(count), grouped=True).count("\n") for count in (40, 80))
    assert few == many


def test_alike_ordinals_of_a_set_are_told_once() -> None:
    few, many = (facts_text(shortened(count), grouped=True).count("\n") for count in (9, 30))
    assert few == many


def test_only_as_many_as_are_meant_are_lifted() -> None:
    deleted = [action.node for action in actions_of(outdated(7)) if action.verb == "delete"]
    assert deleted == ["n1", "n2", "n3"]


@FEW
@given(scenario=scenarios())
def test_plain_clingo_gives_the_actions_of_the_library_on_any_cluster(scenario: Scenario) -> None:
    before = scenario.cluster
    atoms = plainly(facts_text(before))
    assert actions_by(atoms, before, grouped=False) == actions_of(before)


@FEW
@given(scenario=scenarios())
def test_grouping_does_not_change_what_is_desired(scenario: Scenario) -> None:
    assert list(desired(scenario.cluster)) == list(desired(scenario.cluster, grouped=False))


@FEW
@given(scenario=scenarios())
def test_grouping_does_not_change_a_story(scenario: Scenario) -> None:
    story = story_of(scenario)
    with one_by_one():
        assert story_of(scenario).waves == story.waves
