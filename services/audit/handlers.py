"""The edge of the audit: every fact in order into the ledger; it stands still rather than leave one out."""

import asyncio
from collections.abc import Sequence
from datetime import datetime
from typing import Final, Protocol

from nats.aio.msg import Msg

from contracts.streams import AUDIT
from services.audit.entries import Head, Received
from services.audit.failures import LedgerUnavailableError
from services.audit.measures import MISSING, REPEATED_EVENTS, SIZE
from services.audit.sequence import Appended, Gap, Rewound
from services.runtime import clock, topology
from services.runtime.broker import Bus
from services.runtime.failures import AbandonBatchError, RetryLaterError
from services.runtime.jetstream import api
from services.runtime.logs import logger
from services.runtime.messages import sequence, stored_at

PAUSE_AFTER_GAP: Final = 1.0


class StreamRewoundError(Exception):
    """The stream now holds other content at a sequence that the ledger knows: the stream lost its tail.

    Ingestion stands still until somebody decides. The ledger's entries are the older truth.
    """


class LedgerWriter(Protocol):
    """What the handler needs of the ledger; `store.Ledger` is the real one."""

    async def head(self) -> Head:
        """Where the ledger ends."""

    async def append(self, batch: Sequence[Received], recorded_at: datetime) -> Appended | Gap | Rewound:
        """Records what is new in the batch, in one transaction."""

    async def close(self) -> None:
        """Lets the connection go."""


class Audit:
    """Records facts. The acknowledgement comes after the commit, so a crash repeats at most what is skipped again."""

    def __init__(self, bus: Bus, ledger: LedgerWriter) -> None:
        self._bus = bus
        self._ledger = ledger
        self._gap: Gap | None = None

    async def start(self) -> None:
        """Has the stream deliver from where the ledger ends: the ledger, not the consumer, knows the position.

        The last entry is asked for once more: a stream that lost its tail holds something else there, or nothing.
        Raises `StreamRewoundError`.
        """
        while True:
            try:
                head = await self._ledger.head()
            except LedgerUnavailableError as error:
                logger().warning("ledger_unavailable", reason=str(error))
                await asyncio.sleep(1)
                continue
            end = (await api(self._bus.client, f"STREAM.INFO.{AUDIT.stream}"))["state"]["last_seq"]
            if end < head.stream_seq:
                message = f"the stream ends at sequence {end}, the ledger at {head.stream_seq}"
                raise StreamRewoundError(message)
            return await topology.rewind(self._bus.client, AUDIT, max(head.stream_seq, 1))

    async def on_events(self, messages: Sequence[Msg]) -> None:
        """Every fact of the hub, contiguous and as received."""
        batch = [Received(sequence(m), m.subject, m.data, stored_at(m)) for m in messages]
        try:
            outcome = await self._ledger.append(batch, clock.now())
        except LedgerUnavailableError as error:
            raise RetryLaterError(str(error)) from error
        match outcome:
            case Appended():
                self._gap = None
                MISSING.set(0)
                SIZE.set(outcome.head.size)
                if outcome.repeated:
                    REPEATED_EVENTS.inc(len(outcome.repeated))
                    logger().error("event_id_repeated", sequences=outcome.repeated)
            case Gap(expected, got):
                self._gap = outcome
                MISSING.set(expected)
                await asyncio.sleep(PAUSE_AFTER_GAP)
                await topology.rewind(self._bus.client, AUDIT, expected)
                message = f"expected sequence {expected}, got {got}; reading again from there"
                raise AbandonBatchError(message)
            case Rewound(at):
                message = f"the stream holds other content at sequence {at} than the ledger"
                raise StreamRewoundError(message)

    async def is_writable(self) -> str | None:
        """Readiness: the ledger answers."""
        try:
            await self._ledger.head()
        except LedgerUnavailableError as error:
            return str(error)
        return None

    async def is_contiguous(self) -> str | None:
        """Readiness: no message is missing. The record stands still at a gap, for it would not be complete."""
        if self._gap is None:
            return None
        return f"sequence {self._gap.expected} of the stream is missing, {self._gap.got} was delivered"

    async def is_whole(self) -> str | None:
        """Readiness: the stream has lost nothing. Nobody may delete from it: what it does not hold, its disk lost."""
        recorded = (await self._ledger.head()).stream_seq
        state = (await api(self._bus.client, f"STREAM.INFO.{AUDIT.stream}"))["state"]
        if state["last_seq"] < recorded:
            return f"the stream ends at sequence {state['last_seq']}, the ledger at {recorded}"
        if lost := state["last_seq"] - state["messages"]:
            return f"the stream has lost {lost} of its {state['last_seq']} facts; the ledger holds what it recorded"
        return None

    async def stop(self) -> None:
        """Lets the database go after the last batch."""
        await self._ledger.close()
