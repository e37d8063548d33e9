"""One of several instances works, on a real server: who stands by, when another takes over, what the first becomes."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager

import pytest
import pytest_asyncio

from contracts.streams import LEASES
from services.runtime import alone, topology
from services.runtime.alone import Alone
from services.runtime.broker import Bus
from services.runtime.embedded.nats import NatsServer
from services.runtime.settings import RuntimeSettings

SILENT = 3.0
SOON = 2.0
"""Sooner than anybody could count as silent."""

Instances = Callable[[str | None], "AsyncExitStack"]


class ProcessEndedError(BaseException):
    """What the end of the process is to a test."""


@pytest.fixture(autouse=True)
def _fast(monkeypatch: pytest.MonkeyPatch) -> None:
    def end(code: int) -> None:
        raise ProcessEndedError(code)

    monkeypatch.setattr(alone, "SILENT_SECONDS", SILENT)
    monkeypatch.setattr(alone, "RENEW_SECONDS", 0.1)
    monkeypatch.setattr(alone, "LOOK_SECONDS", 0.05)
    monkeypatch.setattr("os._exit", end)


@asynccontextmanager
async def connected(server: NatsServer) -> AsyncIterator[Bus]:
    """A process of its own, as far as the server can tell."""
    bus = Bus(RuntimeSettings(nats_url=server.url))
    await bus.connect()
    try:
        yield bus
    finally:
        bus.stopping = True
        await bus.client.close()


@pytest_asyncio.fixture
async def two(fresh_nats: NatsServer) -> AsyncIterator[tuple[Alone, Alone]]:
    """Two instances of routing."""
    async with connected(fresh_nats) as one, connected(fresh_nats) as other:
        await topology.apply(one.client, (LEASES,), ())
        yield Alone(one, "routing", "a"), Alone(other, "routing", "b")


async def test_the_second_stands_by_for_as_long_as_the_first_says_that_it_works(two: tuple[Alone, Alone]) -> None:
    first, second = two
    await first.stand_by()
    keeping = asyncio.create_task(first.keep(lambda: True))
    waiting = asyncio.create_task(second.stand_by())
    await asyncio.sleep(2 * SILENT)

    assert not waiting.done()
    assert second.stands_by == "standing by: routing is done by a"
    assert first.certain()
    assert not second.certain()
    waiting.cancel()
    keeping.cancel()


async def test_who_gives_up_is_followed_at_once(two: tuple[Alone, Alone]) -> None:
    """A deployment would otherwise stop the hub for as long as a crash does."""
    first, second = two
    await first.stand_by()
    waiting = asyncio.create_task(second.stand_by())
    await asyncio.sleep(0.2)
    await first.give_up()

    await asyncio.wait_for(waiting, SOON)
    assert second.stands_by is None
    assert second.certain()


async def test_who_falls_silent_is_followed_and_ends_when_it_speaks_again(two: tuple[Alone, Alone]) -> None:
    """Frozen and thawed, it would go on with what it knew before."""
    first, second = two
    await first.stand_by()

    await asyncio.wait_for(second.stand_by(), 10 * SILENT)
    with pytest.raises(ProcessEndedError) as ended:
        await asyncio.wait_for(first.keep(lambda: True), 30)

    assert ended.value.args == (alone.EXIT_SUPERSEDED,)


async def test_a_restart_under_the_same_name_waits_for_nothing(
    two: tuple[Alone, Alone], fresh_nats: NatsServer
) -> None:
    """After a crash the instance itself is back sooner than anybody could take over."""
    first, _ = two
    await first.stand_by()
    async with connected(fresh_nats) as bus:
        again = Alone(bus, "routing", "a")

        await asyncio.wait_for(again.stand_by(), SOON)
        assert again.certain()


async def test_an_instance_without_a_name_is_the_only_one(fresh_nats: NatsServer) -> None:
    """Nothing is asked of the server: where each service has one instance, nothing has to be set."""
    async with connected(fresh_nats) as bus:
        only = Alone(bus, "routing", None)

        await asyncio.wait_for(only.stand_by(), SOON)
        await asyncio.wait_for(only.keep(lambda: True), SOON)
        assert only.certain()
        assert not only.contested
