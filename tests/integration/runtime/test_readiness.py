"""Readiness tells the truth on a real server: whatever keeps a service from its work turns it red, and says what."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Sequence

import pytest
import pytest_asyncio
from nats.aio.msg import Msg

from contracts import subjects
from contracts.identifiers import new_id
from contracts.reports import Report
from contracts.streams import CONSUMERS, INTAKE, STREAMS
from services.runtime import failures, readiness, topology
from services.runtime.broker import Bus, Consumes, subscribe
from services.runtime.embedded.nats import NatsServer
from services.runtime.jetstream import api
from services.runtime.readiness import HUNG_SECONDS, STUCK_SECONDS, Readiness
from services.runtime.service import EXIT_HUNG, Service, _Life
from services.runtime.settings import RuntimeSettings

UNIT = "ca-t-hue", "pccc-1"


class Clock:
    """Time that passes when a test says so."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """The clock of readiness and of the failure policy."""
    made = Clock()
    monkeypatch.setattr(readiness, "monotonic", made)
    monkeypatch.setattr(failures, "monotonic", made)
    return made


async def hang(_: Sequence[Msg]) -> None:
    """A handler that never returns."""
    await asyncio.Event().wait()


@pytest_asyncio.fixture
async def bus(fresh_nats: NatsServer) -> AsyncIterator[Bus]:
    """Connected, with one consumer whose messages nobody pulls."""
    made = Bus(RuntimeSettings(nats_url=fresh_nats.url))
    subscribe(made, Consumes(INTAKE, Report, hang))
    await made.connect()
    await topology.apply(made.client, STREAMS, CONSUMERS)
    yield made
    made.stopping = True
    await made.broker.stop()


async def submit(bus: Bus) -> None:
    await bus.publisher.submit(subjects.report_inbox(*UNIT), b"{}", new_id())


async def test_a_service_with_nothing_to_do_is_ready(bus: Bus, clock: Clock) -> None:
    look = Readiness(bus, (), None)

    assert await look.problem() is None
    clock.now += 1000
    assert await look.problem() is None


async def test_messages_that_wait_while_none_is_handled_turn_it_red_within_fifteen_seconds(
    bus: Bus, clock: Clock
) -> None:
    """A pull that died says nothing by itself: the server would hold the messages, and readiness would be green."""
    look = Readiness(bus, (), None)
    await submit(bus)

    at_first = await look.problem()
    clock.now += STUCK_SECONDS + 1
    later = await look.problem()
    bus.policies[0].finished += 1
    again = await look.problem()

    assert (at_first, again) == (None, None)
    assert later == "intake: 1 messages wait and none is handled"


async def test_more_messages_waiting_than_the_setting_allows_turn_it_red(bus: Bus) -> None:
    for _ in range(3):
        await submit(bus)

    assert await Readiness(bus, (), 3).problem() is None
    assert await Readiness(bus, (), 2).problem() == "intake: 3 messages wait, more than 2"


async def test_a_handler_that_says_nothing_turns_it_red_and_then_ends_the_process(
    bus: Bus, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its batch can only be handled by another process; until then everything behind it would wait for ever."""
    ended: list[int] = []
    monkeypatch.setattr(os, "_exit", ended.append)
    life = _Life(Service("intake", RuntimeSettings(), bus))
    held = asyncio.create_task(bus.policies[0].handle([]))
    await asyncio.sleep(0)

    clock.now += STUCK_SECONDS + 1
    assert await Readiness(bus, (), None).problem() == "intake: a batch is in hand and nothing comes of it"
    clock.now += HUNG_SECONDS
    watch = asyncio.create_task(life._watch())
    await asyncio.sleep(0.01)

    watch.cancel()
    held.cancel()
    assert ended == [EXIT_HUNG]


async def test_a_frozen_server_turns_it_red_and_a_thawed_one_green(bus: Bus, fresh_nats: NatsServer) -> None:
    """The connection of a frozen server stays open: only an answer that does not come tells."""
    look = Readiness(bus, (), None)
    os.kill(fresh_nats.pid, signal.SIGSTOP)
    try:
        async with asyncio.timeout(15):
            while await look.problem() is None:
                pass
    finally:
        os.kill(fresh_nats.pid, signal.SIGCONT)

    async with asyncio.timeout(15):
        while await look.problem() is not None:
            pass
    assert bus.client.stats["reconnects"] == 0  # the same connection: it was never made deaf by a look


async def test_a_deleted_consumer_turns_it_red_with_what_to_type(bus: Bus) -> None:
    await bus.client.jetstream().delete_consumer(INTAKE.stream, INTAKE.durable)

    assert "phoihop topology apply" in (await Readiness(bus, (), None).problem() or "")


async def test_a_consumer_with_another_configuration_turns_it_red_and_names_what_differs(bus: Bus) -> None:
    """With another ack_wait messages would be handed out twice while they are still in hand."""
    config = topology.consumer_config(INTAKE) | {"ack_wait": 77_000_000_000}
    payload = {"stream_name": INTAKE.stream, "config": config, "action": "update"}
    await api(bus.client, f"CONSUMER.DURABLE.CREATE.{INTAKE.stream}.{INTAKE.durable}", payload)

    assert "update consumer intake ['ack_wait']" in (await Readiness(bus, (), None).problem() or "")


async def test_a_batch_that_fails_on_and_on_turns_it_red_until_it_succeeds(bus: Bus, clock: Clock) -> None:
    """A full disk or a database that takes no writes: the service retries for ever, and somebody must hear of it."""
    full = asyncio.Event()

    async def refuse(_: Sequence[Msg]) -> None:
        if not full.is_set():
            raise failures.RetryLaterError("no space left")

    policy = failures.FailurePolicy(INTAKE, refuse, lambda: bus.publisher)
    bus.policies[:] = [policy]
    look = Readiness(bus, (), None)
    held = asyncio.create_task(policy._until_it_succeeds([]))
    await asyncio.sleep(0.05)

    at_first = await look.problem()
    clock.now += STUCK_SECONDS + 1
    later = await look.problem()
    full.set()
    await held

    assert (at_first, later) == (None, "intake: a batch has been failing for too long")
    assert await look.problem() is None


async def test_a_check_that_never_answers_is_a_problem(bus: Bus, monkeypatch: pytest.MonkeyPatch) -> None:
    """A frozen database must not leave whoever asks without an answer."""
    monkeypatch.setattr(readiness, "LOOK_LIMIT_SECONDS", 0.3)

    async def never() -> None:
        await asyncio.Event().wait()

    assert await Readiness(bus, (never,), None).problem() == "TimeoutError"
