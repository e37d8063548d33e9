"""Gives a restored ledger its lost tail back, entry for entry as it was: the stream has the content, a copy the times.

An entry's leaf holds when it was recorded, so what is merely recorded anew is another entry, and contradicts every
checkpoint that was signed over the old one. A copy of the positions, a line for each batch, keeps those times; it holds
nothing of the content. Each batch is compared with the root in its line before it is written.
"""

import json
import os
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Final

from nats.aio.client import Client
from nats.errors import Error as NatsError
from nats.js.api import AckPolicy, ConsumerConfig, DeliverPolicy
from nats.js.client import JetStreamContext
from pydantic import AwareDatetime, Field, ValidationError

from contracts import subjects
from contracts.frozen import Contract
from contracts.streams import EVENTS
from services.audit.entries import Head, Received, leaf_input
from services.audit.notary.anchor_folder import UnusableFileError
from services.audit.notary.checkpointing import snapshot
from services.audit.sequence import Appended
from services.audit.store import Ledger
from services.audit.tlog.merkle import leaf_hash
from services.runtime.jetstream import REQUEST_TIMEOUT, BusUnavailableError
from services.runtime.messages import sequence, stored_at

_FETCH: Final = 500
_SINCE: Final = """
    SELECT first_idx, size, stream_seq, recorded_at, root FROM audit.position WHERE size > $1 ORDER BY size
"""


class BatchTimes(Contract):
    """One batch of the ledger: which entries, up to which sequence of the stream, when, and the root after it."""

    first_idx: Annotated[int, Field(ge=0)]
    size: Annotated[int, Field(ge=1)]
    stream_seq: Annotated[int, Field(ge=1)]
    recorded_at: AwareDatetime
    root: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


@dataclass(frozen=True, slots=True)
class Refilled:
    """The lost entries are back, as they were."""

    entries: int
    size: int


@dataclass(frozen=True, slots=True)
class NotRefilled:
    """From this entry on nothing was written: what the stream holds now, or the copy says, is not what was recorded."""

    entries: int
    idx: int


async def copy_positions(dsn: str, to: Path) -> int:
    """Add the positions that the copy lacks, on disk when it returns; how many. Raises `LedgerUnavailableError`."""
    known = list(_read(to)) if to.exists() else []  # noqa: ASYNC240 - a command copies one file, nothing beside
    async with snapshot(dsn) as connection:
        rows = await connection.fetch(_SINCE, known[-1].size if known else 0)
    lines = [_line(*row) for row in rows]
    try:
        with to.open("a", encoding="utf-8") as file:
            file.writelines(f"{line}\n" for line in lines)
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        raise UnusableFileError(str(error)) from error
    return len(lines)


async def refill(dsn: str, client: Client, positions: Path) -> Refilled | NotRefilled:
    """Record what the ledger lacks of the batches in the copy, from EVENTS; as the writer, while no service writes.

    Raises `LedgerUnavailableError`, `BusUnavailableError`, `UnusableFileError`.
    """
    ledger = await Ledger.open(dsn)
    try:
        begun = head = await ledger.head()
        for batch in _read(positions):
            if batch.size <= begun.size:
                continue
            received = [message async for message in _messages(client, head.stream_seq + 1, batch.stream_seq)]
            if not _is_the_batch(head, received, batch):
                return NotRefilled(head.size - begun.size, head.size)
            outcome = await ledger.append(received, batch.recorded_at)
            if not isinstance(outcome, Appended) or outcome.written != len(received):
                return NotRefilled(head.size - begun.size, head.size)
            head = outcome.head
        return Refilled(head.size - begun.size, head.size)
    finally:
        await ledger.close()


def _is_the_batch(head: Head, received: list[Received], batch: BatchTimes) -> bool:
    """Whether these messages, recorded then, lead from this head to that root."""
    if head.size != batch.first_idx or head.size + len(received) != batch.size:
        return False
    leaves = [leaf_hash(leaf_input(message, batch.recorded_at)) for message in received]
    return head.range.extend(leaves).root().hex() == batch.root


async def _messages(client: Client, first: int, last: int) -> AsyncIterator[Received]:
    """EVENTS from one sequence to another, read the way the service reads it: the times must be the same."""
    try:
        subscription = await _subscribed(client, first)
        try:
            upcoming = first
            while upcoming <= last:
                for message in await subscription.fetch(min(_FETCH, last - upcoming + 1), timeout=REQUEST_TIMEOUT):
                    upcoming = sequence(message) + 1
                    yield Received(sequence(message), message.subject, message.data, stored_at(message))
        finally:
            await subscription.unsubscribe()
    except (NatsError, TimeoutError, OSError) as error:
        raise BusUnavailableError(f"{EVENTS.name} from {first}: {type(error).__name__}") from error


async def _subscribed(client: Client, first: int) -> JetStreamContext.PullSubscription:
    config = ConsumerConfig(
        deliver_policy=DeliverPolicy.BY_START_SEQUENCE,
        opt_start_seq=first,
        ack_policy=AckPolicy.NONE,
        inactive_threshold=60,
        mem_storage=True,
    )
    return await client.jetstream().pull_subscribe(subjects.EVERYTHING, stream=EVENTS.name, config=config)


def _read(path: Path) -> Iterator[BatchTimes]:
    """The lines of a copy, which must follow one another. Raises `UnusableFileError`."""
    size = None
    try:
        for line in path.read_text(encoding="utf-8").splitlines():
            batch = BatchTimes.model_validate_json(line)
            if size is not None and batch.first_idx != size:
                raise UnusableFileError(f"{path}: no line for entry {size}")
            size = batch.size
            yield batch
    except (OSError, UnicodeDecodeError, ValidationError) as error:
        raise UnusableFileError(f"{path}: {error}") from error


def _line(first_idx: int, size: int, stream_seq: int, recorded_at: datetime, root: bytes) -> str:
    at = recorded_at.astimezone(UTC).isoformat()
    told = {"first_idx": first_idx, "size": size, "stream_seq": stream_seq, "recorded_at": at, "root": root.hex()}
    return json.dumps(told)
