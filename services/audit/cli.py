"""`phoihop ledger`: parses and prints; what is true of the ledger is decided elsewhere in this package."""

from collections.abc import Coroutine
from typing import TYPE_CHECKING, Annotated, Any, TypeVar
from uuid import UUID

import typer

from services.runtime.terminal import Exit, JsonOption, Language, LanguageOption, emit, fail

if TYPE_CHECKING:
    from services.audit.checking import Finding
    from services.audit.tables import Entry
    from services.audit.verification import Verification

commands = typer.Typer(no_args_is_help=True)

DsnOption = Annotated[
    str | None,
    typer.Option("--dsn", help="postgresql://… (PHOIHOP_POSTGRES_DSN)", show_default=False),
]
ResultT = TypeVar("ResultT")


@commands.command()
def migrate(dsn: DsnOption = None, as_json: JsonOption = False, lang: LanguageOption = Language.VI) -> None:
    """Tạo hoặc nâng cấp sổ (cần quyền superuser). / Make or upgrade the ledger (needs a superuser)."""
    from services.audit.migration import migrate as bring_up_to_date
    from services.audit.texts import say

    _run(lang, bring_up_to_date(_dsn(lang, dsn)))
    emit({"migrated": True}, as_json, lambda console: console.print(say(lang, "migrated")))


@commands.command()
def verify(dsn: DsnOption = None, as_json: JsonOption = False, lang: LanguageOption = Language.VI) -> None:
    """Tính lại toàn bộ sổ từ các byte đã ghi. / Recompute everything from the stored bytes."""
    from services.audit.texts import verification_lines

    found = _verification(_dsn(lang, dsn), lang, quiet=as_json)
    document = {
        "entries": found.entries,
        "verified": found.verified,
        "findings": [_finding(finding) for finding in found.findings],
        "root": found.root,
        "unreadable": found.unreadable,
        "repeated": found.repeated,
    }
    emit(document, as_json, lambda console: console.print(*verification_lines(lang, found), sep="\n"))
    if not found.verified:
        raise typer.Exit(Exit.CHECK_FAILED)


@commands.command()
def trail(
    incident: Annotated[UUID, typer.Argument(help="Mã sự cố / incident id")],
    dsn: DsnOption = None,
    as_json: JsonOption = False,
    lang: LanguageOption = Language.VI,
) -> None:
    """Mọi mục của một sự cố, theo thứ tự đã ghi. / Every entry of one incident, in the order recorded."""
    from services.audit.texts import say, trail_table
    from services.audit.trail import trail as read_trail

    entries = list(_run(lang, read_trail(_dsn(lang, dsn), incident)))
    if not entries:
        fail(Exit.CHECK_FAILED, say(lang, "no_trail", incident=incident), following="phoihop ledger verify")
    document = {"incident": str(incident), "entries": [_entry(entry) for entry in entries]}
    emit(document, as_json, lambda console: console.print(trail_table(lang, entries)))


@commands.command()
def drill(dsn: DsnOption = None, as_json: JsonOption = False, lang: LanguageOption = Language.VI) -> None:
    """Sửa thử một bản sao để xem có bị phát hiện không. / Tamper with a copy and see whether it is found."""
    from services.audit.drill import detects_tampering
    from services.audit.texts import drill_line

    result = _run(lang, detects_tampering(_dsn(lang, dsn)))
    document = {
        "entries": result.entries,
        "changed": result.changed,
        "detected": result.detected,
        "finding": result.finding and _finding(result.finding),
    }
    emit(document, as_json, lambda console: console.print(drill_line(lang, result)))
    if not result.detected:
        raise typer.Exit(Exit.CHECK_FAILED)


def _verification(dsn: str, lang: Language, *, quiet: bool) -> "Verification":
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    from services.audit.texts import say
    from services.audit.verification import verify as recompute

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True, disable=quiet) as bar:
        task = bar.add_task(say(lang, "verifying"), total=None)

        def show(done: int, total: int) -> None:
            bar.update(task, completed=done, total=total)

        return _run(lang, recompute(dsn, show))


def _dsn(lang: Language, given: str | None) -> str:
    from pydantic import ValidationError

    from services.audit.settings import AuditSettings, LedgerAddressUnknownError
    from services.audit.texts import say

    try:
        dsn = given or AuditSettings().dsn()
        if not dsn.startswith(("postgresql://", "postgres://")):
            fail(Exit.USAGE, say(lang, "bad_address"), following="--dsn postgresql://user@host:5432/database")
    except LedgerAddressUnknownError as error:
        fail(Exit.UNREACHABLE, say(lang, "no_address"), str(error), "export PHOIHOP_POSTGRES_DSN=…  ·  phoihop up")
    except ValidationError as error:
        fail(Exit.USAGE, say(lang, "no_address"), str(error), "phoihop doctor")
    return dsn


def _run(lang: Language, work: Coroutine[Any, Any, ResultT]) -> ResultT:
    import asyncio

    from services.audit.failures import LedgerNotReadyError, LedgerUnavailableError
    from services.audit.texts import say

    try:
        return asyncio.run(work)
    except LedgerNotReadyError as error:
        fail(Exit.UNREACHABLE, say(lang, "not_ready"), str(error), "phoihop ledger migrate")
    except LedgerUnavailableError as error:
        fail(Exit.UNREACHABLE, say(lang, "unreachable"), str(error), "phoihop doctor")


def _finding(finding: "Finding") -> dict[str, object]:
    return {"flaw": finding.flaw.value, "first": finding.first, "last": finding.last}


def _entry(entry: "Entry") -> dict[str, object]:
    return {
        "idx": entry.idx,
        "stream_seq": entry.stream_seq,
        "event": str(entry.event_id),
        "type": entry.event_type,
        "subject": entry.subject,
        "occurred_at": entry.occurred_at.isoformat(),
        "recorded_at": entry.recorded_at.isoformat(),
        "leaf": entry.leaf_hash.hex(),
    }
