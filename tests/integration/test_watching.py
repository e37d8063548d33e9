"""Who no longer answers is found out, by real processes: stopped, blocked, spinning; who only has to wait is let be."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import pytest

from services.runtime.embedded.ports import free_port
from services.runtime.embedded.process import Child, spawn
from services.stack import watching
from services.stack.watching import status, until_stuck, waiting_seconds

PROGRAM = """
import asyncio, sys, time
from services.runtime.liveness import show_stacks_when_ended

async def main() -> None:
    show_stacks_when_ended()
    async def door(reader, writer):
        asked = await reader.readline()
        if b"/block" in asked:
            time.sleep(60)
        if b"/spin" in asked:
            while True:
                pass
        if b"/shut" in asked:
            server.close()
        writer.write(b"HTTP/1.1 200 OK\\r\\n\\r\\n")
        writer.close()
    server = await asyncio.start_server(door, "127.0.0.1", int(sys.argv[1]))
    await asyncio.Event().wait()

asyncio.run(main())
"""


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A tenth of the time it takes otherwise."""
    for name in ("BETWEEN", "PATIENCE", "TICK", "SHUT"):
        monkeypatch.setattr(watching, f"{name}_SECONDS", getattr(watching, f"{name}_SECONDS") / 10)


@asynccontextmanager
async def _program(folder: Path) -> AsyncIterator[tuple[Child, str]]:
    port = free_port()
    child = spawn([sys.executable, "-c", PROGRAM, str(port)], log=folder / "log")
    url = f"http://127.0.0.1:{port}"
    try:
        async with asyncio.timeout(30):
            while True:
                with suppress(OSError):
                    assert await status(url, "/livez") == 200
                    break
                await asyncio.sleep(0.05)
        yield child, url
    finally:
        child.popen.kill()
        child.popen.wait()


async def test_a_process_that_answers_is_let_be(tmp_path: Path) -> None:
    async with _program(tmp_path) as (child, url):
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(until_stuck(url, child.pid), 3 * watching.PATIENCE_SECONDS)


@pytest.mark.parametrize("how", ["stop", "/block", "/spin"])
async def test_a_process_that_does_nothing_any_more_is_found_out(tmp_path: Path, how: str) -> None:
    """Broken when a service whose loop is stuck keeps its messages, with nobody to end it."""
    async with _program(tmp_path) as (child, url):
        watched = asyncio.create_task(until_stuck(url, child.pid))
        if how == "stop":
            os.kill(child.pid, signal.SIGSTOP)
        else:
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(status(url, how), 0.2)

        assert "no answer to /livez" in await asyncio.wait_for(watched, 60)


async def test_a_shut_door_is_given_time_to_finish_its_work(tmp_path: Path) -> None:
    """Broken when a service that was asked to end is killed before it has finished what is in hand."""
    async with _program(tmp_path) as (child, url):
        assert await status(url, "/shut") == 200
        began = asyncio.get_running_loop().time()

        reason = await asyncio.wait_for(until_stuck(url, child.pid), 60)

        assert "door has been shut" in reason
        assert asyncio.get_running_loop().time() - began >= 2 * watching.PATIENCE_SECONDS


async def test_seconds_without_a_processor_do_not_count(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Broken when a machine that is too busy gets healthy services killed, which makes it busier still."""
    async with _program(tmp_path) as (child, url):
        os.kill(child.pid, signal.SIGSTOP)
        loop = asyncio.get_running_loop()
        monkeypatch.setattr(watching, "waiting_seconds", lambda _pid: 0.95 * loop.time())

        with pytest.raises(TimeoutError):
            await asyncio.wait_for(until_stuck(url, child.pid), 4 * watching.PATIENCE_SECONDS)


async def test_the_kernel_tells_how_long_a_process_waited(tmp_path: Path) -> None:
    async with _program(tmp_path) as (child, _):
        assert waiting_seconds(child.pid) > 0
    assert waiting_seconds(child.pid) == 0


async def test_a_stuck_process_writes_where_it_stands_before_it_ends(tmp_path: Path) -> None:
    """Broken when nobody can find out afterwards why it was stuck."""
    async with _program(tmp_path) as (child, url):
        with suppress(TimeoutError):
            await asyncio.wait_for(status(url, "/block"), 0.2)

        assert await child.stop(signal.SIGUSR1, seconds=10) == -signal.SIGUSR1
        assert "in door" in child.output()
