"""The end of a run against a broken system: the last answers, quiet, and the evidence that there is to see."""

import asyncio
from collections.abc import Awaitable, Sequence
from time import monotonic
from typing import Final

import asyncpg
from nats.aio.client import Client
from nats.errors import Error as NatsError

from tests.system.checker import SILENCE, Flaw
from tests.system.desks import Desk
from tests.system.evidence import Evidence, gather, settled

ANSWER_SECONDS: Final = 120.0
"""For the last receipts, after all parts are back."""
LOOKS: Final = 3
"""A machine that is busy with other things answers a question of the runner late."""
_UNSEEN: Final = (AssertionError, NatsError, OSError, asyncpg.PostgresError, TimeoutError, ExceptionGroup)


async def answered(work: Awaitable[object], flaws: list[Flaw]) -> None:
    """Waits for the last answers; a flaw where somebody gets none."""
    began = monotonic()
    try:
        await asyncio.wait_for(work, ANSWER_SECONDS)
    except TimeoutError:
        flaws.append(Flaw("system: no answers", f"somebody waits since {monotonic() - began:.0f} s"))


async def quiet(client: Client, flaws: list[Flaw]) -> None:
    """What is due now gets the time it may take; then nothing may be left over."""
    await asyncio.sleep(SILENCE.total_seconds())
    try:
        print(f"settled after {await settled(client):.1f} s", flush=True)
    except AssertionError as standstill:
        flaws.append(Flaw("system: standstill", str(standstill)))


async def looked_at(client: Client, dsn: str, desks: Sequence[Desk], flaws: list[Flaw]) -> Evidence | None:
    """What there is to see; None, and a flaw, where nobody can look at it.

    Looking again loses nothing: every desk keeps what it was handed when the look before broke off.
    """
    everybody = list(desks)
    for left in reversed(range(LOOKS)):
        try:
            return await gather(client, dsn, everybody)
        except _UNSEEN as error:
            seen = error.exceptions[0] if isinstance(error, ExceptionGroup) else error
            if not left:
                flaws.append(Flaw("system: cannot be looked at", f"{type(seen).__name__} {seen}"))
    return None
