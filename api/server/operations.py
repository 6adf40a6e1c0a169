"""What every way of sending an operation needs: the engine, the services, who asks, the counts."""

from __future__ import annotations

from dataclasses import dataclass

from foretell.api.graphql.engine import Engine
from foretell.api.server.backend import Backend
from foretell.api.server.closing import Closing
from foretell.api.server.identity import Identity
from foretell.api.server.metrics import Metrics
from foretell.api.server.settings import Settings
from foretell.api.server.telemetry import Tracing


@dataclass(frozen=True)
class Operations:
    """The parts of a server that its transports share."""

    engine: Engine
    backend: Backend
    identity: Identity
    metrics: Metrics
    tracing: Tracing
    closing: Closing
    settings: Settings
