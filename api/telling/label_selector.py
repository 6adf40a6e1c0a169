"""Label selectors, as objects have them and as kubectl's `-l` reads them: `app=web,tier!=db,env in (a,b)`."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from foretell.model.selectors import LabelSelector, Requirement

Test = Callable[[Mapping[str, str]], bool]
_KEY = r"[\w./-]+"
_SET = re.compile(rf"\s*({_KEY})\s+(in|notin)\s+\(([^()]*)\)\s*")
_PAIR = re.compile(rf"\s*({_KEY})\s*(==|=|!=)\s*([\w.-]*)\s*")
_BARE = re.compile(rf"\s*(!?)\s*({_KEY})\s*")


def label_test(text: str) -> Test:
    """Whether labels are selected; raises ValueError where the selector can't be read."""
    tests: list[Test] = []
    position = 0
    while position < len(text) or not tests:
        test, end = _requirement(text, position)
        tests.append(test)
        position = end + 1
    return lambda labels: all(test(labels) for test in tests)


def _requirement(text: str, position: int) -> tuple[Test, int]:
    """The requirement that begins somewhere in a selector, and where it ends."""
    for pattern, make in ((_SET, _in_set), (_PAIR, _equal), (_BARE, _present)):
        match = pattern.match(text, position)
        if match and text[match.end() : match.end() + 1] in ("", ","):
            return make(match), match.end()
    raise ValueError(f"{text!r} is no label selector: expected such as app=web,tier!=db,env in (a,b),!old")


def _in_set(match: re.Match[str]) -> Test:
    key, operator, listed = match.groups()
    values = {value.strip() for value in listed.split(",")}
    if operator == "in":
        return lambda labels: labels.get(key) in values
    return lambda labels: labels.get(key) not in values


def _equal(match: re.Match[str]) -> Test:
    key, operator, value = match.groups()
    if operator == "!=":
        return lambda labels: labels.get(key) != value
    return lambda labels: labels.get(key) == value


def _present(match: re.Match[str]) -> Test:
    absent, key = bool(match[1]), match[2]
    return lambda labels: (key in labels) is not absent


def selects(selector: LabelSelector, labels: Mapping[str, str]) -> bool:
    """Whether an object's selector selects labels; an empty one selects all."""
    return all(_meets(requirement, labels) for requirement in selector.requirements)


def _meets(requirement: Requirement, labels: Mapping[str, str]) -> bool:
    present = requirement.key in labels
    listed = labels.get(requirement.key) in requirement.values
    answers = {"In": listed, "NotIn": not listed, "Exists": present, "DoesNotExist": not present}
    return answers.get(requirement.operator, False)
