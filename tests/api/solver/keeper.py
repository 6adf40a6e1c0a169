"""A server to be killed: it starts a pool on the given entry, tells the workers' ids, and keeps one busy."""

from __future__ import annotations

import asyncio
import sys

from foretell.api.solver.pool import Pool


async def _keep(entry: str, rules: str) -> None:
    async with Pool(entry, {}, 2) as pool:
        pids = [await pool.run("pid", None, result=int) for _ in range(2)]
        grounding = asyncio.create_task(pool.run("ground", rules, result=type(None)))
        while not pool.stats().busy:
            await asyncio.sleep(0)
        print(*pids, flush=True)
        await grounding


if __name__ == "__main__":
    asyncio.run(_keep(*sys.argv[1:]))
