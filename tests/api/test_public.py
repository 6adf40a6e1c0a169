"""The public face is complete, and costs nothing until it is used."""

from __future__ import annotations

import subprocess
import sys

import pytest

import foretell


@pytest.mark.parametrize("name", foretell.__all__)
def test_each_public_name_is_there(name: str) -> None:
    assert getattr(foretell, name) is not None
    assert name in dir(foretell)


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'nope'"):
        foretell.nope  # noqa: B018


def test_importing_foretell_imports_none_of_its_parts() -> None:
    code = "import sys, foretell; print(*(m for m in sys.modules if m.startswith(('foretell.', 'msgspec'))))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "\n"


def test_a_forecast_takes_four_lines() -> None:
    node = {"apiVersion": "v1", "kind": "Node", "metadata": {"name": "a"}}
    cluster = foretell.read([node])
    story = foretell.forecast(cluster, [foretell.AddTaint(node="a", key="gpu", effect="NoSchedule")])
    assert story.verdict.outcome is foretell.Outcome.SETTLED
    assert len(foretell.desired(cluster)) == 0
