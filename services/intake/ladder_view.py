"""Draws how far a report got, for the unit that filed it, in Vietnamese or English. It decides nothing."""

import asyncio
from collections.abc import Callable, Iterator
from typing import Any
from uuid import UUID

from rich.console import Console
from rich.markup import escape

from contracts.code_words import ROLES, RUNGS, SILENCE, shouted
from contracts.codes import Space
from contracts.identity import unit as unit_named
from contracts.ladders import LadderLine, ReportLadder
from contracts.subjects import Origin
from services.intake.ladders import follow, ladder_of
from services.runtime.addresses import bus_creds, bus_url
from services.runtime.sending import connection
from services.runtime.settings import RuntimeSettings
from services.runtime.terminal import Language, local_date_time, local_time


def document(ladder: ReportLadder) -> dict[str, Any]:
    """The ladder as JSON."""
    shown: dict[str, Any] = ladder.model_dump(mode="json")
    return shown


def show(console: Console, ladder: ReportLadder, lang: Language) -> None:
    """The ladder for people: one line for each agency and role."""
    for line in _lines(ladder, lang):
        console.print(line)


def read_once(unit: Origin, report: UUID) -> ReportLadder | None:
    """How far it got now. Raises `BusUnavailableError`."""
    settings = RuntimeSettings()

    async def run() -> ReportLadder | None:
        async with connection(bus_url(settings), bus_creds(settings, unit_named(*unit))) as client:
            return await ladder_of(client, unit, report)

    return asyncio.run(run())


def read_on(unit: Origin, report: UUID, seen: Callable[[ReportLadder], None]) -> None:
    """Every change until interrupted. Raises `BusUnavailableError` when the bus is away at the start."""
    settings = RuntimeSettings()

    async def run() -> None:
        async with connection(bus_url(settings), bus_creds(settings, unit_named(*unit))):
            pass  # a server that is away at the start is said at once; later outages are waited out
        async with connection(bus_url(settings), bus_creds(settings, unit_named(*unit)), patient=True) as client:
            async for ladder in follow(client, unit, report):
                seen(ladder)

    asyncio.run(run())


def _lines(ladder: ReportLadder, lang: Language) -> Iterator[str]:
    drill = "" if ladder.space is Space.ACTUAL else f"[reverse] DIỄN TẬP / {ladder.space.value.upper()} [/]  "
    over = lang.pick("  ĐÃ KẾT THÚC", "  CLOSED") if ladder.over else ""
    incident = lang.pick("sự cố", "incident")
    at = local_date_time(ladder.as_of)
    yield f"{drill}[bold]{ladder.report}[/]  {incident} {ladder.incident}{over}  [dim]{at}[/]"
    for line in ladder.lines:
        name = escape(lang.pick(line.name_vi, line.name_en))
        late = f"  [bold red]{lang.pick(*shouted(SILENCE[line.silence]))}[/]" if line.silence else ""
        yield f"  {lang.pick(*shouted(ROLES[line.role]))}  [bold]{name}[/]: {lang.pick(*RUNGS[line.stands])}{late}"
        yield f"    [dim]{_times(line, lang)}[/]"


def _times(line: LadderLine, lang: Language) -> str:
    reached = {
        lang.pick("phát", "issued"): line.issued,
        lang.pick("đến nơi", "delivered"): line.delivered,
        lang.pick("mở xem", "opened"): line.opened,
        lang.pick("nhận tin", "acknowledged"): line.acknowledged,
        lang.pick("quyết định", "decided"): line.decided,
    }
    return "  ".join(f"{name} {local_time(at)}" for name, at in reached.items() if at is not None)
