"""The transcripts in the documents are what happens.

`python -m tests.api.test_transcripts` writes them anew; what it changes is to be read as a user would.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
BLOCK = re.compile(r"```console\n(.*?)```", re.DOTALL)
# Each document with the folder of examples where its commands are run.
FOLDERS = {
    "README.md": "tutorial", "docs/embedding.md": "embedding", "docs/orders.md": "orders",
    "docs/policy.md": "policy", "docs/remedy.md": "tutorial", "docs/why.md": "tutorial",
}  # fmt: skip


def printed(document: str, scratch: Path) -> Iterator[tuple[str, str]]:
    """Each console block, and what its commands print, one after the other on a copy of the examples."""
    examples = scratch / "examples"
    shutil.copytree(ROOT / "examples", examples)
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    environment = {**os.environ, "PATH": path, "NO_COLOR": "1"}
    for block in BLOCK.findall((ROOT / document).read_text(encoding="utf-8")):
        lines = []
        for command in (line[2:] for line in block.splitlines() if line.startswith("$ ")):
            done = subprocess.run(
                command, shell=True, cwd=examples / FOLDERS[document], env=environment,
                capture_output=True, text=True, check=False,
            )  # fmt: skip
            told = (done.stdout + done.stderr).rstrip("\n").splitlines()
            lines += [f"$ {command}", *(line.rstrip() for line in told)]
        yield block, "".join(f"{line}\n" for line in lines)


@pytest.mark.parametrize("document", FOLDERS)
def test_every_transcript_is_what_its_commands_print(document: str, tmp_path: Path) -> None:
    blocks = list(printed(document, tmp_path))
    assert blocks
    assert [told for _, told in blocks] == [block for block, _ in blocks]


def rewrite(document: str) -> None:
    """Write the transcripts of a document as they are now."""
    file = ROOT / document
    text = file.read_text(encoding="utf-8")
    with TemporaryDirectory() as scratch:
        for block, told in printed(document, Path(scratch)):
            text = text.replace(f"```console\n{block}```", f"```console\n{told}```")
    file.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    for each in FOLDERS:
        rewrite(each)
