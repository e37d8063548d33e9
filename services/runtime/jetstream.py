"""The JetStream API as plain requests, for what the client library does not carry (batches, resets, direct gets)."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, Self

from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.errors import Error as NatsError
from nats.errors import NoRespondersError
from nats.errors import TimeoutError as NatsTimeoutError

REQUEST_TIMEOUT = 5.0
PAGE: Final = 512
"""Messages of one multi-message direct get: some megabytes in memory at once, answered well within the timeout."""
NO_MESSAGE = frozenset({10043, 10057})
BATCH_INCOMPLETE = 10176
"""The first messages of an atomic batch went to a server that is gone, or were dropped with the connection."""
_HEADERS: Final = len("NATS/1.0\r\n\r\n")
_A_HEADER: Final = len(": \r\n")
_NOTHING = frozenset({"204", "404"})
_TRY_LATER = frozenset({408, 429, 500, 503, 507})


class BusUnavailableError(Exception):
    """The bus did not answer in time or is not connected; nothing is known about what was asked. Ask again later."""


class JetStreamBusyError(BusUnavailableError):
    """The server answered that it cannot do this now: starting, full, or the connection broke inside a batch.

    Nothing was stored, and the message is not to blame: the same will succeed later.
    """

    def __init__(self, err_code: int, description: str) -> None:
        super().__init__(f"{description} ({err_code})")
        self.err_code = err_code


class JetStreamRefusedError(Exception):
    """The server answered and refused: asking again in the same way changes nothing."""

    def __init__(self, code: int, err_code: int, description: str) -> None:
        super().__init__(f"{description} ({err_code})")
        self.code = code
        self.err_code = err_code


@dataclass(frozen=True, slots=True)
class Stored:
    """One message as the stream holds it."""

    subject: str
    sequence: int
    stored_at: datetime
    """The hub's clock, UTC, whole microseconds."""
    body: bytes
    headers: Mapping[str, str]


class OversizedError(Exception):
    """More than one message of this server may hold. Sending it again changes nothing; nothing was sent."""


def must_fit(client: Client, subject: str, body: bytes, headers: Mapping[str, str], spare: int = 0) -> None:
    """Raises `OversizedError`. The server ends the connection of whoever sends more than it takes, headers included."""
    size = len(body) + sum(len(name) + len(value) + _A_HEADER for name, value in headers.items()) + _HEADERS + spare
    if size > client.max_payload:
        msg = f"{size} bytes on {subject}, at most {client.max_payload}"
        raise OversizedError(msg)


async def request(client: Client, subject: str, body: bytes, headers: dict[str, str] | None = None) -> Msg:
    """One request; every way of getting no answer is `BusUnavailableError`. Raises `OversizedError`."""
    must_fit(client, subject, body, headers or {})
    try:
        return await client.request(subject, body, timeout=REQUEST_TIMEOUT, headers=headers)
    except (NatsTimeoutError, NoRespondersError, NatsError, TimeoutError, OSError) as error:
        msg = f"no answer on {subject}: {type(error).__name__}"
        raise BusUnavailableError(msg) from error


async def api(client: Client, subject: str, payload: dict[str, Any] | None = None) -> dict[str, Any]:
    """One call of the JetStream API; raises `JetStreamRefusedError` on an error answer."""
    body = b"" if payload is None else json.dumps(payload).encode()
    answer = await request(client, f"$JS.API.{subject}", body)
    return raise_for_error(json.loads(answer.data))


def raise_for_error(answer: dict[str, Any]) -> dict[str, Any]:
    """The answer itself, unless it carries an error: `JetStreamBusyError` or `JetStreamRefusedError`."""
    if error := answer.get("error"):
        code, err_code, description = error.get("code", 0), error.get("err_code", 0), error.get("description", "")
        if code in _TRY_LATER or err_code == BATCH_INCOMPLETE:
            raise JetStreamBusyError(err_code, description)
        raise JetStreamRefusedError(code, err_code, description)
    return answer


async def stream_clock(client: Client, stream: str) -> datetime:
    """What the clock shows by which facts of this stream are stamped: the server's. Ours may have been set wrong."""
    return datetime.fromisoformat((await api(client, f"STREAM.INFO.{stream}"))["ts"])


async def erase(client: Client, stream: str, sequence: int) -> None:
    """Takes one message out of a stream and overwrites it on the server's disk; nothing where it is gone already.

    Acknowledging a message of a work queue would only mark it: its bytes would stay in the block for a while.
    """
    try:
        await api(client, f"STREAM.MSG.DELETE.{stream}", {"seq": sequence})
    except (JetStreamBusyError, JetStreamRefusedError) as error:
        if error.err_code not in NO_MESSAGE:
            raise


