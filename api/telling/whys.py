"""Questions of why in words, as they are typed and as they are told again."""

from __future__ import annotations

import re
from collections.abc import Sequence

from foretell.api.telling.kinds import SHORT_OF, called, kind_of, short_name
from foretell.model.explanation import About

_KINDS = ("Pod", "DaemonSet", "StatefulSet", "Deployment", "ReplicaSet", "Job", "CronJob")
_DRAIN = "drain"
_EXPECTED = "expected pod, ds, sts, deploy, rs, job or cj with a name, or drain/NODE"
_OBJECT = re.compile(r"\b([A-Z][A-Za-z]+)/([a-z0-9][-a-z0-9.]*(?:-\*)*)")


def about_of(words: Sequence[str], namespace: str) -> About:
    """What is asked by words such as `not ds/agent@worker-1`, `stuck` or `order sts/web`.

    Raises ValueError with what was expected.
    """
    match list(words):
        case ["stuck"]:
            return About(topic="stuck", namespace=namespace)
        case ["order"]:
            return About(topic="order", namespace=namespace)
        case ["order", target]:
            kind, name, node = _target(target)
            if node or kind in ("Pod", "Node"):
                raise ValueError(f"{target!r} has no order: expected a workload, such as sts/web")
            return About(topic="order", kind=kind, name=name, namespace=namespace)
        case ["not", target]:
            kind, name, node = _target(target)
            space = "" if kind == "Node" else namespace
            return About(kind=kind, name=name, namespace=space, node=node, negated=True)
        case [target] if target != "not":
            kind, name, node = _target(target)
            if kind == "Node":
                raise ValueError(f"of a drain it is asked why not: expected not {_DRAIN}/{name}")
            return About(kind=kind, name=name, namespace=namespace, node=node)
        case _:
            given = f"{' '.join(words)!r} is no question" if words else "nothing is asked"
            raise ValueError(
                f"{given}: expected KIND/NAME, KIND/NAME@NODE, not KIND/NAME@NODE, not {_DRAIN}/NODE, "
                "stuck, or order"
            )


def _target(text: str) -> tuple[str, str, str]:
    """Kind, name and node of such as `ds/agent@worker-1`."""
    word, slash, rest = text.partition("/")
    name, at, node = rest.partition("@")
    if not slash or not name or (at and not node):
        raise ValueError(f"{text!r} names nothing to ask about: {_EXPECTED}")
    if word == _DRAIN and not at:
        return "Node", name, ""
    kind = kind_of(word)
    if kind not in _KINDS:
        raise ValueError(f"nothing is known of why a {kind} is as it is: {_EXPECTED}")
    return kind, name, node


def is_target(text: str) -> bool:
    """Whether a word is a part of a question, not the name of a file."""
    word, slash, _ = text.partition("/")
    if not slash:
        return text in ("not", "order", "stuck")
    if word == _DRAIN:
        return True
    try:
        return kind_of(word) in _KINDS
    except ValueError:
        return False


def question_text(about: About) -> str:
    """The question as it is typed."""
    if about.topic != "object":
        return " ".join((about.topic, *([short_name(about.kind, about.name)] if about.kind else [])))
    called_so = {"Node": f"{_DRAIN}/{about.name}", "Pod": f"pod/{about.name}"}
    name = called_so.get(about.kind) or short_name(about.kind, about.name)
    return f"{'not ' if about.negated else ''}{name}{'@' if about.node else ''}{about.node}"


def in_words(text: str) -> str:
    """A sentence with its objects as people call them: `Pod/web-0` is pod web-0."""
    return _OBJECT.sub(
        lambda match: called(match[0]) if match[1] in SHORT_OF or match[1] == "Job" else match[0], text
    )
