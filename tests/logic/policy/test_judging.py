"""Judging: what is found, of what, in which words, and in which moments."""

from __future__ import annotations

import pytest

from foretell.logic.forecast import forecast
from foretell.logic.policy.judging import check, judge
from foretell.logic.policy.moments import EVERY, sorts_of
from foretell.model.changes import Delete, Scale, SetImage
from foretell.model.cluster import Cluster
from foretell.model.errors import PolicyError
from foretell.model.meta import Key
from foretell.model.policy import Level, Limits, Waves
from tests import builders as b
from tests.logic.policy.policies import policy, report, told

WEB = SetImage(kind="StatefulSet", name="web", image="web:2")


@pytest.fixture(scope="module")
def web() -> Cluster:
    return b.settled(b.nodes(2), b.statefulset("web", 2))


# --- moments ---


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        pytest.param("before", "", id="before-alone-does-not-count"),
        pytest.param("wave(_)", "1-4", id="waves"),
        pytest.param("wave(3)", "3", id="one-wave"),
        pytest.param("outcome", "end", id="outcome"),
        pytest.param("at_rest", "end before", id="at-rest"),
        pytest.param("pod(_)", "1-4 end before", id="every-moment"),
        pytest.param('action("delete", _, _)', "1 3", id="with-a-deletion"),
        pytest.param('verdict("settled")', "end", id="verdict"),
        pytest.param("at(Time), Time >= 2", "3-4 end", id="late"),
        pytest.param("not ready(_)", "", id="never"),
        pytest.param("terminating(Pod), ready(Pod)", "1 3", id="about-to-go"),
    ],
)
def test_a_finding_holds_in_the_moments_in_which_its_rule_applies(
    web: Cluster, body: str, expected: str
) -> None:
    found = told(report(web, f"deny(p, it) :- {body}.", WEB))
    assert found == ([f"deny p it @ {expected}"] if expected else [])


def test_alike_findings_are_one_and_others_are_their_own(web: Cluster) -> None:
    found = told(
        report(web, "deny(p, it, few(Count)) :- Count = #count { Pod : serves(Pod) }, Count < 3.", WEB)
    )
    assert found == ["deny p it: few(1) @ 1-4", "deny p it: few(2) @ end before"]


def test_without_changes_things_are_judged_as_they_stand(web: Cluster) -> None:
    assert told(report(web, "deny(p, Pod) :- pod(Pod).")) == [
        "deny p Pod/web-0 @ end before",
        "deny p Pod/web-1 @ end before",
    ]


def test_what_is_found_is_counted_afresh_without_what_was_so_before(web: Cluster) -> None:
    found = report(web, "deny(p, Pod) :- pod(Pod).", Scale(kind="StatefulSet", name="web", replicas=3))
    assert told(found.afresh()) == ["deny p Pod/web-2 @ 1 end"]
    assert found.denied
    assert not report(web, "deny(p, Pod) :- pod(Pod).").afresh().denied


@pytest.mark.parametrize(
    ("conditions", "sorts"),
    [
        pytest.param((), EVERY, id="all"),
        pytest.param(("pod", "ready"), EVERY, id="objects-alone"),
        pytest.param(("wave",), {"wave"}, id="waves"),
        pytest.param(("at_rest",), {"before", "outcome"}, id="at-rest"),
        pytest.param(("at_rest", "verdict"), {"outcome"}, id="both"),
        pytest.param(("action", "outcome"), set(), id="nothing"),
    ],
)
def test_moments_in_which_no_rule_can_apply_are_passed_over(
    conditions: tuple[str, ...], sorts: set[str]
) -> None:
    assert sorts_of(conditions) == sorts


# --- subjects and words ---


def test_notes_give_a_policy_its_title_and_help(web: Cluster) -> None:
    text = "%! p: What it is for.\n%! p: What helps.\n%! p: What else does.\nwarn(p, it) :- outcome."
    (judged,) = report(web, text).policies
    assert (judged.name, judged.source, judged.line) == ("p", "p.lp", 4)
    assert (judged.title, judged.help) == ("What it is for.", "What helps. What else does.")


@pytest.mark.parametrize(
    ("notes", "head", "expected"),
    [
        pytest.param("", 'deny(p, pod("a/b"), "as it is")', "Pod/b: as it is", id="text"),
        pytest.param("", "deny(p, it)", "it", id="no-message"),
        pytest.param("", 'deny(p, it, f(1, "x", node("n")))', 'it: f(1,"x",node("n"))', id="no-template"),
        pytest.param(
            "%! f(A, B): {B} of {A}, {Subject}", 'deny(p, node("n"), f(1, pod("a/b")))',
            "Node/n: Pod/b of 1, Node/n", id="template",
        ),
        pytest.param("%! f(): all", "deny(p, it, f)", "it: all", id="template-without-arguments"),
        pytest.param("%! app(Name): app {Name}", 'deny(p, app("db"), x)', "app db: x", id="subject"),
        pytest.param("%! f(A): {A}{A}", 'deny(p, it, f("{B}"))', "it: {B}{B}", id="braces-in-values"),
        pytest.param("%! f(A): {A}", "deny(p, it, f(1,2))", "it: f(1,2)", id="other-arity"),
        pytest.param("", 'deny(p, object("Cat.pets.io", "a/b"))', "Cat.pets.io/b", id="custom-kind"),
        pytest.param("", "deny(p, pod(1))", "pod(1)", id="no-object"),
        pytest.param(
            "%! f(A): {A}{A}", f"deny(p, it, {'f(' * 15}abcdefgh{')' * 15})", f"it: {'abcdefgh' * 125}…",
            id="bomb",
        ),
        pytest.param("%! f(A): {A}{A}", f'deny(p, it, {"f(" * 15}""{")" * 15})', "it: …", id="empty-bomb"),
    ],
)  # fmt: skip
def test_terms_are_told_in_words(web: Cluster, notes: str, head: str, expected: str) -> None:
    (finding,) = report(web, f"{notes}\n{head} :- outcome.").findings
    assert (f"{finding.subject}: {finding.message}" if finding.message else finding.subject) == expected


