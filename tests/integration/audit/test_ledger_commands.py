"""`phoihop ledger …` as a user types it: output, JSON keys and exit codes."""

import asyncio
import json
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from typer.testing import CliRunner, Result

from contracts import subjects
from contracts.codes import Severity, Space
from contracts.correlation import SameCommune, correlation
from contracts.envelope import Event, schema_of, type_of
from contracts.events import IncidentUpdated
from contracts.reports import ReportRef, Sender
from services.audit.commands.ledger_cli import commands
from services.audit.connecting import Connection
from services.audit.evidence.trail import trail
from services.audit.store import Ledger
from services.runtime.embedded.postgres import PostgresServer
from tests.ledgers import INCIDENT, RECORDED, STORED, event_body, message, messages

REPORT = subjects.report(Space.ACTUAL, subjects.Origin("bdbp-hue", "don-1"), UUID(int=500))


async def typed(*words: str) -> Result:
    """The command's result; in a thread of its own, because a command runs its own event loop."""
    return await asyncio.to_thread(CliRunner().invoke, commands, list(words))


def document(result: Result) -> Any:
    """The one JSON document on stdout."""
    return json.loads(result.stdout)


def updated(number: int, report_event: UUID) -> bytes:
    return Event[IncidentUpdated](
        id=UUID(int=number),
        source="/phoihop/routing",
        type=type_of(IncidentUpdated),
        subject=subjects.course(Space.ACTUAL, INCIDENT),
        time=STORED,
        dataschema=schema_of(IncidentUpdated),
        incidentid=INCIDENT,
        correlationid=UUID(int=1),
        causationid=report_event,
        data=IncidentUpdated(
            incident=INCIDENT,
            report=ReportRef(report=UUID(int=500), sender=Sender(agency="bdbp-hue", unit="don-1"), event=report_event),
            correlation=correlation(SameCommune(area="19774", points=0.9)),
            severity=Severity.SEVERE,
        ),
    ).to_bytes()


async def test_migrate_makes_a_ledger_that_verifies(postgres_database: str) -> None:
    migrated = await typed("migrate", "--dsn", postgres_database, "--json")
    assert (migrated.exit_code, document(migrated)) == (0, {"migrated": True})
    verified = await typed("verify", "--dsn", postgres_database, "--json")
    assert verified.exit_code == 0
    assert document(verified).items() >= {"entries": 0, "verified": True, "findings": []}.items()


async def test_verify_names_what_was_changed_and_exits_one(
    ledger: Ledger, ledger_database: str, superuser: Connection
) -> None:
    await ledger.append(messages(1, 4), RECORDED)
    await superuser.execute("SET phoihop.maintenance = 'attack'; ALTER TABLE audit.entry DISABLE TRIGGER ALL")
    await superuser.execute("UPDATE audit.entry SET body = '' WHERE idx = 2")
    found = await typed("verify", "--dsn", ledger_database, "--json")
    assert found.exit_code == 1
    assert document(found)["findings"] == [{"flaw": "content_changed", "first": 2, "last": 2}]
    for lang, text in (("vi", "mục 2: nội dung đã bị sửa"), ("en", "entry 2: the content was changed")):
        told = await typed("verify", "--dsn", ledger_database, "--lang", lang)
        assert told.exit_code == 1
        assert text in told.stdout


@pytest.mark.parametrize("accepted", ["2026-11-22T01:02:03Z", "2026-09-01T00:00:00Z", "2026-12-24T00:00:00Z"])
async def test_trail_shows_the_incident_and_the_reports_that_led_to_it_in_order(
    ledger: Ledger, ledger_database: str, reader_dsn: str, accepted: str
) -> None:
    """Breaks if a report were looked for near its incident only: routing may have stood still for months."""
    reported = message(1, event_body(1, type="phoihop.ReportAccepted.v1", incidentid=None, time=accepted))
    reported = reported._replace(subject=REPORT)
    other = message(2, event_body(2, incidentid=str(UUID(int=77))))
    batch = [reported, other, message(3, updated(3, UUID(int=1))), message(4), message(5, b"?")]
    await ledger.append(batch, RECORDED)
    entries = await trail(reader_dsn, INCIDENT)
    assert [(entry.idx, bytes(entry.body)) for entry in entries] == [(n, batch[n].body) for n in (0, 2, 3)]
    told = await typed("trail", str(INCIDENT), "--dsn", ledger_database, "--json")
    assert told.exit_code == 0
    assert [entry["idx"] for entry in document(told)["entries"]] == [0, 2, 3]
    people = await typed("trail", str(INCIDENT), "--dsn", ledger_database)
    assert "22/11/2026 08:02:03" in people.stdout
    assert "Thêm báo cáo" in people.stdout


async def test_the_trail_of_an_unknown_incident_exits_one(ledger_database: str) -> None:
    result = await typed("trail", str(INCIDENT), "--dsn", ledger_database, "--json")
    assert (result.exit_code, result.stdout) == (1, "")
    assert str(INCIDENT) in result.stderr


@pytest.mark.parametrize("command", [("migrate",), ("verify",), ("drill",), ("trail", str(INCIDENT))])
async def test_a_server_that_is_not_there_exits_three(command: tuple[str, ...]) -> None:
    result = await typed(*command, "--dsn", "postgresql://nobody@127.0.0.1:1/none", "--json")
    assert (result.exit_code, result.stdout) == (3, "")
    assert "phoihop doctor" in result.stderr


async def test_a_database_without_a_ledger_exits_three_and_names_the_next_command(
    postgres_database: str, postgres_server: PostgresServer
) -> None:
    for dsn in (postgres_database, postgres_server.dsn_of("no-such-database")):
        for command in (("verify",), ("trail", str(INCIDENT)), ("drill",)):
            result = await typed(*command, "--dsn", dsn)
            assert result.exit_code == 3
            assert "phoihop ledger migrate" in result.stderr


async def test_an_address_that_is_none_exits_two(monkeypatch: pytest.MonkeyPatch) -> None:
    assert (await typed("verify", "--dsn", "localhost")).exit_code == 2
    monkeypatch.setenv("PHOIHOP_POSTGRES_DSN", "mysql://x")
    assert (await typed("verify")).exit_code == 2
    assert (await typed("trail", "no-uuid")).exit_code == 2


async def test_without_any_address_the_user_is_told_what_to_set(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("PHOIHOP_POSTGRES_DSN", raising=False)
    monkeypatch.setenv("PHOIHOP_HOME", str(tmp_path))
    result = await typed("verify")
    assert result.exit_code == 3
    assert "phoihop up" in result.stderr
