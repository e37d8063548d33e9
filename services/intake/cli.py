"""`phoihop report`: hands in reports, from files or standard input, online or through an outbox."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer

from services.runtime.terminal import Exit, JsonOption, Language, LanguageOption, emit, fail

if TYPE_CHECKING:
    from collections.abc import Coroutine
    from uuid import UUID

    from rich.console import Console

    from services.intake.submitting import Line

commands = typer.Typer()

STATUS, SIGN = "status", "sign"
"""As the first word they ask, or sign, instead of handing in; files of these names are written ./status and ./sign."""


@commands.command()
def report(  # one parameter per promised option
    files: Annotated[
        list[str] | None,
        typer.Argument(
            help="JSON, CAP 1.2, EDXL-DE; - = stdin · status REPORT: đã đến đâu / how far · "
            "sign FILE: ký vào FILE.sig / sign into FILE.sig"
        ),
    ] = None,
    unit: Annotated[str, typer.Option("--as", help="Đơn vị gửi / sending unit: AGENCY/UNIT")] = "",
    outbox: Annotated[Path | None, typer.Option(help="Hộp gửi SQLite / SQLite outbox")] = None,
    flush: Annotated[bool, typer.Option("--flush", help="Chỉ gửi hộp gửi / send what waits")] = False,
    sign: Annotated[bool, typer.Option("--sign", help="Ký bằng khóa của đơn vị / sign with the unit's key")] = False,
    signed: Annotated[
        bool, typer.Option("--signed", help="Kèm chữ ký FILE.sig, cả của đơn vị khác / with FILE.sig, also another's")
    ] = False,
    key: Annotated[Path | None, typer.Option(help="Tệp khóa để ký / file of the key to sign with")] = None,
    follow: Annotated[bool, typer.Option("--follow", help="Theo dõi tiếp / with status: every change")] = False,
    as_json: JsonOption = False,
    lang: LanguageOption = Language.VI,
) -> None:
    """Gửi báo cáo; gửi lại luôn an toàn. / Hand in reports; sending again is always safe."""
    if files and files[0] == STATUS:
        _status(files[1:], unit, lang, as_json=as_json, follow=follow)
        return
    if files and files[0] == SIGN:
        _sign(files[1:], unit, key, lang, as_json=as_json)
        return

    from services.intake.signing_files import Signing
    from services.intake.submitting import Signed, submit

    if sign and signed:
        fail(Exit.USAGE, lang.pick("Chọn --sign hoặc --signed.", "Either --sign or --signed."))
    how = Signed({(True, False): Signing.HERE, (False, True): Signing.BESIDE}.get((sign, signed), Signing.NONE), key)
    lines = _handed_in(submit(files or [], unit, outbox, how, flush=flush), lang)
    documents = [line.document(lang) for line in lines]
    emit(documents, as_json, lambda console: _show(console, documents, lang))
    raise typer.Exit(_exit_code(documents))


def _handed_in(submitted: "Coroutine[Any, Any, list[Line]]", lang: Language) -> "list[Line]":
    """What became of each report; what kept all of them from being sent, in words."""
    import asyncio

    from services.intake import submitting
    from services.intake.outbox import UnusableOutboxError
    from services.intake.signing_files import NoKeyError, NoSignatureError
    from services.runtime.secret_files import UnusableSecretError

    try:
        return asyncio.run(submitted)
    except submitting.NoUnitError:
        fail(Exit.USAGE, lang.pick("Thiếu --as AGENCY/UNIT.", "--as AGENCY/UNIT is missing."))
    except submitting.NothingToSendError:
        text = lang.pick("Không có gì để gửi.", "There is nothing to send.")
        fail(Exit.USAGE, text, following="phoihop report FILE --as AGENCY/UNIT   phoihop report --outbox DB --flush")
    except submitting.UnreadableFileError as error:
        fail(Exit.USAGE, lang.pick("Không đọc được tệp.", "A file cannot be read."), str(error))
    except UnusableOutboxError as error:
        fail(Exit.USAGE, lang.pick("Không dùng được hộp gửi.", "The outbox cannot be used."), str(error))
    except (NoKeyError, NoSignatureError, UnusableSecretError) as error:
        _unsigned(error, lang)


def _sign(files: list[str], unit: str, key: Path | None, lang: Language, *, as_json: bool) -> None:
    """Sign files, for oneself or for whoever carries them."""
    from services.intake.signing_files import NoKeyError, key_of, write_beside
    from services.runtime.addresses import origin
    from services.runtime.secret_files import UnusableSecretError

    if not files:
        fail(Exit.USAGE, lang.pick("Không có gì để ký.", "There is nothing to sign."))
    try:
        with_key = key_of(origin(unit), key)
        beside = {file: str(write_beside(file, with_key)) for file in files}
    except (NoKeyError, UnusableSecretError) as error:
        _unsigned(error, lang)
    except OSError as error:
        fail(Exit.USAGE, lang.pick("Không ký được tệp.", "A file cannot be signed."), str(error))
    documents = [{"file": file, "signature": signature} for file, signature in beside.items()]
    emit(documents, as_json, lambda console: console.print("\n".join(beside.values()), markup=False))


def _unsigned(error: Exception, lang: Language) -> NoReturn:
    text = lang.pick("Không có chữ ký hoặc khóa dùng được.", "No usable signature or key.")
    fail(Exit.USAGE, text, str(error), "phoihop report sign FILE --key KEY")


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
    return Exit.UNREACHABLE if outcomes & {"unreachable", "not_admitted"} else Exit.OK


def _show(console: "Console", documents: list[dict[str, Any]], lang: Language) -> None:
    from rich.markup import escape

    words = {
        "accepted": ("[green]✓[/] đã ghi nhận", "[green]✓[/] accepted"),
        "duplicate": ("[green]=[/] trùng, đã có", "[green]=[/] duplicate, already on record"),
        "rejected": ("[red]✗[/] từ chối", "[red]✗[/] refused"),
        "queued": ("[yellow]…[/] chờ trong hộp gửi", "[yellow]…[/] waiting in the outbox"),
        "unreachable": ("[red]✗[/] chưa gửi được", "[red]✗[/] could not be sent"),
        "not_admitted": (
            "[red]✗[/] máy chủ không nhận khóa này (phoihop identity list)",
            "[red]✗[/] the server does not admit this key (phoihop identity list)",
        ),
    }
    for document in documents:
        console.print(
            f"{lang.pick(*words[document['outcome']])}  {escape(document['file'])}  {document['report'] or ''}"
        )
        for error in document["errors"]:
            detail = f" ({error['detail']})" if error["detail"] else ""
            console.print(f"    {error['code']}  {escape(error['field'])}: {escape(error['message'] + detail)}")
            console.print(f"    → {escape(error['fix'])}")