async def at_sequence(client: Client, stream: str, sequence: int) -> Stored | None:
    """The message of this number, or None where there is none (any more)."""
    answer = await request(client, f"$JS.API.DIRECT.GET.{stream}", json.dumps({"seq": sequence}).encode())
    return None if _is_end(answer) else _stored(answer)


async def last_on_subject(client: Client, stream: str, subject: str) -> Stored | None:
    """The newest message of one subject, or None when there is none."""
    answer = await request(client, f"$JS.API.DIRECT.GET.{stream}.{subject}", b"")
    return None if _is_end(answer) else _stored(answer)


async def read_subject(client: Client, stream: str, filter_subject: str, first: int = 1) -> AsyncIterator[Stored]:
    """Every stored message under a filter, in stream order, without a consumer."""
    async with _Pages(client, stream, filter_subject) as pages:
        await pages.ask(first)
        while page := await pages.take():
            more = int(page[-1].headers["Nats-Num-Pending"])
            if more:  # the server looks for the next ones while these are handled
                await pages.ask(page[-1].sequence + 1)
            for stored in page:
                yield stored
            if not more:
                return


class _Pages:
    """Multi-message direct gets on one inbox; each asks for a page, which ends with the server's mark.

    A page arrives as a list: waiting for every message by itself takes several times as long as receiving it.
    """

    def __init__(self, client: Client, stream: str, filter_subject: str) -> None:
        self._client = client
        self._filter = filter_subject
        self._api = f"$JS.API.DIRECT.GET.{stream}"
        self._about = f"{filter_subject} of {stream}"
        self._page: list[Msg] = []
        self._ended = asyncio.Event()
        self._heard = False

    async def __aenter__(self) -> Self:
        self._inbox = self._client.new_inbox()
        with self._known_failures():
            self._subscription = await self._client.subscribe(
                self._inbox, cb=self._on_answer, pending_msgs_limit=0, pending_bytes_limit=0
            )
        return self

    async def __aexit__(self, *_: object) -> None:
        with suppress(NatsError):  # the connection may be draining or gone, and the subscription with it
            await self._subscription.unsubscribe()

    async def ask(self, first: int) -> None:
        """For a page that begins at this sequence or later. Only after the page before was taken."""
        self._page = []
        self._ended.clear()
        with self._known_failures():
            ask = {"seq": first, "next_by_subj": self._filter, "batch": PAGE}
            await self._client.publish(self._api, json.dumps(ask).encode(), reply=self._inbox)

    async def take(self) -> Sequence[Stored]:
        """The page asked for; empty where nothing matches. Raises `BusUnavailableError` where the server is silent."""
        with self._known_failures():
            while not self._ended.is_set():
                self._heard = False
                try:
                    await asyncio.wait_for(self._ended.wait(), REQUEST_TIMEOUT)
                except TimeoutError:
                    if not self._heard:
                        raise
        *page, end = self._page
        if not _is_end(end):
            raise BusUnavailableError(f"reading {self._about} stopped")
        return [_stored(answer) for answer in page]

    async def _on_answer(self, answer: Msg) -> None:
        self._heard = True
        self._page.append(answer)
        if "Nats-Sequence" not in (answer.headers or {}):
            self._ended.set()

    @contextmanager
    def _known_failures(self) -> Iterator[None]:
        try:
            yield
        except (NatsError, TimeoutError, OSError) as error:
            msg = f"reading {self._about} stopped: {type(error).__name__}"
            raise BusUnavailableError(msg) from error


def _is_end(answer: Msg) -> bool:
    """Whether the server says that there is nothing, or nothing more; anything else it says is no such answer.

    Taking a server that is still starting for an empty stream would make us forget what is on record.
    """
    headers = answer.headers or {}
    if "Nats-Sequence" in headers:
        return False
    if (status := headers.get("Status")) in _NOTHING:
        return True
    raise BusUnavailableError(f"direct get answered {status} {headers.get('Description', '')}")


def _stored(answer: Msg) -> Stored:
    headers = answer.headers or {}
    return Stored(
        subject=headers["Nats-Subject"],
        sequence=int(headers["Nats-Sequence"]),
        stored_at=parse_time(headers["Nats-Time-Stamp"]),
        body=answer.data,
        headers=headers,
    )


def parse_time(text: str) -> datetime:
    """A server time stamp (RFC 3339 with up to nanoseconds) cut to microseconds, UTC."""
    whole, _, fraction = text.rstrip("Z").partition(".")
    return datetime.fromisoformat(f"{whole}.{fraction[:6]:0<6}").replace(tzinfo=UTC)
