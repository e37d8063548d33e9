"""Runs peers one at a time: everything installed, started on loopback, loaded, checked equal, ended, removed.

`beside(job)` gives a call for each peer that can be run here; each call is one round, and the peer is gone after it.
"""

import asyncio
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from benchmarks.beside.compared import Round
from benchmarks.beside.environment import REDIS, NotInstalledError, find_program, make_python
from benchmarks.beside.job import Report, write_job
from benchmarks.beside.rounds import Ground, run_round
from benchmarks.beside.sides import SIDES, Bus
from benchmarks.whole import own_folder
from services.runtime.embedded.postgres import start_postgres


@dataclass(frozen=True, slots=True)
class Beside:
    """Which peers can be run here, and why others cannot."""

    ready: Mapping[str, Callable[[], Awaitable[Round]]]
    missing: Mapping[str, str]


@asynccontextmanager
async def beside(job: Sequence[Report], count: int | None = None) -> AsyncIterator[Beside]:
    """All peers for this job. With `count` each gets so many reports a round instead of its own number."""
    folder = own_folder()
    try:
        python, redis, missing = await asyncio.to_thread(_installed, folder)
        if python is None:
            yield Beside({}, missing)
            return
        async with AsyncExitStack() as stack:
            postgres = await start_postgres(folder / "postgres")
            stack.push_async_callback(postgres.stop)
            write_job(folder / "job.json", job)
            ground = Ground(folder, python, redis, postgres, job)
            sides = {name: side for name, side in SIDES.items() if name not in missing}
            calls = {name: partial(run_round, ground, side, count or side.reports) for name, side in sides.items()}
            yield Beside(calls, missing)
    finally:
        shutil.rmtree(folder)


def _installed(folder: Path) -> tuple[Path | None, Path | None, dict[str, str]]:
    try:
        python = make_python(folder / "venv")
    except NotInstalledError as reason:
        return None, None, dict.fromkeys(SIDES, _not_run(reason))
    try:
        return python, find_program("redis-server", REDIS, folder / "debian"), {}
    except NotInstalledError as reason:
        over_redis = [name for name, side in SIDES.items() if side.bus in {Bus.REDIS_ALWAYS, Bus.REDIS_EVERY_SECOND}]
        return python, None, dict.fromkeys(over_redis, _not_run(reason))


def _not_run(reason: NotInstalledError) -> str:
    return f"not run: not installed ({reason})"
