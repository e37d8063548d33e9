"""The notary, wired: a checkpoint every N entries or T seconds with something new, and again until it is settled."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from math import inf
from typing import Final

from services.audit.failures import LedgerNotReadyError, LedgerUnavailableError
from services.audit.notary.anchor_folder import UnusableFileError
from services.audit.notary.checkpointing import NotSigned, snapshot
from services.audit.notary.signing import Kept, Notary
from services.audit.settings import AuditSettings
from services.audit.tlog.cosigning import Settled
from services.runtime.alone import Alone
from services.runtime.broker import Bus
from services.runtime.clock import monotonic
from services.runtime.logs import logger
from services.runtime.service import Service

_POLL_SECONDS: Final = 1.0
_SIZE: Final = "SELECT coalesce(max(size), 0) FROM audit.position"


@dataclass(slots=True)
class Watch:
    """Decides when the next checkpoint is due, and remembers what keeps it from being made until nothing does."""

    notary: Notary
    entries: int
    seconds: float
    _last: Kept | None = None
    _tried: float = -inf
    _refused: bool = False
    _problem: str | None = "no checkpoint yet"

    async def run(self, goes_on: Callable[[], bool]) -> None:
        """Until the service stops. An outage of the ledger is waited out; a contradiction is looked at again."""
        while goes_on():
            try:
                await self._step()
            except LedgerNotReadyError as error:
                self._problem = None if self._last is None else str(error)  # an empty ledger is no fault of its notary
            except (LedgerUnavailableError, UnusableFileError) as error:
                self._problem = str(error)
                logger().warning("no_checkpoint", reason=self._problem)
            await asyncio.sleep(min(_POLL_SECONDS, self.seconds))

    async def problem(self) -> str | None:
        """Readiness: key and ledger can be used. What the ledger contradicts is an alarm, no state of the notary."""
        return self._problem

    async def _step(self) -> None:
        if not self._due(await self._size()):
            return
        self._tried = monotonic()
        result = await (self.notary.advance(self._last.signed.checkpoint) if self._last else self.notary.checkpoint())
        self._problem, self._refused = None, isinstance(result, NotSigned)
        if isinstance(result, NotSigned):
            return  # shouted already; the notary itself is well, and refusing is its work
        self._last = result or self._last
        if self._last and (result or not isinstance(self._last.verdict, Settled)):
            self._last = await self.notary.settle(self._last)
            if result:
                size, settled = result.signed.checkpoint.size, isinstance(self._last.verdict, Settled)
                logger().info("checkpoint_signed", size=size, settled=settled, in_bucket=self._last.in_bucket)

    def _due(self, size: int) -> bool:
        waited = monotonic() - self._tried >= self.seconds
        if self._last is None or self._refused:  # what contradicts is compared again, not at every look
            return waited
        return waited or size - self._last.signed.checkpoint.size >= self.entries

    async def _size(self) -> int:
        async with snapshot(self.notary.dsn) as connection:
            return int(await connection.fetchval(_SIZE))


def service(settings: AuditSettings) -> Service:
    """The whole service; nothing connects until it is run."""
    bus = Bus(settings)
    notary = Notary(settings.dsn(), settings.log_keys(), settings.policy(), settings.alarms, lambda: bus.client)
    watch = Watch(notary, settings.checkpoint_entries, settings.checkpoint_seconds)
    return Service(
        name="notary",
        settings=settings,
        bus=bus,
        alone=Alone(bus, "notary", settings.instance),
        background=(watch.run,),
        checks=(watch.problem,),
    )
