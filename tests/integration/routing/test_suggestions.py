"""On the real server: what is perhaps the same is suggested and merged by a desk; a period report opens no incident."""

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import pytest_asyncio
from nats.aio.client import Client

from contracts import subjects
from contracts.actions import Merge
from contracts.codes import Space
from contracts.course import IncidentMerged, MergeSuggested
from contracts.envelope import Event, read
from contracts.events import IncidentOpened
from contracts.identifiers import new_id
from contracts.receipts import Outcome, Receipt
from contracts.reporting import CopyChannel, PeriodReportCopied
from contracts.subjects import Origin
from services.desk.client import DeskClient
from services.routing.commands.incident_reading import courses
from services.routing.commands.incident_similar import similar_to
from services.runtime.sending import connection, report_sender
from tests.integration.http.hub import Hub
from tests.integration.http.requests_of_units import UNIT, report

COMMUNE = {"kind": "area", "code": "19789", "valid_on": "2026-11-22"}
HERE, ACROSS, ABOVE = Origin("ptds-x-phong-dien", "truc-ban"), "ubnd-x-phong-dien", "ptds-t-hue"


class Bench:
    """A hub with intake and routing."""

    def __init__(self, hub: Hub, client: Client) -> None:
        self.hub = hub
        self.client = client

    async def send(self, who: Origin, body: dict[str, Any]) -> Receipt:
        """A report, answered."""
        sender = report_sender(self.client)
        await sender.listen(who)
        return await sender.send(who, json.dumps(body).encode())

    async def accident(self, ago: timedelta = timedelta(), **changes: Any) -> Event[IncidentOpened]:
        """A road accident in one commune; the incident it opened."""
        seen = (datetime.now(UTC) - ago).isoformat()
        filed = {"category": "TRA-ROAD", "places": [COMMUNE], "position_unknown": False, "observed_at": seen} | changes
        body = report(headline=f"Tai nạn {new_id()}", **filed)
        await self.send(Origin(*UNIT.split("/")), body)
        return await self.until(IncidentOpened, lambda data: str(data.report.report) == body["report"])

    async def until(self, kind: type[Any], fits: Any = lambda _data: True) -> Event[Any]:
        """The first such fact, as soon as there is one."""
        async with asyncio.timeout(60):
            while True:
                for event in await self.all(kind):
                    if fits(event.data):
                        return event
                await asyncio.sleep(0.1)

    async def all(self, kind: type[Any]) -> list[Event[Any]]:
        """Every fact of a kind, in order."""
        events = [read(stored.body) for stored in await self.hub.facts(subjects.EVERY_FACT)]
        return [event for event in events if isinstance(event.data, kind)]


@pytest_asyncio.fixture
async def bench(hub: Hub) -> AsyncIterator[Bench]:
    """Both services, ready."""
    await asyncio.gather(hub.serve("intake"), hub.serve("routing"))
    async with connection(hub.nats.url) as client:
        yield Bench(hub, client)


@pytest.mark.timeout(180)
async def test_a_desk_sees_what_is_perhaps_the_same_and_merges_it(bench: Bench) -> None:
    """Breaks if the suggestion stayed on the record only, or merged anything by itself, or crossed into live work."""
    await bench.accident(timedelta(minutes=99), status="Actual")
    known = await bench.accident(timedelta(minutes=100))
    new = await bench.accident()
    suggested = await bench.until(MergeSuggested)
    (lead,) = suggested.data.told

    assert (suggested.data.incident, suggested.data.other) == (new.data.incident, known.data.incident)
    assert [reason.code for reason in suggested.data.correlation.reasons] == [
        "same_category",
        "same_commune",
        "minutes_apart",
    ]
    assert await bench.all(IncidentMerged) == []
    desk = DeskClient(bench.client, Space.EXERCISE, Origin(lead.agency, lead.desk))
    await desk.start()
    rows: list[dict[str, Any]] = [row.as_json(datetime.now(UTC)) for row in (await desk.board()).rows.values()]
    (row,) = (row for row in rows if row["suggestions"])
    (one,) = row["suggestions"]
    assert (row["incident"], one["incident"]) == (str(new.data.incident), str(known.data.incident))
    assert "cùng loại TRA-ROAD" in {reason["vi"] for reason in one["reasons"]}
    document = similar_to(new.data.incident, await courses(bench.client, Space.EXERCISE, None))
    assert document is not None
    assert [(found["incident"], found["suggested"]) for found in document["similar"]] == [(one["incident"], True)]

    held = next(d for d in (await desk.board()).rows.values() if str(d.issued.dispatch) == row["dispatch"])
    done = await desk.act(
        Merge, new.data.incident, held.issued.dispatch, into=known.data.incident, reason="Cùng một vụ", version=0
    )
    assert done.outcome is Outcome.ACCEPTED
    assert (await bench.until(IncidentMerged)).data.into == known.data.incident


@pytest.mark.timeout(180)
async def test_a_report_about_a_period_opens_no_incident_and_reaches_its_readers(bench: Bench) -> None:
    """Breaks if the daily report of a commune became an incident that desks must acknowledge, or reached nobody."""
    now = datetime.now(UTC)
    body = {
        "type": "situation",
        "report": str(new_id()),
        "status": "Exercise",
        "sent": now.isoformat(),
        "observed_at": now.isoformat(),
        "kind": "management_reporting_summary",
        "headline": "Không phát sinh",
        "nil": True,
        "window": {"since": (now - timedelta(days=1)).isoformat(), "until": now.isoformat()},
    }
    receipt = await bench.send(HERE, body)
    up = await bench.until(PeriodReportCopied, lambda data: data.channel is CopyChannel.VERTICAL)
    again = await bench.send(HERE, body)
    after = await bench.accident()

    assert receipt.reports[0].outcome is Outcome.ACCEPTED
    assert again.reports[0].outcome is Outcome.DUPLICATE
    copied = await bench.all(PeriodReportCopied)
    assert {event.data.to.agency for event in copied} == {ACROSS, ABOVE}
    assert len(copied) == 2
    assert (up.data.obligation, up.data.nil) == (None, True)
    assert [event.id for event in await bench.all(IncidentOpened)] == [after.id]
