"""A gap in the stream stops the record, raises the alarm and turns readiness red, until the message is there."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import pytest
import pytest_asyncio
from nats.aio.msg import Msg

from services.audit.entries import Head, Received
from services.audit.handlers import Audit
from services.audit.measures import MISSING
from services.audit.sequence import Appended, Gap, InOrder, Rewound, arrange
from services.audit.tlog.merkle import CompactRange
from services.runtime import topology
from services.runtime.broker import Bus
from services.runtime.embedded.nats import start_nats
from services.runtime.failures import AbandonBatchError
from services.runtime.settings import RuntimeSettings

STORED = 5


@dataclass
class LedgerInMemory:
    """Takes what continues it and refuses what does not, as the real one does."""

    sequences: list[int] = field(default_factory=list)

    async def head(self) -> Head:
        return Head(len(self.sequences), CompactRange())

    async def append(self, batch: Sequence[Received], recorded_at: datetime) -> Appended | Gap | Rewound:
        assert recorded_at.tzinfo is not None
        arranged = arrange(batch, len(self.sequences))
        if not isinstance(arranged, InOrder):
            return arranged
        self.sequences += [message.stream_seq for message in arranged.new]
        return Appended(await self.head(), len(arranged.new), len(arranged.known))

    async def close(self) -> None:
        """Nothing to let go."""


@pytest_asyncio.fixture
async def bus(system_folder: Path) -> AsyncIterator[Bus]:
    server = await start_nats(system_folder / "nats")
    bus = Bus(RuntimeSettings(nats_url=server.url))
    await bus.connect()
    await topology.apply(bus.client)
    for number in range(STORED):
        await bus.client.jetstream().publish(f"actual.report.a.u.{number}", b"{}")
    yield bus
    bus.stopping = True
    await bus.broker.stop()
    await server.stop()


async def delivered(bus: Bus) -> list[Msg]:
    pull = await bus.client.jetstream().pull_subscribe_bind("audit", "EVENTS")
    messages = await pull.fetch(STORED, timeout=5)
    await pull.unsubscribe()
    return messages


async def test_a_gap_stops_the_record_and_says_so_until_the_message_is_there(bus: Bus) -> None:
    """Broken when a message that was not delivered is passed over: the record would claim to be complete."""
    ledger = LedgerInMemory()
    audit = Audit(bus, ledger)
    await audit.start()
    one, two, _, *rest = await delivered(bus)
    with pytest.raises(AbandonBatchError, match="expected sequence 3, got 4"):
        await audit.on_events([one, two, *rest])
    assert ledger.sequences == []
    await audit.on_events([one, two])
    with pytest.raises(AbandonBatchError):
        await audit.on_events(rest)
    assert MISSING._value.get() == 3
    assert await audit.is_contiguous() == "sequence 3 of the stream is missing, 4 was delivered"

    again = await delivered(bus)
    assert again[0].metadata.sequence.stream == 3, "the stream was asked for the missing one"
    await audit.on_events(again)
    assert ledger.sequences == [1, 2, 3, 4, 5]
    assert (MISSING._value.get(), await audit.is_contiguous()) == (0, None)
