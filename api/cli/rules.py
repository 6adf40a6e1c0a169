"""`foretell rules`: where the rules are, and what each file decides."""

from __future__ import annotations

from pathlib import Path

import click

from foretell.api.cli.output import examples, json_text, output_option, say
from foretell.logic.solve import RULES

EXAMPLES = examples("clingo $(foretell rules)/sync.lp cluster.lp", "foretell rules --list")


@click.command("rules", epilog=EXAMPLES)
@click.option("--list", "listing", is_flag=True, help="List the files with what each decides.")
@output_option
def command(listing: bool, output: str) -> int:
    """Print where the rules are."""
    files = (
        [{"file": path.name, "about": _about(path)} for path in sorted(RULES.rglob("*.lp"))]
        if listing
        else []
    )
    if output == "json":
        say(json_text({"folder": str(RULES), "files": files} if listing else {"folder": str(RULES)}) + "\n")
    elif listing:
        width = max(len(entry["file"]) for entry in files)
        say("".join(f"{entry['file']:<{width}}  {entry['about']}\n" for entry in files))
    else:
        say(f"{RULES}\n")
    return 0


def _about(path: Path) -> str:
    """The first sentence of a file's banner."""
    banner: list[str] = []
    for line in path.read_text(encoding="utf-8").splitlines():
        if not line.startswith("%"):
            break
        banner.append(line.strip("% "))
    return " ".join(banner).partition(". ")[0].rstrip(".")
