"""What a forecast is asked: a cluster, changes, assumptions, patience, a horizon, a version and its gates."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any, TypeVar

import click

from foretell.api.cli.change_options import AssumptionOption, change_options
from foretell.api.cli.state import STDIN, read_state, state_option
from foretell.api.telling.manifests import changes_in, in_namespace
from foretell.api.telling.planned import PlanDocument, plan_document
from foretell.logic.forecast import forecast
from foretell.logic.gates import DEFAULT_VERSION, gates_with
from foretell.model.changes import Change
from foretell.model.cluster import Cluster
from foretell.model.forecast import Assumptions, Forecast

F = TypeVar("F", bound=Callable[..., Any])

_ASSUMPTIONS = {
    "never-start": "These pods stay Pending on their nodes: name or OWNER@NODE, * matches anything.",
    "never-ready": "These pods run, but never get ready.",
    "never-gone": "These pods stay terminating.",
    "fails": "These pods fail when they start.",
    "job-fails": "These pods of Jobs fail when they end.",
    "never-ends": "These pods of Jobs run on.",
    "dead-node": "Nothing on this node answers.",
    "unbound-claim": "This claim gets no volume.",
}
_FIELDS = {"dead-node": "dead_nodes", "unbound-claim": "unbound_claims"}


@dataclass(frozen=True)
class Question:
    """What a forecast is asked; `state` is where the cluster was read from."""

    state: str
    cluster: Cluster
    changes: tuple[Change, ...]
    namespace: str
    assume: Assumptions
    patience: float | None
    horizon: int | None
    kubernetes: str
    gates: frozenset[str]
    resync: bool

    def answer(self, waves: int | None = None) -> Forecast:
        """The forecast, or its first waves; raises RejectedError for a bad change."""
        return forecast(
            self.cluster,
            self.changes,
            self.assume,
            self.horizon,
            waves=waves,
            patience=self.patience,
            gates=self.gates,
            resync=self.resync,
        )

    def document(self, forecast: Forecast) -> PlanDocument:
        """The JSON document of an answer."""
        return plan_document(
            forecast,
            changes=self.changes,
            assume=self.assume,
            kubernetes=self.kubernetes,
            gates=self.gates,
        )


def given_changes(files: tuple[str, ...], given: tuple[Change, ...], namespace: str) -> tuple[Change, ...]:
    """The changes of the files, then those of the options."""
    return (*changes_in(files, namespace), *(in_namespace(change, namespace) for change in given))


def check_stdin(state: str, files: tuple[str, ...]) -> None:
    """Refuse to read standard input twice."""
    if (state, *files).count(STDIN) > 1:
        raise click.UsageError("standard input can be read only once: as the state or as one of the changes")


def version_options(command: F) -> F:
    """Add the options that say whose rules hold: a Kubernetes version and feature gates."""
    gate = click.option(
        "--gate", "settings", metavar="NAME=BOOL", multiple=True, help="Turn a feature gate on or off."
    )
    version = click.option(
        "--kubernetes",
        metavar="VERSION",
        default=DEFAULT_VERSION,
        show_default=True,
        help="Whose defaults hold.",
    )
    return version(gate(command))


def gates_of(kubernetes: str, settings: tuple[str, ...]) -> frozenset[str]:
    """The gates that are on in a version with settings such as `Name=true`; raises UnknownGateError."""
    known = {"true": True, "false": False}
    pairs = {}
    for setting in settings:
        name, _, value = setting.partition("=")
        if value.lower() not in known:
            raise click.BadParameter(
                f"{setting!r} can't be read: expected NAME=true or NAME=false", param_hint="--gate"
            )
        pairs[name] = known[value.lower()]
    return gates_with(kubernetes, pairs)


def asks(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add all that a forecast can be asked to a ChangeCommand; its callback gets a `question`."""

    @wraps(command)
    def asking(**params: Any) -> Any:
        state, files, namespace = params.pop("state"), params.pop("files"), params.pop("namespace")
        check_stdin(state, files)
        fields = {_FIELDS.get(name, name.replace("-", "_")): name.replace("-", "_") for name in _ASSUMPTIONS}
        assume = Assumptions(**{field: params.pop(param) for field, param in fields.items()})
        kubernetes = params.pop("kubernetes")
        gates = gates_of(kubernetes, params.pop("settings"))
        question = Question(
            state=state,
            changes=given_changes(files, params.pop("given"), namespace),
            cluster=read_state(state),
            namespace=namespace,
            assume=assume,
            patience=params.pop("patience"),
            horizon=params.pop("horizon"),
            kubernetes=kubernetes,
            gates=gates,
            resync=params.pop("resync"),
        )
        return command(question=question, **params)

    decorated: Callable[..., Any] = version_options(asking)
    for option in reversed(_options()):
        decorated = option(decorated)
    return state_option(change_options(wait=True)(decorated))


def _options() -> list[Callable[[Callable[..., Any]], Callable[..., Any]]]:
    assumptions = [
        click.option(
            f"--{name}",
            cls=AssumptionOption,
            metavar="NAME" if name in _FIELDS else "PATTERN",
            multiple=True,
            help=help_,
        )
        for name, help_ in _ASSUMPTIONS.items()
    ]
    return [
        *assumptions,
        click.option(
            "--patience", metavar="SECONDS", type=click.FloatRange(min=0),
            help="Wait this long for a timer in each turn; by default until it fires.",
        ),
        click.option(
            "--horizon", metavar="TURNS", type=click.IntRange(min=0),
            help="Stop after the world has answered this often.",
        ),
        click.option(
            "--resync/--no-resync", default=True,
            help="Controllers look at everything first, as after a restart (default), or only at changes.",
        ),
    ]  # fmt: skip
