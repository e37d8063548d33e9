"""Says whether a service can do its work now and, if not, why. It looks and decides nothing else."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Final

from services.runtime import topology
from services.runtime.broker import Bus
from services.runtime.clock import monotonic
from services.runtime.failures import FailurePolicy
from services.runtime.jetstream import api
from services.runtime.telemetry import LAG

ANSWER_SECONDS: Final = 1.0
LOOK_LIMIT_SECONDS: Final = 5.0
"""For all of it: a frozen database must not leave whoever asks without an answer."""
_AS_LONG_AS_IT_TAKES: Final = 24 * 3600
STUCK_SECONDS: Final = 10.0
"""So long a batch may be in hand, or messages wait with nothing handled, before the service counts as stuck."""
HUNG_SECONDS: Final = 180.0
"""A handler that says nothing for so long will not come back: only a new process gets on with its batch. Every wait of
ours for a server ends sooner; a batch of hundreds on a slow disk may take a minute."""

Check = Callable[[], Awaitable[str | None]]
"""A readiness check: None when fine, otherwise what is wrong."""


class Readiness:
    """Looks at one service. Whoever asks within every few seconds hears of a standstill within fifteen."""

    def __init__(self, bus: Bus, checks: Sequence[Check], most_waiting: int | None) -> None:
        self._bus = bus
        self._checks = checks
        self._most_waiting = most_waiting
        self._asked: asyncio.Task[None] | None = None
        self._connection = -1
        """Which connection, counted from 0, it was asked on."""
        self._still: dict[str, tuple[int, float]] = {}
        """Durable with messages waiting -> batches finished by then, and since when no more were."""

    async def problem(self) -> str | None:
        """None when ready: the server answers in time, own consumers are as they should be, work goes on."""
        try:
            async with asyncio.timeout(LOOK_LIMIT_SECONDS):
                if not await self._answers():
                    return f"the bus does not answer within {ANSWER_SECONDS} s"
                await topology.check(self._bus.client, (), [policy.consumer for policy in self._bus.policies])
                return await first_problem(self._checks) or self.hanging(STUCK_SECONDS) or await self._standing_still()
        except Exception as error:  # noqa: BLE001  # any failure to look means not ready
            return str(error) or type(error).__name__

    async def _answers(self) -> bool:
        """Whether the server answers in time.

        A flush that is given up makes the client deaf: its late answer finds nobody to take it and ends the reading of
        the connection. So one is waited for, by every look, until it is answered or its connection is gone.
        """
        client = self._bus.client
        if not client.is_connected:
            return False
        if self._asked is None or self._asked.done() or self._connection != client.stats["reconnects"]:
            if self._asked is not None:
                self._asked.cancel()
            self._connection = client.stats["reconnects"]
            self._asked = asyncio.create_task(client.flush(timeout=_AS_LONG_AS_IT_TAKES))
        answered, _ = await asyncio.wait({self._asked}, timeout=ANSWER_SECONDS)
        for flush in answered:
            flush.result()
        return bool(answered)

    def hanging(self, seconds: float) -> str | None:
        """Which handler has been at one batch for longer than this without a word."""
        hung = [policy.consumer.durable for policy in self._bus.policies if policy.silent_seconds > seconds]
        return f"{', '.join(hung)}: a batch is in hand and nothing comes of it" if hung else None

    async def _standing_still(self) -> str | None:
        for policy in self._bus.policies:
            if policy.stuck_seconds > STUCK_SECONDS:
                return f"{policy.consumer.durable}: a batch has been failing for too long"
            if problem := await self._waits(policy):
                return problem
        return None

    async def _waits(self, policy: FailurePolicy) -> str | None:
        """Messages wait for every consumer now and then; what is wrong is that none is handled, or that it is many."""
        consumer = policy.consumer
        name = consumer.durable
        info = await api(self._bus.client, f"CONSUMER.INFO.{consumer.stream}.{name}")
        waiting: int = info["num_pending"]
        LAG.labels(consumer.durable).set(waiting + info["num_ack_pending"])
        before = self._still.get(name)
        if not waiting or before is None or before[0] != policy.finished:
            self._still[name] = policy.finished, monotonic()
        elif monotonic() - before[1] > STUCK_SECONDS:
            return f"{name}: {waiting} messages wait and none is handled"
        if self._most_waiting is not None and waiting > self._most_waiting:
            return f"{name}: {waiting} messages wait, more than {self._most_waiting}"
        return None


async def first_problem(checks: Sequence[Check]) -> str | None:
    """What the first check that is not fine says."""
    for check in checks:
        if problem := await check():
            return problem
    return None
