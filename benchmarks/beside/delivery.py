"""How long Alertmanager takes from a report to its first desk at a steady rate, beside our own waits."""

import asyncio
import json
import os
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from tempfile import mkdtemp
from typing import Final

from benchmarks.beside.alerts import configuration, desks
from benchmarks.beside.environment import ALERTMANAGER, NotInstalledError, find_program, make_python, with_its_files
from benchmarks.beside.job import Report, environment, write_job
from benchmarks.beside.rounds import ROOT
from services.runtime.embedded.ports import free_port
from services.runtime.embedded.process import Child, spawn

Waits = tuple[float, float, float]
"""p50, p99 and p99.9 in milliseconds."""
_START_SECONDS: Final = 20.0


@asynccontextmanager
async def delivery(job: Sequence[Report]) -> AsyncIterator[Callable[[int, float], Awaitable[Waits]] | None]:
    """A call with a rate and seconds, each a window of an Alertmanager of its own; None where it cannot be had."""
    folder = Path(mkdtemp(prefix="phoihop-alertmanager-"))
    try:
        write_job(folder / "job.json", job)
        try:
            python, program = await asyncio.to_thread(_installed, folder)
        except NotInstalledError as reason:
            print(f"Alertmanager: not run: not installed ({reason})")
            yield None
            return

        async def window(rate: int, seconds: float) -> Waits:
            return await _window((python, program), folder, job, (rate, seconds))

        yield window
    finally:
        shutil.rmtree(folder)


def _installed(folder: Path) -> tuple[Path, Path]:
    program = find_program("prometheus-alertmanager", ALERTMANAGER, folder / "debian")
    return make_python(folder / "venv"), program


async def _window(programs: tuple[Path, Path], folder: Path, job: Sequence[Report], load: tuple[int, float]) -> Waits:
    (python, program), own = programs, Path(mkdtemp(dir=folder))
    own_port, port = free_port(), free_port()
    (own / "config.yml").write_text(json.dumps(configuration(desks(job), port)), encoding="utf-8")
    where = (f"--config.file={own / 'config.yml'}", f"--storage.path={own}", "--log.level=warn")
    listens = (f"--web.listen-address=127.0.0.1:{own_port}", "--cluster.listen-address=")
    server = spawn((*with_its_files(program), *where, *listens), log=own / "alertmanager.log")
    url, told = f"http://127.0.0.1:{own_port}", environment(folder / "job.json", own / "notes", "", "")
    try:
        await _listening(server, own_port)
        arguments = (url, str(port), *map(str, load), str(own / "waits.json"))
        command = (str(python), "-m", "benchmarks.beside.peer_alertmanager", *arguments)
        driver = spawn(command, log=own / "driver.log", environment=os.environ | told | {"PYTHONPATH": str(ROOT)})
        try:
            assert await driver.exited() == 0, driver.tail(30)
        finally:
            await driver.kill()
    finally:
        await server.stop()
    p50, p99, p999 = json.loads((own / "waits.json").read_text(encoding="utf-8"))
    return p50, p99, p999


async def _listening(server: Child, port: int) -> None:
    async with asyncio.timeout(_START_SECONDS):
        while True:
            assert server.exit_code() is None, server.tail()
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", port)
            except OSError:
                await asyncio.sleep(0.02)
            else:
                writer.close()
                return
