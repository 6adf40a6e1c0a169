"""The flags that say how nodes are drained, called as `kubectl drain` calls them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, MutableMapping
from typing import Any, TypeVar

import click
import msgspec

from foretell.model.changes import Change, Drain

F = TypeVar("F", bound=Callable[..., Any])

DRAIN_REFUSED = 1
"""The exit code that says that some pod refuses a drain."""

_FLAGS = {
    "ignore-daemonsets": "Pass over daemon pods, which refuse a drain otherwise.",
    "delete-emptydir-data": "Evict pods with emptyDir volumes, too; what these hold is lost.",
    "force": "Evict pods without a controller, too; nothing makes them again.",
    "disable-eviction": "Delete the pods, whatever disruption budgets say.",
}
_TIMES = {
    "timeout": "Give up on evictions that budgets refuse after so long; 0: never.",
    "skip-wait-for-delete-timeout": "Pass over pods that have been terminating for longer; 0: don't.",
}
_UNITS = {"s": 1.0, "m": 60.0, "h": 3600.0}


class DrainOption(click.Option):
    """A flag that holds for every drain of the command line."""

    section = "Drains"


class Duration(click.ParamType[float]):
    """Seconds, as a number or as kubectl takes durations: 90, 90s, 1.5m, 1h."""

    name = "duration"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """The seconds; raises BadParameter."""
        if isinstance(value, float):
            return value
        text = str(value)
        number, unit = (text[:-1], text[-1:]) if text[-1:] in _UNITS else (text, "s")
        plain = number.replace(".", "", 1)
        if not plain.isascii() or not plain.isdigit() or len(plain) > _DIGITS:
            self.fail(f"{text!r} can't be read: expected seconds, such as 90, 90s, 5m or 1h", param, ctx)
        return float(number) * _UNITS[unit]


_DIGITS = 9


def drain_options(command: F) -> F:
    """Add the flags to a ChangeCommand, which takes them into the drains that are given."""
    for name, words in reversed(_TIMES.items()):
        option = click.option(
            f"--{name}", cls=DrainOption, type=Duration(), default=0.0, metavar="SECONDS", help=words
        )
        command = option(command)
    for name, words in reversed(_FLAGS.items()):
        command = click.option(f"--{name}", cls=DrainOption, is_flag=True, help=words)(command)
    return command


def drain_flags(params: MutableMapping[str, Any]) -> dict[str, Any]:
    """The flags, taken out of a command's parameters."""
    return {name: params.pop(name, None) for name in (each.replace("-", "_") for each in (*_FLAGS, *_TIMES))}


def check_flags(changes: Iterable[Change], flags: Mapping[str, Any]) -> None:
    """Refuse flags that nothing is drained with; raises UsageError."""
    given = [name for name, value in flags.items() if value]
    if given and not any(isinstance(change, Drain) for change in changes):
        raise click.UsageError(f"--{given[0].replace('_', '-')} says how a node is drained: expected --drain")


def with_flags(change: Change, flags: Mapping[str, Any]) -> Change:
    """A drain with these flags; any other change as it is."""
    given = {name: value for name, value in flags.items() if value}
    return msgspec.structs.replace(change, **given) if isinstance(change, Drain) else change
