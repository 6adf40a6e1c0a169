"""The options that change a cluster: each may be repeated, and all are applied in the order given."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple, TypeVar

import click

from foretell.api.cli import notation_nodes as nodes
from foretell.api.cli import notation_objects as objects
from foretell.api.cli.drain_options import check_flags, drain_flags, drain_options, with_flags
from foretell.model.changes import Change

Reader = Callable[[str], Change]
F = TypeVar("F", bound=Callable[..., Any])


class _Row(NamedTuple):
    """An option: its name without dashes, what its argument is called, its reader, and its help."""

    name: str
    metavar: str
    reader: Reader
    help: str


CHANGES = (
    _Row("scale", "KIND/NAME=N", objects.scale, "Set the number of replicas: sts/web=5, deploy/shop=3."),
    _Row(
        "image",
        "KIND/NAME=IMAGE",
        objects.image,
        "Set a container's image: ds/agent=nginx:1.27[,container=log].",
    ),
    _Row("restart", "KIND/NAME", objects.restart, "Roll all pods, as `kubectl rollout restart` does."),
    _Row("pause", "KIND/NAME", objects.pause, "Pause a Deployment: deploy/web."),
    _Row("resume", "KIND/NAME", objects.resume, "Let a paused Deployment roll out again: deploy/web."),
    _Row(
        "undo", "KIND/NAME", objects.undo, "Put back the template before, or of a revision: ds/agent[,to=2]."
    ),
    _Row("patch", "KIND/NAME=JSON", objects.patch, "Apply a JSON merge patch."),
    _Row("suspend", "KIND/NAME", objects.suspend, "Let a Job or CronJob rest: job/import, cj/nightly."),
    _Row("unsuspend", "KIND/NAME", objects.unsuspend, "Let a suspended Job or CronJob go on."),
    _Row("delete", "KIND/NAME", objects.delete, "Delete an object: ds/agent[,cascade=Orphan][,grace=0]."),
    _Row("label", "KIND/NAME,KEY=VALUE", nodes.label, "Set labels, or remove them with KEY-."),
    _Row("annotate", "KIND/NAME,KEY=VALUE", nodes.annotate, "Set annotations, or remove them with KEY-."),
    _Row(
        "taint", "NODE:KEY=VALUE:EFFECT", nodes.taint, "Taint a node; node=…,key=…,value=…,effect=… does too."
    ),
    _Row("untaint", "NODE:KEY[:EFFECT]", nodes.untaint, "Take a taint off a node."),
    _Row("cordon", "NODE", nodes.cordon, "Mark a node as unschedulable."),
    _Row("uncordon", "NODE", nodes.uncordon, "Mark a node as schedulable."),
    _Row("drain", "NODE", nodes.drain, "Cordon a node and evict its pods, as `kubectl drain` does."),
    _Row("node-ready", "NODE=STATUS", nodes.node_ready, "Let a node be ready: True, False or Unknown."),
    _Row("node-condition", "NODE,TYPE=STATUS", nodes.node_condition, "Set another condition of a node."),
    _Row("evict", "POD", objects.evict, "Evict a pod, given by name or as OWNER@NODE."),
    _Row("delete-pod", "POD[,grace=N]", objects.delete_pod, "Delete a pod, given by name or as OWNER@NODE."),
    _Row(
        "pod-status", "POD=PHASE", objects.pod_status, "Say how a pod is: web-0=Failed[,ready=…][,reason=…]."
    ),
)
WAIT = _Row("wait", "SECONDS", objects.wait, "Let time pass before the next change.")


class ChangeOption(click.Option):
    """An option that adds a change."""

    section = "Changes, repeatable, made in the order given"


class AssumptionOption(click.Option):
    """An option that says where the world is to answer otherwise."""

    section = "Assumptions, repeatable"


class ChangeCommand(click.Command):
    """A command with options for changes; its callback gets them as `given`, in the order given."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Parse the arguments, and put the changes into the order in which they were given."""
        _, _, order = self.make_parser(ctx).parse_args(list(args))
        rest = super().parse_args(ctx, args)
        mine = [param for param in self.params if isinstance(param, ChangeOption)]
        given = {param.name: iter(ctx.params.pop(str(param.name), ())) for param in mine}
        flags = drain_flags(ctx.params)
        if not ctx.resilient_parsing:
            changes = [next(given[p.name]) for p in order if isinstance(p, ChangeOption)]
            check_flags(changes, flags)
            ctx.params["given"] = tuple(with_flags(change, flags) for change in changes)
        return rest

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the options by sections."""
        sections: dict[str, list[tuple[str, str]]] = {"Options": []}
        for param in self.get_params(ctx):
            record = param.get_help_record(ctx)
            if record is not None and isinstance(param, click.Option):
                sections.setdefault(getattr(param, "section", "Options"), []).append(record)
        for title, records in sections.items():
            with formatter.section(title):
                formatter.write_dl(records)


def _noted(reader: Reader) -> Callable[[click.Context, click.Parameter, tuple[str, ...]], tuple[Change, ...]]:
    """What reads the values of an option."""

    def read(context: click.Context, param: click.Parameter, values: tuple[str, ...]) -> tuple[Change, ...]:
        try:
            return tuple(map(reader, values))
        except ValueError as error:
            raise click.BadParameter(str(error), context, param) from None

    return read


def change_options(*, wait: bool) -> Callable[[F], F]:
    """Add what changes are given by to a ChangeCommand; `wait` where time may pass between them."""

    def decorate(command: F) -> F:
        for row in reversed((*CHANGES, WAIT) if wait else CHANGES):
            option = click.option(
                f"--{row.name}",
                cls=ChangeOption,
                callback=_noted(row.reader),
                metavar=row.metavar,
                multiple=True,
                help=row.help,
            )
            command = option(command)
        command = drain_options(command)
        namespace = click.option(
            "-n", "--namespace", default="default", metavar="NAME", help="Where named objects are looked for."
        )
        files = click.argument("files", nargs=-1, metavar="[CHANGE.yaml]...")
        return files(namespace(command))

    return decorate
