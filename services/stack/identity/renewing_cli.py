"""`phoihop identity renew|expire|sign|push`: parses and prints; what ends, and what is made anew, is kept elsewhere."""

from pathlib import Path
from typing import Annotated

import typer

from services.runtime.terminal import Exit, JsonOption, Language, LanguageOption, emit, fail, local_date_time
from services.stack.identity.asking_cli import HomeOption, answered, keeping_of

renewing_commands = typer.Typer(no_args_is_help=True)


@renewing_commands.command()
def renew(
    name: Annotated[list[str] | None, typer.Option("--name", help="Tên, địa chỉ máy chủ / of the server")] = None,
    authority: Annotated[bool, typer.Option("--authority", help="Cơ quan cấp mới / a new authority issues")] = False,
    retire: Annotated[bool, typer.Option("--retire", help="Thôi tin cơ quan cấp cũ / end the old ones")] = False,
    home: HomeOption = None,
    as_json: JsonOption = False,
    lang: LanguageOption = Language.VI,
) -> None:
    """Chứng thư: cấp lại cái sắp hết hạn, xem hạn. / Certificates: make those anew that end soon, show when all end."""
    import asyncio

    from services.stack.identity.telling import reload_server

    keeping = keeping_of(home)
    answered(lang, lambda: keeping.renew(name or (), authority=authority, retire=retire))
    reloaded = answered(lang, lambda: asyncio.run(reload_server(keeping.home)))
    ends = keeping.encryption.endings()
    lines = [f"{what:16} {local_date_time(end)}" for what, end in ends.items()]
    document = {"reloaded": reloaded, "ends": {what: end.isoformat() for what, end in ends.items()}}
    emit(document, as_json, lambda console: console.print("\n".join(lines)))


@renewing_commands.command()
def expire(home: HomeOption = None, as_json: JsonOption = False, lang: LanguageOption = Language.VI) -> None:
    """Thu hồi khóa đã hết hạn; hẹn giờ chạy mỗi giờ. / Revoke keys whose time is over; run it every hour."""
    import asyncio

    from services.stack.identity.applying import apply

    keeping = keeping_of(home)
    over = answered(lang, keeping.end_expired)
    if over:
        answered(lang, lambda: asyncio.run(apply(keeping)))
    names = [who.name for who in over]
    none = lang.pick("Chưa khóa nào hết hạn.", "No key's time is over.")
    emit({"revoked": names}, as_json, lambda console: console.print("\n".join(names) or none))


@renewing_commands.command()
def sign(home: HomeOption = None, as_json: JsonOption = False, lang: LanguageOption = Language.VI) -> None:
    """Ký danh tính dạng JWT cho máy chủ của hub. / Sign the identities as JWT, for a hub's own server."""
    from services.stack.identity.minting import Minting

    minting = Minting(keeping_of(home))
    path = answered(lang, minting.write)
    files = [str(minting.creds_file(member.identity)) for member in minting.keeping.book().members]
    files = [one for one in files if Path(one).exists()]
    document = {"server": str(path), "pusher": str(minting.pusher), "files": files}
    emit(document, as_json, lambda console: console.print("\n".join([str(path), *files]), highlight=False))


@renewing_commands.command()
def push(
    home: HomeOption = None,
    as_json: JsonOption = False,
    lang: LanguageOption = Language.VI,
) -> None:
    """Báo cho máy chủ đang chạy các tài khoản đã ký, kể cả thu hồi. / Tell running servers of the signed accounts."""
    import asyncio

    from services.runtime.addresses import bus_url
    from services.runtime.jetstream import BusUnavailableError
    from services.runtime.sending import connection
    from services.runtime.settings import RuntimeSettings
    from services.stack.identity.minting import Minting, NotTakenError

    minting = Minting(keeping_of(home))

    async def tell() -> int:
        async with connection(bus_url(RuntimeSettings()), minting.pusher) as client:
            return await minting.push(client)

    try:
        told = asyncio.run(tell())
    except BusUnavailableError as error:
        fail(Exit.UNREACHABLE, lang.pick("Không tới được NATS.", "NATS cannot be reached."), str(error))
    except NotTakenError as error:
        fail(Exit.CHECK_FAILED, lang.pick("Máy chủ không nhận.", "The server did not take it."), str(error))
    emit({"accounts": told}, as_json, lambda console: console.print(f"✓ {told}"))
