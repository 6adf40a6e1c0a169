"""`foretell rules`: where the rules are, and what each file decides."""

from __future__ import annotations

import click

from foretell.api.cli.output import examples, json_text, output_option, say
from foretell.api.telling.rulebook import rulebook
from foretell.logic.solve import RULES

EXAMPLES = examples("clingo $(foretell rules)/sync.lp cluster.lp", "foretell rules --list")


@click.command("rules", epilog=EXAMPLES)
@click.option("--list", "listing", is_flag=True, help="List the files with what each decides.")
@output_option
def command(listing: bool, output: str) -> int:
    """Print where the rules are."""
    files = [{"file": page.name, "about": page.about} for page in rulebook()] if listing else []
    if output == "json":
        say(json_text({"folder": str(RULES), "files": files} if listing else {"folder": str(RULES)}) + "\n")
    elif listing:
        width = max(len(entry["file"]) for entry in files)
        say("".join(f"{entry['file']:<{width}}  {entry['about']}\n" for entry in files))
    else:
        say(f"{RULES}\n")
    return 0
