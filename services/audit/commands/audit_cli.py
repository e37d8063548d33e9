"""`phoihop audit report | knew | history | export`: parses and prints; what is counted is decided elsewhere."""

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final
from uuid import UUID

import typer

from contracts.codes import Space
from services.audit.commands.life_cli import commands as life_commands
from services.audit.commands.reading_cli import noted, reading_document
from services.audit.commands.shared_cli import DsnOption, dsn_of, explained, run
from services.runtime.terminal import Exit, JsonOption, Language, LanguageOption, emit, fail

if TYPE_CHECKING:
    from contracts.subjects import Origin
    from services.audit.reports.history import Happened
    from services.audit.reports.knowing import Known
    from services.audit.reports.obligations import Line

commands = typer.Typer(no_args_is_help=True)
commands.add_typer(life_commands)

LAST: Final = 2**63 - 1
"""The largest number that an entry could have."""
FromOption = Annotated[
    str | None, typer.Option("--from", metavar="DAY", help="Từ ngày (giờ Việt Nam) / from, Việt Nam time")
]
ToOption = Annotated[str | None, typer.Option("--until", metavar="DAY", help="Trước ngày / before")]
SpaceOption = Annotated[Space, typer.Option("--space", help="Thật, diễn tập, thử / which facts")]
AgencyOption = Annotated[str | None, typer.Option("--agency", help="Mã cơ quan / agency code")]


@commands.command()
def report(
    since: FromOption = None,
    until: Annotated[str | None, typer.Option("--to", metavar="DAY", help="Trước ngày / before")] = None,
    agency: AgencyOption = None,
    space: SpaceOption = Space.ACTUAL,
    dsn: DsnOption = None,
    as_json: JsonOption = False,
    lang: LanguageOption = Language.VI,
) -> None:
    """Nghĩa vụ đúng hạn, trễ, vi phạm theo cơ quan và tháng. / Obligations met, late, breached, by agency and month."""
    from services.audit.commands.auditor_texts import obligations_shown, reckoned_line
    from services.audit.reports.auditing import Period, obligations

    address, period = dsn_of(lang, dsn), Period(_moment(since), _moment(until), agency, space)
    made = noted(lang, address, "audit report", since=since, to=until, agency=agency, space=space.value)
    found = run(lang, obligations(address, period))
    document = {
        "obligations": [_line(line) for line in found.lines],
        "as_of": found.as_of and found.as_of.isoformat(),
        "from": period.since and period.since.isoformat(),
        "to": period.until and period.until.isoformat(),
        "size": found.size,
        "root": found.root.hex(),
        "unreadable": found.unreadable,
        "reading": reading_document(made),
    }
    emit(
        document, as_json, lambda out: out.print(*obligations_shown(lang, found), reckoned_line(lang, found), sep="\n")
    )


@commands.command()
def knew(
    desk: Annotated[str, typer.Option("--desk", metavar="AGENCY/DESK", help="Bàn trực / duty desk")],
    at: Annotated[str, typer.Option("--at", metavar="TIME", help="Lúc nào (giờ Việt Nam) / when, Việt Nam time")],
    space: SpaceOption = Space.ACTUAL,
    dsn: DsnOption = None,
    as_json: JsonOption = False,
    lang: LanguageOption = Language.VI,
) -> None:
    """Bàn trực đã biết gì và chưa nhận được gì lúc đó. / What a desk knew at a time, and what not."""
    from services.audit.commands.auditor_texts import known_tables
    from services.audit.reports.auditing import feed
    from services.audit.reports.knowing import Knowledge, known_at

    origin, moment, address = _desk(desk), _moment(at), dsn_of(lang, dsn)
    if moment is None:
        raise typer.BadParameter(at)
    made = noted(lang, address, "audit knew", desk=desk, at=moment.isoformat(), space=space.value)
    found = known_at(run(lang, feed(address, space, origin, moment)), moment)
    reached = [each for each in found if each.knowledge is not Knowledge.NOT_DELIVERED]
    missing = [each for each in found if each.knowledge is Knowledge.NOT_DELIVERED]
    document = {
        "desk": desk,
        "at": moment.isoformat(),
        "knew": [_known(each) for each in reached],
        "not_delivered": [_known(each) for each in missing],
        "reading": reading_document(made),
    }
    emit(document, as_json, lambda out: out.print(*known_tables(lang, reached, missing), sep="\n"))


