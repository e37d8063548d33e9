"""What was parked because of a defect is handled once it is mended, on a real bus: once, and as it would have been."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from uuid import UUID, uuid4

import pytest
import pytest_asyncio
from nats.aio.client import Client

from contracts import subjects
from contracts.codes import Space
from contracts.retry_subjects import retried, retry
from contracts.retrying import RetryAnswer, RetryOutcome
from contracts.streams import EVENTS, INTAKE, PARKED, ROUTING_ACTIONS, ROUTING_DUE, ROUTING_REPORTS
from services.runtime.failures import REASON, STORED, SUBJECT, RetryLaterError
from services.runtime.jetstream import at_sequence
from services.runtime.messages import sequence, stored_at
from services.runtime.publishing import SEQUENCE, Fact, Publisher
from services.runtime.sending import connection
from services.stack import retrying
from services.stack.parking import Again, Parked, parked, parked_as
from services.stack.retrying import try_again
from tests.integration.http.hub import Hub, running_hub
from tests.integration.runtime.working import WHERE, Working, working

FACT = subjects.report(Space.ACTUAL, subjects.Origin("ub", "u-1"), UUID(int=4))


@pytest_asyncio.fixture
async def hub(server_folder: Path) -> AsyncIterator[Hub]:
    """nats-server with our streams, and no service."""
    async with running_hub(server_folder) as running:
        yield running


@pytest_asyncio.fixture
async def service(hub: Hub) -> AsyncIterator[Working]:
    async with working(hub) as running:
        yield running


@pytest_asyncio.fixture
async def asking(hub: Hub) -> AsyncIterator[Client]:
    """Somebody else's connection."""
    async with connection(hub.nats.url) as client:
        yield client


async def test_a_fact_that_a_defect_parked_is_handled_once_the_defect_is_mended(
    service: Working, asking: Client
) -> None:
    """Breaks when a report that was acknowledged is never routed: parked, its facts would be nobody's work again."""
    await service.bus.publisher.record([Fact(FACT, b"the fact", "phoihop.ReportAccepted.v1")])
    handler = service.handlers[ROUTING_REPORTS.durable]
    handler.defect = KeyError("a defect")
    delivered = await service.deliver(ROUTING_REPORTS)
    (row,) = await parked(asking)
    handler.defect = None

    (answer,) = await try_again(asking, [row])

    assert (row.again, row.subject, row.origin) == (Again.SERVICE, FACT, sequence(delivered))
    assert (answer.outcome, answer.reason) == (RetryOutcome.DONE, "")
    ((subject, number, at, _, body, kind),) = handler.told
    assert (subject, number, body, kind) == (FACT, row.origin, b"the fact", "phoihop.ReportAccepted.v1")
    assert at == stored_at(delivered)
    assert await parked(asking) == []


async def test_an_action_tried_again_is_the_same_submission_of_the_same_time(service: Working, asking: Client) -> None:
    """Otherwise it would be decided as another act, handed in when somebody mended the defect."""
    handler = service.handlers[ROUTING_ACTIONS.durable]
    handler.defect = ValueError("a defect")
    mine = uuid4()
    await Publisher(asking).submit(WHERE, b"the act", mine, "application/json")
    delivered = await service.deliver(ROUTING_ACTIONS)
    handler.defect = None
    (row,) = await parked(asking)

    (answer,) = await try_again(asking, [row])

    assert answer.outcome is RetryOutcome.DONE
    assert handler.told == [(WHERE, sequence(delivered), stored_at(delivered), mine, b"the act", "")]
    assert row.stored_at == stored_at(delivered).isoformat()
    assert [one.outcome for one in await try_again(asking, [row])] == [RetryOutcome.GONE]
    assert len(handler.told) == 1


async def test_what_still_fails_stays_and_the_new_reason_is_told(service: Working, asking: Client) -> None:
    row = await service.parks_an_action()
    service.handlers[ROUTING_ACTIONS.durable].defect = ValueError("another defect")

    (answer,) = await try_again(asking, [row])

    assert (answer.outcome, answer.reason) == (RetryOutcome.FAILED, "ValueError: another defect")
    assert await parked(asking) == [row]


async def test_while_something_is_away_it_stays_and_is_no_failure(service: Working, asking: Client) -> None:
    row = await service.parks_an_action()
    service.handlers[ROUTING_ACTIONS.durable].defect = RetryLaterError("no register yet")

    (answer,) = await try_again(asking, [row])

    assert answer.outcome is RetryOutcome.LATER
    assert "no register yet" in answer.reason
    assert await parked(asking) == [row]


