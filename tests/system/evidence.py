"""Collects what can be seen from outside: EVENTS by a plain client, the ledger by plain SQL, what desks were handed.

Shares no code with the services, so a mistake of theirs cannot hide itself here. What it means is `checker`'s to say.
"""

import asyncio
import json
import time
from collections.abc import Callable, Coroutine, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import asyncpg
from nats.aio.client import Client
from nats.errors import Error as NatsError

from tests.system.desks import Desk, Received

WORKERS = (
    ("INBOX", "intake"),
    ("INBOX", "routing-actions"),
    ("EVENTS", "routing-reports"),
    ("EVENTS", "routing-schedules"),
    ("DEADLINES", "routing-due"),
)


AT_ONCE = 16
"""Desks emptied at the same time."""
STILL_SECONDS = 12.0
"""Far below ack_wait (30 s): work that waits for a redelivery by time-out is a stall."""


@dataclass(frozen=True, slots=True)
class Fact:
    """One message of EVENTS, parsed by nobody but `json`."""

    sequence: int
    subject: str
    body: bytes
    stored_at: datetime
    event: Mapping[str, Any]
    """Empty where the body is no JSON object."""

    @property
    def id(self) -> str:
        """The event's id."""
        return str(self.event.get("id", f"none at {self.sequence}"))

    @property
    def kind(self) -> str:
        """The event's name without prefix and version."""
        return str(self.event.get("type", "..")).split(".")[1]

    @property
    def data(self) -> Mapping[str, Any]:
        """The event's own data."""
        data = self.event.get("data", {})
        assert isinstance(data, dict)
        return data


@dataclass(frozen=True, slots=True)
class Row:
    """One entry of the ledger."""

    idx: int
    sequence: int
    event_id: str
    event_type: str
    subject: str
    body: bytes


@dataclass(frozen=True, slots=True)
class Parked:
    """One message of PARKED."""

    subject: str
    headers: Mapping[str, str]
    body: bytes


@dataclass(slots=True)
class Evidence:
    """Everything seen, up to one sequence of EVENTS."""

    facts: list[Fact]
    rows: list[Row] = field(default_factory=list)
    desks: dict[str, list[Received]] = field(default_factory=dict)
    """`space/agency/desk` -> everything it was handed, in the order it came."""
    parked: list[Parked] = field(default_factory=list)

    def of(self, kind: str) -> list[Fact]:
        """The facts of one event type, in order."""
        return [fact for fact in self.facts if fact.kind == kind]


async def gather(client: Client, dsn: str, desks: list[Desk] | None = None) -> Evidence:
    """What there is now: the stream, the ledger as far as the stream was read, and every desk's durable emptied.

    `desks` are those that worked. All others join them: who has to look again looks with the same list, because what
    a desk was handed the first time is handed out no more.
    """
    facts = await read_stream(client, "EVENTS")
    last = facts[-1].sequence
    desks = [] if desks is None else desks
    desks[:] = _desks(client, facts, desks)
    await _until(lambda: _ledger_end(dsn), lambda end: end >= last, 30, "the ledger reaches the end of EVENTS")
    await _all(_empty(desk, last) for desk in desks)
    received = {
        f"{desk.space}/{desk.agency}/{desk.desk}": [one for one in desk.received if one.sequence <= last]
        for desk in desks
    }
    return Evidence(facts, await ledger_rows(dsn, last), received, await parked(client))


async def settled(client: Client) -> float:
    """Waits until no worker has anything left to do; how long that took.

    Fails when there is work and nothing moves: nobody may have to wait for a redelivery by time-out after a crash.
    """
    began = moved = time.monotonic()
    before: Any = None
    while True:
        found = {name: await _left(client, stream, name) for stream, name in WORKERS}
        if not any(left for left, _ in found.values()):
            return time.monotonic() - began
        if found != before:
            before, moved = found, time.monotonic()
        assert time.monotonic() - moved < STILL_SECONDS, f"nothing moves, left over: {found}"
        await asyncio.sleep(0.2)


