"""`phoihop report`: hands in reports, from files or standard input, online or through an outbox."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from services.runtime.terminal import Exit, JsonOption, Language, LanguageOption, emit, fail

if TYPE_CHECKING:
    from rich.console import Console

commands = typer.Typer()


@commands.command()
def report(  # one parameter per promised option
    files: Annotated[list[str] | None, typer.Argument(help="JSON, CAP 1.2, EDXL-DE; - = stdin")] = None,
    unit: Annotated[str, typer.Option("--as", help="Đơn vị gửi / sending unit: AGENCY/UNIT")] = "",
    outbox: Annotated[Path | None, typer.Option(help="Hộp gửi SQLite / SQLite outbox")] = None,
    flush: Annotated[bool, typer.Option("--flush", help="Chỉ gửi hộp gửi / send what waits")] = False,
    as_json: JsonOption = False,
    lang: LanguageOption = Language.VI,
) -> None:
    """Gửi báo cáo; gửi lại luôn an toàn. / Hand in reports; sending again is always safe."""
    import asyncio

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