async def test_a_number_of_somebody_else_or_of_nothing_does_nothing(service: Working, asking: Client) -> None:
    """Otherwise a number would be enough to have one service swallow what another has to handle."""
    row = await service.parks_an_action()
    service.handlers[ROUTING_ACTIONS.durable].defect = None
    before = dict.fromkeys(service.handlers, 0) | {name: one.tries for name, one in service.handlers.items()}
    foreign = Parked(row.parked_at, "EVENTS", "routing-reports", "", "", row.sequence, Again.SERVICE)
    invented = Parked(row.parked_at, "INBOX", "routing-actions", "", "", 4711, Again.SERVICE)

    answers = await try_again(asking, [foreign, invented])

    assert [one.outcome for one in answers] == [RetryOutcome.NOT_OURS, RetryOutcome.GONE]
    assert {name: one.tries for name, one in service.handlers.items()} == before
    assert await parked(asking) == [row]


async def test_what_is_no_question_is_answered_and_stops_nothing(service: Working, asking: Client) -> None:
    row = await service.parks_an_action()
    service.handlers[ROUTING_ACTIONS.durable].defect = None
    heard = await asking.subscribe(retried(row.stream, row.consumer))

    for asked in (b"", b"{", b"\xff", b'{"sequence": 0}', b'{"sequence": "1"}', b'{"sequence": 1, "x": 2}'):
        await asking.publish(retry(row.stream, row.consumer), asked)
        answer = RetryAnswer.model_validate_json((await heard.next_msg(timeout=30)).data)
        assert (answer.sequence, answer.outcome) == (0, RetryOutcome.NOT_OURS)
    assert [one.outcome for one in await try_again(asking, [row])] == [RetryOutcome.DONE]


async def test_a_fact_that_is_no_longer_where_it_was_is_told_and_nothing_else_is_handled(
    service: Working, asking: Client
) -> None:
    """After a disaster another fact may have its number; handling that one would help nobody."""
    await service.bus.publisher.record([Fact(subjects.course(Space.ACTUAL, UUID(int=5)), b"x", "x")])
    lost = {SUBJECT: FACT, SEQUENCE: "1", REASON: "KeyError in on_reports"}
    await service.bus.publisher.park(EVENTS.name, ROUTING_REPORTS.durable, lost, b"")
    (row,) = await parked(asking)

    (answer,) = await try_again(asking, [row])

    assert (answer.outcome, answer.reason.split(" ")[0]) == (RetryOutcome.FAILED, "LostOriginalError")
    assert service.handlers[ROUTING_REPORTS.durable].tries == 0


async def test_a_copy_from_before_its_time_was_kept_is_tried_with_its_own(service: Working, asking: Client) -> None:
    old = {SUBJECT: WHERE, SEQUENCE: "9", REASON: "ValueError: x"}
    await service.bus.publisher.park(ROUTING_ACTIONS.stream, ROUTING_ACTIONS.durable, old, b"old")
    (row,) = await parked(asking)
    assert row.stored_at is None

    (answer,) = await try_again(asking, [row])

    assert answer.outcome is RetryOutcome.DONE
    ((_, number, at, _, body, _),) = service.handlers[ROUTING_ACTIONS.durable].told
    assert (number, at.isoformat(), body) == (9, row.parked_at, b"old")


async def test_a_service_that_is_away_is_not_waited_for_and_what_was_first_is_asked_first(
    service: Working, asking: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Acts of one desk were sent in an order; and a service that is down must not cost a wait for each of its rows."""
    monkeypatch.setattr(retrying, "ANSWER_SECONDS", 60.0)
    rows = [await service.parks_an_action(str(number).encode()) for number in range(3)]
    due = {SUBJECT: "deadline.due.x", SEQUENCE: "1", REASON: "x", STORED: rows[0].parked_at}
    for number in ("1", "2"):
        await service.bus.publisher.park(ROUTING_DUE.stream, ROUTING_DUE.durable, due | {SEQUENCE: number}, b"")
    service.handlers[ROUTING_ACTIONS.durable].defect = None

    async with asyncio.timeout(50):
        answers = await try_again(asking, await parked(asking))

    assert [one.outcome for one in answers] == [RetryOutcome.DONE] * 3 + [RetryOutcome.LATER] * 2
    assert [told[4] for told in service.handlers[ROUTING_ACTIONS.durable].told] == [b"0", b"1", b"2"]
    assert [one.consumer for one in await parked(asking)] == ["routing-due"] * 2


async def test_what_is_sealed_and_what_the_server_noted_is_asked_of_nobody(service: Working, asking: Client) -> None:
    """Only who keeps the vault's key can open it, and hands it in again in its sender's name."""
    sealed = {SUBJECT: subjects.report_inbox("ub", "u-1"), SEQUENCE: "1", REASON: "x"}
    await service.bus.publisher.park(INTAKE.stream, INTAKE.durable, sealed, b"sealed")
    (row,) = await parked(asking)
    note = Parked(row.parked_at, "INBOX", "intake", "", "msg_terminated", 4711)

    answers = await try_again(asking, [row, note])

    assert [one.outcome for one in answers] == [RetryOutcome.NOT_OURS] * 2
    assert "phoihop ledger personal parked --retry" in answers[0].reason
    assert service.handlers[INTAKE.durable].tries == 0
    assert await parked_as(asking, row.sequence) == row
    assert await at_sequence(asking, PARKED.name, 4711) is None
