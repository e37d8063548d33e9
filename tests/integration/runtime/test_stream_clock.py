"""Time is the stream's: a clock of ours that was set wrong ends nobody's time."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import cast

import pytest
import pytest_asyncio

from contracts.streams import CONSUMERS, EVENTS, STREAMS
from services.routing.draft import IncidentBook
from services.routing.drafting import Drafting
from services.routing.handlers import Routing
from services.runtime import clock, topology
from services.runtime.broker import Bus
from services.runtime.embedded.nats import NatsServer
from services.runtime.jetstream import stream_clock
from services.runtime.settings import RuntimeSettings


@pytest_asyncio.fixture
async def bus(fresh_nats: NatsServer) -> AsyncIterator[Bus]:
    """Connected, with all streams."""
    made = Bus(RuntimeSettings(nats_url=fresh_nats.url))
    await made.connect()
    await topology.apply(made.client, STREAMS, CONSUMERS)
    yield made
    made.stopping = True
    await made.broker.stop()


async def test_the_clock_of_a_stream_is_the_one_that_stamps_its_facts(bus: Bus) -> None:
    before = await stream_clock(bus.client, EVENTS.name)
    stored = await bus.client.jetstream().publish("actual.report.a.u.r", b"{}")
    after = await stream_clock(bus.client, EVENTS.name)

    message = await bus.client.jetstream().get_msg(EVENTS.name, stored.seq)
    assert message.time is not None
    assert before <= message.time <= after


async def test_the_sweep_goes_by_the_stream_whatever_our_own_clock_says(
    bus: Bus, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Broken when a host whose clock jumps ahead escalates every duty whose time has only begun."""
    monkeypatch.setattr(clock, "now", lambda: datetime.now(UTC) + timedelta(hours=2))
    asked: list[datetime] = []

    def overdue(at: datetime, _most: int) -> Sequence[object]:
        asked.append(at)
        return ()

    routing = Routing(
        bus, cast("IncidentBook", SimpleNamespace(overdue=overdue)), cast("Drafting", SimpleNamespace(due=None))
    )
    await asyncio.wait_for(routing.sweep(lambda: not asked, 0.01), 10)

    assert asked[0] < datetime.now(UTC)