async def read_stream(client: Client, stream: str) -> list[Fact]:
    """Every message of a stream up to its present end, by a reader of our own that acknowledges nothing."""
    js = client.jetstream()
    last = (await js.stream_info(stream)).state.last_seq
    reader = await js.subscribe("", stream=stream, ordered_consumer=True, pending_msgs_limit=0, pending_bytes_limit=0)
    facts: list[Fact] = []
    try:
        while last and (not facts or facts[-1].sequence < last):
            message = await reader.next_msg(timeout=10)
            meta = message.metadata
            facts.append(Fact(meta.sequence.stream, message.subject, message.data, meta.timestamp, _json(message.data)))
    finally:
        await reader.unsubscribe()
    return facts


async def parked(client: Client) -> list[Parked]:
    """What could not succeed, and the server's own complaints."""
    js = client.jetstream()
    state = (await js.stream_info("PARKED")).state
    wanted = range(state.first_seq, state.last_seq + 1) if state.messages else range(0)
    found = [await js.get_msg("PARKED", sequence) for sequence in wanted]
    return [Parked(one.subject or "", one.headers or {}, one.data or b"") for one in found]


async def _left(client: Client, stream: str, name: str) -> tuple[int, int]:
    """How much is left, and how far it is acknowledged."""
    try:
        info = await client.jetstream().consumer_info(stream, name)
    except (NatsError, TimeoutError):
        return 1, -1
    floor = info.ack_floor.stream_seq if info.ack_floor else 0
    return (info.num_pending or 0) + (info.num_ack_pending or 0), floor


async def _all(work: Iterable[Coroutine[Any, Any, None]]) -> None:
    """All of it, a few at a time."""
    limit = asyncio.Semaphore(AT_ONCE)

    async def one(part: Coroutine[Any, Any, None]) -> None:
        async with limit:
            await part

    async with asyncio.TaskGroup() as tasks:
        for part in work:
            tasks.create_task(one(part))


async def _until(
    look: Callable[[], Any], done: Callable[[Any], bool], seconds: float, claim: str, pause: float = 0.2
) -> None:
    found: Any = None
    try:
        async with asyncio.timeout(seconds):
            while True:
                try:
                    if done(found := await look()):
                        return
                except (NatsError, OSError, asyncpg.PostgresError) as error:
                    found = error
                await asyncio.sleep(pause)
    except TimeoutError:
        raise AssertionError(f"not within {seconds} s: {claim}; last seen: {found}") from None


def _desks(client: Client, facts: list[Fact], known: list[Desk]) -> list[Desk]:
    """Every desk that a fact is addressed to, in the real space and in that of exercises; the known ones among them."""
    desks = {desk.durable: desk for desk in known}
    named = {tuple(fact.subject.split(".")[-2:]) for fact in facts if ".dispatch." in fact.subject}
    for agency, name in sorted(named | {(desk.agency, desk.desk) for desk in known}):
        for space in ("actual", "exercise"):
            desk = Desk(client, agency, name, space)
            desks.setdefault(desk.durable, desk)
    return [*desks.values()]


async def _empty(desk: Desk, last: int) -> None:
    """Takes all that is left for this desk."""
    while True:
        await desk.take(0, 500)
        info = await desk.client.jetstream().consumer_info("EVENTS", desk.durable)
        floor = info.ack_floor.stream_seq if info.ack_floor else 0
        if not (info.num_pending or info.num_ack_pending) or floor >= last:
            return


async def _ledger_end(dsn: str) -> int:
    connection = await asyncpg.connect(dsn)
    try:
        return int(await connection.fetchval("SELECT coalesce(max(stream_seq), 0) FROM audit.entry"))
    finally:
        await connection.close()


async def ledger_rows(dsn: str, last: int) -> list[Row]:
    """The entries of the ledger up to this sequence of the stream, by plain SQL."""
    connection = await asyncpg.connect(dsn)
    try:
        found = await connection.fetch(
            "SELECT idx, stream_seq, event_id::text, event_type, subject, body FROM audit.entry"
            " WHERE stream_seq <= $1 ORDER BY idx",
            last,
        )
    finally:
        await connection.close()
    return [Row(*row) for row in found]


def _json(body: bytes) -> Mapping[str, Any]:
    try:
        parsed = json.loads(body)
    except ValueError:
        return {}
    return parsed if isinstance(parsed, dict) else {}
