"""The sandbox: even what has got through the gate reads no file, runs no code and keeps to its limits."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic, sleep

import pytest

from foretell.logic.policy.frames import Failed, Reply, Solve, Solved, Take, Vet, Vetted
from foretell.logic.policy.sandbox import Sandbox
from foretell.model.policy import Limits

SMALL = Limits(seconds=1.0, memory=256 * 2**20)
GRACE = 5.0
"""How much later than at its deadline a process has to be gone: other work may hold this machine up."""
WHOLE = Solve((), (), (), ((),))


def solved(text: str, limits: Limits = SMALL) -> Reply:
    """What the sandbox answers to a text that no gate has seen."""
    with Sandbox(limits) as sandbox:
        sandbox.ask(Take(text, {}, ""))
        return sandbox.ask(WHOLE)


@contextmanager
def within(seconds: float) -> Iterator[None]:
    """Fail where it takes longer."""
    began = monotonic()
    yield
    assert monotonic() - began < seconds


def gone(pid: int) -> bool:
    """Whether there is no such process, or nothing left of it but its status."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    stat = Path(f"/proc/{pid}/stat")
    return stat.exists() and stat.read_text().rpartition(")")[2].split()[0] == "Z"


# --- files and code ---


@pytest.mark.parametrize("where", ["solve", "vet"])
def test_no_file_can_be_read(where: str, tmp_path: Path) -> None:
    secret = tmp_path / "secret.lp"
    secret.write_text("deny(secret, secret).")
    text = f'#include "{secret}". deny(a, b).'
    with Sandbox(SMALL) as sandbox:
        sandbox.ask(Take(text, {}, ""))
        reply = sandbox.ask(WHOLE if where == "solve" else Vet(text))
    assert isinstance(reply, Failed | Vetted)
    assert "could not be opened" in str(reply)


@pytest.mark.parametrize("language", ["python", "lua"])
def test_no_code_is_run(language: str, tmp_path: Path) -> None:
    mark = tmp_path / "mark"
    code = f"open({str(mark)!r}, 'w')" if language == "python" else f"io.open({str(mark)!r}, 'w')"
    reply = solved(f"#script ({language})\n{code}\n#end.\ndeny(a, b).")
    assert isinstance(reply, Failed)
    assert not mark.exists()


@pytest.mark.parametrize("call", ["@open", "@system", "@__class__"])
def test_functions_are_not_called(call: str) -> None:
    reply = solved(f'deny(a, X) :- X = {call}("id").')
    assert not isinstance(reply, Solved) or reply.atoms == ()


def test_the_process_gets_nothing_of_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FORETELL_STATE", "secret")
    with Sandbox(SMALL) as sandbox:
        assert isinstance(sandbox.ask(Vet("p.")), Vetted)
        environment = Path(f"/proc/{sandbox.pid}/environ")
        if environment.exists():
            assert environment.read_bytes() == b""


# --- limits ---

HOLES = " ".join(f"1 {{ p(X,Y) : Y = 1..11 }} 1 :- X = {pigeon}." for pigeon in range(1, 13))
BOMBS = {
    "grounds-for-long": "p(0..3000). q(X,Y) :- p(X), p(Y), X * Y = 1."
    " r(X,Y,Z) :- p(X), p(Y), p(Z), X+Y+Z = -1.",
    "never-ends": "p(0). p((X + 1) \\ 1000000007) :- p(X).",
    "solves-for-long": HOLES + " :- p(X,Y), p(Z,Y), X < Z.",
}
FLOODS = {
    "many-atoms": "p(1..2000). q(X,Y,Z) :- p(X), p(Y), p(Z).",
    "deeper-and-deeper": "p(a). p(f(X,X)) :- p(X). q(X,Y) :- p(X), p(Y).",
}


@pytest.mark.parametrize("name", sorted(BOMBS))
def test_what_takes_too_long_is_ended(name: str) -> None:
    with within(SMALL.seconds + GRACE):
        reply = solved(BOMBS[name])
    assert isinstance(reply, Failed)
    assert "takes" in reply.sentence


@pytest.mark.parametrize("name", sorted(FLOODS))
def test_what_takes_too_much_memory_is_ended(name: str) -> None:
    reply = solved(FLOODS[name], Limits(seconds=20.0, memory=128 * 2**20))
    assert isinstance(reply, Failed)
    assert "of memory" in reply.sentence


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("p(" + "+".join(["1"] * 60_000) + ").", id="long-sum"),
        pytest.param("p(" + "-" * 200_000 + "1).", id="many-signs"),
        pytest.param("p" + "(" * 200_000, id="many-brackets"),
        pytest.param("p :- " + "not " * 50_000 + "q.", id="many-negations"),
    ],
)
@pytest.mark.parametrize("where", ["solve", "vet"])
def test_whoever_asks_what_is_too_deep_gets_an_answer(text: str, where: str) -> None:
    with Sandbox(SMALL) as sandbox:
        sandbox.ask(Take(text, {}, ""))
        reply = sandbox.ask(WHOLE if where == "solve" else Vet(text))
    assert isinstance(reply, Failed | Vetted | Solved)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        pytest.param("p(1..20000). deny(a, X) :- p(X).", "more than 10,000 findings", id="too-many"),
        pytest.param(
            "p(0,a). p(N+1,f(X)) :- p(N,X), N < 30. deny(a, X) :- p(30,X).", "nested", id="too-deep"
        ),
        pytest.param("deny(a, b) :- not p. p :- not q. q :- not p.", "more than one answer", id="open"),
        pytest.param("deny(a, b) :- not p. p :- not p.", "no answer", id="contradicts-itself"),
    ],
)
def test_findings_that_cannot_be_told_are_refused(text: str, said: str) -> None:
    reply = solved(text)
    assert isinstance(reply, Failed)
    assert said in reply.sentence


# --- processes ---


def test_no_process_is_left_over() -> None:
    with Sandbox(SMALL) as sandbox:
        pid = sandbox.pid
        sandbox.ask(Take(BOMBS["never-ends"], {}, ""))
        sandbox.ask(WHOLE)
    assert gone(pid)


def test_none_is_left_over_after_an_error_of_the_caller() -> None:
    sandbox = Sandbox(SMALL)
    with pytest.raises(KeyboardInterrupt), sandbox:
        raise KeyboardInterrupt
    assert gone(sandbox.pid)


def test_none_outlives_a_caller_that_is_killed() -> None:
    script = textwrap.dedent(f"""
        from foretell.logic.policy.frames import Solve, Take
        from foretell.logic.policy.sandbox import Sandbox
        from foretell.model.policy import Limits
        with Sandbox(Limits(seconds=1.0)) as sandbox:
            print(sandbox.pid, flush=True)
            sandbox._limits, sandbox._left = None, 1000.0
            sandbox.ask(Take({BOMBS["never-ends"]!r}, {{}}, ""))
            sandbox.ask(Solve((), (), (), ((),)))
    """)
    with subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True) as caller:
        assert caller.stdout is not None
        pid = int(caller.stdout.readline())
        sleep(0.5)
        caller.send_signal(signal.SIGKILL)
    deadline = monotonic() + 20.0
    while not gone(pid) and monotonic() < deadline:
        sleep(0.1)
    assert gone(pid)


def test_a_process_that_is_killed_is_told_of() -> None:
    with Sandbox(SMALL) as sandbox:
        os.kill(sandbox.pid, signal.SIGTERM)
        reply = sandbox.ask(Vet("p."))
    assert isinstance(reply, Failed)
    assert "ended with status" in reply.sentence
