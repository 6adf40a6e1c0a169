"""The gate: what is no plain rule never reaches a parser."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from foretell.logic.policy.lexing import MOST_NESTED, plain


@pytest.mark.parametrize(
    ("text", "place", "said"),
    [
        pytest.param('#include "/etc/passwd".', (1, 1), "#include", id="include"),
        pytest.param('p.\n  #include"x".', (2, 3), "#include", id="include-further-on"),
        pytest.param("#include <incmode>.", (1, 1), "#include", id="include-built-in"),
        pytest.param("#script (python) import os #end.", (1, 1), "#script", id="script"),
        pytest.param("#SCRIPT (lua) #end.", (1, 1), "#SCRIPT", id="capitals"),
        pytest.param("# include", (1, 1), "# ", id="a-blank-after-the-sign"),
        pytest.param('#inc%*x*%lude "x".', (1, 1), "#inc ", id="comment-within-a-word"),
        pytest.param('"%*" #include "x". "*%"', (1, 6), "#include", id="comment-signs-in-texts"),
        pytest.param('%* " *% #include "x".', (1, 9), "#include", id="quote-in-a-comment"),
        pytest.param('% %*\n#include "x". % *%', (2, 1), "#include", id="block-in-a-line-comment"),
        pytest.param('%* %* *% p *%\n#include "x".', (2, 1), "#include", id="nested-comments"),
        pytest.param('"\\"" #include "x".', (1, 6), "#include", id="escaped-quote"),
        pytest.param('"\\\\" #include "x".', (1, 6), "#include", id="escaped-backslash"),
        pytest.param("#show p/1.", (1, 1), "#show", id="show"),
        pytest.param("#external p.", (1, 1), "#external", id="external"),
        pytest.param("#program base.", (1, 1), "#program", id="program"),
        pytest.param("#theory t { }.", (1, 1), "#theory", id="theory"),
        pytest.param("#minimize { 1 }.", (1, 1), "#minimize", id="minimize"),
        pytest.param("#defined p/1.", (1, 1), "#defined", id="defined"),
        pytest.param("#heuristic p. [1,sign]", (1, 1), "#heuristic", id="heuristic"),
        pytest.param("#edge (a,b).", (1, 1), "#edge", id="edge"),
        pytest.param("#project p.", (1, 1), "#project", id="project"),
        pytest.param("p(@f()).", (1, 3), "calls of functions", id="call"),
        pytest.param("&sum { x } > 1.", (1, 1), "'&'", id="theory-atom"),
        pytest.param(":~ p. [1]", (1, 1), "weak constraints", id="weak"),
        pytest.param('p("a', (1, 3), "has no end", id="open-text"),
        pytest.param('p("a\nb").', (1, 3), "has no end", id="text-over-lines"),
        pytest.param('p("\\x").', (1, 3), "an escape other than", id="unknown-escape"),
        pytest.param('p("\x00").', (1, 3), "a control character", id="nul-in-a-text"),
        pytest.param("p\x00.", (1, 2), r"'\x00'", id="nul"),
        pytest.param("p :- \u0440.", (1, 6), "may stand in texts alone", id="look-alike-letter"),
        pytest.param("\uff03include", (1, 1), "may stand in texts alone", id="wide-number-sign"),
        pytest.param("p.\u2028q.", (1, 3), "may stand in texts alone", id="line-separator"),
        pytest.param("p. %* never ends", (1, 4), "comment has no end", id="open-comment"),
        pytest.param("p(2147483647, 2147483648).", (1, 15), "numbers go up to", id="large-number"),
        pytest.param(f"p({'1' * 10_000}).", (1, 3), "numbers go up to", id="long-number"),
        pytest.param("p(" * 60, (1, 2 * MOST_NESTED + 2), "nested", id="deep"),
    ],
)
def test_what_is_not_plain_is_refused_with_its_place(text: str, place: tuple[int, int], said: str) -> None:
    fault = plain(text).faults[0]
    assert (fault.line, fault.column) == place
    assert said.strip() in fault.sentence


@pytest.mark.parametrize(
    "text",
    [
        pytest.param('deny(a, X, "50 % of %* #include @f() &x ä") :- pod(X).', id="all-sorts-within-a-text"),
        pytest.param("p :- #count { X : q(X) } < 3, #sum+ { X : q(X) } > #inf, not r.", id="aggregates"),
        pytest.param("#const least = 2.\np(least).", id="constant"),
        pytest.param("p :- 1 = { q(X) : r(X) }, X = 1..3, Y = X ** 2 \\ 3, not not s; t.", id="terms"),
    ],
)
def test_what_is_plain_gets_through_as_it_is(text: str) -> None:
    assert plain(text).text == text
    assert plain(text).faults == ()


def test_comments_leave_no_trace_but_everything_keeps_its_place() -> None:
    text = "p. % one\n%* two\n *% q.\n%! note: here\nr."
    found = plain(text).text
    assert found.split() == ["p.", "q.", "r."]
    lines = found.split("\n")
    assert [len(line) for line in lines] == [len(line) for line in text.split("\n")]
    assert [lines[0].find("p"), lines[2].find("q"), lines[4].find("r")] == [0, 4, 0]


def test_notes_are_kept_with_their_lines() -> None:
    assert plain("p.\n%! a: b\n%* %! no *%\n%!c").notes == ((2, "a: b"), (4, "c"))


PIECES = st.sampled_from([
    "%", "%*", "*%", '"', "\\", "\n", "#include", "#", "@", " ", "p", ".", "%!", "é", "(", ")", "#const", "*",
])  # fmt: skip


@given(st.lists(PIECES, max_size=30).map("".join))
def test_what_gets_through_has_no_comments_and_no_other_words(text: str) -> None:
    passed = plain(text)
    if not passed.faults:
        outside = "".join(passed.text.split('"')[::2]) if "\\" not in passed.text else ""
        assert "%" not in outside
        assert "@" not in outside
        assert "#include" not in outside
        assert len(passed.text) == len(text)


@given(st.text(max_size=40))
def test_any_text_is_answered(text: str) -> None:
    passed = plain(text)
    assert passed.faults or len(passed.text) == len(text)
