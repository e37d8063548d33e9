"""A unit that takes too much of the bus is cut off for a while, by the real server, and nobody else is."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path

import pytest
import pytest_asyncio
from nats.aio.client import Client
from nats.errors import Error as NatsError
from typer.testing import CliRunner

from contracts import subjects
from services.runtime.clock import now
from services.runtime.credentials import key_file
from services.runtime.sending import NotAdmittedError, connection
from services.stack.identity import keeping, moderating
from services.stack.identity.cli import commands
from services.stack.identity.moderating import Moderator
from services.stack.identity.pace import FIRST, UNITS, Excess
from services.stack.refusals import Denial, refused
from tests.integration.attacks.arena import OTHER_UNIT, UNIT, Arena, Line, arena

PATIENCE = 60.0
MINE = subjects.report_inbox("alpha", "u1")


class Clock:
    """The moderator's: a suspension is over when the test says so, however slow the machine is."""

    def __init__(self) -> None:
        self._ahead = timedelta(0)

    def __call__(self) -> datetime:
        return now() + self._ahead

    def step(self, by: timedelta) -> None:
        """Forward."""
        self._ahead += by


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """Of everything that decides who is admitted."""
    made = Clock()
    for module in (keeping, moderating):
        monkeypatch.setattr(module, "now", made)
    return made


@pytest_asyncio.fixture
async def watched(tmp_path: Path, clock: Clock) -> AsyncIterator[Arena]:  # noqa: ARG001  # it goes by that clock
    """A hub of its own, with a moderator."""
    async with arena(tmp_path) as made:
        task = asyncio.create_task(Moderator(made.keeping, made.home / "nats", lambda: made.server.pid).run())
        yield made
        task.cancel()
        await made.hang_up()


async def _until_cut(client: Client) -> None:
    async with asyncio.timeout(PATIENCE):
        while client.is_connected:  # noqa: ASYNC110  # the library tells of it by this alone
            await asyncio.sleep(0.05)


async def _flood(line: Line) -> None:
    """Sends until nobody listens any more."""
    with suppress(NatsError, OSError):
        async with asyncio.timeout(PATIENCE):
            while line.client.is_connected:
                for _ in range(UNITS.messages // 10):
                    await line.client.publish(MINE, b"x")
                await line.client.flush(1)


async def test_a_flood_is_cut_off_for_a_while_and_another_unit_keeps_its_connection(
    watched: Arena, clock: Clock
) -> None:
    """The server refuses a flood message by message, and everybody else waits while it does."""
    victim, hostile = await watched.line(OTHER_UNIT), await watched.line(UNIT)
    await _flood(hostile)
    await _until_cut(hostile.client)

    assert victim.client.is_connected
    await victim.client.flush()
    assert watched.keeping.book().suspended[watched.key(UNIT)].excess is Excess.MESSAGES
    with pytest.raises(NotAdmittedError):
        async with connection(watched.server.url, key_file(watched.home, UNIT)):
            pass
    shown = CliRunner().invoke(commands, ["list", "--home", str(watched.home), "--json"])
    out = [one["identity"] for one in json.loads(shown.stdout)["identities"] if "suspended_until" in one]
    assert out == [UNIT.name]
    assert Denial.AUTHENTICATION in refused(watched.home / "nats" / "nats.log")

    clock.step(2 * FIRST)  # it was written down a moment before
    async with asyncio.timeout(PATIENCE):
        while True:
            with suppress(NotAdmittedError, NatsError):  # the server may be reading who is admitted at this moment
                async with connection(watched.server.url, key_file(watched.home, UNIT)) as client:
                    await client.flush(2)
                    break
            await asyncio.sleep(0.2)
    assert victim.client.is_connected


async def test_who_holds_very_many_connections_loses_them_and_others_can_connect(watched: Arena) -> None:
    """All units share the connections of one account: one stolen key could take every one of them."""
    first = await watched.line(UNIT)
    with suppress(NatsError, OSError):  # the last one may be cut before it is ready
        for _ in range(UNITS.connections):
            await watched.line(UNIT)
    await _until_cut(first.client)

    assert watched.keeping.book().suspended[watched.key(UNIT)].excess is Excess.CONNECTIONS
    await (await watched.line(OTHER_UNIT)).client.flush()


async def test_an_outbox_sent_at_once_is_no_flood(watched: Arena) -> None:
    """Somebody who comes back after a day without a line sends all that waited."""
    line = await watched.line(UNIT)
    for _ in range(300):
        await line.client.publish(MINE, b"x" * 1000)
    await line.client.flush(30)
    await asyncio.sleep(2.0)

    assert line.client.is_connected
    assert watched.keeping.book().suspended == {}
