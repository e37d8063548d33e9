"""`phoihop demo`: parses, and turns what may go wrong into a sentence and an exit code."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from services.runtime.terminal import Exit, JsonOption, Language, LanguageOption, fail

if TYPE_CHECKING:
    from services.stack.demo.scenario import Scenario
    from services.stack.demo.screen import Screen
    from services.stack.demo.stage import Stage
    from services.stack.settings import StackSettings

commands = typer.Typer()


@commands.command()
def demo(
    once: Annotated[bool, typer.Option("--once", help="Xong thì dừng / stop when the story is over.")] = False,
    scenario: Annotated[str, typer.Option(help="Kịch bản / scenario of the reference folder.")] = "flood-morning",
    speed: Annotated[
        float | None,
        typer.Option(min=1, max=3600, help="Nhanh gấp mấy lần / story seconds per second.", show_default=False),
    ] = None,
    home: Annotated[
        Path | None,
        typer.Option("--home", help="Thư mục trạng thái, mặc định tạm / state folder (temporary).", show_default=False),
    ] = None,
    as_json: JsonOption = False,
    lang: LanguageOption = Language.VI,
) -> None:
    """Kể một buổi sáng lũ trên hệ thống thật, rồi kiểm chứng sổ. / A flood morning on real servers, then the proof."""
    from rich.console import Console

    from services.runtime.embedded.local_stack import StackRunningError
    from services.runtime.embedded.process import ServerUnavailableError
    from services.stack.demo.home import HomeInUseError, fresh_home
    from services.stack.demo.rest import NoRestError
    from services.stack.demo.screen import Screen

    console = Console(stderr=as_json, highlight=False, soft_wrap=True)
    try:
        with fresh_home(home) as place:
            screen = Screen(console, lang, as_json=as_json, home=place, linger=not once)
            ended = _play(scenario, speed, screen)
    except (HomeInUseError, StackRunningError):
        what = lang.pick(f"{home} đã có dữ liệu của một hệ thống.", f"{home} holds the data of a stack.")
        fail(Exit.USAGE, what, following="phoihop demo")
    except ServerUnavailableError as error:
        what = lang.pick("Hệ thống không khởi động được.", "The stack did not come up.")
        fail(Exit.UNREACHABLE, what, str(error), "phoihop doctor")
    except NoRestError as error:
        fail(Exit.CHECK_FAILED, lang.pick("Hệ thống không lắng xuống.", "The stack did not come to rest."), str(error))
    if not ended:
        fail(Exit.CHECK_FAILED, lang.pick("Bị ngắt trước khi hết chuyện.", "Ended before the story did."))


def _play(name: str, speed: float | None, screen: "Screen") -> bool:
    """Whether the story came to its end; a story that contradicts itself ends the command here."""
    import asyncio

    from services.stack.demo.stage import InterruptedStoryError
    from services.stack.settings import StackSettings

    settings = StackSettings()
    story = _scenario(settings, name, screen.language)
    screen.title(story)
    try:
        result = asyncio.run(_stage(settings, story, speed or story.speed, screen).run())
    except InterruptedStoryError:
        return False
    if not result.sound:
        screen.kept()
        raise typer.Exit(Exit.CHECK_FAILED)
    return True


def _scenario(settings: "StackSettings", name: str, lang: Language) -> "Scenario":
    from services.runtime.documents import DocumentError
    from services.runtime.register.loading import load_register
    from services.stack.demo.scenario import load_scenario

    try:
        return load_scenario(settings.reference, name, load_register(settings.reference / "register.yaml"))
    except LookupError as error:
        fail(Exit.USAGE, lang.pick(f"Không có kịch bản {name}.", f"There is no scenario {name}."), str(error))
    except DocumentError as error:
        fail(Exit.USAGE, lang.pick("Dữ liệu tham chiếu có lỗi.", "The reference data has faults."), str(error))


def _stage(settings: "StackSettings", story: "Scenario", speed: float, screen: "Screen") -> "Stage":
    from services.runtime.clock import now
    from services.runtime.register.loading import load_register
    from services.runtime.terminal import VIETNAM
    from services.stack.demo.names import Names
    from services.stack.demo.replay import Replay
    from services.stack.demo.stage import Stage
    from services.stack.demo.telling import Teller

    register = load_register(settings.reference / "register.yaml")
    names = Names(register, now().astimezone(VIETNAM).date(), screen.language)
    return Stage(
        settings=settings.apart(screen.home, 1 / speed),
        replay=Replay(
            story, speed, screen.console.print, lambda *at: Teller(names, screen.language, *at), screen.linger
        ),
        observe=screen.started,
        ready=screen.ready,
        finished=screen.finished,
        linger=screen.linger,
        invited=lambda state, found: screen.invited(state, found, names),
    )
