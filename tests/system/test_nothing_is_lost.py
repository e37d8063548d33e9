"""SIGKILL of every process under load: counted in = counted out, at desks and in the ledger, no duplicates."""

import asyncio
import logging
import random
from collections.abc import Sequence

import pytest

from tests.system.checker import verdict
from tests.system.conftest import StartSystem, System, ledger_verify
from tests.system.desks import Desk
from tests.system.evidence import gather, settled
from tests.system.load import Units, waits

LOG = logging.getLogger("nothing_is_lost")

RATE = 200.0
SECONDS = 4.0
AFTERWARDS = 25.0
"""Reports a second while the killing still goes on after the full load."""
KILLS = 3
LIVE_DESKS = (("ubnd-x-phong-dien", "truc-ban"), ("ca-t-hue", "114"), ("ubnd-x-xuan-luong", "truc-ban"))


@pytest.mark.timeout(300)
async def test_nothing_is_lost_when_intake_is_killed(start_system: StartSystem) -> None:
    """Broken when a receipt leaves before the fact is on disk, or a repeated batch records a report twice."""
    await _nothing_is_lost(start_system, "intake")


@pytest.mark.timeout(300)
async def test_nothing_is_lost_when_routing_is_killed(start_system: StartSystem) -> None:
    """Broken when half of a decision is recorded, when a report is decided twice, or when a deadline dies with it."""
    await _nothing_is_lost(start_system, "routing")


@pytest.mark.timeout(300)
async def test_nothing_is_lost_when_audit_is_killed(start_system: StartSystem) -> None:
    """Broken when a fact is acknowledged before the ledger's commit, or a redelivered batch is entered twice."""
    await _nothing_is_lost(start_system, "audit")


@pytest.mark.timeout(300)
async def test_nothing_is_lost_when_nats_is_killed(start_system: StartSystem) -> None:
    """Broken when a lost PubAck makes a writer repeat itself, or a message in flight waits for ack_wait."""
    await _nothing_is_lost(start_system, "nats")


@pytest.mark.timeout(300)
async def test_nothing_is_lost_when_postgres_is_killed(start_system: StartSystem) -> None:
    """Broken when the audit gives up on a batch, or takes a commit whose answer it never saw for undone."""
    await _nothing_is_lost(start_system, "postgres")


async def _nothing_is_lost(start_system: StartSystem, name: str) -> None:
    seed = random.SystemRandom().randrange(2**32)
    LOG.info("%s killed with seed %d", name, seed)
    async with start_system(TIME_SCALE="0.02") as system, system.client() as client:
        units, stop = Units(client, seed), asyncio.Event()
        await units.listen()
        desks = [Desk(client, *who) for who in LIVE_DESKS]
        work = [asyncio.create_task(desk.work(stop, every=4)) for desk in desks]
        killing = asyncio.create_task(_kill(system, name, random.Random(seed)))
        LOG.info("up")
        await units.send_while(lambda elapsed: elapsed < SECONDS, RATE)
        await units.send_while(lambda _: not killing.done(), AFTERWARDS)
        LOG.info("all sent, every receipt is here")
        await killing
        took = await settled(client)
        LOG.info("settled")
        stop.set()
        await asyncio.gather(*work)
        evidence = await gather(client, system.state.postgres_dsn, [*desks])
        times = list(waits(units.sent))
        LOG.info(
            "%s: %d reports, %d facts, receipts p50 %.2f s max %.2f s, settled %.1f s after the last",
            *(name, len(units.sent), len(evidence.facts), times[len(times) // 2], times[-1], took),
        )
        flaws = verdict(evidence, units.sent, [act for desk in desks for act in desk.acted])
        assert not flaws, f"seed {seed}\n{flaws}"
        assert not evidence.parked, f"seed {seed}: {evidence.parked[:2]}"
        assert system.process(name).restarts >= KILLS
        _the_run_was_worth_it(evidence.facts, desks)
        found = await ledger_verify(system)
        assert (found["verified"], found["findings"], found["unreadable"], found["repeated"]) == (True, [], 0, 0)
        assert found["entries"] >= len(evidence.facts)


def _the_run_was_worth_it(facts: Sequence[object], desks: Sequence[Desk]) -> None:
    """A check over nothing proves nothing."""
    assert len(facts) > SECONDS * RATE
    for kind in ("ReportRejected", "IncidentUpdated", "DispatchEscalated", "DispatchAcknowledged"):
        assert any(fact.kind == kind for fact in facts), f"no {kind} in this run"  # type: ignore[attr-defined]
    assert all(desk.acted for desk in desks)


async def _kill(system: System, name: str, moments: random.Random) -> None:
    """At random moments, each after the process is back."""
    for _ in range(KILLS):
        await asyncio.sleep(moments.uniform(0.2, 1.5))
        await system.kill(name)
