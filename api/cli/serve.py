"""`foretell serve`: clusters over GraphQL, with a playground."""

from __future__ import annotations

import os
from pathlib import Path

import click

from foretell.api.cli.output import examples, note
from foretell.api.cli.serve_options import Options, serve_options

EXAMPLES = examples(
    "foretell serve --load prod=cluster.json",
    "foretell serve --store postgresql://foretell@db/foretell --host 0.0.0.0 --token-file tokens.toml",
    "kubectl get all,nodes,pvc,controllerrevisions -A -o json | foretell serve --load prod=-",
)


@click.command("serve", epilog=EXAMPLES)
@serve_options
def command(options: Options) -> int:
    """Serve clusters over GraphQL.

    There is a playground at the address that is printed, and the server runs until it is interrupted. The
    clusters and their histories are kept in the store. Without tokens or an issuer everybody who reaches
    the server may do everything, so it listens on this machine alone.
    """
    from foretell.api.access.authenticator import authenticator_of
    from foretell.api.graphql.engine import Engine
    from foretell.api.graphql.persisted import Persisted, read_documents
    from foretell.api.graphql.schema import schema
    from foretell.api.server.app import create_app
    from foretell.api.server.running import RefusedSettingsError, serve
    from foretell.api.server.settings import refusal
    from foretell.api.server.stored import Stored
    from foretell.api.server.telemetry import NoTracing, OpenTelemetry
    from foretell.api.service.loading import load
    from foretell.api.service.services import Services

    settings = options.settings(authenticator_of(options.access))
    problem = refusal(settings)
    if problem is not None:
        raise RefusedSettingsError(problem)
    services = Services.over(options.store, workers=options.workers, limits=options.limits)
    for name, source in options.load:
        told = load(services.store, name, source)
        note(told)
    persisted = Persisted(only=read_documents(Path(options.documents)) if options.documents else None)
    engine = Engine(schema(), persisted=persisted, introspection=options.introspection)
    tracing = OpenTelemetry() if options.telemetry else NoTracing()
    app = create_app(settings, engine, Stored(services), tracing=tracing)
    try:
        serve(app, settings, announce=_announce)
    except OSError as error:
        reason = os.strerror(error.errno).lower() if error.errno else str(error)
        raise click.ClickException(
            f"can't listen on {settings.host}, port {settings.port}: {reason}"
        ) from None
    return 0


def _announce(address: str) -> None:
    click.echo(f"Foretell serves at {address}/ (GraphiQL) and {address}/graphql until interrupted.")
