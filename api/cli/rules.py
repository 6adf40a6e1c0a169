"""`foretell rules`: where the rules are, what each file decides, and their vocabulary."""

from __future__ import annotations

import click

from foretell.api.cli.output import examples, json_text, output_option, say
from foretell.api.telling.lexicon import document, lexicon, markdown
from foretell.api.telling.rulebook import rulebook
from foretell.logic.solve import RULES

EXAMPLES = examples(
    "clingo $(foretell rules)/sync.lp cluster.lp", "foretell rules --list", "foretell rules --vocabulary"
)


@click.command("rules", epilog=EXAMPLES)
@click.option("--list", "listing", is_flag=True, help="List the files with what each decides.")
@click.option("--vocabulary", is_flag=True, help="Describe the facts that rules read, and their answers.")
@output_option
def command(listing: bool, vocabulary: bool, output: str) -> int:
    """Print where the rules are."""
    if listing and vocabulary:
        raise click.UsageError("Ask for the --list or for the --vocabulary.")
    if vocabulary:
        told = lexicon()
        say(json_text(document(told)) + "\n" if output == "json" else markdown(told))
        return 0
    files = [{"file": page.name, "about": page.about} for page in rulebook()] if listing else []
    if output == "json":
        say(json_text({"folder": str(RULES), "files": files} if listing else {"folder": str(RULES)}) + "\n")
    elif listing:
        width = max(len(entry["file"]) for entry in files)
        say("".join(f"{entry['file']:<{width}}  {entry['about']}\n" for entry in files))
    else:
        say(f"{RULES}\n")
    return 0
