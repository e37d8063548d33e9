"""`phoihop audit leads | drill`: parses and prints; what is found and measured is decided elsewhere."""

from typing import TYPE_CHECKING, Annotated
from uuid import UUID

import typer

from contracts.codes import Space
from services.audit.commands.reading_cli import noted, reading_document
from services.audit.commands.shared_cli import DsnOption, dsn_of, run
from services.runtime.terminal import Exit, JsonOption, Language, LanguageOption, emit, fail

if TYPE_CHECKING:
    from datetime import datetime

    from services.audit.reports.exercises import Line, Times
    from services.audit.reports.leadership import Course, Finding

commands = typer.Typer(no_args_is_help=True)

SpaceOption = Annotated[Space, typer.Option("--space", help="Thật, diễn tập, thử / which facts")]
DAY = "DAY"


@commands.command()
def leads(
    incident: Annotated[UUID | None, typer.Option("--incident", help="Mã sự cố / incident id")] = None,
    space: SpaceOption = Space.ACTUAL,
    dsn: DsnOption = None,
    as_json: JsonOption = False,
    lang: LanguageOption = Language.VI,
) -> None:
    """Lúc nào cũng đúng một nơi chủ trì? Mã 1 nếu không. / Exactly one lead at every instant? Exit 1 if not."""
    from services.audit.commands.life_texts import leads_shown, tell
    from services.audit.reports.life_reading import leads as read_leads

    address, named = dsn_of(lang, dsn), incident and str(incident)
    made = noted(lang, address, "audit leads", incident=incident, space=space.value)
    found = run(lang, read_leads(address, space))
    if named and named not in found.courses:
        fail(Exit.USAGE, tell(lang, "no_incident"), named, "phoihop audit leads")
    courses = [course for course in found.courses.values() if named in (None, course.incident)]
    findings = [finding for finding in found.findings if named in (None, finding.incident)]
    document = {
        "incidents": [_course(course) for course in courses],
        "findings": [_finding(finding) for finding in findings],
        "unreadable": found.unreadable,
        "reading": reading_document(made),
    }
    emit(document, as_json, lambda out: out.print(*leads_shown(lang, courses, findings, found.unreadable), sep="\n"))
    if findings or found.unreadable:
        raise typer.Exit(Exit.CHECK_FAILED)


@commands.command()
def drill(
    since: Annotated[str | None, typer.Option("--from", metavar=DAY, help="Từ lúc (giờ Việt Nam) / from")] = None,
    until: Annotated[str | None, typer.Option("--to", metavar=DAY, help="Trước lúc / before")] = None,
    agency: Annotated[str | None, typer.Option("--agency", help="Mã cơ quan / agency code")] = None,
    dsn: DsnOption = None,
    as_json: JsonOption = False,
    lang: LanguageOption = Language.VI,
) -> None:
    """Diễn tập: mỗi nơi nhận, mở, xác nhận, nhận nhiệm vụ mất bao lâu. / Exercises: how long each agency took."""
    from services.audit.commands.life_texts import drill_shown
    from services.audit.reports.auditing import Period
    from services.audit.reports.life_reading import drilled

    address = dsn_of(lang, dsn)
    period = Period(_moment(since), _moment(until), agency, Space.EXERCISE)
    made = noted(lang, address, "audit drill", since=since, to=until, agency=agency)
    found = run(lang, drilled(address, period))
    document = {
        "space": Space.EXERCISE.value,
        "from": period.since and period.since.isoformat(),
        "to": period.until and period.until.isoformat(),
        "exercises": [one._asdict() for one in found.planned],
        "incidents": [_line(line) for line in found.lines if line.incident],
        "agencies": [_line(line) for line in found.lines if not line.incident],
        "unreadable": found.unreadable,
        "reading": reading_document(made),
    }
    emit(document, as_json, lambda out: out.print(*drill_shown(lang, found), sep="\n"))


def _moment(text: str | None) -> "datetime | None":
    from services.audit.reports.moments import moment

    try:
        return None if text is None else moment(text)
    except ValueError as error:
        raise typer.BadParameter(f"{text}: 2026-11-22 · 2026-11-22T08:30") from error


def _course(course: "Course") -> dict[str, object]:
    return {
        "incident": course.incident,
        "leads": [
            {
                "since": each.since.isoformat(),
                "desk": each.desk or None,
                "into": each.into,
                "by": each.by,
                "idx": each.idx,
            }
            for each in course.leads
        ],
        "command": [{"since": c.since.isoformat(), "who": c.who, "idx": c.idx} for c in course.commands],
    }


def _finding(finding: "Finding") -> dict[str, object]:
    return {**finding._asdict(), "flaw": finding.flaw.value, "at": finding.at.isoformat(), "who": list(finding.who)}


def _line(line: "Line") -> dict[str, object]:
    rungs = {rung.value: _times(times) for rung, times in line.times.items()}
    return {"incident": line.incident, "agency": line.agency, "dispatches": line.dispatches, **rungs}


def _times(times: "Times") -> dict[str, object]:
    return {
        "median_seconds": times.median and times.median.total_seconds(),
        "worst_seconds": times.worst and times.worst.total_seconds(),
        "climbed": times.climbed,
        "missing": times.missing,
    }
