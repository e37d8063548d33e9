"""Batches into a real Postgres: all of a batch or nothing, each message once, whatever is delivered how often."""

import asyncio

import asyncpg
import pytest

from services.audit.connecting import Connection
from services.audit.failures import LedgerNotReadyError, LedgerUnavailableError
from services.audit.recomputing.verification import verify
from services.audit.sequence import Appended, Gap, Rewound
from services.audit.store import Ledger
from services.audit.tlog.merkle import CompactRange
from tests.ledgers import RECORDED, event_body, message, messages


async def rows(superuser: Connection) -> list[tuple[int, int, bytes]]:
    found = await superuser.fetch("SELECT idx, stream_seq, body FROM audit.entry ORDER BY idx")
    return [(row["idx"], row["stream_seq"], row["body"]) for row in found]


async def test_bodies_are_stored_exactly_as_received(ledger: Ledger, superuser: Connection) -> None:
    """The body is the evidence. Parsing and writing it again would lose spaces, order and what we cannot read."""
    bodies = [b"", b"\x00\xff not json", b'{ "id" :\n"x"}', event_body(4), "Huế".encode("utf-16")]
    outcome = await ledger.append([message(seq, body) for seq, body in enumerate(bodies, 1)], RECORDED)
    assert isinstance(outcome, Appended)
    assert [body for _, _, body in await rows(superuser)] == bodies


async def test_batches_continue_the_tree_over_all_entries(ledger: Ledger, superuser: Connection) -> None:
    for first, last in ((1, 3), (4, 4), (5, 11)):
        await ledger.append(messages(first, last), RECORDED)
    leaves = [row["leaf_hash"] for row in await superuser.fetch("SELECT leaf_hash FROM audit.entry ORDER BY idx")]
    head = await ledger.head()
    assert (head.size, head.stream_seq) == (11, 11)
    assert head.root == CompactRange().extend(leaves).root()
    assert await superuser.fetchval("SELECT root FROM audit.position ORDER BY size DESC LIMIT 1") == head.root


async def test_a_redelivered_batch_writes_nothing_twice(ledger: Ledger, superuser: Connection) -> None:
    first = await ledger.append(messages(1, 5), RECORDED)
    again = await ledger.append(messages(1, 5), RECORDED)
    overlapping = await ledger.append(messages(3, 8), RECORDED)
    assert isinstance(first, Appended)
    assert isinstance(again, Appended)
    assert isinstance(overlapping, Appended)
    assert (again.head, again.written, again.skipped) == (first.head, 0, 5)
    assert (overlapping.written, overlapping.skipped) == (3, 3)
    assert [seq for _, seq, _ in await rows(superuser)] == list(range(1, 9))
    assert await superuser.fetchval("SELECT count(*) FROM audit.position") == 2


async def test_a_gap_is_refused_and_nothing_of_the_batch_is_written(ledger: Ledger, superuser: Connection) -> None:
    """The record proves that it is complete: one message left out silently and it would prove nothing."""
    await ledger.append(messages(1, 3), RECORDED)
    assert await ledger.append([message(4), message(6)], RECORDED) == Gap(5, 6)
    assert await ledger.append([message(9)], RECORDED) == Gap(4, 9)
    assert len(await rows(superuser)) == 3
    assert isinstance(await ledger.append(messages(4, 6), RECORDED), Appended)


async def test_other_content_at_a_known_sequence_is_an_alarm_and_nothing_is_written(
    ledger: Ledger, superuser: Connection
) -> None:
    """After a disk loss a stream uses sequences again; skipping them as redelivered would lose new events."""
    await ledger.append(messages(1, 5), RECORDED)
    batch = [message(4), message(5, event_body(50)), message(6)]
    assert await ledger.append(batch, RECORDED) == Rewound(5)
    later = message(5)._replace(stored_at=RECORDED)
    assert await ledger.append([later], RECORDED) == Rewound(5)
    assert [body for _, _, body in await rows(superuser)] == [event_body(n) for n in range(1, 6)]


async def test_an_event_id_that_comes_again_is_recorded_in_its_place_and_reported(
    ledger: Ledger, superuser: Connection, ledger_database: str
) -> None:
    batch = [message(1), message(2, event_body(1)), message(3), message(4, event_body(1))]
    outcome = await ledger.append(batch, RECORDED)
    assert isinstance(outcome, Appended)
    assert outcome.repeated == (2, 4)
    across = await ledger.append([message(5), message(6, event_body(3))], RECORDED)
    assert isinstance(across, Appended)
    assert across.repeated == (6,)
    assert [(seq, body) for _, seq, body in await rows(superuser)] == [
        (one.stream_seq, one.body) for one in (*batch, message(5), message(6, event_body(3)))
    ]
    found = await verify(ledger_database)
    assert (found.verified, found.repeated) == (True, 3)


async def test_of_two_writers_at_the_same_end_each_message_is_written_once(
    ledger: Ledger, writer_dsn: str, ledger_database: str, superuser: Connection
) -> None:
    """During a deploy two audit processes may overlap; a forked ledger could never be put together again."""
    other = await Ledger.open(writer_dsn)
    for first in range(1, 100, 10):
        outcomes = await asyncio.gather(
            ledger.append(messages(first, first + 9), RECORDED), other.append(messages(first, first + 9), RECORDED)
        )
        assert all(isinstance(outcome, Appended) for outcome in outcomes)
    await other.close()
    assert [seq for _, seq, _ in await rows(superuser)] == list(range(1, 101))
    assert (await verify(ledger_database)).verified


async def test_a_ledger_opened_again_goes_on_where_it_ended(ledger: Ledger, writer_dsn: str) -> None:
    await ledger.append(messages(1, 7), RECORDED)
    head = await ledger.head()
    await ledger.close()
    again = await Ledger.open(writer_dsn)
    assert await again.head() == head
    assert isinstance(await again.append(messages(6, 9), RECORDED), Appended)
    await again.close()


async def test_a_call_cancelled_half_way_leaves_no_doubt_behind(ledger: Ledger, ledger_database: str) -> None:
    for first in range(1, 60, 3):
        task = asyncio.create_task(ledger.append(messages(first, first + 2), RECORDED))
        await asyncio.sleep(first / 10_000)
        task.cancel()
        await asyncio.wait([task])
        assert isinstance(await ledger.append(messages(first, first + 2), RECORDED), Appended)
    found = await verify(ledger_database)
    assert (found.verified, found.entries) == (True, 60)


async def test_a_database_without_a_ledger_says_what_to_do(postgres_database: str) -> None:
    with pytest.raises(LedgerNotReadyError):
        await Ledger.open(postgres_database)
    with pytest.raises(LedgerNotReadyError):
        await verify(postgres_database)


async def test_a_superuser_login_writes_with_the_writers_rights_only(ledger_database: str) -> None:
    """The local stack hands every service one login; the ledger's session gives up what it does not need."""
    ledger = await Ledger.open(ledger_database)
    connection = ledger._connection
    assert connection is not None
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await connection.fetch("SELECT body FROM audit.entry")
    await ledger.close()


async def test_nobody_listening_is_unavailable() -> None:
    with pytest.raises(LedgerUnavailableError):
        await Ledger.open("postgresql://nobody@127.0.0.1:1/none")
