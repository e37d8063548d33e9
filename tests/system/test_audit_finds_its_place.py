"""Where the audit starts to read: at the ledger's last entry, and nowhere when the stream no longer reaches it."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import pytest
import pytest_asyncio
from nats.aio.client import Client

from services.audit import handlers
from services.audit.entries import Head, Received
from services.audit.handlers import Audit, StreamRewoundError
from services.audit.sequence import Appended
from services.audit.tlog.merkle import CompactRange
from services.runtime import topology
from services.runtime.broker import Bus
from services.runtime.embedded.nats import start_nats
from services.runtime.settings import RuntimeSettings

STORED = 5


@dataclass(frozen=True, slots=True)
class LedgerEndingAt:
    """A ledger of which only the end matters."""

    sequence: int

    async def head(self) -> Head:
        return Head(self.sequence, CompactRange())

    async def append(self, batch: Sequence[Received], recorded_at: datetime) -> Appended:
        raise AssertionError((batch, recorded_at))

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


@pytest.mark.parametrize(("ledger_end", "first"), [(0, 1), (1, 1), (3, 3), (STORED, STORED)])
async def test_the_audit_reads_from_the_last_entry_it_has(bus: Bus, ledger_end: int, first: int) -> None:
    """Broken when it starts after it: a stream that lost its tail and went on would be taken for the same stream."""
    await Audit(bus, LedgerEndingAt(ledger_end)).start()
    pull = await bus.client.jetstream().pull_subscribe_bind("audit", "EVENTS")
    (message,) = await pull.fetch(1, timeout=5)
    assert message.metadata.sequence.stream == first
    await pull.unsubscribe()


async def test_the_audit_refuses_a_stream_that_ends_before_the_ledger(bus: Bus) -> None:
    """Broken when it waits for the sequence to come: what is stored until then would be missing from the record."""
    with pytest.raises(StreamRewoundError, match="the stream ends at sequence 5, the ledger at 7"):
        await Audit(bus, LedgerEndingAt(7)).start()


async def test_a_stream_that_holds_all_there_ever_was_is_whole(bus: Bus) -> None:
    assert await Audit(bus, LedgerEndingAt(STORED)).is_whole() is None
    assert await Audit(bus, LedgerEndingAt(0)).is_whole() is None


async def test_a_stream_that_lost_its_end_while_the_audit_ran_turns_it_red(bus: Bus) -> None:
    """Broken when the new facts that take the place of the lost ones are waited for as if nothing had happened."""
    assert await Audit(bus, LedgerEndingAt(7)).is_whole() == "the stream ends at sequence 5, the ledger at 7"


async def test_a_stream_with_a_hole_turns_it_red(bus: Bus, monkeypatch: pytest.MonkeyPatch) -> None:
    """A server that finds a broken block leaves its messages out and says nothing: counting them is what tells."""

    async def with_a_hole(_client: Client, subject: str) -> dict[str, dict[str, int]]:
        assert subject == "STREAM.INFO.EVENTS"
        return {"state": {"last_seq": 9, "messages": 6}}

    monkeypatch.setattr(handlers, "api", with_a_hole)

    found = await Audit(bus, LedgerEndingAt(8)).is_whole()

    assert found == "the stream has lost 3 of its 9 facts; the ledger holds what it recorded"
