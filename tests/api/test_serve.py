"""`foretell serve`: what it refuses before it serves, each in one sentence, and how it ends."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from tests.api.conftest import Run
from tests.api.served import TUTORIAL, serving


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        pytest.param(["--host", "0.0.0.0"], "0.0.0.0 can be reached from other machines", id="not-loopback"),
        pytest.param(
            ["--store", "sqlite:////nowhere/a.db"], "there is no directory /nowhere", id="no-folder"
        ),
        pytest.param(["--store", "nonsense"], "expected a URL such as sqlite:///foretell.db", id="no-url"),
        pytest.param(["--load", "oops"], "expected NAME=FILE", id="no-pair"),
        pytest.param(["--load", "a=/nowhere.yaml"], "/nowhere.yaml: can't be read", id="no-file"),
        pytest.param(["--load", f"A_B={TUTORIAL}/cluster.yaml"], "'A_B' can't name a cluster", id="no-name"),
        pytest.param(["--token-file", "/nowhere.toml"], "/nowhere.toml: can't be read", id="no-tokens"),
        pytest.param(["--documents", "/nowhere.json"], "/nowhere.json", id="no-documents"),
        pytest.param(["--oidc-issuer", "https://issuer.example"], "needs an audience", id="no-audience"),
    ],
)
def test_a_set_up_that_cannot_be_served_is_refused_in_a_sentence(
    run: Run, tmp_path: Path, options: list[str], sentence: str
) -> None:
    store = [] if "--store" in options else ["--store", f"sqlite:///{tmp_path}/store.db"]
    result = run("serve", "--port", "0", *store, *options)
    assert result.exit_code == 1
    assert sentence in result.output
    assert "Traceback" not in result.output


def test_a_port_that_is_taken_is_told(run: Run, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        result = run("serve", "--store", f"sqlite:///{tmp_path}/store.db", "--port", port)
    assert result.output.splitlines()[-1] == (
        f"foretell: can't listen on 127.0.0.1, port {port}: address already in use"
    )


def test_an_interrupt_ends_the_server_well(tmp_path: Path) -> None:
    with serving(f"sqlite:///{tmp_path}/store.db", "--load", f"a={TUTORIAL}/cluster.yaml") as server:
        assert server.ask("{ clusters { totalCount } }") == {"clusters": {"totalCount": 1}}
        assert server.interrupt() == 0


def test_a_cluster_that_is_there_is_not_loaded_again(tmp_path: Path) -> None:
    options = (f"sqlite:///{tmp_path}/store.db", "--load", f"a={TUTORIAL}/cluster.yaml")
    with serving(*options) as server:
        server.ask('mutation { cordon(cluster: "a", input: {node: "worker-0"}) { userErrors { code } } }')
    with serving(*options) as server:
        assert server.ask('{ cluster(name: "a") { head } }') == {"cluster": {"head": 2}}
