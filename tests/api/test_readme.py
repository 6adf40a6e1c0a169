"""The README's transcripts are what happens."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
BLOCK = re.compile(r"```console\n(.*?)```", re.DOTALL)


def test_every_transcript_of_the_readme_is_what_its_commands_print(tmp_path: Path) -> None:
    """The commands of all console blocks are run one after the other on a copy of the tutorial."""
    blocks = BLOCK.findall((ROOT / "README.md").read_text())
    assert blocks
    folder = tmp_path / "tutorial"
    shutil.copytree(ROOT / "examples" / "tutorial", folder)
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    environment = {**os.environ, "PATH": path, "NO_COLOR": "1"}
    for block in blocks:
        printed = []
        for command in (line[2:] for line in block.splitlines() if line.startswith("$ ")):
            done = subprocess.run(
                command, shell=True, cwd=folder, env=environment, capture_output=True, text=True, check=False
            )
            printed += [f"$ {command}", *(done.stdout + done.stderr).rstrip("\n").splitlines()]
        assert [line.rstrip() for line in printed if line] == [line for line in block.splitlines() if line]
