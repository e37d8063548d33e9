"""`phoihop identity code`, `sessions` and `end`: ways in over HTTP. Parses and prints; offering.py does the work."""

from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from contracts.access import Holder, Role
from services.runtime.terminal import Exit, JsonOption, Language, LanguageOption, emit, fail, local_date_time

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from nats.aio.client import Client

    from services.stack.identity.offering import Code

access_commands = typer.Typer(no_args_is_help=True)

T = TypeVar("T")

HomeOption = Annotated[
    Path | None, typer.Option("--home", help="Thư mục trạng thái / state folder (.phoihop).", show_default=False)
]


@access_commands.command()
def code(
    role: Annotated[Role, typer.Argument(help="unit | officer | auditor | owner | operator")],
    of: Annotated[str | None, typer.Argument(help="AGENCY/UNIT hoặc / or AGENCY/DESK", show_default=False)] = None,
    name: Annotated[str | None, typer.Option("--name", help="Tên ca trực / name of the duty role")] = None,
    device: Annotated[bool, typer.Option("--device", help="Cho một thiết bị dùng lâu dài / for a device")] = False,
    minutes: Annotated[int, typer.Option("--minutes", min=1, max=1440, help="Hạn dùng / valid for")] = 15,
    url: Annotated[str | None, typer.Option("--url", help="https://… mà điện thoại mở / that a phone opens")] = None,
    qr: Annotated[bool, typer.Option("--qr", help="Mã QR trên màn hình / a QR code on the screen")] = False,
    home: HomeOption = None,
    as_json: JsonOption = False,
    lang: LanguageOption = Language.VI,
) -> None:
    """Mã dùng một lần để vào qua web. / A code that lets somebody in over HTTP once."""
    from services.runtime.register.loading import load_register
    from services.runtime.settings import RuntimeSettings
    from services.stack.identity.offering import known_holder, offer

    holder = _holder(lang, role, of, name)
    _answered(lang, lambda: known_holder(load_register(RuntimeSettings().reference / "register.yaml"), holder))
    made = _on_bus(lang, home, lambda client: offer(client, holder, timedelta(minutes=minutes), device=device))
    text = made.code if url is None else f"{url.rstrip('/')}/{_way(made)}"
    until = made.offered.expires_at
    shown = {"code": made.code, "session": made.access, "section": made.section, "device": device}
    line = f"{made.code}  /{made.section}  {local_date_time(until)}  {made.access}"
    drawn = _drawn(made, text, url) if qr else ""
    emit(
        shown | {"expires_at": until.isoformat(), "url": text if url else None},
        as_json,
        lambda console: console.print(f"{drawn}{line}", highlight=False, markup=False),
    )


@access_commands.command()
def sessions(home: HomeOption = None, as_json: JsonOption = False, lang: LanguageOption = Language.VI) -> None:
    """Ai đã vào qua web bằng mã. / Who came in over HTTP with a code."""
    from services.stack.identity.offering import document, ways

    rows = [document(way) for way in _on_bus(lang, home, ways)]
    lines = [
        f"{'✗' if row['ended'] else '✓'} {row['session']}  {row['role']:8} {row['of'] or '–':32} {row['name']}"
        for row in rows
    ]
    empty = lang.pick("Chưa mã nào được dùng.", "No code has been used yet.")
    emit({"sessions": rows}, as_json, lambda console: console.print("\n".join(lines) or empty, markup=False))


@access_commands.command()
def end(
    session: Annotated[
        str, typer.Argument(help="Cột đầu của sessions / as `sessions` shows it; AGENCY/UNIT: all of it")
    ],
    reason: Annotated[str | None, typer.Option("--reason", help="Lý do / why")] = None,
    home: HomeOption = None,
    as_json: JsonOption = False,
    lang: LanguageOption = Language.VI,
) -> None:
    """Chấm dứt một phiên, thiết bị, mã, hay tất cả của một đơn vị. / End a session, device, code, or all of a unit."""
    from services.runtime.addresses import origin
    from services.stack.identity import offering

    if (whole := origin(session)) is not None:
        ended = _on_bus(lang, home, lambda client: offering.end_all_of(client, whole, reason))
    else:
        _on_bus(lang, home, lambda client: offering.end(client, session, reason))
        ended = [session]
    told = lang.pick("không vào được nữa", "lets nobody in any more")
    emit({"ended": ended}, as_json, lambda console: console.print("\n".join(f"✓ {one}: {told}" for one in ended)))


def _holder(lang: Language, role: Role, of: str | None, name: str | None) -> Holder:
    from pydantic import ValidationError

    agency, _, point = (of or "").partition("/")
    try:
        return Holder(role=role, agency=agency or None, point=point or None, name=name or of or role.value)
    except ValidationError:
        what = lang.pick("Đơn vị, cán bộ trực cần AGENCY/MÃ.", "Units and officers need AGENCY/CODE.")
        fail(Exit.USAGE, what, of or role.value, "phoihop identity code officer AGENCY/DESK")


def _way(made: "Code") -> str:
    """Where a code is used. A phone enrols itself on the field's page: what follows `#` no server and no log sees."""
    if made.offered.device and made.offered.holder.role is Role.UNIT:
        return f"{made.section}#code={made.code}"
    return f"{made.section}/sign-in?code={made.code}"


def _drawn(made: "Code", text: str, url: str | None) -> str:
    """Where a phone's camera opens it, or, without an address, what an enrolling device reads."""
    import io
    import json

    import segno

    out = io.StringIO()
    content = text if url else json.dumps({"section": made.section, "code": made.code})
    segno.make_qr(content, error="m").terminal(out=out, compact=True)
    return out.getvalue()


def _on_bus(lang: Language, home: Path | None, work: "Callable[[Client], Awaitable[T]]") -> T:
    import asyncio

    from contracts.identity import OPERATOR
    from services.runtime.addresses import bus_creds, bus_url
    from services.runtime.sending import connection
    from services.runtime.settings import RuntimeSettings

    settings = RuntimeSettings() if home is None else RuntimeSettings().model_copy(update={"home": home.absolute()})

    async def run() -> T:
        async with connection(bus_url(settings), bus_creds(settings, OPERATOR)) as client:
            return await work(client)

    return _answered(lang, lambda: asyncio.run(run()))


def _answered(lang: Language, ask: "Callable[[], T]") -> T:
    from services.runtime.documents import DocumentError
    from services.runtime.jetstream import BusUnavailableError, JetStreamRefusedError
    from services.stack.identity.membership import UnknownPartyError
    from services.stack.identity.offering import UnknownAccessError

    try:
        return ask()
    except UnknownPartyError as error:
        fail(Exit.USAGE, lang.pick("Danh bạ không có.", "The register has no such party."), str(error))
    except UnknownAccessError as error:
        what = lang.pick("Không có phiên hay mã nào như vậy.", "There is no such session or code.")
        fail(Exit.USAGE, what, str(error), "phoihop identity sessions")
    except DocumentError as error:
        fail(Exit.USAGE, lang.pick("Không đọc được dữ liệu.", "The data cannot be read."), str(error))
    except BusUnavailableError as error:
        fail(Exit.UNREACHABLE, lang.pick("Không tới được NATS.", "NATS cannot be reached."), str(error), "phoihop up")
    except JetStreamRefusedError as error:
        fail(Exit.CHECK_FAILED, lang.pick("Máy chủ từ chối.", "The server refused."), str(error))
