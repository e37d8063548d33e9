"""`phoihop identity`: parses and prints; who may connect is decided, kept and told elsewhere in this package."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from contracts.identity import IdentityKind
from services.runtime.terminal import Exit, JsonOption, Language, LanguageOption, emit, fail, local_date_time
from services.stack.identity.access_cli import access_commands

if TYPE_CHECKING:
    from collections.abc import Callable

    from contracts.identity import Identity
    from services.stack.identity.applying import Applied
    from services.stack.identity.keeping import Keeping

commands = typer.Typer(no_args_is_help=True)
commands.add_typer(access_commands)
T = TypeVar("T")

KindArgument = Annotated[IdentityKind, typer.Argument(help="unit | desk | owner | service | role | witness")]
NameArgument = Annotated[str, typer.Argument(help="AGENCY/UNIT, AGENCY/DESK hoặc tên / or a name")]
HomeOption = Annotated[
    Path | None, typer.Option("--home", help="Thư mục trạng thái / state folder (.phoihop).", show_default=False)
]


@commands.command("list")
def listed(
    home: HomeOption = None,
    kind: Annotated[IdentityKind | None, typer.Option("--kind", help="unit | desk | …")] = None,
    as_json: JsonOption = False,
    lang: LanguageOption = Language.VI,
) -> None:
    """Ai được kết nối, khóa nào, từ khi nào. / Who may connect, with which key, since when."""
    book = _answered(lang, _keeping(home).book)
    members = [one for one in book.members if kind in (None, one.identity.kind)]
    members.sort(key=lambda one: one.identity.name)
    rows = [{"identity": one.identity.name, "key": one.key, "since": one.since.isoformat()} for one in members]
    lines = [f"{one.identity.name:40} {one.key}  {local_date_time(one.since)}" for one in members]
    empty = lang.pick("Chưa ai được kết nối.", "Nobody may connect yet.")
    emit({"identities": rows}, as_json, lambda console: console.print("\n".join(lines) or empty))


@commands.command()
def create(
    kind: KindArgument,
    name: NameArgument,
    home: HomeOption = None,
    as_json: JsonOption = False,
    lang: LanguageOption = Language.VI,
) -> None:
    """Cấp khóa cho đơn vị, bàn trực… trong danh bạ. / Give somebody of the register a key."""
    from services.runtime.register.loading import load_register
    from services.runtime.settings import RuntimeSettings
    from services.stack.identity.membership import known

    def enrol(keeping: "Keeping", who: "Identity") -> None:
        known(load_register(RuntimeSettings().reference / "register.yaml"), who)
        keeping.create(who)

    _change(lang, home, (kind, name), enrol, as_json=as_json)


@commands.command()
def rotate(
    kind: KindArgument,
    name: NameArgument,
    home: HomeOption = None,
    as_json: JsonOption = False,
    lang: LanguageOption = Language.VI,
) -> None:
    """Đổi khóa; khóa cũ hết hiệu lực ngay. / Give another key; the old one ends at once."""
    _change(lang, home, (kind, name), lambda keeping, who: keeping.rotate(who), as_json=as_json)


@commands.command()
def revoke(
    kind: KindArgument,
    name: NameArgument,
    reason: Annotated[str | None, typer.Option("--reason", help="Lý do, ghi vào sổ / why, for the record")] = None,
    home: HomeOption = None,
    as_json: JsonOption = False,
    lang: LanguageOption = Language.VI,
) -> None:
    """Thu hồi khóa; kết nối đang mở bị cắt. / Take the key away; a live connection is cut."""
    _change(lang, home, (kind, name), lambda keeping, who: keeping.revoke(who, reason), as_json=as_json)


@commands.command()
def export(
    kind: KindArgument,
    name: NameArgument,
    to: Annotated[Path | None, typer.Option("--to", help="Tệp cho PHOIHOP_NATS_CREDS / file for it")] = None,
    qr: Annotated[bool, typer.Option("--qr", help="Mã QR trên màn hình / a QR code on the screen")] = False,
    move: Annotated[bool, typer.Option("--move", help="Không giữ lại ở đây / keep no copy here")] = False,
    home: HomeOption = None,
    as_json: JsonOption = False,
    lang: LanguageOption = Language.VI,
) -> None:
    """Xuất khóa ra một tệp hoặc mã QR để giao tận tay. / Put a key into one file or a QR code, to be handed over."""
    from services.stack.identity.handing_out import drawn, handed_out

    if to is None and not qr:
        fail(Exit.USAGE, lang.pick("Cần --to TỆP hoặc --qr.", "Give --to FILE or --qr."))
    keeping, who = _keeping(home), _identity(lang, kind, name)
    said = _answered(lang, lambda: drawn(keeping, who)) if qr else ""
    _answered(lang, lambda: handed_out(keeping, who, to, move=move))
    document = {"identity": who.name, "file": str(to) if to else None, "kept": not move}
    line = f"{who.name}  {to or ''}"
    emit(document, as_json, lambda console: console.print(said or line, highlight=False, markup=False))


def _change(
    lang: Language,
    home: Path | None,
    named: tuple[IdentityKind, str],
    change: "Callable[[Keeping, Identity], None]",
    *,
    as_json: bool,
) -> None:
    import asyncio

    from services.stack.identity.applying import apply

    keeping, who = _keeping(home), _identity(lang, *named)
    _answered(lang, lambda: change(keeping, who))
    applied = _answered(lang, lambda: asyncio.run(apply(keeping)))
    document = {"identity": who.name, "reloaded": applied.reloaded, "recorded": applied.recorded}
    emit(document | {"waiting": applied.waiting}, as_json, lambda console: console.print(_said(lang, who, applied)))


def _said(lang: Language, who: "Identity", applied: "Applied") -> str:
    server = lang.pick("máy chủ đã nạp lại", "the server goes by it")
    away = lang.pick("không có máy chủ nào đang chạy ở đây", "no server runs here")
    waits = lang.pick("sẽ ghi sổ khi hub chạy", "goes on record when the hub runs")
    recorded = lang.pick("đã ghi sổ", "on record")
    return f"✓ {who.name}: {server if applied.reloaded else away}, {waits if applied.waiting else recorded}"


def _keeping(home: Path | None) -> "Keeping":
    from services.runtime.settings import RuntimeSettings
    from services.stack.identity.keeping import Keeping

    return Keeping((home or RuntimeSettings().home).absolute())


def _identity(lang: Language, kind: IdentityKind, name: str) -> "Identity":
    from pydantic import ValidationError

    from contracts.identity import Identity

    try:
        return Identity.named(".".join((kind.value, *name.split("/"))))
    except ValidationError:
        fail(Exit.USAGE, lang.pick("Tên ghi AGENCY/UNIT, AGENCY/DESK.", "A name is written AGENCY/UNIT."), name)


def _answered(lang: Language, ask: "Callable[[], T]") -> T:
    """What it answers, or in words why it does not."""
    from services.runtime.documents import DocumentError
    from services.stack.identity.keeping import BrokenBookError
    from services.stack.identity.membership import EnrolledAlreadyError, NotEnrolledError, UnknownPartyError
    from services.stack.identity.telling import NotReloadedError

    try:
        return ask()
    except EnrolledAlreadyError as error:
        what = lang.pick("Đã có khóa rồi.", "It has a key already.")
        fail(Exit.USAGE, what, str(error), "phoihop identity rotate")
    except NotEnrolledError as error:
        what = lang.pick("Chưa có khóa nào dưới tên này.", "There is no key under this name.")
        fail(Exit.USAGE, what, str(error), "phoihop identity list")
    except UnknownPartyError as error:
        fail(Exit.USAGE, lang.pick("Danh bạ không có.", "The register has no such party."), str(error))
    except (BrokenBookError, DocumentError) as error:
        fail(Exit.USAGE, lang.pick("Không đọc được dữ liệu.", "The data cannot be read."), str(error))
    except OSError as error:
        fail(Exit.USAGE, lang.pick("Không ghi được tệp.", "The file cannot be written."), str(error))
    except NotReloadedError as error:
        what = lang.pick("Máy chủ chưa nạp cấu hình mới.", "The server has not taken its accounts.")
        fail(Exit.CHECK_FAILED, what, str(error), "phoihop doctor")
