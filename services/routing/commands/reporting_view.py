"""What the reporting commands read from the stream and show; what it means is decided by the pure modules."""

from collections.abc import AsyncIterator, Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from nats.aio.client import Client
from rich.console import Console
from rich.markup import escape

from contracts import subjects
from contracts.codes import Space
from contracts.envelope import Event, read
from contracts.events import ReportAccepted
from contracts.identifiers import new_id
from contracts.receipts import ReportReceipt
from contracts.reports import IncidentReport, Sender, SituationReport
from contracts.subjects import Origin
from services.routing.regulations.engine.resolve import RegisterIndex
from services.routing.reporting.files import load_reporting
from services.routing.reporting.regime.book import Standing, Status, after
from services.routing.reporting.regime.rollup import Asked, Figure, Given, SourceFigure, rollup
from services.runtime.jetstream import read_subject
from services.runtime.publishing import EVENT_TYPE_HEADER
from services.runtime.register.loading import load_register
from services.runtime.sending import report_sender
from services.runtime.terminal import Language, local_date_time

STATUSES: Final = {
    "open": ("chưa đến hạn", "open"),
    "met": ("đã báo cáo", "met"),
    "nil": ("không phát sinh", "nil"),
    "late": ("báo cáo trễ", "late"),
    "missing": ("THIẾU", "MISSING"),
    "excused": ("được miễn", "excused"),
}


async def standings(client: Client, space: Space) -> list[Standing]:
    """Everything agencies owe or owed, by their own facts."""
    held: dict[UUID, Standing] = {}
    async for stored in read_subject(client, "EVENTS", subjects.owed(space, "*")):
        data = read(stored.body).data
        if (standing := after(held.get(data.obligation), data)) is not None:
            held[data.obligation] = standing
    return list(held.values())


def rows(found: Iterable[Standing], now: datetime, agency: str | None, *, missing: bool) -> list[dict[str, Any]]:
    """What is still owed, soonest first; with `missing` what should have come already."""
    wanted = {Status.MISSING} if missing else {Status.OPEN, Status.MISSING}
    chosen = [s for s in found if s.status(now) in wanted and agency in (None, s.owed.agency)]
    return [_row(one, now) for one in sorted(chosen, key=lambda s: (s.due or s.limit, s.owed.agency, s.owed.calendar))]


def _row(standing: Standing, now: datetime) -> dict[str, Any]:
    owed = standing.owed
    window = owed.window
    return {
        "obligation": str(owed.obligation),
        "agency": owed.agency,
        "unit": owed.unit,
        "owing": owed.owing.value,
        "calendar": owed.calendar,
        "title_vi": owed.title_vi,
        "title_en": owed.title_en,
        "window": {"since": _iso(window.since), "until": _iso(window.until)} if window else None,
        "due": _iso(owed.due),
        "send_by": _iso(standing.due),
        "status": standing.status(now).value,
        "asked": standing.asked,
        "entry": str(owed.entry.report) if owed.entry else None,
        "because": [str(cause) for cause in owed.because],
        "citation": owed.basis.text,
        "citation_status": owed.basis.status.value,
    }


def show_rows(console: Console, found: list[dict[str, Any]], lang: Language) -> None:
    """Two lines each: by when who owes what; on what basis."""
    for row in found:
        due = local_date_time(datetime.fromisoformat(row["send_by"] or row["due"]))
        state = lang.pick(*STATUSES[row["status"]])
        who = row["agency"] + (f"/{row['unit']}" if row["unit"] else "")
        console.print(f"[bold]{due}[/]  {who}  {escape(row[f'title_{lang.value}'])}  ({state})")
        told = f"  ← {row['entry']}" if row["entry"] else ""
        console.print(f"          [dim]{escape(row['citation'])}{told}[/]")
    if not found:
        console.print(lang.pick("Không thiếu báo cáo nào.", "No report is owed here."))


