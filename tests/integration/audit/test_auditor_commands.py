"""`phoihop audit report | knew | history | export` on a real ledger, with nothing but the reader's login."""

import asyncio
import base64
import csv
import json
import stat
import sys
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from pyarrow import parquet
from typer.testing import CliRunner, Result

from contracts import subjects
from contracts.codes import Space
from services.audit.commands.audit_cli import commands
from services.audit.entries import Received
from services.audit.store import Ledger
from tests.ledgers import INCIDENT, RECORDED, STORED, event_body, message, messages

DUE = STORED - timedelta(hours=1)


def fact(seq: int, name: str, space: Space = Space.ACTUAL, time: str | None = None, **data: Any) -> Received:
    """A fact of one dispatch, stored a minute after the one before."""
    head = {"type": f"phoihop.{name}.v1"} | ({"time": time} if time else {})
    body = event_body(seq, **head, data={"dispatch": "d1", "incident": str(INCIDENT), **data})
    subject = subjects.dispatch(space, INCIDENT, "ca-hue", "truc")
    return Received(seq, subject, body, STORED + timedelta(minutes=seq))


def issued(seq: int, dispatch: str, due: datetime, space: Space = Space.ACTUAL) -> Received:
    obligation = {"obligation": f"o{dispatch}", "kind": "acknowledge", "due": due.isoformat()}
    return fact(seq, "DispatchIssued", space, dispatch=dispatch, obligations=[obligation])


HISTORY = [
    issued(1, "d1", DUE),
    issued(2, "d2", DUE),
    fact(3, "DispatchAcknowledged", action="a", late=True),
    issued(4, "d3", RECORDED + timedelta(days=30)),
    issued(5, "d4", DUE, Space.EXERCISE),
]


@pytest.fixture(autouse=True)
def wide(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "200")


async def typed(*words: str) -> Result:
    return await asyncio.to_thread(CliRunner().invoke, commands, list(words))


def document(result: Result) -> Any:
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


async def test_the_report_counts_by_agency_month_and_kind_and_names_the_ledger(ledger: Ledger, reader_dsn: str) -> None:
    await ledger.append(HISTORY, RECORDED)
    found = document(await typed("report", "--dsn", reader_dsn, "--json"))
    common = {"agency": "ca-hue", "kind": "acknowledge", "excused": 0, "met": 0, "because": {}}
    assert found["obligations"] == [
        {**common, "period": "2026-11", "owed": 2, "late": 1, "breached": 1, "open": 0},
        {**common, "period": "2026-12", "owed": 1, "late": 0, "breached": 0, "open": 1},
    ]
    head = await ledger.head()
    assert (found["size"], found["root"], found["as_of"]) == (5, head.root.hex(), RECORDED.isoformat())
    november = ("--from", "2026-12-01", "--to", "2027-01-01", "--agency", "ca-hue")
    assert len(document(await typed("report", *november, "--dsn", reader_dsn, "--json"))["obligations"]) == 1
    exercise = document(await typed("report", "--space", "exercise", "--dsn", reader_dsn, "--json"))["obligations"]
    assert [(each["owed"], each["breached"]) for each in exercise] == [(1, 1)]
    assert document(await typed("report", "--agency", "x", "--dsn", reader_dsn, "--json"))["obligations"] == []


async def test_an_agency_alone_counts_as_it_does_among_all(ledger: Ledger, reader_dsn: str) -> None:
    """Breaks if asking for one agency left out its reports about periods, or the answers it gave to other desks."""
    owner = subjects.dispatch(Space.ACTUAL, INCIDENT, "ca-hue", "truc")
    answer = {"obligation": "o", "kind": "answer", "due": RECORDED.isoformat()}
    asked = {"dispatch": "d5", "objects_to": "d6", "obligations": [answer]}
    report_owed = {"obligation": "p", "agency": "ca-hue", "owing": "period", "due": DUE.isoformat()}
    facts = [
        ("DispatchIssued", owner, asked),
        ("MisrouteAnswered", subjects.dispatch(Space.ACTUAL, INCIDENT, "xa-a", "truc"), {"dispatch": "d6"}),
        ("ReportOwed", subjects.owed(Space.ACTUAL, "ca-hue"), report_owed),
        ("PeriodReportExcused", subjects.owed(Space.ACTUAL, "ca-hue"), report_owed | {"reason": "agency_ended"}),
    ]
    bodies = ((subject, {"type": f"phoihop.{name}.v1", "data": data}) for name, subject, data in facts)
    received = [Received(n, subject, event_body(n, **body), STORED) for n, (subject, body) in enumerate(bodies, 1)]
    await ledger.append(received, RECORDED)
    everybody = document(await typed("report", "--dsn", reader_dsn, "--json"))["obligations"]
    alone = document(await typed("report", "--agency", "ca-hue", "--dsn", reader_dsn, "--json"))["obligations"]
    assert alone == everybody
    ends = [(each["kind"], each["met"], each["excused"], each["because"]) for each in alone]
    assert ends == [("answer", 1, 0, {}), ("period", 0, 1, {"agency_ended": 1})]
    shown = (await typed("report", "--lang", "en", "--dsn", reader_dsn)).stdout
    assert "Excused: 1 × the register no longer has the agency" in shown


