"""Connects one command to the bus, and says in the user's words when that fails."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from nats.aio.client import Client

from contracts.identity import AUDITOR
from services.runtime.addresses import bus_creds, bus_url
from services.runtime.jetstream import BusUnavailableError
from services.runtime.sending import NoReceiptError, connection
from services.runtime.settings import RuntimeSettings
from services.runtime.terminal import Exit, Language, fail


def with_bus(lang: Language, work: Callable[[Client], Awaitable[Any]]) -> Any:  # noqa: ANN401  # what `work` returns
    """Does the work with one connection; a server that is away ends the command."""

    async def run() -> Any:  # noqa: ANN401  # as above
        settings = RuntimeSettings()
        async with connection(bus_url(settings), bus_creds(settings, AUDITOR)) as client:
            return await work(client)

    try:
        return asyncio.run(run())
    except BusUnavailableError as error:
        fail(Exit.UNREACHABLE, lang.pick("Không tới được NATS.", "NATS cannot be reached."), str(error), "phoihop up")
    except NoReceiptError as error:
        fail(Exit.UNREACHABLE, lang.pick("Chưa có biên nhận.", "No receipt came."), str(error), "phoihop status")
