"""`phoihop report`: hands in reports, from files or standard input, online or through an outbox."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from services.runtime.terminal import Exit, JsonOption, Language, LanguageOption, emit, fail

if TYPE_CHECKING:
    from uuid import UUID

    from rich.console import Console

commands = typer.Typer()

STATUS = "status"
"""As the first word it asks instead of handing in; a file of this name is written ./status."""


@commands.command()
def report(  # one parameter per promised option
    files: Annotated[
        list[str] | None, typer.Argument(help="JSON, CAP 1.2, EDXL-DE; - = stdin · status REPORT: đã đến đâu / how far")
    ] = None,
    unit: Annotated[str, typer.Option("--as", help="Đơn vị gửi / sending unit: AGENCY/UNIT")] = "",
    outbox: Annotated[Path | None, typer.Option(help="Hộp gửi SQLite / SQLite outbox")] = None,
    flush: Annotated[bool, typer.Option("--flush", help="Chỉ gửi hộp gửi / send what waits")] = False,
    follow: Annotated[bool, typer.Option("--follow", help="Theo dõi tiếp / with status: every change")] = False,
    as_json: JsonOption = False,
    lang: LanguageOption = Language.VI,
) -> None:
    """Gửi báo cáo; gửi lại luôn an toàn. / Hand in reports; sending again is always safe."""
    import asyncio

    if files and files[0] == STATUS:
        _status(files[1:], unit, lang, as_json=as_json, follow=follow)
        return

    from services.intake.outbox import UnusableOutboxError
    from services.intake.submitting import NothingToSendError, NoUnitError, UnreadableFileError, submit

    try:
        lines = asyncio.run(submit(files or [], unit, outbox, flush=flush))
    except NoUnitError:
        fail(Exit.USAGE, lang.pick("Thiếu --as AGENCY/UNIT.", "--as AGENCY/UNIT is missing."))
    except NothingToSendError:
        text = lang.pick("Không có gì để gửi.", "There is nothing to send.")
        fail(Exit.USAGE, text, following="phoihop report FILE --as AGENCY/UNIT   phoihop report --outbox DB --flush")
    except UnreadableFileError as error:
        fail(Exit.USAGE, lang.pick("Không đọc được tệp.", "A file cannot be read."), str(error))
    except UnusableOutboxError as error:
        fail(Exit.USAGE, lang.pick("Không dùng được hộp gửi.", "The outbox cannot be used."), str(error))
    documents = [line.document(lang) for line in lines]
    emit(documents, as_json, lambda console: _show(console, documents, lang))
    raise typer.Exit(_exit_code(documents))


def _status(named: list[str], unit: str, lang: Language, *, as_json: bool, follow: bool) -> None:
    """How far one of the unit's own reports got."""
    from services.intake.ladder_view import document, read_on, read_once, show
    from services.runtime.addresses import origin
    from services.runtime.jetstream import BusUnavailableError

    report, who = _report_id(named), origin(unit)
    if report is None or who is None:
        what = lang.pick("Cần một mã báo cáo và --as.", "One report id and --as are needed.")
        fail(Exit.USAGE, what, following="phoihop report status REPORT --as AGENCY/UNIT")
    try:
        if follow:
            read_on(who, report, lambda one: emit(document(one), as_json, lambda console: show(console, one, lang)))
            return
        found = read_once(who, report)
    except BusUnavailableError as error:
        fail(Exit.UNREACHABLE, lang.pick("Không tới được NATS.", "NATS cannot be reached."), str(error), "phoihop up")
    if found is None:
        what = lang.pick(
            "Chưa ghi nhận báo cáo này của đơn vị đã chuyển đến đâu.", "No such report of this unit went anywhere yet."
        )
        fail(Exit.USAGE, what, str(report), f"phoihop report status {report} --as {unit} --follow")
    emit(document(found), as_json, lambda console: show(console, found, lang))


def _report_id(named: list[str]) -> "UUID | None":
    from uuid import UUID

    try:
        (text,) = named
        return UUID(text)
    except ValueError:
        return None


def _exit_code(documents: list[dict[str, Any]]) -> Exit:
    outcomes = {document["outcome"] for document in documents}
    if "rejected" in outcomes:
        return Exit.USAGE
    return Exit.UNREACHABLE if "unreachable" in outcomes else Exit.OK


def _show(console: "Console", documents: list[dict[str, Any]], lang: Language) -> None:
    from rich.markup import escape

    words = {
        "accepted": ("[green]✓[/] đã ghi nhận", "[green]✓[/] accepted"),
        "duplicate": ("[green]=[/] trùng, đã có", "[green]=[/] duplicate, already on record"),
        "rejected": ("[red]✗[/] từ chối", "[red]✗[/] refused"),
        "queued": ("[yellow]…[/] chờ trong hộp gửi", "[yellow]…[/] waiting in the outbox"),
        "unreachable": ("[red]✗[/] chưa gửi được", "[red]✗[/] could not be sent"),
    }
    for document in documents:
        console.print(
            f"{lang.pick(*words[document['outcome']])}  {escape(document['file'])}  {document['report'] or ''}"
        )
        for error in document["errors"]:
            detail = f" ({error['detail']})" if error["detail"] else ""
            console.print(f"    {error['code']}  {escape(error['field'])}: {escape(error['message'] + detail)}")
            console.print(f"    → {escape(error['fix'])}")
