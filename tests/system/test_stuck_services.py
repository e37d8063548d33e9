"""A service that runs but does nothing is replaced by the supervisor, and what it held is done by the next one."""

import asyncio
import os
import random
import signal

import pytest

from services.runtime.embedded.local_stack import Phase
from tests.system.checker import verdict
from tests.system.conftest import StartSystem, System
from tests.system.evidence import gather, settled
from tests.system.load import Units

BACK_SECONDS = 90.0
"""Ten without an answer, and the start of the next processes on a machine that is busy."""
STOPPED = ("intake", "routing", "audit")


@pytest.mark.long
@pytest.mark.timeout(300)
async def test_stopped_services_are_ended_from_outside_and_nothing_is_lost(start_system: StartSystem) -> None:
    """Broken when a process that nobody continues keeps its messages until a person looks."""
    async with start_system() as system, system.client() as client:
        units = Units(client, random.randrange(2**32))
        await units.listen()
        back = asyncio.Event()
        sending = asyncio.create_task(units.send_while(lambda _: not back.is_set(), 20))
        await asyncio.sleep(1)
        for name in STOPPED:
            pid = system.process(name).pid
            assert pid is not None
            os.kill(pid, signal.SIGSTOP)
        await _replaced(system)
        back.set()
        await sending

        assert {one.name: one.stuck for one in system.state.processes if one.restarts} == dict.fromkeys(STOPPED, 1)
        await settled(client)
        assert verdict(await gather(client, system.state.postgres_dsn), units.sent) == ""


async def _replaced(system: System) -> None:
    async with asyncio.timeout(BACK_SECONDS):
        while not all(_is_new(system, name) for name in STOPPED):  # noqa: ASYNC110
            await asyncio.sleep(0.1)


def _is_new(system: System, name: str) -> bool:
    process = system.process(name)
    return bool(process.stuck) and process.phase is Phase.READY
