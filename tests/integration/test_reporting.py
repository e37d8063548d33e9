"""Reports about periods on the real servers: owed, met, missing, copied, acknowledged; exact, and once over kills."""

import asyncio
import json
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from nats.aio.client import Client

from contracts import subjects
from contracts.codes import Space
from contracts.envelope import Event, read
from contracts.identifiers import new_id
from contracts.problems import ProblemCode
from contracts.receipts import ActionReceipt, Outcome, Receipt
from contracts.reporting import (
    AcknowledgePaper,
    CopyChannel,
    Owing,
    PaperAcknowledged,
    PeriodReportCopied,
    PeriodReportFiled,
    PeriodReportMissing,
    PeriodReportRequested,
    PeriodReportWithdrawn,
    ReportOwed,
    SwitchRegime,
)
from contracts.subjects import Origin
from services.routing.regulations.rules.workdays import VIETNAM
from services.runtime.jetstream import read_subject
from services.runtime.sending import Sender, connection, report_sender
from tests.integration.http.hub import REFERENCE, Hub, running_hub

PROVINCE = Origin("ptds-t-hue", "truc-ban")
PUNCTUAL, SILENT = Origin("ptds-x-phong-dien", "truc-ban"), Origin("ptds-x-phong-thai", "truc-ban")
BESIDE = Origin("ubnd-x-phong-dien", "truc-ban")
COMMUNES = 40
LOGGING, UNIT, CALLS = Origin("kl-t-bac-ninh", "truc-ban"), Origin("kl-h-yen-the", "tram-xuan-luong"), 60
READY_WITHIN, DUE_AFTER = timedelta(seconds=50), timedelta(seconds=3)
"""Until the period is cut, so that the services have started; from then until the report is due."""
AT_MOST_LATE = timedelta(seconds=4)
"""Most that a request may come after its time on a busy machine; the sweep alone would take longer."""


class Bench:
    """A hub whose one calendar has a period that is cut in seconds and due soon after."""

    def __init__(self, hub: Hub, client: Client, cut_off: datetime) -> None:
        self.hub = hub
        self.client = client
        self.cut_off = cut_off
        self.due = cut_off + DUE_AFTER

    async def kill_routing(self) -> None:
        """SIGKILL, and start it again."""
        await self.hub.children[-1].kill()
        await serve_routing(self.hub)

    async def all(self, kind: type[Any]) -> list[Event[Any]]:
        """Every fact of one kind, in order."""
        found = [read(s.body) async for s in read_subject(self.client, "EVENTS", subjects.ALL_REPORTING)]
        return [event for event in found if isinstance(event.data, kind)]

    async def until(self, kind: type[Any], number: int, seconds: float = 60) -> list[Event[Any]]:
        """As soon as there are so many."""
        async with asyncio.timeout(seconds):
            while True:
                if len(found := await self.all(kind)) >= number:
                    return found
                await asyncio.sleep(0.1)

    async def act(self, desk: Origin, act: Any) -> ActionReceipt:
        """What a desk does, answered."""
        sender = Sender(self.client, subjects.reporting_inbox, ActionReceipt)
        await sender.listen(desk)
        return await sender.send(desk, act.model_dump_json().encode())

    async def switch_on(self) -> ActionReceipt:
        """The province orders its communes to report."""
        return await self.act(
            PROVINCE,
            SwitchRegime(
                action=new_id(),
                space=Space.ACTUAL,
                sent=datetime.now(UTC),
                area="46",
                calendars=("soon",),
                on=True,
                reason="Bão số 13",
            ),
        )

    async def file(self, who: Origin, **changes: Any) -> Receipt:
        """A report about the period."""
        sender = report_sender(self.client)
        await sender.listen(who)
        return await sender.send(who, json.dumps(self.report(**changes)).encode())

    def report(self, **changes: Any) -> dict[str, Any]:
        """A valid one; a nil report."""
        now = datetime.now(UTC).isoformat()
        since = (self.cut_off - timedelta(days=1)).isoformat()
        return {
            "type": "situation",
            "report": str(new_id()),
            "status": "Actual",
            "sent": now,
            "observed_at": now,
            "kind": "management_reporting_summary",
            "headline": "Không phát sinh",
            "nil": True,
            "window": {"since": since, "until": self.cut_off.isoformat()},
        } | changes


