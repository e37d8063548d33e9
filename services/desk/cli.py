"""`phoihop desk`: what is open at a duty desk, live, and its acknowledgement."""

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer

from services.runtime.terminal import Exit, JsonOption, Language, LanguageOption, emit, fail

if TYPE_CHECKING:
    from services.desk.client import DeskClient

commands = typer.Typer(no_args_is_help=True)

DeskArgument = Annotated[str, typer.Argument(help="Bàn trực / desk: AGENCY/DESK")]
ExerciseOption = Annotated[bool, typer.Option("--exercise", help="Diễn tập / the exercise feed, never the live one")]


@commands.command("list")
def list_open(
    desk: DeskArgument,
    exercise: ExerciseOption = False,
    as_json: JsonOption = False,
    lang: LanguageOption = Language.VI,
) -> None:
    """Việc đang mở của một bàn trực. / What is open at a desk now."""
    from services.desk.view import open_rows, show_rows

    rows = _with_desk(desk, exercise, None, lang, open_rows)
    emit({"open": rows}, as_json, lambda console: show_rows(console, rows, lang))


@commands.command()
def watch(
    desk: DeskArgument,
    exercise: ExerciseOption = False,
    as_json: JsonOption = False,
    lang: LanguageOption = Language.VI,
) -> None:
    """Theo dõi trực tiếp, tiếp từ chỗ đã dừng. / Live queue; resumes where it stopped."""
    from services.desk.view import follow

    _with_desk(desk, exercise, None, lang, lambda client: follow(client, lang, as_json=as_json), patient=True)


@commands.command()
def acknowledge(  # one parameter per promised option
    desk: DeskArgument,
    dispatch: Annotated[str, typer.Argument(help="Mã nhiệm vụ, đủ vài ký tự đầu / dispatch id or its beginning")],
    officer: Annotated[str | None, typer.Option(help="Chức danh trực / role and post of the officer on duty")] = None,
    note: Annotated[str | None, typer.Option(help="Ghi chú / note")] = None,
    exercise: ExerciseOption = False,
    as_json: JsonOption = False,
    lang: LanguageOption = Language.VI,
) -> None:
    """Báo đã nhận nhiệm vụ. / Tell that the desk has it."""
    from services.desk.view import acknowledged, show_outcome

    document = _with_desk(desk, exercise, officer, lang, lambda client: acknowledged(client, dispatch, note, lang))
    emit(document, as_json, lambda console: show_outcome(console, document, lang))
    raise typer.Exit(Exit.OK if document["outcome"] in {"accepted", "duplicate"} else Exit.USAGE)


def _with_desk(  # what one connection of one desk needs
    desk: str,
    exercise: bool,  # the --exercise flag itself
    officer: str | None,
    lang: Language,
    work: "Callable[[DeskClient], Awaitable[Any]]",
    *,
    patient: bool = False,
) -> Any:  # noqa: ANN401  # whatever `work` returns
    import asyncio

    from contracts.codes import Space
    from services.desk.client import DeskClient
    from services.runtime.addresses import bus_creds, bus_url, origin
    from services.runtime.jetstream import BusUnavailableError
    from services.runtime.sending import NoReceiptError, connection
    from services.runtime.settings import RuntimeSettings

    if (who := origin(desk)) is None:
        fail(Exit.USAGE, lang.pick("Bàn trực phải ghi AGENCY/DESK.", "A desk is written AGENCY/DESK."), desk)
    settings = RuntimeSettings()

    async def run() -> Any:  # noqa: ANN401  # as above
        async with connection(bus_url(settings), bus_creds(settings)):
            pass  # a server that is away at the start is said at once; later outages are waited out
        async with connection(bus_url(settings), bus_creds(settings), patient=patient) as client:
            desk_client = DeskClient(client, Space.EXERCISE if exercise else Space.ACTUAL, who, officer)
            await desk_client.start()
            return await work(desk_client)

    try:
        return asyncio.run(run())
    except BusUnavailableError as error:
        fail(Exit.UNREACHABLE, lang.pick("Không tới được NATS.", "NATS cannot be reached."), str(error), "phoihop up")
    except BrokenPipeError:
        _leave_quietly()
    except NoReceiptError as error:
        fail(Exit.UNREACHABLE, lang.pick("Chưa có biên nhận.", "No receipt came."), str(error), "phoihop status")


def _leave_quietly() -> NoReturn:
    """Whoever read our output has enough; the fact it did not take is shown again next time."""
    import os
    import sys

    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # else the flush at exit complains once more
    raise typer.Exit(Exit.OK)
