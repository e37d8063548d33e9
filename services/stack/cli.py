"""`phoihop up`, `down`, `status` and `doctor`: parses and prints; what happens is decided elsewhere in this package."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from services.runtime.terminal import Exit, JsonOption, Language, LanguageOption, emit, fail, people
from services.stack.demo.cli import commands as demo_commands

if TYPE_CHECKING:
    from services.stack.settings import StackSettings

commands = typer.Typer()
commands.add_typer(demo_commands)

HomeOption = Annotated[
    Path | None,
    typer.Option("--home", help="Thư mục trạng thái / state folder (.phoihop).", show_default=False),
]

ConfigurationOption = Annotated[
    Path | None,
    typer.Option(
        "--config",
        help="Cấu hình nats-server của trung tâm / a hub's own nats-server configuration.",
        exists=True,
        dir_okay=False,
        show_default=False,
    ),
]


@commands.command()
def up(
    home: HomeOption = None,
    detach: Annotated[bool, typer.Option("--detach", help="Chạy nền / run in the background.")] = False,
    as_json: JsonOption = False,
    lang: LanguageOption = Language.VI,
) -> None:
    """Chạy cả hệ thống trên máy này. / Run the whole system on this machine."""
    import asyncio

    from rich.console import Console

    from services.runtime.embedded.local_stack import StackState
    from services.stack.running import run_in_foreground, start_detached
    from services.stack.sections import doors
    from services.stack.stack import LocalStack
    from services.stack.texts import say, state_view

    settings = _settings(home)
    place = settings.home.absolute()
    talk = Console(stderr=True, highlight=False, soft_wrap=True) if as_json else people()

    def ready(state: StackState) -> None:
        document = state.model_dump(mode="json", exclude={"postgres_dsn", "version"})
        pages = {role.value: address for role, address in doors(state).items()}
        emit(
            {"home": str(place), **document, "pages": pages},
            as_json,
            lambda console: console.print(state_view(state, lang)),
        )
        talk.print(say(lang, "ready", home=place), say(lang, "detached" if detach else "foreground"))

    with _failures_told(place, lang):
        if detach:
            ready(asyncio.run(start_detached(settings)))
        else:
            stack = LocalStack(settings, observe=lambda name: talk.print(f"✓ {name}"), ready=ready)
            asyncio.run(run_in_foreground(stack))


@contextmanager
def _failures_told(place: Path, lang: Language) -> Iterator[None]:
    """Why the stack of this home does not come up, and what to type next."""
    from services.runtime.embedded.local_stack import StackRunningError
    from services.runtime.embedded.process import ServerUnavailableError
    from services.stack.texts import say

    try:
        yield
    except StackRunningError:
        fail(Exit.USAGE, say(lang, "running", home=place), following="phoihop status · phoihop down")
    except ServerUnavailableError as error:
        fail(Exit.UNREACHABLE, say(lang, "not_up", home=place), str(error), "phoihop doctor")


@commands.command()
def down(home: HomeOption = None, as_json: JsonOption = False, lang: LanguageOption = Language.VI) -> None:
    """Dừng hệ thống đang chạy. / Stop the running stack."""
    import asyncio

    from services.stack.running import stop_running
    from services.stack.texts import say

    place = _settings(home).home.absolute()
    try:
        stopped = asyncio.run(stop_running(place))
    except TimeoutError:
        fail(Exit.CHECK_FAILED, say(lang, "slow_stop", home=place), following=f"less {place / 'logs'}/*.log")
    text = say(lang, "stopped" if stopped else "nothing", home=place)
    emit({"stopped": stopped}, as_json, lambda console: console.print(text))


@commands.command()
def status(
    home: HomeOption = None,
    watch: Annotated[bool, typer.Option("--watch", help="Cập nhật liên tục / refresh until Ctrl-C.")] = False,
    as_json: JsonOption = False,
    lang: LanguageOption = Language.VI,
) -> None:
    """Xem dịch vụ, luồng, tồn đọng, đĩa. / Show services, streams, lag, disk."""
    import asyncio

    from services.stack.inspection import NothingRunsError, inspect
    from services.stack.texts import say, status_view

    settings = _settings(home)
    try:
        if watch and not as_json:
            asyncio.run(_watch(settings, lang))
        found = asyncio.run(inspect(settings))
    except NothingRunsError:
        fail(Exit.UNREACHABLE, say(lang, "nothing", home=settings.home.absolute()), following="phoihop up")
    except KeyboardInterrupt:
        raise typer.Exit(Exit.OK) from None
    emit(found.document(), as_json, lambda console: console.print(status_view(found, lang)))
    if not found.reachable:
        raise typer.Exit(Exit.UNREACHABLE)
    raise typer.Exit(Exit.OK if found.healthy else Exit.CHECK_FAILED)


@commands.command()
def doctor(
    home: HomeOption = None,
    config: ConfigurationOption = None,
    as_json: JsonOption = False,
    lang: LanguageOption = Language.VI,
) -> None:
    """Kiểm tra điều kiện và độ chặt của cấu hình, kèm cách sửa. / Check prerequisites and strictness, with the fix."""
    import asyncio
    from dataclasses import asdict

    from services.stack.doctor import examine
    from services.stack.texts import checks_view

    checks = asyncio.run(examine(_settings(home), lang, config))
    document = {"checks": [asdict(check) for check in checks]}
    emit(document, as_json, lambda console: console.print(checks_view(checks, lang)))
    raise typer.Exit(Exit.OK if all(check.ok for check in checks) else Exit.CHECK_FAILED)


async def _watch(settings: "StackSettings", lang: Language) -> None:
    import asyncio

    from rich.live import Live

    from services.stack.inspection import inspect
    from services.stack.texts import status_view

    with Live(console=people(), auto_refresh=False) as live:
        while True:
            live.update(status_view(await inspect(settings), lang), refresh=True)
            await asyncio.sleep(1)


def _settings(home: Path | None) -> "StackSettings":
    from pydantic import ValidationError

    from services.stack.settings import StackSettings

    try:
        return StackSettings(home=home) if home else StackSettings()
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        fail(Exit.USAGE, f"PHOIHOP_{'.'.join(map(str, first['loc'])).upper()}: {first['msg']}")
