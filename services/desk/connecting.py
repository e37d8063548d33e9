"""Connects one command of one desk to the bus, and says in the user's words when that fails."""

import asyncio
import os
import sys
from collections.abc import Awaitable, Callable
from typing import Any, NoReturn

import typer

from contracts.codes import Space
from contracts.identity import desk as desk_of
from services.desk.client import DeskClient
from services.runtime.addresses import bus_creds, bus_url, origin
from services.runtime.jetstream import BusUnavailableError
from services.runtime.sending import NoReceiptError, connection
from services.runtime.settings import RuntimeSettings
from services.runtime.terminal import Exit, Language, fail


def with_desk(  # what one connection of one desk needs
    who: tuple[str, bool, str | None],
    lang: Language,
    work: Callable[[DeskClient], Awaitable[Any]],
    *,
    patient: bool = False,
) -> Any:  # noqa: ANN401  # whatever `work` returns
    """Does the work with the desk of `who`: AGENCY/DESK, whether in the exercise, the officer on duty."""
    desk, exercise, officer = who
    if (point := origin(desk)) is None:
        fail(Exit.USAGE, lang.pick("Bàn trực phải ghi AGENCY/DESK.", "A desk is written AGENCY/DESK."), desk)
    settings = RuntimeSettings()

    async def run() -> Any:  # noqa: ANN401  # as above
        async with connection(bus_url(settings), bus_creds(settings, desk_of(*point))):
            pass  # a server that is away at the start is said at once; later outages are waited out
        async with connection(bus_url(settings), bus_creds(settings, desk_of(*point)), patient=patient) as client:
            desk_client = DeskClient(client, Space.EXERCISE if exercise else Space.ACTUAL, point, officer)
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
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # else the flush at exit complains once more
    raise typer.Exit(Exit.OK)