@pytest.mark.long
@pytest.mark.timeout(180)
async def test_silence_is_asked_for_exactly_in_time_and_whoever_reports_is_left_alone(server_folder: Path) -> None:
    """Broken when a report that is missing is not asked for, or one that came is; or the copies reach others."""
    async with _bench(server_folder) as bench:
        assert (await bench.switch_on()).outcome is Outcome.ACCEPTED
        owed = await bench.until(ReportOwed, COMMUNES)
        assert len({event.data.agency for event in owed}) == len(owed) == COMMUNES
        assert {event.data.due for event in owed} == {bench.due}
        first = await bench.file(PUNCTUAL, service_note="Cho ngành dọc")
        assert first.reports[0].outcome is Outcome.ACCEPTED
        await _copies_go_two_ways(bench)
        missing = await bench.until(PeriodReportMissing, COMMUNES - 1)
        assert {event.data.agency for event in missing} == {e.data.agency for e in owed} - {PUNCTUAL.agency}
        assert all(timedelta() <= event.time - bench.due < AT_MOST_LATE for event in missing)
        asked = [event.data for event in await bench.until(PeriodReportRequested, 2 * (COMMUNES - 1))]
        assert {one.to.agency for one in asked if one.only_told} == {PROVINCE.agency}
        assert {one.to.agency for one in asked if not one.only_told} == {event.data.agency for event in missing}
        await _a_withdrawn_report_is_owed_again(bench, str(first.reports[0].report))


async def _copies_go_two_ways(bench: Bench) -> None:
    """One stored report, two deliveries, two acknowledgements; the note for the service on one of them only."""
    copies = {event.data.channel: event for event in await bench.until(PeriodReportCopied, 2)}
    across, up = copies[CopyChannel.HORIZONTAL], copies[CopyChannel.VERTICAL]
    assert across.subject == subjects.papers(Space.ACTUAL, *BESIDE)
    assert up.subject == subjects.papers(Space.ACTUAL, *PROVINCE)
    assert (across.data.service_note, up.data.service_note) == (None, "Cho ngành dọc")
    acts = [_has(copy.data.paper) for copy in (across, up)]
    wrong = await bench.act(BESIDE, _has(up.data.paper))
    done = [await bench.act(desk, act) for desk, act in zip((BESIDE, PROVINCE), acts, strict=True)]
    again = await bench.act(BESIDE, acts[0])
    assert wrong.outcome is Outcome.REJECTED
    assert [one.outcome for one in done] == [Outcome.ACCEPTED, Outcome.ACCEPTED]
    assert again.outcome is Outcome.DUPLICATE
    assert len(await bench.until(PaperAcknowledged, 2)) == 2


async def _a_withdrawn_report_is_owed_again(bench: Bench, report: str) -> None:
    late = await bench.file(SILENT)
    await bench.file(PUNCTUAL, msg_type="Cancel", references=[report], headline="Rút báo cáo")
    (reopened,) = await bench.until(PeriodReportWithdrawn, 1)
    filed = {event.data.agency: event.data for event in await bench.until(PeriodReportFiled, 2)}
    assert late.reports[0].outcome is Outcome.ACCEPTED
    assert (filed[PUNCTUAL.agency].late, filed[PUNCTUAL.agency].nil, filed[SILENT.agency].late) == (False, True, True)
    assert reopened.data.due > bench.due
    assert len(await bench.until(PeriodReportCopied, 6)) == 6


@pytest.mark.timeout(180)
async def test_killing_routing_around_a_due_time_loses_nothing_and_says_nothing_twice(server_folder: Path) -> None:
    """Broken when an obligation is forgotten with the process that scheduled it, or asked for once by each process."""
    async with _bench(server_folder, confirm_within="PT3S") as bench:
        entries = await asyncio.gather(*(bench.file(LOGGING, **_a_call()) for _ in range(CALLS)))
        assert {one.reports[0].outcome for one in entries} == {Outcome.ACCEPTED}
        await bench.until(ReportOwed, 1)
        await bench.kill_routing()
        await bench.until(PeriodReportMissing, 1)
        await bench.kill_routing()
        missing = await bench.until(PeriodReportMissing, CALLS)
        owed = [event.data.obligation for event in await bench.all(ReportOwed)]
        first = [event.data.obligation for event in missing if event.data.asked == 1]
        assert sorted(first) == sorted(owed)
        assert len(owed) == len(set(owed)) == CALLS
        asked = [event.data.paper for event in await bench.until(PeriodReportRequested, 2 * CALLS)]
        assert len(asked) == len(set(asked)) == 2 * CALLS


