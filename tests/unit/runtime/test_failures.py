"""What becomes of messages whose handling fails: retried while something is away, parked when hopeless, never lost."""

import asyncio
from collections.abc import Callable, Iterator, MutableMapping, Sequence
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest
from nats.aio.msg import Msg
from nats.errors import ConnectionClosedError
from structlog.testing import capture_logs

from contracts.streams import AUDIT, ROUTING_ACTIONS, ROUTING_REPORTS, Consumer
from services.runtime import failures
from services.runtime.failures import REASON, STORED, SUBJECT, AbandonBatchError, FailurePolicy, RetryLaterError
from services.runtime.jetstream import BusUnavailableError
from services.runtime.publishing import SEQUENCE

AT = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
AWAY = [BusUnavailableError("x"), RetryLaterError("x"), ConnectionClosedError(), ConnectionError(), TimeoutError()]


class Message:
    """A delivered message that remembers what was said to the server about it."""

    def __init__(self, number: int) -> None:
        self.subject = f"a.subject.{number}"
        self.data = f"body {number}".encode()
        self.headers: dict[str, str] | None = None
        self.metadata = SimpleNamespace(sequence=SimpleNamespace(stream=number), timestamp=AT)
        self.said: list[str] = []

    async def ack(self) -> None:
        self.said.append("ack")

    async def in_progress(self) -> None:
        self.said.append("in progress")


class Parking:
    """Stands for the publisher; refuses as long as `away` says."""

    def __init__(self, away: int = 0) -> None:
        self.away = away
        self.parked: list[tuple[dict[str, str], bytes]] = []

    async def park(self, _stream: str, _consumer: str, original: dict[str, str], body: bytes) -> None:
        if self.away:
            self.away -= 1
            raise BusUnavailableError("away")
        self.parked.append((original, body))


class Handler:
    """Fails as told for the sequences named, a given number of times or always; remembers the batches it was given."""

    def __init__(self, failing: Callable[[int], Exception | None] = lambda _: None, times: int = 10**9) -> None:
        self.failing = failing
        self.times = times
        self.batches: list[list[int]] = []

    async def __call__(self, messages: Sequence[Msg]) -> None:
        numbers = [message.metadata.sequence.stream for message in messages]
        self.batches.append(numbers)
        for error in filter(None, map(self.failing, numbers)):
            if self.times > 0:
                self.times -= 1
                raise error


@pytest.fixture(autouse=True)
def logged(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[MutableMapping[str, Any]]]:
    """No pauses, and the log records in a list."""
    monkeypatch.setattr(failures, "FIRST_PAUSE", 0.0)
    monkeypatch.setattr(failures, "LONGEST_PAUSE", 0.0)
    with capture_logs() as records:
        yield records


def _batch(count: int = 3) -> list[Any]:
    return [Message(number) for number in range(1, count + 1)]


def _policy(handler: Any, parking: Parking | None = None, consumer: Consumer = ROUTING_REPORTS) -> FailurePolicy:
    publisher: Any = parking or Parking()
    return FailurePolicy(consumer, handler, lambda: publisher)


def _only(number: int, error: Exception) -> Callable[[int], Exception | None]:
    return lambda one: error if one == number else None


async def test_what_was_handled_is_acknowledged_once() -> None:
    batch, handler = _batch(), Handler()

    await _policy(handler).handle(batch)

    assert handler.batches == [[1, 2, 3]]
    assert [message.said for message in batch] == [["ack"]] * 3


@pytest.mark.parametrize("error", AWAY, ids=lambda error: type(error).__name__)
async def test_while_something_is_away_the_same_batch_is_tried_again_and_never_parked(error: Exception) -> None:
    """Breaks if an outage counted as a failure of the message: a long one would park everything."""
    batch, handler, parking = _batch(), Handler(_only(2, error), times=50), Parking()

    await _policy(handler, parking).handle(batch)

    assert handler.batches == [[1, 2, 3]] * 51
    assert parking.parked == []
    assert [message.said for message in batch] == [["ack"]] * 3


async def test_nothing_is_acknowledged_before_its_handling_has_ended() -> None:
    """A crash in the middle must find the whole batch again."""
    batch = _batch()
    seen: list[list[str]] = []

    async def handler(messages: Sequence[Any]) -> None:
        seen.extend(message.said.copy() for message in messages)

    await _policy(handler).handle(batch)

    assert seen == [[], [], []]


async def test_a_poison_message_is_parked_with_its_reason_and_blocks_nobody() -> None:
    batch, handler, parking = _batch(), Handler(_only(2, ValueError("no such\nincident"))), Parking()

    await _policy(handler, parking, ROUTING_ACTIONS).handle(batch)

    assert handler.batches == [[1, 2, 3], [1], [2], [3]]
    ((original, body),) = parking.parked
    told = {SUBJECT: "a.subject.2", SEQUENCE: "2", REASON: "ValueError: no such incident"}
    assert original == told | {STORED: AT.isoformat()}
    assert body == b"body 2"
    assert [message.said for message in batch] == [["ack"]] * 3


async def test_of_a_fact_nothing_is_copied_that_an_operator_may_not_read() -> None:
    """Who looks after what was parked reads no reports; the fact itself stays in EVENTS, for whoever may."""
    parking = Parking()

    await _policy(Handler(_only(1, ValueError("Cháy nhà ông A, xã B"))), parking).handle(_batch(1))

    ((original, body),) = parking.parked
    assert body == b""
    assert original[REASON].startswith("ValueError in ")
    assert "Cháy" not in original[REASON]
    assert original[SEQUENCE] == "1"


