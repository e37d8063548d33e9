"""Thousands of schedules go out in a few batches; the server still puts each message out once, at its time."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest_asyncio
from nats.aio.client import Client

from contracts import subjects
from contracts.codes import Space
from contracts.identifiers import new_id
from contracts.streams import DEADLINES
from services.runtime import topology
from services.runtime.embedded.nats import NatsServer
from services.runtime.jetstream import Stored, api, read_subject
from services.runtime.publishing import MAX_BATCH, Deadline, Publisher, ReportDeadline
from services.runtime.sending import connection

HOUR = timedelta(hours=1)


@pytest_asyncio.fixture
async def client(fresh_nats: NatsServer) -> AsyncIterator[Client]:
    """Connected to a server with our streams."""
    async with connection(fresh_nats.url) as connected:
        await topology.apply(connected, [DEADLINES], [])
        yield connected


async def test_more_than_a_batch_of_schedules_are_each_put_out_once_and_not_early(client: Client) -> None:
    """A schedule lost between two batches would leave silence to the sweep, which comes seconds later."""
    due = datetime.now(UTC) + timedelta(seconds=2)
    wanted = [Deadline(Space.ACTUAL, new_id(), new_id(), due) for _ in range(MAX_BATCH + 100)]

    await Publisher(client).schedule(wanted)
    messages = await _put_out(client, len(wanted))

    assert sorted(one.subject for one in messages) == sorted(
        subjects.due(one.space, one.incident, one.obligation) for one in wanted
    )
    assert min(one.stored_at for one in messages) >= due


async def test_a_schedule_asked_for_again_replaces_the_one_before_also_within_one_batch(client: Client) -> None:
    """Otherwise a desk that was given more time would be asked at the first time all the same."""
    publisher, now = Publisher(client), datetime.now(UTC)
    postponed = Deadline(Space.ACTUAL, new_id(), new_id(), now)
    later = Deadline(Space.ACTUAL, postponed.incident, postponed.obligation, now + HOUR)
    soon = Deadline(Space.ACTUAL, new_id(), new_id(), now + timedelta(seconds=1))

    await publisher.schedule([postponed, later, soon])
    (put_out,) = await _put_out(client, 1)

    assert put_out.subject == subjects.due(soon.space, soon.incident, soon.obligation)
    await publisher.schedule([later])
    schedule = subjects.schedule(later.space, later.incident, later.obligation)
    state = await api(client, "STREAM.INFO.DEADLINES", {"subjects_filter": schedule})
    assert state["state"]["subjects"] == {schedule: 1}


async def test_what_is_due_already_is_put_out_at_once(client: Client) -> None:
    """After a long outage everything that is scheduled lies in the past."""
    past = datetime.now(UTC) - HOUR
    wanted = [Deadline(Space.EXERCISE, new_id(), new_id(), past) for _ in range(50)]
    report = ReportDeadline(Space.ACTUAL, "ubnd-x-xuan-luong", new_id(), past)

    await Publisher(client).schedule(wanted)
    await Publisher(client).schedule_report(report)

    assert len(await _put_out(client, len(wanted))) == len(wanted)
    found = await _put_out(client, 1, subjects.ALL_REPORTS_DUE)
    assert [subjects.report_due_of(one.subject) for one in found] == [(report.space, report.agency, report.obligation)]


async def _put_out(client: Client, count: int, where: str = subjects.ALL_DUE) -> list[Stored]:
    """The due messages, once there are so many, and nothing more for a while."""
    found: list[Stored] = []
    async with asyncio.timeout(30):
        while len(found) < count:
            await asyncio.sleep(0.1)
            found = [one async for one in read_subject(client, DEADLINES.name, where)]
    await asyncio.sleep(0.5)
    return [one async for one in read_subject(client, DEADLINES.name, where)]