@pytest.mark.timeout(120)
async def test_a_logged_call_is_asked_for_in_writing_until_its_unit_confirms_it(server_folder: Path) -> None:
    """Broken when anybody may speak for a unit, when its own word is not taken, or when silence about it is."""
    async with _bench(server_folder, confirm_within="PT3S") as bench:
        call = _a_call()
        refused = await bench.file(Origin("bca", "truc-ban"), **call | {"report": str(new_id())})
        logged = await bench.file(LOGGING, **call)
        (owed,) = await bench.until(ReportOwed, 1)
        (missing,) = await bench.until(PeriodReportMissing, 1)
        await bench.file(UNIT, references=[str(logged.reports[0].report)])
        (confirmed,) = await bench.until(PeriodReportFiled, 1)
        assert [one.code for one in refused.reports[0].problems] == [ProblemCode.SENDER_NOT_ENTITLED]
        assert (owed.data.agency, owed.data.unit, owed.data.owing) == (*UNIT, Owing.CONFIRMATION)
        assert timedelta() <= missing.time - owed.data.due < AT_MOST_LATE
        assert (confirmed.data.late, confirmed.data.obligation) == (True, owed.data.obligation)


def _a_call() -> dict[str, Any]:
    """What a desk logs for a unit."""
    return {
        "report": str(new_id()),
        "oral": {"at": datetime.now(UTC).isoformat(), "channel": "radio", "to": "trực ban"},
        "on_behalf_of": {"agency": UNIT.agency, "unit": UNIT.point},
    }


def _has(paper: Any) -> AcknowledgePaper:
    return AcknowledgePaper(action=new_id(), space=Space.ACTUAL, sent=datetime.now(UTC), paper=paper)


@asynccontextmanager
async def _bench(folder: Path, confirm_within: str = "PT24H") -> AsyncIterator[Bench]:
    reference = folder / "reference"
    shutil.copytree(REFERENCE, reference)
    async with running_hub(folder) as hub:
        await hub.serve("intake")
        cut_off = datetime.now(UTC).replace(microsecond=0) + READY_WITHIN
        (reference / "reporting.yaml").write_text(_calendar(cut_off, confirm_within), encoding="utf-8")
        await serve_routing(hub)
        async with connection(hub.nats.url) as client:
            yield Bench(hub, client, cut_off)


async def serve_routing(hub: Hub) -> None:
    """Routing by the calendar of this test."""
    await hub.serve("routing", reference=str(hub.folder / "reference"), sweep_seconds="1")


def _calendar(cut_off: datetime, confirm_within: str) -> str:
    """The reference set with one calendar of a day that is cut and due soon."""
    at, due = cut_off.astimezone(VIETNAM), (cut_off + DUE_AFTER).astimezone(VIETNAM)
    last = (at - timedelta(microseconds=1)).date()
    head, _, _ = (REFERENCE / "reporting.yaml").read_text(encoding="utf-8").partition("\ncalendars:\n")
    head = head.replace("within: PT24H", f"within: {confirm_within}", 1)
    return f"""{head}
calendars:
  - code: soon
    kind: daily
    cause: order
    title_vi: Báo cáo thử
    title_en: A trial report
    owed_by: [PTDS-X]
    period: {{daily_at: "{at:%H:%M:%S}"}}
    due: {{at: "{due:%H:%M:%S}", days_after: {(due.date() - last).days}}}
    horizontal: [UBND-X]
    vertical: sector
    ask_again_within: PT1H
    citation: {{instrument: trial, text: Thử, status: design_default}}
    valid_from: 2025-07-01
"""
