"""A parked message handled once more: by the same handler, never beside a batch, told as its delivery was."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from nats.aio.msg import Msg
from nats.errors import MsgAlreadyAckdError

from contracts.streams import AUDIT, AUDIT_SEALED, INTAKE, ROUTING_ACTIONS, ROUTING_DUE, ROUTING_REPORTS, Consumer
from services.runtime import failures
from services.runtime.failures import KEPT, REASON, STORED, FailurePolicy
from services.runtime.jetstream import Stored
from services.runtime.messages import as_delivered, sequence, stored_at, submission
from services.runtime.publishing import EVENT_TYPE_HEADER, SUBMISSION_HEADER

AT = datetime(2026, 11, 22, 3, 0, 0, 123457, tzinfo=UTC)
SUBMISSION = "019a8f2e-5b00-7000-8000-000000000007"
NOBODY: Any = None


class Parking:
    """Stands for the publisher."""

    def __init__(self) -> None:
        self.parked: list[tuple[Mapping[str, str], bytes]] = []

    async def park(self, _stream: str, _consumer: str, original: Mapping[str, str], body: bytes) -> None:
        self.parked.append((original, body))


class Client:
    """Stands for the connection; remembers what was said to the server."""

    def __init__(self) -> None:
        self.said: list[str] = []

    async def publish(self, subject: str, *_: object, **__: object) -> None:
        self.said.append(subject)


def _message(consumer: Consumer = ROUTING_ACTIONS, **headers: str) -> Msg:
    named = {name.replace("_", "-"): said for name, said in headers.items()}
    original = Stored("inbox.action.a.d", 7, AT, b"body", named)
    client: Any = Client()
    return replace(as_delivered(client, consumer, original), _ackd=False)


async def _parks(consumer: Consumer, message: Msg) -> tuple[Mapping[str, str], bytes]:
    """What is kept of a message that its handler cannot handle."""

    async def fails(_: Sequence[Msg]) -> None:
        raise ValueError("no such incident")

    parking: Any = Parking()
    await FailurePolicy(consumer, fails, lambda: parking).handle([message])
    ((original, body),) = parking.parked
    return original, body


async def test_the_copy_keeps_what_its_handler_reads_and_nothing_that_commands_the_server() -> None:
    """Without them a later try would take it for another submission, handed in now."""
    message = _message(Phoihop_Submission=SUBMISSION, Content_Type="application/json", Nats_TTL="1s", X_Other="x")

    original, body = await _parks(ROUTING_ACTIONS, message)

    assert original[STORED] == AT.isoformat()
    assert {name: original[name] for name in KEPT if name in original} == {
        SUBMISSION_HEADER: SUBMISSION,
        "Content-Type": "application/json",
    }
    assert not {"Nats-TTL", "X-Other"} & original.keys()
    assert body == b"body"


@pytest.mark.parametrize("said", ["", "x" * 201, "a\nb", "\udcff"])
async def test_a_header_that_would_not_pass_into_the_copy_is_left_out(said: str) -> None:
    """One that cannot be sent would keep the message from being parked, and its batch from going on."""
    original, _ = await _parks(ROUTING_ACTIONS, _message(Phoihop_Submission=said))

    assert SUBMISSION_HEADER not in original


async def test_of_a_fact_only_its_time_is_kept_and_of_what_is_sealed_nothing() -> None:
    fact, _ = await _parks(ROUTING_REPORTS, _message(ROUTING_REPORTS, Phoihop_Type="phoihop.ReportAccepted.v1"))
    sealed, _ = await _parks(AUDIT_SEALED, _message(AUDIT_SEALED, Phoihop_Submission=SUBMISSION))

    assert EVENT_TYPE_HEADER not in fact
    assert fact[STORED] == AT.isoformat()
    assert not {STORED, *KEPT} & sealed.keys()


@pytest.mark.parametrize("microsecond", [0, 1, 123456, 999999])
@pytest.mark.parametrize("day", [0, 1000, 9000])
def test_a_stored_message_tells_the_same_as_its_delivery_did(day: int, microsecond: int) -> None:
    """One microsecond beside the first time would make other facts of the same input."""
    at = AT.replace(microsecond=microsecond) + timedelta(days=day)
    again = as_delivered(NOBODY, ROUTING_ACTIONS, Stored("s", 7, at, b"b", {SUBMISSION_HEADER: SUBMISSION}))

    assert (sequence(again), stored_at(again), str(submission(again))) == (7, at, SUBMISSION)
    assert (again.metadata.stream, again.metadata.consumer) == ("INBOX", "routing-actions")


async def test_what_is_tried_again_can_never_be_acknowledged() -> None:
    """The server goes by numbers alone: it would count for whatever is being delivered just now."""
    with pytest.raises(MsgAlreadyAckdError):
        await as_delivered(NOBODY, ROUTING_ACTIONS, Stored("s", 7, AT, b"b", {})).ack()


async def test_one_more_try_runs_the_handler_once_and_raises_what_it_raises() -> None:
    handled: list[int] = []

    async def handler(messages: Sequence[Msg]) -> None:
        handled.extend(map(sequence, messages))
        if len(handled) > 1:
            raise ValueError("still")

    client, parking = Client(), Parking()
    connection: Any = client
    publisher: Any = parking
    policy = FailurePolicy(ROUTING_ACTIONS, handler, lambda: publisher)
    message = replace(_message(), _client=connection)
    await policy.again(message)
    with pytest.raises(ValueError, match="still"):
        await policy.again(message)

    assert handled == [7, 7]
    assert (client.said, parking.parked) == ([], [])
    assert policy.finished == policy.silent_seconds == policy.stuck_seconds == 0


async def test_a_try_and_a_batch_never_meet_in_the_handler() -> None:
    """Handlers count on being called one at a time: two would decide on what the other is changing."""
    inside, most = 0, 0
    go_on = asyncio.Event()

    async def handler(_: Sequence[Msg]) -> None:
        nonlocal inside, most
        inside += 1
        most = max(most, inside)
        await go_on.wait()
        await asyncio.sleep(0)
        inside -= 1

    policy = FailurePolicy(ROUTING_ACTIONS, handler, lambda: NOBODY)
    work = [asyncio.create_task(policy.again(_message())), asyncio.create_task(policy.handle([_message()]))]
    work.append(asyncio.create_task(policy.again(_message())))
    for _ in range(5):
        await asyncio.sleep(0)
    go_on.set()
    await asyncio.gather(*work)

    assert (most, policy.finished) == (1, 1)


async def test_a_try_behind_a_batch_that_does_not_end_gives_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever asked is told so; the batch in hand is left alone."""
    monkeypatch.setattr(failures, "TURN_SECONDS", 0.01)
    started, go_on = asyncio.Event(), asyncio.Event()

    async def handler(_: Sequence[Msg]) -> None:
        started.set()
        await go_on.wait()

    policy = FailurePolicy(ROUTING_ACTIONS, handler, lambda: NOBODY)
    work = asyncio.create_task(policy.handle([_message()]))
    await started.wait()
    with pytest.raises(TimeoutError):
        await policy.again(_message())
    go_on.set()
    await work

    assert policy.finished == 1
    await policy.again(_message())