async def test_the_report_speaks_two_languages(ledger: Ledger, reader_dsn: str) -> None:
    assert "Không có nghĩa vụ nào" in (await typed("report", "--dsn", reader_dsn)).stdout
    await ledger.append(HISTORY, RECORDED)
    for lang, words in (("vi", ("phạm", "xác nhận đã nhận", "2026-11")), ("en", ("Breached", "acknowledge"))):
        shown = (await typed("report", "--dsn", reader_dsn, "--lang", lang)).stdout
        assert all(word in shown for word in words), shown


async def test_what_a_desk_knew_is_what_it_answered_and_the_rest_is_named(ledger: Ledger, reader_dsn: str) -> None:
    """Breaks if a dispatch counted as known before anything came back, or one of an exercise among the real ones."""
    await ledger.append(HISTORY, RECORDED)
    for minute, knew, missing in ((2, [], [0, 1]), (3, [0, 2], [1]), (9, [0, 2], [1, 3])):
        at = (STORED + timedelta(minutes=minute)).isoformat()
        found = document(await typed("knew", "--desk", "ca-hue/truc", "--at", at, "--dsn", reader_dsn, "--json"))
        assert [each["idx"] for each in found["knew"]] == knew
        assert [each["idx"] for each in found["not_delivered"]] == missing
        assert [each["proof"] for each in found["knew"]] == ([2, 2] if knew else [])
    exercise = ("--space", "exercise", "--dsn", reader_dsn, "--json")
    found = document(await typed("knew", "--desk", "ca-hue/truc", "--at", "2027-01-01", *exercise))
    assert [each["dispatch"] for each in found["not_delivered"]] == ["d4"]
    shown = await typed("knew", "--desk", "ca-hue/truc", "--at", "2027-01-01", "--dsn", reader_dsn)
    assert "đã nhận, chứng minh bởi mục 2" in shown.stdout
    assert "chưa có gì chứng minh đã nhận" in shown.stdout


async def test_an_agencys_month_is_told_newest_first_a_page_at_a_time(ledger: Ledger, reader_dsn: str) -> None:
    """Breaks if a page left out an entry, or counted the month of another agency, another zone or an exercise."""
    first, after = "2026-10-31T17:00:00Z", "2026-11-30T17:00:00Z"
    edges = [
        *(fact(n, "DispatchDelivered", time=time) for n, time in ((1, "2026-10-31T16:59:59Z"), (2, first), (3, after))),
        *(fact(n, "DispatchDelivered") for n in range(4, 130)),
        fact(130, "DispatchDelivered", Space.EXERCISE),
    ]
    await ledger.append(edges, RECORDED)
    november = ("history", "--agency", "ca-hue", "--month", "2026-11", "--dsn", reader_dsn)
    page = document(await typed(*november, "--json"))
    assert [each["idx"] for each in page["entries"]] == [*range(128, 28, -1)]
    rest = document(await typed(*november, "--json", "--before", str(page["more"])))
    assert [each["idx"] for each in rest["entries"]] == [*range(28, 2, -1), 1]
    assert rest["more"] is None
    newest = page["entries"][0]
    assert (newest["event"], newest["incident"]) == ("DispatchDelivered", str(INCIDENT))
    assert newest["subject"] == subjects.dispatch(Space.ACTUAL, INCIDENT, "ca-hue", "truc")
    exercise = document(await typed(*november, "--space", "exercise", "--json"))
    assert [each["idx"] for each in exercise["entries"]] == [129]
    for lang, words in (("vi", "Trước đó còn nữa: --before 29"), ("en", "There is more before that: --before 29")):
        assert words in (await typed(*november, "--lang", lang)).stdout
    other = ("history", "--agency", "x", "--month", "2026-11", "--dsn", reader_dsn)
    assert document(await typed(*other, "--json"))["entries"] == []
    assert "Không có mục nào" in (await typed(*other)).stdout


