"""Every kind of refusal by the real server is seen in the figures: an attack that nobody notices is tried again."""

import asyncio
import contextlib

import pytest
from nats.aio.client import Client
from nats.errors import Error as NatsError

from services.runtime.telemetry import BUS_REFUSED
from services.stack.identity.scheme import CONNECTIONS_PER_POINT
from services.stack.refusals import Denial, following, refused
from tests.integration.attacks.arena import DESK, UNIT, Arena, let_go

pytestmark = pytest.mark.asyncio(loop_scope="module")
FORMS = ("written", "signed")


def _counted() -> dict[str, float]:
    return {denial.value: BUS_REFUSED.labels(denial.value)._value.get() for denial in Denial}


async def _turned_away(arena: Arena, **options: object) -> None:
    client = Client()
    with contextlib.suppress(NatsError, OSError, TimeoutError):
        await client.connect(arena.server.url, allow_reconnect=False, connect_timeout=1, error_cb=_quiet, **options)  # type: ignore[arg-type]
    await let_go(client)


async def _quiet(_error: Exception) -> None:
    """What the library would print is counted at the server."""


async def test_what_the_server_refused_is_counted_by_kind(arena: Arena) -> None:
    """A hostile unit could try every door for months without anybody knowing."""
    log, before = arena.home / "nats" / "nats.log", _counted()
    line = await arena.line(UNIT)
    await line.client.publish("inbox.report.beta.u2", b"")
    await line.hear(">")
    await line.settled()
    await _turned_away(arena, **arena.encryption(UNIT))
    await _turned_away(arena)
    for _ in range(2 * CONNECTIONS_PER_POINT + 1):
        with contextlib.suppress(NatsError, OSError):
            await arena.line(DESK)

    looks = iter((True, False))
    await following(log)(lambda: next(looks))

    after = _counted()
    risen = {kind for kind, count in after.items() if count > before[kind]}
    assert risen >= {"publish", "subscribe", "authentication", "encryption", "limit"}
    assert refused(log).keys() == risen
    await asyncio.sleep(0)
