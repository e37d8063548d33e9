"""A thousand obligations due at one instant while routing is killed: each is answered by the hub exactly once."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from benchmarks.deadlines import REFERENCE, Answered, Hub, find_answers, hub
from benchmarks.deadlines_facts import Owed, Silence, record
from contracts.streams import ROUTING_DUE
from services.routing.store import Incidents

COUNT = 1000
KILLS = 2
SOON = timedelta(seconds=5)


@pytest.mark.long
@pytest.mark.timeout(300)
async def test_no_deadline_of_a_burst_is_forgotten_or_fired_twice_over_kills() -> None:
    """Broken when a batch is acknowledged before it is recorded, or when deciding again records a second time.

    Each kill comes as soon as something, and before everything, was recorded: in the middle of the burst for certain.
    """
    async with hub() as at:
        due = datetime.now(UTC) + SOON
        owed = await record(Incidents(at.bus), Silence(REFERENCE).burst(COUNT, due))
        assert len(owed) == COUNT
        for _ in range(KILLS):
            await _killed_in_the_middle(at, owed)
        await at.start_routing()
        async with asyncio.timeout(60):
            while (await find_answers(at.bus, owed)).missing:  # noqa: ASYNC110  # as below
                await asyncio.sleep(0.2)
        await at.settle()
        answered = await find_answers(at.bus, owed)
        assert (answered.missing, answered.twice, answered.early) == (0, 0, 0)
        assert min(answered.repeated, answered.escalated) > 0
        assert await at.done_with(ROUTING_DUE)


async def _killed_in_the_middle(at: Hub, owed: Owed) -> None:
    before = await at.last_sequence()
    starting = asyncio.create_task(at.start_routing())
    async with asyncio.timeout(90):
        while await at.last_sequence() == before:  # noqa: ASYNC110  # the server's state: no asyncio.Event
            await asyncio.sleep(0.01)
    # it may not have been asked for its health yet, and is killed all the same
    starting.cancel()
    await at.kill_routing()
    answered = await find_answers(at.bus, owed)
    assert _is_in_the_middle(answered), f"{answered.missing} of {COUNT} unanswered"


def _is_in_the_middle(answered: Answered) -> bool:
    return 0 < answered.missing < COUNT and not answered.twice