def test_a_finding_names_its_object_and_the_line_of_its_rule(web: Cluster) -> None:
    text = "\n\ndeny(p, it, one) :- outcome.\nwarn(p, Pod, two) :-\n  outcome, pod(Pod), bound(Pod, _)."
    deny, *warnings = report(web, text).findings
    assert (deny.level, deny.object, deny.line) == (Level.DENY, None, 3)
    assert [(each.object, each.line) for each in warnings] == [
        (Key("Pod", "default", "web-0"), 4),
        (Key("Pod", "default", "web-1"), 4),
    ]


def test_a_warning_denies_nothing(web: Cluster) -> None:
    assert not report(web, "warn(p, it) :- outcome.").denied


def test_policies_come_in_the_order_of_files_and_lines(web: Cluster) -> None:
    texts = ["deny(b, it) :- outcome. deny(a, it) :- outcome.", "deny(c, it) :- outcome."]
    found = check(web, [policy(text, f"{name}.lp") for name, text in zip("yx", texts, strict=True)])
    assert [(each.source, each.name) for each in found.policies] == [
        ("y.lp", "b"),
        ("y.lp", "a"),
        ("x.lp", "c"),
    ]


def test_files_do_not_see_one_another(web: Cluster) -> None:
    one = policy("few(1). deny(a, X) :- few(X), outcome.", "one.lp")
    two = policy("few(2). deny(b, X) :- few(X), outcome.", "two.lp")
    assert told(check(web, [one, two])) == ["deny a 1 @ end", "deny b 2 @ end"]


# --- constants ---

CONSTANT = '#const least = 2.\n#const called = "web".\ndeny(p, called, least) :- outcome.'


@pytest.mark.parametrize(
    ("constants", "expected"),
    [
        pytest.param({}, "deny p web: 2 @ end", id="as-written"),
        pytest.param({"least": 5}, "deny p web: 5 @ end", id="number"),
        pytest.param({"called": 'a "b" \\ %* c\n'}, 'deny p a "b" \\ %* c\n: 2 @ end', id="text"),
        pytest.param({"called": '". #include "x".'}, 'deny p ". #include "x".: 2 @ end', id="no-way-out"),
    ],
)
def test_constants_can_be_set(web: Cluster, constants: dict[str, str | int], expected: str) -> None:
    assert told(report(web, CONSTANT, constants=constants)) == [expected]


def test_a_constant_that_no_policy_has_is_refused(web: Cluster) -> None:
    with pytest.raises(PolicyError, match=r"no policy has a constant 'lest': did you mean least\?"):
        report(web, CONSTANT, constants={"lest": 1})


# --- limits ---


def test_what_takes_too_long_is_told_with_its_file_and_moment(web: Cluster) -> None:
    text = "p(0). p((X + 1) \\ 1000000007) :- p(X). deny(p, X) :- p(X), wave(X)."
    with pytest.raises(PolicyError, match=r"p\.lp: it takes longer than 1 s .*, between wave 1 and wave 4"):
        check(web, [policy(text)], [WEB], limits=Limits(seconds=1.0))


def test_a_variable_without_a_value_is_told_with_its_place(web: Cluster) -> None:
    with pytest.raises(PolicyError) as caught:
        report(web, "deny(p, it) :- outcome.\ndeny(p, Pod, few(Count)) :-\n  pod(Pod).")
    assert str(caught.value) == "p.lp:2:18: nothing in the rule's body gives Count a value"


def test_an_operation_that_has_no_result_is_noted_with_its_place(web: Cluster) -> None:
    found = report(web, "deny(p, it) :- outcome.\n\ndeny(p, X / 0) :- at(X), wave(_).", WEB)
    assert found.notes == ("p.lp:3:9: operation undefined: (X/0)",)


def test_two_files_cannot_have_a_policy_of_one_name(web: Cluster) -> None:
    files = [policy("deny(a, it) :- outcome.", "one.lp"), policy("warn(a, it) :- outcome.", "two.lp")]
    with pytest.raises(PolicyError, match=r"two\.lp: there is a policy a in one\.lp, too"):
        check(web, files)


def test_a_forecast_can_be_judged_again(web: Cluster) -> None:
    story = forecast(web, [WEB])
    rules = [policy("deny(p, Pod) :- terminating(Pod).")]
    assert judge(rules, story) == judge(rules, story)
    assert [finding.waves for finding in judge(rules, story).findings] == [
        (Waves(first=1, last=1),),
        (Waves(first=3, last=3),),
    ]


def test_a_deleted_object_existed(web: Cluster) -> None:
    text = "deny(p, X) :- existed(X), not object(X), outcome, X = statefulset(_)."
    assert told(report(web, text, Delete(kind="StatefulSet", name="web"))) == ["deny p StatefulSet/web @ end"]
