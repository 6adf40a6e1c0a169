"""The sample as a process of its own: prints its address, and what it was told at its end."""

from __future__ import annotations

import asyncio
from pathlib import Path

from foretell.api.graphql.engine import Engine
from foretell.api.server.app import create_app
from foretell.api.server.running import serve
from foretell.api.server.settings import Settings
from tests.api.server.sample import SCHEMA, Backend, Context


class Slow(Backend):
    """Lets `slow` be answered when the server has been told to end."""

    def context(self, principal: object) -> Context:
        del principal
        asyncio.get_running_loop().call_later(0.7, self.world.going.set)
        return Context(self.world)


if __name__ == "__main__":
    settings, backend = Settings(port=0, page=Path("/nowhere")), Slow()
    app = create_app(settings, Engine(SCHEMA), backend)
    serve(app, settings, announce=lambda url: print(url, flush=True))
    print(*backend.steps, flush=True)
