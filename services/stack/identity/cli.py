"""`phoihop identity`: parses and prints; who may connect is decided, kept and told elsewhere in this package."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from contracts.identity import IdentityKind
from services.runtime.terminal import Exit, JsonOption, Language, LanguageOption, emit, fail, local_date_time
from services.stack.identity.access_cli import access_commands
from services.stack.identity.asking_cli import HomeOption, answered, keeping_of
from services.stack.identity.clustering_cli import clustering_commands
from services.stack.identity.renewing_cli import renewing_commands

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from contracts.identity import Identity
    from services.stack.identity.applying import Applied
    from services.stack.identity.keeping import Keeping

commands = typer.Typer(no_args_is_help=True)
commands.add_typer(access_commands)
commands.add_typer(renewing_commands)
commands.add_typer(clustering_commands)

KindArgument = Annotated[IdentityKind, typer.Argument(help="unit | desk | owner | service | role | witness")]
NameArgument = Annotated[str, typer.Argument(help="AGENCY/UNIT, AGENCY/DESK hoặc tên / or a name")]

DaysOption = Annotated[
    int | None, typer.Option("--days", min=1, max=3650, help="Hết hạn sau số ngày này / ends after so many days")
]


@commands.command("list")
def listed(
    home: HomeOption = None,
    kind: Annotated[IdentityKind | None, typer.Option("--kind", help="unit | desk | …")] = None,
    as_json: JsonOption = False,
    lang: LanguageOption = Language.VI,
) -> None:
    """Ai được kết nối, khóa nào, từ khi nào. / Who may connect, with which key, since when."""
    from services.runtime.clock import now

    book = answered(lang, keeping_of(home).book)
    members = [one for one in book.members if kind in (None, one.identity.kind)]
    members.sort(key=lambda one: one.identity.name)
    out = {key: one for key, one in book.suspended.items() if one.until > now()}
    rows = [
        one.model_dump(mode="json", exclude_none=True)
        | {"identity": one.identity.name}
        | ({"suspended_until": out[one.key].until.isoformat()} if one.key in out else {})
        for one in members
    ]
    lines = [
        f"{one.identity.name:40} {one.key}  {local_date_time(one.since)}"
        + (f" → {local_date_time(one.until)}" if one.until else "")
        + (f"  ⏸ → {local_date_time(out[one.key].until)} ({out[one.key].excess.value})" if one.key in out else "")
        for one in members
    ]
    empty = lang.pick("Chưa ai được kết nối.", "Nobody may connect yet.")
    emit({"identities": rows}, as_json, lambda console: console.print("\n".join(lines) or empty))


@commands.command()
def create(
    kind: KindArgument,
    name: NameArgument,
    days: DaysOption = None,
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
        keeping.create(who, _ending(days))

    _change(lang, home, (kind, name), enrol, as_json=as_json)


@commands.command()
def rotate(
    kind: KindArgument,
    name: NameArgument,
    days: DaysOption = None,
    home: HomeOption = None,
    as_json: JsonOption = False,
    lang: LanguageOption = Language.VI,
) -> None:
    """Đổi khóa; khóa cũ hết hiệu lực ngay. / Give another key; the old one ends at once."""
    _change(lang, home, (kind, name), lambda keeping, who: keeping.rotate(who, _ending(days)), as_json=as_json)


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
    signed: Annotated[bool, typer.Option("--signed", help="Kèm JWT đã ký / with its signed JWT")] = False,
    move: Annotated[bool, typer.Option("--move", help="Không giữ lại ở đây / keep no copy here")] = False,
    home: HomeOption = None,
    as_json: JsonOption = False,
    lang: LanguageOption = Language.VI,
) -> None:
    """Xuất khóa ra một tệp hoặc mã QR để giao tận tay. / Put a key into one file or a QR code, to be handed over."""
    from services.stack.identity.handing_out import drawn, handed_out

    if to is None and not qr:
        fail(Exit.USAGE, lang.pick("Cần --to TỆP hoặc --qr.", "Give --to FILE or --qr."))
    keeping, who = keeping_of(home), _identity(lang, kind, name)
    said = answered(lang, lambda: drawn(keeping, who)) if qr else ""
    answered(lang, lambda: handed_out(keeping, who, to, signed=signed, move=move))
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

    keeping, who = keeping_of(home), _identity(lang, *named)
    answered(lang, lambda: change(keeping, who))
    applied = answered(lang, lambda: asyncio.run(apply(keeping)))
    document = {"identity": who.name, "reloaded": applied.reloaded, "recorded": applied.recorded}
    emit(document | {"waiting": applied.waiting}, as_json, lambda console: console.print(_said(lang, who, applied)))


def _said(lang: Language, who: "Identity", applied: "Applied") -> str:
    server = lang.pick("máy chủ đã nạp lại", "the server goes by it")
    away = lang.pick("không có máy chủ nào đang chạy ở đây", "no server runs here")
    waits = lang.pick("sẽ ghi sổ khi hub chạy", "goes on record when the hub runs")
    recorded = lang.pick("đã ghi sổ", "on record")
    return f"✓ {who.name}: {server if applied.reloaded else away}, {waits if applied.waiting else recorded}"


def _ending(days: int | None) -> "datetime | None":
    from datetime import timedelta

    from services.runtime.clock import now

    return now() + timedelta(days=days) if days else None


def _identity(lang: Language, kind: IdentityKind, name: str) -> "Identity":
    from pydantic import ValidationError

    from contracts.identity import Identity

    try:
        return Identity.named(".".join((kind.value, *name.split("/"))))
    except ValidationError:
        fail(Exit.USAGE, lang.pick("Tên ghi AGENCY/UNIT, AGENCY/DESK.", "A name is written AGENCY/UNIT."), name)
