"""Reading the record is itself recorded, on a real Postgres and a real NATS, whether the hub is there or not."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from contracts import subjects
from contracts.codes import Space
from contracts.envelope import read
from contracts.reading import AuditRead
from contracts.streams import EVENTS
from services.audit.commands.audit_cli import commands as audit_commands
from services.audit.commands.ledger_cli import commands as ledger_commands
from services.audit.reading import hand_in
from services.audit.roles import READER
from services.audit.settings import AuditSettings
from services.audit.store import Ledger
from services.runtime import topology
from services.runtime.embedded.nats import NatsServer
from services.runtime.jetstream import read_subject
from services.runtime.sending import connection
from tests.ledgers import INCIDENT, RECORDED, messages


async def typed(commands: Any, *words: str) -> Result:
    return await asyncio.to_thread(CliRunner().invoke, commands, [*words, "--json"])


async def recorded(server: NatsServer) -> list[AuditRead]:
    """The readings that EVENTS holds."""
    async with connection(server.url) as client:
        everything = subjects.facts(Space.ACTUAL)
        return [read(each.body).data async for each in read_subject(client, EVENTS.name, everything)]


async def make_streams(server: NatsServer) -> None:
    async with connection(server.url) as client:
        await topology.apply(client, (EVENTS,), ())


def journal(tmp_path: Path) -> list[Path]:
    folder = tmp_path / "home" / "readings"
    return sorted(folder.iterdir()) if folder.exists() else []


@pytest.fixture
async def filled(ledger: Ledger) -> None:
    await ledger.append(messages(1, 3), RECORDED)


@pytest.mark.usefixtures("filled")
async def test_every_command_that_shows_what_was_recorded_leaves_a_fact(
    reader_dsn: str, fresh_nats: NatsServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Breaks if somebody could read what was reported without the record saying who, what and when."""
    await make_streams(fresh_nats)
    monkeypatch.setenv("PHOIHOP_NATS_URL", fresh_nats.url)
    monkeypatch.setenv("PHOIHOP_AUDITOR", "Thanh tra tỉnh")
    for commands, *words in (
        (ledger_commands, "trail", str(INCIDENT)),
        (ledger_commands, "export", "--incident", str(INCIDENT), "--to", str(tmp_path / "evidence.zip")),
        (audit_commands, "report", "--agency", "ca-hue"),
        (audit_commands, "knew", "--desk", "ca-hue/truc", "--at", "2026-11-22"),
        (audit_commands, "export", "--to", str(tmp_path / "rows.jsonl")),
    ):
        result = await typed(commands, *words, "--dsn", reader_dsn)
        assert result.exit_code == 0, result.output
        assert json.loads(result.stdout)["reading"]["recorded"] is True
    readings = await recorded(fresh_nats)
    assert [each.command for each in readings] == [
        "ledger trail",
        "ledger export",
        "audit report",
        "audit knew",
        "audit export",
    ]
    assert {(each.login, each.reader, each.journaled) for each in readings} == {(READER, "Thanh tra tỉnh", False)}
    assert readings[0].sought == (f"incident={INCIDENT}",)
    assert readings[3].sought == ("desk=ca-hue/truc", "at=2026-11-22T00:00:00+07:00", "space=actual")
    assert journal(tmp_path) == []


@pytest.mark.usefixtures("filled")
async def test_what_was_read_while_the_hub_was_away_is_handed_in_by_the_next_reading(
    reader_dsn: str, fresh_nats: NatsServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Breaks if whoever controls the bus could stop the auditors, or hide that they read, by switching it off."""
    away = await typed(ledger_commands, "trail", str(INCIDENT), "--dsn", reader_dsn)
    assert away.exit_code == 0
    assert json.loads(away.stdout)["reading"].items() >= {"recorded": False, "waiting": 1}.items()
    assert "NATS" in away.stderr
    (kept,) = journal(tmp_path)
    assert kept.stat().st_mode & 0o777 == 0o600
    await make_streams(fresh_nats)
    monkeypatch.setenv("PHOIHOP_NATS_URL", fresh_nats.url)
    assert (await typed(ledger_commands, "trail", str(INCIDENT), "--dsn", reader_dsn)).exit_code == 0
    assert [each.journaled for each in await recorded(fresh_nats)] == [True, False]
    assert journal(tmp_path) == []


@pytest.mark.usefixtures("filled")
async def test_a_reading_handed_in_twice_is_one_fact(
    reader_dsn: str, fresh_nats: NatsServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Breaks if a crash between handing in and forgetting could make one reading look like two."""
    await typed(ledger_commands, "trail", str(INCIDENT), "--dsn", reader_dsn)
    (kept,) = journal(tmp_path)
    content = kept.read_bytes()
    await make_streams(fresh_nats)
    monkeypatch.setenv("PHOIHOP_NATS_URL", fresh_nats.url)
    for _ in range(2):
        kept.write_bytes(content)
        assert await hand_in(AuditSettings()) == ()
    assert len(await recorded(fresh_nats)) == 1


@pytest.mark.usefixtures("filled")
async def test_nothing_is_shown_where_no_record_can_be_made(reader_dsn: str, tmp_path: Path) -> None:
    """Breaks if a full or foreign disk let somebody read unrecorded."""
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "readings").touch()
    for commands, *words in (
        (ledger_commands, "trail", str(INCIDENT)),
        (audit_commands, "export", "--to", str(tmp_path / "rows.jsonl")),
    ):
        result = await typed(commands, *words, "--dsn", reader_dsn)
        assert (result.exit_code, result.stdout) == (3, "")
    assert not (tmp_path / "rows.jsonl").exists()


@pytest.mark.usefixtures("filled")
async def test_a_spoiled_file_of_the_journal_stops_nothing_and_is_not_thrown_away(
    reader_dsn: str, fresh_nats: NatsServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    spoiled = tmp_path / "home" / "readings" / "0.json"
    spoiled.parent.mkdir(parents=True)
    spoiled.write_bytes(b"{}")
    await make_streams(fresh_nats)
    monkeypatch.setenv("PHOIHOP_NATS_URL", fresh_nats.url)
    result = await typed(ledger_commands, "trail", str(INCIDENT), "--dsn", reader_dsn)
    assert (result.exit_code, journal(tmp_path)) == (0, [spoiled])
    assert len(await recorded(fresh_nats)) == 1
