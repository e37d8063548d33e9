"""`phoihop audit leads | drill` on a real ledger, with nothing but the reader's login."""

import asyncio
import json
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from typer.testing import CliRunner, Result

from contracts import subjects
from contracts.codes import Space
from services.audit.commands.audit_cli import commands
from services.audit.entries import Received
from services.audit.store import Ledger
from tests.ledgers import INCIDENT, RECORDED, STORED, event_body

OTHER = UUID(int=77)
A, B, C = ({"agency": name, "desk": "truc"} for name in ("xa-a", "xa-b", "xa-c"))


@pytest.fixture(autouse=True)
def wide(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "200")


async def typed(*words: str) -> Result:
    return await asyncio.to_thread(CliRunner().invoke, commands, list(words))


def received(seq: int, name: str, subject: str, incident: UUID, data: dict[str, Any]) -> Received:
    """A fact a second after the one before."""
    at = STORED + timedelta(seconds=seq)
    body = event_body(seq, type=f"phoihop.{name}.v1", time=at.isoformat(), incidentid=str(incident), data=data)
    return Received(seq, subject, body, at)


def course(seq: int, name: str, incident: UUID = INCIDENT, **data: Any) -> Received:
    return received(seq, name, subjects.course(Space.ACTUAL, incident), incident, data)


def opened(seq: int, lead: dict[str, str], incident: UUID = INCIDENT) -> Received:
    return course(seq, "IncidentOpened", incident, decision={"assignments": [{"role": "lead", "addressee": lead}]})


async def test_the_leads_of_every_incident_are_told_and_two_at_once_exit_one(ledger: Ledger, reader_dsn: str) -> None:
    """Breaks if a record in which two desks led at once could pass for a sound one."""
    since = (STORED + timedelta(seconds=1)).isoformat()
    sound = [
        opened(1, A),
        course(2, "LeadTransferred", giver=A, taker=B),
        course(3, "CommandHandedOver", giver=None, taker="Trưởng thôn", since=since),
        opened(4, C, OTHER),
        course(5, "IncidentMerged", into=str(OTHER)),
    ]
    await ledger.append(sound, RECORDED)
    result = await typed("leads", "--dsn", reader_dsn, "--json")
    found = json.loads(result.stdout)
    assert (result.exit_code, found["findings"], found["unreadable"]) == (0, [], 0)
    first, second = found["incidents"]
    assert [(each["desk"], each["into"], each["idx"]) for each in first["leads"]] == [
        ("xa-a/truc", None, 0),
        ("xa-b/truc", None, 1),
        (None, str(OTHER), 4),
    ]
    assert [each["who"] for each in first["command"]] == ["Trưởng thôn"]
    assert [each["desk"] for each in second["leads"]] == ["xa-c/truc"]
    assert "đúng một nơi chủ trì" in (await typed("leads", "--dsn", reader_dsn)).stdout

    await ledger.append([course(6, "LeadTransferred", OTHER, giver=B, taker=A)], RECORDED)
    result = await typed("leads", "--dsn", reader_dsn, "--json")
    assert result.exit_code == 1
    assert [(each["flaw"], each["idx"], each["who"]) for each in json.loads(result.stdout)["findings"]] == [
        ("two_leads", 5, ["xa-c/truc", "xa-a/truc"])
    ]
    assert "two lead at once" in (await typed("leads", "--lang", "en", "--dsn", reader_dsn)).stdout
    assert (await typed("leads", "--incident", str(INCIDENT), "--dsn", reader_dsn)).exit_code == 0
    assert (await typed("leads", "--incident", str(UUID(int=5)), "--dsn", reader_dsn)).exit_code == 2
    assert (await typed("leads", "--space", "exercise", "--dsn", reader_dsn)).exit_code == 0


def dispatched(seq: int, name: str, agency: str, space: Space = Space.EXERCISE, **data: Any) -> Received:
    subject = subjects.dispatch(space, INCIDENT, agency, "truc")
    return received(seq, name, subject, INCIDENT, {"dispatch": agency, "incident": str(INCIDENT), **data})


async def test_a_drill_is_measured_and_never_counted_among_the_real(ledger: Ledger, reader_dsn: str) -> None:
    """Breaks if an exercise showed in the live counters, or a real incident in the report of a drill."""
    due = (STORED + timedelta(minutes=1)).isoformat()
    obligations = [{"obligation": "o", "kind": "acknowledge", "due": due}]
    facts = [
        dispatched(1, "DispatchIssued", "xa-a", obligations=obligations),
        dispatched(2, "DispatchIssued", "xa-b", obligations=obligations),
        dispatched(3, "DispatchIssued", "xa-c", Space.ACTUAL, obligations=obligations),
        dispatched(4, "DispatchDelivered", "xa-a"),
        dispatched(5, "DispatchAcknowledged", "xa-a", late=False),
    ]
    await ledger.append(facts, RECORDED)
    result = await typed("drill", "--from", "2026-11-22", "--to", "2026-11-23", "--dsn", reader_dsn, "--json")
    assert result.exit_code == 0, result.output
    found = json.loads(result.stdout)
    nothing = {"median_seconds": None, "worst_seconds": None, "climbed": 0}
    assert (found["space"], found["unreadable"]) == ("exercise", 0)
    assert [line["agency"] for line in found["agencies"]] == ["xa-a", "xa-b"]
    assert [line["incident"] for line in found["incidents"]] == [str(INCIDENT)] * 2
    answered, silent = found["agencies"]
    assert answered["acknowledged"] == {"median_seconds": 4, "worst_seconds": 4, "climbed": 1, "missing": 0}
    assert silent["acknowledged"] == nothing | {"missing": 1}
    assert silent["accepted"] == nothing | {"missing": 0}
    alone = json.loads((await typed("drill", "--agency", "xa-b", "--dsn", reader_dsn, "--json")).stdout)
    assert alone["agencies"] == [silent]
    live = json.loads((await typed("report", "--dsn", reader_dsn, "--json")).stdout)["obligations"]
    assert [(line["agency"], line["owed"]) for line in live] == [("xa-c", 1)]
    for lang, words in (("vi", ("DIỄN TẬP", "Xác nhận", "0:04.0")), ("en", ("EXERCISE", "Acknowledged", "In total"))):
        shown = (await typed("drill", "--dsn", reader_dsn, "--lang", lang)).stdout
        assert all(word in shown for word in words), shown
    assert "Không có diễn tập" in (await typed("drill", "--from", "2027-01-01", "--dsn", reader_dsn)).stdout
    assert (await typed("drill", "--from", "x", "--dsn", reader_dsn)).exit_code == 2
