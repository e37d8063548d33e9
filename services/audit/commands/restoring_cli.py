"""`phoihop ledger positions | refill`: parses and prints; what is written is decided elsewhere."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from services.audit.commands.shared_cli import DsnOption, dsn_of, explained, run, settings_of
from services.runtime.terminal import Exit, JsonOption, Language, LanguageOption, emit, fail

if TYPE_CHECKING:
    from services.audit.refilling import NotRefilled, Refilled
    from services.audit.settings import AuditSettings

commands = typer.Typer()


@commands.command()
def positions(
    to: Annotated[Path, typer.Option("--to", help="Tệp ghi nối tiếp, để ở máy khác / file to add to, elsewhere")],
    dsn: DsnOption = None,
    as_json: JsonOption = False,
    lang: LanguageOption = Language.VI,
) -> None:
    """Chép giờ ghi từng lô, để khôi phục đúng như cũ. / Copy when each batch was recorded, to restore it as it was."""
    from rich.markup import escape

    from services.audit.commands.auditor_texts import tell
    from services.audit.refilling import copy_positions

    with explained(lang):
        added = run(lang, copy_positions(dsn_of(lang, dsn), to))
    text = tell(lang, "positions", added=added, path=escape(str(to)))
    emit({"added": added, "file": str(to)}, as_json, lambda out: out.print(text))


@commands.command()
def refill(
    copy: Annotated[Path, typer.Option("--positions", help="Tệp do lệnh positions ghi / what `positions` wrote")],
    dsn: DsnOption = None,
    as_json: JsonOption = False,
    lang: LanguageOption = Language.VI,
) -> None:
    """Ghi lại phần cuối bị mất từ luồng EVENTS, đúng như cũ. / Record the lost tail again from EVENTS, as it was."""
    from services.audit.commands.auditor_texts import tell
    from services.audit.refilling import Refilled
    from services.runtime.jetstream import BusUnavailableError

    try:
        result = run(lang, _refilled(settings_of(lang), dsn_of(lang, dsn), copy))
    except BusUnavailableError as error:
        fail(Exit.UNREACHABLE, tell(lang, "no_stream"), str(error), "phoihop doctor")
    if not isinstance(result, Refilled):
        fail(Exit.CHECK_FAILED, tell(lang, "not_refilled", idx=result.idx), following="phoihop ledger verify")
    text = tell(lang, "refilled", entries=result.entries, size=result.size)
    emit({"refilled": result.entries, "size": result.size}, as_json, lambda out: out.print(text))


async def _refilled(settings: "AuditSettings", dsn: str, copy: Path) -> "Refilled | NotRefilled":
    from contracts.identity import RESTORER
    from services.audit.refilling import refill as record_again
    from services.runtime.addresses import bus_creds, bus_url
    from services.runtime.sending import connection

    async with connection(bus_url(settings), bus_creds(settings, RESTORER)) as client:
        return await record_again(dsn, client, copy)
