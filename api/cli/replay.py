"""`foretell replay`: recorded traces of a real control plane are forecast, and compared with what it did."""

from __future__ import annotations

from typing import Any

import click

from foretell.api.cli.output import examples, json_text, say
from foretell.api.replay import Difference, Trace, differences, read_trace, replay
from foretell.model.errors import ForetellError

EXAMPLES = examples(
    "foretell replay traces/*.json", "foretell replay --json traces/*.json.gz > forecasts.json"
)


@click.command("replay", epilog=EXAMPLES)
@click.argument("paths", nargs=-1, required=True, metavar="TRACE.json...")
@click.option("--json", "as_json", is_flag=True, help="Print the forecasts as a list, and compare nothing.")
@click.option(
    "-o", "--output", type=click.Choice(["text", "json"]), default="text", help="json is the same as --json."
)
def command(paths: tuple[str, ...], as_json: bool, output: str) -> int:
    """Forecast recorded traces and compare.

    Traces are files of .json or .json.gz. A line for each step: `same`, or `differs` with what only the
    recording (-) and only the forecast (+) has.

    Exit codes: 0 when all steps are the same (with --json: when all could be read), else 1.
    """
    traces = [read_trace(path) for path in paths]
    if as_json or output == "json":
        say(
            json_text([_forecast(trace, index) for trace in traces for index in range(len(trace.steps))])
            + "\n"
        )
        return 0
    same = total = 0
    for trace in traces:
        for index in range(len(trace.steps)):
            text = _compared(trace, index)
            total += 1
            same += text.startswith("same")
            say(text)
    say(f"{same:,} of {total:,} steps are the same ({100 * same / max(total, 1):.1f} %).\n")
    return 0 if same == total else 1


def _forecast(trace: Trace, index: int) -> dict[str, Any]:
    try:
        return replay(trace, index)
    except ForetellError as error:
        return {"trace": trace.name, "step": index, "error": str(error)}
    except Exception as error:
        # A fault of Foretell's own in one step isn't to hide all others.
        return {"trace": trace.name, "step": index, "error": f"{type(error).__name__}: {error}"}


def _compared(trace: Trace, index: int) -> str:
    """The line of a step, and below it what differs."""
    step = trace.steps[index]
    name = f"{trace.name} [{index}] {step.title}\n"
    foretold = _forecast(trace, index)
    if "error" in foretold:
        return f"{click.style('error  ', fg='red')} {name}    {foretold['error']}\n"
    found = differences(step, foretold, ignored=trace.ignore)
    if not found:
        return f"same    {name}"
    return f"{click.style('differs', fg='yellow')} {name}" + "".join(map(_told, found))


def _told(difference: Difference) -> str:
    lines = [f"    {difference.part}\n"]
    lines += (click.style(f"      - {line}", fg="red") + "\n" for line in difference.recorded)
    lines += (click.style(f"      + {line}", fg="green") + "\n" for line in difference.forecast)
    return "".join(lines)
