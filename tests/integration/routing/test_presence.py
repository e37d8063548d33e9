"""Desks on the real servers: come and go by facts, once over kills and two instances; empty ones; signed hand-overs."""

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import pytest
import pytest_asyncio
from nats.aio.client import Client

from contracts import subjects
from contracts.codes import Role, Space
from contracts.decisions import Addressee
from contracts.envelope import Event, read
from contracts.events import DispatchIssued
from contracts.identifiers import new_id
from contracts.lifecycle import DispatchDiverted
from contracts.presence import (
    ConfirmHandOver,
    DeclareStaffed,
    DeclareUnstaffed,
    DeskPresenceChanged,
    ProposeHandOver,
    ShiftHandedOver,
    ShiftHandOverProposed,
)
from contracts.problems import ProblemCode
from contracts.receipts import Outcome
from contracts.subjects import Origin
from services.desk.client import DeskClient
from services.desk.handover import open_duties
from services.runtime.publishing import Publisher
from services.runtime.sending import connection, report_sender
from tests.integration.http.hub import Hub
from tests.integration.http.requests_of_units import UNIT, report

DESK, SECOND = Origin("ptds-t-hue", "truc-ban"), Addressee(agency="ptds-x-phong-dien", desk="truc-ban")
EXERCISE = Space.EXERCISE
OFFLINE_SECONDS = "4"


class Bench:
    """A hub with a desk whose signs of life the test sends, or not."""

    def __init__(self, hub: Hub, client: Client) -> None:
        self.hub = hub
        self.client = client
        self.alive = asyncio.Event()

    async def beat(self) -> None:
        """Signs of life of the desk while it is alive, and of a desk that no register knows."""
        while True:
            await self.alive.wait()
            for desk in (DESK, Origin("nobody", "truc-ban")):
                await Publisher(self.client).announce(subjects.heartbeat(Space.ACTUAL, *desk), b"")
            await asyncio.sleep(0.2)

    async def serve(self) -> None:
        """One more instance of routing."""
        await self.hub.serve("routing", offline_seconds=OFFLINE_SECONDS)

    async def kill(self) -> None:
        """SIGKILL of the newest instance."""
        await self.hub.children[-1].kill()

    async def until(self, kind: type[Any], number: int, seconds: float = 40) -> list[Event[Any]]:
        """As soon as there are so many facts of a kind."""
        async with asyncio.timeout(seconds):
            while True:
                if len(found := await self.all(kind)) >= number:
                    return found
                await asyncio.sleep(0.1)

    async def all(self, kind: type[Any]) -> list[Event[Any]]:
        """Every fact of a kind, in order."""
        events = [read(stored.body) for stored in await self.hub.facts(subjects.EVERY_FACT)]
        return [event for event in events if isinstance(event.data, kind)]

    async def desk(self, who: Origin = DESK, space: Space = Space.ACTUAL) -> DeskClient:
        """A client of one desk."""
        client = DeskClient(self.client, space, who)
        await client.start()
        return client

    async def fire(self) -> DispatchIssued:
        """A new incident of an exercise; the dispatch to its lead."""
        unit = Origin(*UNIT.split("/"))
        place = {"kind": "words", "text": f"Nhà số {new_id()}"}
        body = report(category="FIR-BLDG", headline="Cháy nhà", places=[place], position_unknown=False)
        sender = report_sender(self.client)
        await sender.listen(unit)
        await sender.send(unit, json.dumps(body).encode())
        async with asyncio.timeout(40):
            while True:
                for event in await self.all(DispatchIssued):
                    if event.data.role is Role.LEAD and str(event.data.reports[0].report) == body["report"]:
                        assert isinstance(event.data, DispatchIssued)
                        return event.data
                await asyncio.sleep(0.1)


@pytest_asyncio.fixture
async def bench(hub: Hub) -> AsyncIterator[Bench]:
    """One instance of routing, and nobody alive yet."""
    async with connection(hub.nats.url) as client:
        running = Bench(hub, client)
        beating = asyncio.create_task(running.beat())
        await running.serve()
        yield running
        beating.cancel()


@pytest.mark.timeout(180)
async def test_coming_and_going_is_recorded_once_over_two_instances_and_kills(bench: Bench) -> None:
    """Breaks when each instance records what it hears, or a new process forgets who was there."""
    await bench.serve()
    bench.alive.set()
    await bench.until(DeskPresenceChanged, 1)
    await bench.kill()
    await bench.serve()
    bench.alive.clear()
    await bench.until(DeskPresenceChanged, 2)
    await asyncio.gather(*(child.kill() for child in bench.hub.children))
    await bench.serve()
    bench.alive.set()
    changed = await bench.until(DeskPresenceChanged, 3)

    assert [event.data.change for event in changed] == ["online", "offline", "online"]
    assert {event.data.desk for event in changed} == {Addressee(agency=DESK.agency, desk=DESK.point)}
    assert len({event.id for event in changed}) == len(changed)