async def test_a_reason_stays_one_short_header_line() -> None:
    """A header with line breaks would forge further headers; an endless one would not fit."""
    parking = Parking()

    await _policy(Handler(_only(1, ValueError("\r\nX-Forged: 1" * 1000))), parking, ROUTING_ACTIONS).handle(_batch(1))

    reason = parking.parked[0][0][REASON]
    assert len(reason) <= 500
    assert "\n" not in reason
    assert "\r" not in reason


async def test_a_poison_message_is_not_acknowledged_before_its_copy_is_kept() -> None:
    """The one place where a message leaves its stream unhandled: the copy must be on disk first."""
    batch, parking = _batch(1), Parking(away=20)

    await _policy(Handler(_only(1, KeyError("x"))), parking).handle(batch)

    assert parking.away == 0
    assert len(parking.parked) == 1
    assert batch[0].said == ["ack"]


async def test_an_outage_while_looking_for_the_poison_parks_only_the_poison() -> None:
    trouble: list[Exception] = [ValueError("bad"), TimeoutError(), TimeoutError(), ValueError("bad")]
    handler = Handler(lambda one: trouble.pop(0) if one == 1 and trouble else None)
    batch, parking = _batch(2), Parking()

    await _policy(handler, parking).handle(batch)

    assert handler.batches == [[1, 2], [1], [1], [1], [2]]
    assert [original[SEQUENCE] for original, _ in parking.parked] == ["1"]


async def test_an_ordered_consumer_leaves_nothing_out_whatever_fails() -> None:
    """The audit proves contiguity: it stands still and turns red rather than go on without a fact."""
    batch, handler, parking = _batch(), Handler(_only(2, ValueError("defect")), times=30), Parking()

    await _policy(handler, parking, AUDIT).handle(batch)

    assert handler.batches == [[1, 2, 3]] * 31
    assert parking.parked == []


async def test_an_ordered_consumer_acknowledges_the_last_for_all() -> None:
    batch = _batch()

    await _policy(Handler(), consumer=AUDIT).handle(batch)

    assert [message.said for message in batch] == [[], [], ["ack"]]


async def test_a_batch_given_back_is_not_acknowledged() -> None:
    batch, parking = _batch(), Parking()

    await _policy(Handler(_only(1, AbandonBatchError("the stream was rewound"))), parking, AUDIT).handle(batch)

    assert parking.parked == []
    assert [message.said for message in batch] == [[]] * 3


async def test_a_stop_in_the_middle_acknowledges_nothing() -> None:
    batch = _batch()

    async def handler(_: Sequence[Msg]) -> None:
        await asyncio.sleep(60)

    work = asyncio.create_task(_policy(handler).handle(batch))
    await asyncio.sleep(0)
    work.cancel()
    with pytest.raises(asyncio.CancelledError):
        await work

    assert [message.said for message in batch] == [[]] * 3


async def test_long_work_is_announced_so_that_it_is_not_delivered_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(failures, "half_of_ack_wait", lambda _: 0.001)
    batch = _batch(2)

    async def handler(messages: Sequence[Any]) -> None:
        async with asyncio.timeout(40):
            while not all(message.said.count("in progress") > 2 for message in messages):  # noqa: ASYNC110 - no event
                await asyncio.sleep(0.001)

    await _policy(handler).handle(batch)
    said = [message.said.copy() for message in batch]
    await asyncio.sleep(0.01)

    assert all(one[-1] == "ack" for one in said)
    assert [message.said for message in batch] == said


async def test_a_failing_batch_shows_for_how_long_and_then_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    """Readiness turns red by this, long before anybody misses the messages."""
    now = [100.0]
    monkeypatch.setattr(failures, "monotonic", lambda: now[0])
    stuck: list[float] = []

    async def handler(_: Sequence[Msg]) -> None:
        stuck.append(policy.stuck_seconds)
        now[0] += 7
        if len(stuck) < 3:
            raise RetryLaterError("away")

    policy = _policy(handler)
    await policy.handle(_batch())

    assert stuck == [0.0, 7.0, 14.0]  # the first try counts: its wait for an answer was part of it
    assert policy.stuck_seconds == 0.0


async def test_pauses_grow_and_stay_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    pauses: list[float] = []
    monkeypatch.setattr(failures, "FIRST_PAUSE", 0.1)
    monkeypatch.setattr(failures, "LONGEST_PAUSE", 5.0)
    real_sleep = asyncio.sleep

    async def sleep(seconds: float) -> None:
        if seconds < ROUTING_REPORTS.ack_wait.total_seconds() / 2:
            pauses.append(seconds)
        await real_sleep(0)

    monkeypatch.setattr("services.runtime.failures.asyncio.sleep", sleep)

    await _policy(Handler(_only(1, TimeoutError()), times=9)).handle(_batch())

    assert pauses[:7] == pytest.approx([0.1, 0.2, 0.4, 0.8, 1.6, 3.2, 5.0])
    assert max(pauses) == pytest.approx(5.0)


async def test_each_step_is_one_named_record(logged: list[MutableMapping[str, Any]]) -> None:
    trouble: list[Exception] = [TimeoutError(), ValueError("bad"), ValueError("bad")]

    await _policy(Handler(lambda one: trouble.pop(0) if one == 1 and trouble else None)).handle(_batch(2))

    assert [record["event"] for record in logged] == ["retry_later", "parked"]
    assert {record["consumer"] for record in logged} == {"routing-reports"}
