"""The continuous pull while the connection is gone: whatever else the process has to do goes on."""

import asyncio
from dataclasses import dataclass, field
from typing import Any, cast

from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.errors import OutboundBufferLimitError

from contracts.streams import AUDIT
from services.runtime.pulling import ContinuousPull

FAR_TOO_MANY = 1000


@dataclass
class _GoneAgain:
    """A client whose connection came back and went at once: a request fails without a wait, as nothing is buffered."""

    stats: dict[str, int] = field(default_factory=lambda: {"reconnects": 0})
    is_connected: bool = False
    max_payload: int = 262_144
    asked: int = 0

    def new_inbox(self) -> str:
        return "_INBOX.x"

    async def subscribe(self, *_: Any, **__: Any) -> "_GoneAgain":
        self.stats["reconnects"] = 1
        return self

    async def unsubscribe(self) -> None:
        """Nothing to end."""

    async def request(self, *_: Any, **__: Any) -> None:
        self.asked += 1
        assert self.asked < FAR_TOO_MANY, "it asks and asks, and nothing else in the process gets its turn"
        raise OutboundBufferLimitError


async def test_a_connection_gone_again_leaves_the_process_time_to_reconnect() -> None:
    """Broken when the pull starts over without a pause: the reconnection never runs, nor does SIGTERM's handler."""
    client, stop = _GoneAgain(), asyncio.Event()
    pull = ContinuousPull(cast("Client", client), AUDIT, window=10, limit=10)

    async def nothing(_batch: list[Msg]) -> None:
        raise AssertionError

    asyncio.get_running_loop().call_later(0.25, stop.set)
    await pull.run(nothing, lambda: not stop.is_set())
    assert 1 <= client.asked < 10
