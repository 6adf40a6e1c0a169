"""Looking policies through: what is wrong in one is told with its file, line and column."""

from __future__ import annotations

import pytest

from foretell.logic.policy.sandbox import Sandbox
from foretell.logic.policy.vetted import vetted
from foretell.model.errors import PolicyError
from foretell.model.policy import Limits, Policy


def faults(*texts: str) -> list[str]:
    """What is wrong with files of these texts."""
    policies = [Policy(source=f"{name}.lp", text=text) for name, text in zip("pqr", texts, strict=False)]
    with pytest.raises(PolicyError) as caught, Sandbox(Limits()) as sandbox:
        vetted(policies, sandbox)
    return str(caught.value).split("\n")


GOOD = "deny(a, X) :- pod(X)."


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("{ p }.", "1:1: a choice leaves open what is found", id="choice"),
        pytest.param("1 = { p(X) : pod(X) }.", "1:1: a choice leaves open", id="choice-with-bounds"),
        pytest.param("#count { X : p(X) : pod(X) } = 1.", "1:1: a choice leaves open", id="head-aggregate"),
        pytest.param("p; q :- pod(_).", "1:1: a disjunction leaves open", id="disjunction"),
        pytest.param("p : pod(_).", "1:1: a disjunction leaves open", id="conditional-head"),
        pytest.param(":- pod(X).", "1:1: a constraint finds nothing: derive deny(", id="constraint"),
        pytest.param("1 < 2.", "1:1: a rule has to derive an atom", id="comparison"),
        pytest.param("-p(X) :- pod(X).", "1:1: a rule has to derive a plain atom", id="strong-negation"),
        pytest.param("not p :- pod(_).", "1:1: a rule has to derive a plain atom", id="negated-head"),
        pytest.param("p(1;2).", "", id="pools-of-terms-are-plain"),
        pytest.param("q :- -pod(X).", "1:6: an atom has no sign before it", id="strong-negation-in-a-body"),
        pytest.param("pod(X) :- node(X).", "1:1: pod belongs to the vocabulary", id="told"),
        pytest.param("ready(X) :- pod(X).", "1:1: ready belongs to the vocabulary", id="told-of-pods"),
        pytest.param("serves(X) :- pod(X).", "1:1: serves belongs to the vocabulary", id="derived"),
        pytest.param(
            "pod(X, 1) :- node(X).", "1:1: pod belongs to the vocabulary", id="told-with-other-arity"
        ),
        pytest.param("wave(1).", "1:1: wave belongs to the vocabulary", id="fact"),
        pytest.param(
            "q :- podd(X).", "1:6: podd/1 is neither told nor derived: did you mean pod(Pod)?", id="misspelt"
        ),
        pytest.param(
            "qq(1). q :- qqq(1).", "1:13: qqq/1 is neither told nor derived: did you mean qq?", id="own"
        ),
        pytest.param("q :- zzzzz.", "1:6: zzzzz/0 is neither told nor derived", id="unknown"),
        pytest.param(
            "q :- bound(X).", "1:6: bound doesn't take 1 arguments: expected bound(Pod, Node)", id="arity"
        ),
        pytest.param("q :- 1 < #count { X : podd(X) }.", "1:23: podd/1", id="in-an-aggregate"),
        pytest.param("q :- node(X) : podd(X).", "1:16: podd/1", id="in-a-condition"),
        pytest.param("q :- not podd(_).", "1:10: podd/1", id="negated"),
        pytest.param("q :- deny(a, _).", "1:6: deny can't be asked for", id="deny-in-a-body"),
        pytest.param(
            "deny.", "1:1: deny takes 2 or 3 arguments: deny(Policy, Subject) or", id="no-arguments"
        ),
        pytest.param("deny(a).", "1:1: deny takes 2 or 3 arguments", id="one-argument"),
        pytest.param("warn(a, b, c, d).", "1:1: warn takes 2 or 3 arguments", id="four-arguments"),
        pytest.param("deny(X, X) :- pod(X).", "1:1: the policy has to be a name", id="variable-policy"),
        pytest.param('deny("a", b).', "1:1: the policy has to be a name", id="text-policy"),
        pytest.param("deny(a;b, c).", "1:1: deny takes 2 or 3 arguments", id="pool-of-arguments"),
        pytest.param("#const p = 1.\ndeny(p, x).", "2:1: p is a constant", id="constant-policy"),
        pytest.param("deny((a;b), c).", "1:1: the policy has to be a name", id="pool-policy"),
        pytest.param("p(X.", "1:4: syntax error, unexpected ., expecting ) or ;", id="syntax"),
        pytest.param("\n\n  q :- #foo.", "3:8: #foo is not for policies", id="gate"),
        pytest.param("%! nonsense", "1:1: a note reads", id="note"),
        pytest.param("%! f(A): {B}", "1:1: {B} is no argument of f", id="hole"),
        pytest.param("%! aa: x", "1:1: no rule denies or warns of aa: did you mean a?", id="title"),
    ],
)
def test_a_fault_is_told_with_its_place(text: str, expected: str) -> None:
    whole = f"{text}\n{GOOD}"
    if expected:
        assert any(fault.startswith(f"p.lp:{expected}") for fault in faults(whole)), faults(whole)
    else:
        with Sandbox(Limits()) as sandbox:
            assert vetted([Policy(source="p.lp", text=whole)], sandbox)


def test_every_fault_of_every_file_is_told_in_order() -> None:
    places = [fault.split(" ")[0] for fault in faults(":- pod(_).\ndeny(a).", "deny(b, it) :- x, pod(_, _).")]
    assert places == ["p.lp:1:1:", "p.lp:2:1:", "q.lp:1:16:", "q.lp:1:19:"]


def test_a_file_that_finds_nothing_is_refused() -> None:
    assert faults("p(1).") == ["p.lp:1:1: it finds nothing: expected a rule that derives deny(…) or warn(…)"]


def test_of_very_many_faults_the_first_are_told() -> None:
    found = faults(":- pod(_).\n" * 1000)
    assert len(found) == 21
    assert found[-1] == "p.lp: and 980 faults more"


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        pytest.param("Sum = #sum { X : order(X) }", True, id="named"),
        pytest.param("#sum+ { X : order(X) } = Sum", True, id="named-on-the-right"),
        pytest.param("#sum { X : order(X) } > 3", False, id="compared"),
        pytest.param("Count = #count { X : order(X) }", False, id="count"),
    ],
)
def test_sums_that_are_given_a_name_are_noticed(body: str, expected: bool) -> None:
    with Sandbox(Limits()) as sandbox:
        (ready,) = vetted([Policy(source="p.lp", text=f"order(1). deny(a, it) :- {body}.")], sandbox)
    assert ready.sums is expected


@pytest.mark.parametrize(
    ("text", "paths"),
    [
        pytest.param('deny(a, X) :- field(X, "spec.replicas", 1).', {"spec.replicas"}, id="one"),
        pytest.param('deny(a, X) :- field(X, "a", 1), not field(X, "b", 2).', {"a", "b"}, id="two"),
        pytest.param("deny(a, X) :- field(X, Path, 1), Path < X.", None, id="open"),
        pytest.param('#const path = "a".\ndeny(a, X) :- field(X, path, 1).', None, id="constant"),
        pytest.param("deny(a, X) :- pod(X).", set(), id="none"),
    ],
)
def test_fields_are_told_as_far_as_they_are_asked_for(text: str, paths: set[str] | None) -> None:
    with Sandbox(Limits()) as sandbox:
        (ready,) = vetted([Policy(source="p.lp", text=text)], sandbox)
    assert ready.paths == paths