@commands.command()
def history(
    agency: Annotated[str, typer.Option("--agency", help="Mã cơ quan / agency code")],
    month: Annotated[
        str, typer.Option("--month", metavar="MONTH", help="Tháng ở Việt Nam, như 2026-11 / a month in Việt Nam")
    ],
    before: Annotated[
        int | None, typer.Option("--before", min=0, max=LAST, help="Trước mục số / before this entry")
    ] = None,
    space: SpaceOption = Space.ACTUAL,
    dsn: DsnOption = None,
    as_json: JsonOption = False,
    lang: LanguageOption = Language.VI,
) -> None:
    """Mọi việc của một cơ quan trong một tháng, mới nhất trước. / All of one agency in a month, newest first."""
    from services.audit.commands.auditor_texts import history_shown
    from services.audit.reports.history import Course
    from services.audit.reports.history import history as read

    (since, until), address = _month(month), dsn_of(lang, dsn)
    made = noted(lang, address, "audit history", agency=agency, month=month, before=before, space=space.value)
    found = run(lang, read(address, Course(agency, since, until, space, before)))
    document = {
        "agency": agency,
        "month": month,
        "entries": [_happened(each) for each in found.entries],
        "more": found.more,
        "reading": reading_document(made),
    }
    emit(document, as_json, lambda out: out.print(*history_shown(lang, found), sep="\n"))


@commands.command()
def export(
    to: Annotated[Path, typer.Option("--to", help="Tệp mới .jsonl · .csv · .parquet / new file")],
    incident: Annotated[UUID | None, typer.Option("--incident", help="Mã sự cố / incident id")] = None,
    since: FromOption = None,
    until: ToOption = None,
    agency: AgencyOption = None,
    dsn: DsnOption = None,
    as_json: JsonOption = False,
    lang: LanguageOption = Language.VI,
) -> None:
    """Ghi các mục của sổ ra tệp để phân tích; không phải bằng chứng. / Entries as a file to analyse; no evidence."""
    from rich.markup import escape

    from services.audit.commands.auditor_texts import tell
    from services.audit.evidence.exports import ParquetMissingError, Selection
    from services.audit.evidence.exports import export as write

    if incident is not None and (since or until or agency):
        raise typer.BadParameter("--incident | --from --until --agency")
    address, selection = dsn_of(lang, dsn), Selection(incident, _moment(since), _moment(until), agency)
    made = noted(lang, address, "audit export", incident=incident, since=since, until=until, agency=agency)
    try:
        with explained(lang):
            entries = run(lang, write(address, selection, to))
    except ParquetMissingError as error:
        fail(Exit.USAGE, tell(lang, "no_parquet"), str(error), "pip install 'phoihop[parquet]'")
    document = {"file": str(to), "entries": entries, "reading": reading_document(made)}
    emit(document, as_json, lambda out: out.print(tell(lang, "written", entries=entries, path=escape(str(to)))))


def _moment(text: str | None) -> datetime | None:
    from services.audit.reports.moments import moment

    try:
        return None if text is None else moment(text)
    except ValueError as error:
        raise typer.BadParameter(f"{text}: 2026-11-22 · 2026-11-22T08:30") from error


def _month(text: str) -> tuple[datetime, datetime]:
    from services.audit.reports.moments import month

    try:
        return month(text)
    except ValueError as error:
        raise typer.BadParameter(f"{text}: 2026-11") from error


def _desk(text: str) -> "Origin":
    from services.runtime.addresses import origin

    if (found := origin(text)) is None:
        raise typer.BadParameter(f"{text}: AGENCY/DESK")
    return found


def _line(line: "Line") -> dict[str, object]:
    return {**line._asdict(), "owed": line.owed, "because": dict(line.because)}


def _happened(each: "Happened") -> dict[str, object]:
    from services.audit.reports.auditing import name_of

    return {
        "idx": each.idx,
        "at": each.at.isoformat(),
        "event": name_of(each.event_type) or each.event_type,
        "incident": each.incident and str(each.incident),
        "subject": each.subject,
    }


def _known(each: "Known") -> dict[str, object]:
    return {
        "idx": each.fact.idx,
        "event": each.fact.name,
        "incident": each.fact.incident,
        "dispatch": each.fact.data.get("dispatch"),
        "stored_at": each.fact.stored_at.isoformat(),
        "knowledge": each.knowledge.value,
        "proof": each.proof and each.proof.idx,
        "proved_at": each.proof and each.proof.stored_at.isoformat(),
    }