@pytest.mark.timeout(180)
async def test_what_goes_to_an_empty_desk_is_told_to_another_at_once(bench: Bench) -> None:
    """Breaks when an empty desk is found out by its silence only, also after routing was killed; or loses its duty."""
    await bench.hub.serve("intake")
    first = await bench.fire()
    lead = first.addressee
    desk = await bench.desk(Origin(lead.agency, lead.desk), EXERCISE)
    assert (await desk.acknowledge(first.incident, first.dispatch)).outcome is Outcome.ACCEPTED
    assert (await desk.declare(DeclareUnstaffed, divert_to=SECOND)).outcome is Outcome.ACCEPTED
    await bench.hub.children[0].kill()
    await bench.serve()
    duty = await bench.fire()
    diverted = next(event for event in await bench.until(DispatchDiverted, 1) if event.data.dispatch == duty.dispatch)
    told = next(e.data for e in await bench.all(DispatchIssued) if e.data.dispatch == diverted.data.next)

    assert duty.addressee == lead
    assert (told.addressee, told.escalated_from, told.incident) == (SECOND, duty.dispatch, duty.incident)
    assert (await desk.declare(DeclareStaffed, officer="Trực ban")).outcome is Outcome.ACCEPTED
    after = await bench.fire()
    assert all(event.data.dispatch != after.dispatch for event in await bench.all(DispatchDiverted))


@pytest.mark.timeout(180)
async def test_what_waits_at_a_desk_that_goes_is_told_to_another_once_over_a_kill(bench: Bench) -> None:
    """Breaks when open dispatches stay unread at a desk that left, are forgotten by a kill, or told twice."""
    await bench.hub.serve("intake")
    first = await bench.fire()
    desk = await bench.desk(Origin(first.addressee.agency, first.addressee.desk), EXERCISE)
    assert (await desk.declare(DeclareUnstaffed, divert_to=SECOND)).outcome is Outcome.ACCEPTED
    await bench.hub.children[0].kill()
    await bench.serve()
    (diverted,) = await bench.until(DispatchDiverted, 1)
    told = next(e.data for e in await bench.all(DispatchIssued) if e.data.dispatch == diverted.data.next)
    assert (diverted.data.dispatch, diverted.data.reason) == (first.dispatch, "unstaffed")
    assert (told.addressee, told.escalated_from) == (SECOND, first.dispatch)

    assert (await desk.declare(DeclareStaffed, officer="Trực ban")).outcome is Outcome.ACCEPTED
    second = await bench.fire()
    assert (await desk.declare(DeclareUnstaffed)).outcome is Outcome.ACCEPTED
    await bench.until(DispatchDiverted, 2)
    assert [e.data.dispatch for e in await bench.all(DispatchDiverted)] == [first.dispatch, second.dispatch]


@pytest.mark.timeout(180)
async def test_a_shift_is_handed_over_by_two_signatures_with_routing_killed_between_them(bench: Bench) -> None:
    await bench.hub.serve("intake")
    lead = await bench.fire()
    desk = await bench.desk(Origin(lead.addressee.agency, lead.addressee.desk), EXERCISE)
    duties = open_duties((await desk.board()).ordered(datetime.now(UTC)))
    signed = await desk.declare(ProposeHandOver, outgoing="Ca 1", incoming="Ca 2", duties=duties)
    await bench.hub.children[0].kill()
    await bench.serve()
    wrong = await desk.declare(ConfirmHandOver, handover=signed.action, incoming="Ca 1")
    right = await desk.declare(ConfirmHandOver, handover=signed.action, incoming="Ca 2")
    late = await desk.declare(ConfirmHandOver, handover=signed.action, incoming="Ca 2")

    assert [one.outcome for one in (signed, wrong, right)] == [Outcome.ACCEPTED, Outcome.REJECTED, Outcome.ACCEPTED]
    assert [problem.code for problem in late.problems] == [ProblemCode.ACTION_NOT_POSSIBLE]
    (proposal,), (done,) = await bench.all(ShiftHandOverProposed), await bench.all(ShiftHandedOver)
    assert lead.dispatch in {duty.dispatch for duty in proposal.data.duties}
    assert (done.data.proposed, done.data.outgoing, done.data.incoming) == (proposal.id, "Ca 1", "Ca 2")