async def test_every_format_holds_the_same_entries_and_the_exact_body(
    ledger: Ledger, reader_dsn: str, tmp_path: Path
) -> None:
    batch = [*messages(1, 3), message(4, b"=cmd()"), message(5, b"\xff\xfe")]
    await ledger.append(batch, RECORDED)
    files = {form: tmp_path / f"rows.{form}" for form in ("jsonl", "csv", "parquet")}
    for path in files.values():
        assert document(await typed("export", "--to", str(path), "--dsn", reader_dsn, "--json"))["entries"] == 5
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    rows = [json.loads(line) for line in files["jsonl"].read_text(encoding="utf-8").splitlines()]
    with files["csv"].open(encoding="utf-8", newline="") as file:
        cells = list(csv.DictReader(file))
    table = parquet.read_table(files["parquet"]).to_pylist()
    for text in (rows, cells):
        held = [(row["body"] or "").encode() or base64.b64decode(row["body_base64"]) for row in text]
        assert held == [each.body for each in batch]
        assert [row["leaf_hash"] for row in text] == [row["leaf_hash"].hex() for row in table]
        assert [row["subject"] for row in text] == [row["subject"] for row in table]
    assert [row["body"] for row in table] == [each.body for each in batch]
    assert {row["stored_at"] for row in table} == {STORED}
    assert {row["event_id"] for row in table[:3]} == {str(UUID(int=n)) for n in (1, 2, 3)}
    assert not any(cell.startswith(("=", "+", "-", "@")) for row in cells for cell in row.values())


async def test_a_selection_is_by_incident_or_by_time_and_agency(
    ledger: Ledger, reader_dsn: str, tmp_path: Path
) -> None:
    other = message(2, event_body(2, incidentid=str(UUID(int=77)), time="2026-12-05T00:00:00Z"))
    await ledger.append([message(1), other, message(3)], RECORDED)
    selections = {
        ("--incident", str(INCIDENT)): [0, 2],
        ("--from", "2026-12-01"): [1],
        ("--until", "2026-12-01", "--agency", "ca-hue"): [0, 2],
        ("--agency", "x"): [],
    }
    for number, (words, expected) in enumerate(selections.items()):
        path = tmp_path / f"{number}.jsonl"
        assert (await typed("export", *words, "--to", str(path), "--dsn", reader_dsn)).exit_code == 0
        assert [json.loads(line)["idx"] for line in path.read_text(encoding="utf-8").splitlines()] == expected


async def test_an_export_overwrites_nothing_and_leaves_no_half_file(
    ledger_database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mine = tmp_path / "mine.csv"
    mine.write_text("mine")
    for name in ("mine.csv", "rows.xlsx", "absent/rows.csv"):
        assert (await typed("export", "--to", str(tmp_path / name), "--dsn", ledger_database)).exit_code == 2
    assert mine.read_text() == "mine"
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    refused = await typed("export", "--to", str(tmp_path / "rows.parquet"), "--dsn", ledger_database)
    assert (refused.exit_code, "phoihop[parquet]" in refused.stderr) == (2, True)
    assert not (tmp_path / "rows.parquet").exists()


async def test_what_is_no_desk_or_no_time_exits_two_and_an_absent_server_three(tmp_path: Path) -> None:
    nowhere = ("--dsn", "postgresql://nobody@127.0.0.1:1/none")
    usage = (
        ["knew", "--desk", "x", "--at", "2026-11-22"],
        ["knew", "--desk", "a/b", "--at", "soon"],
        ["report", "--from", "x"],
        ["history", "--agency", "a", "--month", "2026-13"],
        ["history", "--agency", "a", "--month", "9999-12"],
        ["export", "--to", "x.csv", "--incident", str(INCIDENT), "--agency", "a"],
    )
    for words in usage:
        assert (await typed(*words, *nowhere)).exit_code == 2
    rows = tmp_path / "rows.csv"
    for words in (
        ["report"],
        ["export", "--to", str(rows)],
        ["knew", "--desk", "a/b", "--at", "2026-11-22"],
        ["history", "--agency", "a", "--month", "2026-11"],
    ):
        assert (await typed(*words, *nowhere)).exit_code == 3
    assert not rows.exists()
