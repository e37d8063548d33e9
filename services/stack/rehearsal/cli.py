"""`phoihop rehearse`: parses, and turns what may go wrong into a sentence and an exit code."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from services.runtime.terminal import Exit, JsonOption, Language, LanguageOption, emit, fail

if TYPE_CHECKING:
    from rich.console import Console

    from services.stack.rehearsal.playing import Rehearsal, Seen
    from services.stack.rehearsal.staging import Result

commands = typer.Typer()


@commands.command()
def rehearse(
    home: Annotated[
        Path | None,
        typer.Option(
            "--home",
            help="Hệ thống đang chạy, không có thì tạm / a running stack, or a temporary one.",
            show_default=False,
        ),
    ] = None,
    speed: Annotated[
        float,
        typer.Option(min=1, max=60, help="Hạn của hệ thống tạm chạy nhanh gấp / of the temporary stack's deadlines."),
    ] = 15,
    kill_routing: Annotated[
        bool,
        typer.Option("--kill-routing", help="Giết routing ở mỗi bước / kill -9 routing at each step."),
    ] = False,
    as_json: JsonOption = False,
    lang: LanguageOption = Language.VI,
) -> None:
    """Diễn tập một sự cố theo kịch bản, kiểm từng bước. / One scripted incident, checked step by step."""
    from rich.console import Console

    from services.stack.rehearsal.telling import closing_lines

    console = Console(stderr=as_json, highlight=False, soft_wrap=True)
    result = _or_fail(home, lang, lambda: _play(home, speed, console, lang, kill_routing=kill_routing))
    for line in closing_lines(result, lang):
        console.print(line)
    if as_json:
        emit(result.document, as_json=True, render=lambda _: None)
    if not result.sound:
        raise typer.Exit(Exit.CHECK_FAILED)


def _or_fail(home: Path | None, lang: Language, play: Callable[[], "Result"]) -> "Result":
    from services.audit.failures import LedgerUnavailableError
    from services.runtime.embedded.process import ServerUnavailableError
    from services.runtime.jetstream import BusUnavailableError, JetStreamRefusedError
    from services.stack.demo.home import HomeInUseError
    from services.stack.rehearsal.killing import NotOursError

    try:
        return play()
    except HomeInUseError:
        what = lang.pick(f"{home} có dữ liệu mà không chạy.", f"{home} holds data and does not run.")
        fail(Exit.USAGE, what, following=f"phoihop up --home {home}")
    except (ServerUnavailableError, BusUnavailableError, LedgerUnavailableError) as error:
        fail(Exit.UNREACHABLE, lang.pick("Không tới được hệ thống.", "The stack cannot be reached."), str(error))
    except (NotOursError, JetStreamRefusedError) as error:
        fail(Exit.CHECK_FAILED, lang.pick("Diễn tập bị dừng.", "The rehearsal stopped."), str(error))


def _play(home: Path | None, speed: float, console: "Console", lang: Language, *, kill_routing: bool) -> "Result":
    import asyncio
    from contextlib import nullcontext

    from services.runtime.embedded.local_stack import running_stack
    from services.stack.demo.home import fresh_home
    from services.stack.rehearsal.killing import Killer
    from services.stack.rehearsal.script import FOREST_FIRE
    from services.stack.rehearsal.staging import rehearse as play
    from services.stack.rehearsal.staging import stack_for
    from services.stack.rehearsal.telling import step_lines
    from services.stack.settings import StackSettings

    async def run(place: Path) -> "Result":
        async with stack_for(StackSettings(), place, speed, lambda part: console.print(f"[dim]✓ {part}[/]")) as state:
            killer, factor = Killer(place) if kill_routing else None, f"{1 / state.time_scale:g}"
            console.print(lang.pick(f"Mọi hạn chạy nhanh gấp {factor}.", f"Deadlines run {factor} times as fast."))
            return await play(state, place, killer, told)

    def told(rehearsal: "Rehearsal", seen: "Seen") -> None:
        for line in step_lines(rehearsal, seen, lang):
            console.print(line)

    console.print(f"[bold]{lang.pick(FOREST_FIRE.vi, FOREST_FIRE.en)}[/]")
    running = (home or StackSettings().home).absolute()
    with nullcontext(running) if running_stack(running) else fresh_home(home) as place:
        return asyncio.run(run(place))