async def test_a_try_that_hangs_is_seen_as_a_batch_that_hangs_is(monkeypatch: pytest.MonkeyPatch) -> None:
    """Otherwise it would hold its consumer up for ever and nobody would end the process."""
    now = [100.0]
    monkeypatch.setattr(failures, "monotonic", lambda: now[0])
    silent: list[float] = []

    async def handler(_: Sequence[Msg]) -> None:
        now[0] += 200
        silent.append(policy.silent_seconds)

    policy = FailurePolicy(ROUTING_DUE, handler, lambda: NOBODY)
    await policy.again(_message(ROUTING_DUE))

    assert silent == [200.0]
    assert policy.silent_seconds == 0


def test_what_is_sealed_or_ordered_is_not_tried_again_by_its_service() -> None:
    """A sealed copy cannot be read by whoever parked it, and an ordered consumer never leaves one out."""

    async def handler(_: Sequence[Msg]) -> None:
        return

    made = [FailurePolicy(one, handler, lambda: NOBODY) for one in (INTAKE, AUDIT, AUDIT_SEALED, ROUTING_REPORTS)]
    concealing = FailurePolicy(ROUTING_ACTIONS, handler, lambda: NOBODY, lambda body: body)

    assert [policy.tries_again for policy in (*made, concealing)] == [False, False, False, True, False]


async def test_the_reason_of_a_second_failure_says_no_more_of_a_fact_than_the_first() -> None:
    async def fails(_: Sequence[Msg]) -> None:
        raise ValueError("Cháy nhà ông A\nxã B")

    facts, actions = (FailurePolicy(one, fails, lambda: NOBODY) for one in (ROUTING_REPORTS, ROUTING_ACTIONS))
    original, _ = await _parks(ROUTING_REPORTS, _message(ROUTING_REPORTS))
    with pytest.raises(ValueError, match="Cháy") as raised:
        await facts.again(_message(ROUTING_REPORTS))

    assert facts.told(raised.value) == "ValueError in fails" == original[REASON]
    assert actions.told(raised.value) == "ValueError: Cháy nhà ông A xã B"
