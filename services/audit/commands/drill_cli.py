"""`phoihop ledger drill`: parses and prints; the attacks and what finds them are elsewhere."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from services.audit.commands.shared_cli import explained
from services.runtime.terminal import Exit, JsonOption, Language, LanguageOption, emit, fail

if TYPE_CHECKING:
    from services.audit.drill.running import Drilled, Outcome

commands = typer.Typer()


@commands.command()
def drill(
    entries: Annotated[int, typer.Option("--entries", min=20, help="Số mục tự tạo / generated entries")] = 10_000,
    dsn: Annotated[
        str | None,
        typer.Option("--dsn", help="Chép sổ này (chỉ đọc) / copy this ledger, only reading it", show_default=False),
    ] = None,
    as_json: JsonOption = False,
    lang: LanguageOption = Language.VI,
) -> None:
    """Diễn tập mười cách superuser sửa sổ, trên Postgres tạm. / Ten attacks of a superuser on a throw-away Postgres."""
    from services.audit.commands.drill_texts import drill_table
    from services.audit.commands.shared_cli import dsn_of

    drilled = _drilled(lang, entries, dsn_of(lang, dsn) if dsn else None, quiet=as_json)
    emit(_document(drilled), as_json, lambda out: out.print(drill_table(lang, drilled)))
    if not drilled.detected:
        raise typer.Exit(Exit.CHECK_FAILED)


def _drilled(lang: Language, entries: int, dsn: str | None, *, quiet: bool) -> "Drilled":
    import asyncio

    from rich.console import Console

    from services.audit.commands.drill_texts import drill_name
    from services.audit.commands.texts import say
    from services.audit.drill.running import drill as do_all
    from services.runtime.embedded.process import ServerUnavailableError

    progress = Console(stderr=True, quiet=quiet, highlight=False)
    with explained(lang), progress.status("") as status:
        try:
            return asyncio.run(do_all(entries, dsn, lambda step: status.update(drill_name(lang, step))))
        except ServerUnavailableError as error:
            fail(Exit.UNREACHABLE, say(lang, "unreachable"), str(error), "phoihop doctor")


def _document(drilled: "Drilled") -> dict[str, Any]:
    return {
        "entries": drilled.entries,
        "honest": drilled.honest,
        "honest_seconds": round(drilled.honest_seconds, 3),
        "detected": drilled.detected,
        "cases": [_case(outcome) for outcome in drilled.outcomes],
    }


def _case(outcome: "Outcome") -> dict[str, Any]:
    from services.audit.drill.running import rows_of

    findings = [
        {"flaw": found.flaw and found.flaw.value} | (rows._asdict() if (rows := rows_of(found)) else {})
        for found in outcome.found
    ]
    return {
        "case": outcome.case.value,
        "attacked": outcome.attacked._asdict(),
        "detected": outcome.detected,
        "passes_alone": outcome.passes_alone,
        "findings": findings,
        "seconds": round(outcome.seconds, 3),
    }