async def accepted(client: Client, space: Space) -> AsyncIterator[Event[ReportAccepted]]:
    """Every report on record in a space."""
    async for stored in read_subject(client, "EVENTS", subjects.reports(space)):
        if stored.headers.get(EVENT_TYPE_HEADER, "").startswith("phoihop.ReportAccepted."):
            yield read(stored.body)


async def rolled_up(client: Client, space: Space, asked: Asked, folder: Path) -> dict[str, Any]:
    """The figures of an area and time, per source. Raises `documents.DocumentError`."""
    register, reporting = RegisterIndex(load_register(folder / "register.yaml")), load_reporting(folder)
    figures = rollup([event async for event in accepted(client, space)], asked, register, reporting.authorities)
    return {
        "area": asked.area,
        "from": _iso(asked.since),
        "to": _iso(asked.until),
        "figures": [figure_as_json(figure) for figure in figures],
        "conflicts": sum(figure.conflict for figure in figures),
    }


def figure_as_json(figure: Figure) -> dict[str, Any]:
    """One figure with every source; what stands is None where sources differ and nobody decides."""
    return {
        "of": figure.of.value,
        "unit": figure.unit.value,
        "stands": figure.stands,
        "conflict": figure.conflict,
        "authority": figure.authority._asdict() if figure.authority else None,
        "basis": figure.basis.text if figure.basis else None,
        "sources": [_source(source) for source in figure.sources],
    }


def _source(source: SourceFigure) -> dict[str, Any]:
    return {
        **source.source._asdict(),
        **_given(source.newest),
        "overlapping": source.overlapping,
        "earlier": [_given(one) for one in source.earlier],
    }


def _given(given: Given) -> dict[str, Any]:
    return {"value": given.value, "as_of": _iso(given.as_of), "report": str(given.report)}


def show_rollup(console: Console, document: dict[str, Any], lang: Language) -> None:
    """Each figure with what stands, then every source on a line of its own; nothing is added up."""
    for figure in document["figures"]:
        stands = "?" if figure["stands"] is None else f"{figure['stands']:g}"
        conflict = lang.pick("  [bold red]MÂU THUẪN[/]", "  [bold red]CONFLICT[/]") if figure["conflict"] else ""
        console.print(f"[bold]{figure['of']}: {stands}[/] {figure['unit']}{conflict}")
        for source in figure["sources"]:
            at = local_date_time(datetime.fromisoformat(source["as_of"]))
            console.print(f"    {source['value']:g}  {escape(source['agency'])} · {escape(source['named'])}  {at}")
        if figure["basis"]:
            console.print(f"    [dim]{escape(figure['basis'])}[/]")
    if not document["figures"]:
        console.print(lang.pick("Không có số liệu.", "No figures."))


async def confirmed(client: Client, space: Space, entry: str, unit: Origin, now: datetime) -> ReportReceipt | None:
    """The unit says in its own name what was logged for it; None where no entry for it begins like that."""
    who = Sender(agency=unit.agency, unit=unit.point)
    found = [
        event
        async for event in accepted(client, space)
        if event.data.report.on_behalf_of == who and str(event.data.report.report).startswith(entry.lower())
    ]
    if len(found) != 1:
        return None
    sender = report_sender(client)
    await sender.listen(unit)
    body = _own_words(found[0].data.report, now).model_dump_json(exclude_none=True).encode()
    receipt = await sender.send(unit, body, media_type="application/json")
    return receipt.reports[0]


def _own_words(entry: IncidentReport | SituationReport, now: datetime) -> IncidentReport | SituationReport:
    own = {"report": new_id(), "sent": now, "sender": None, "on_behalf_of": None, "oral": None, "personal": None}
    return entry.model_copy(update=own | {"references": (entry.report,)})


def _iso(at: datetime | None) -> str | None:
    return None if at is None else at.astimezone(UTC).isoformat().replace("+00:00", "Z")
