"""FastStream on JetStream as its documentation shows it: models as arguments, `@publisher`, pull subscribers, a session
of SQLModel for every message. Four processes, as ours: intake, routing, audit, desks.

nats-server has the settings of ours (fsync before every acknowledgement). Handlers of up to 100 pulled messages run
side by side; nothing is logged per message.
"""

import asyncio
import json
import os
import sys
from datetime import datetime
from logging import DEBUG
from typing import Final
from uuid import UUID

from faststream import FastStream
from faststream.nats import JStream, NatsBroker, PullSub
from pydantic import AwareDatetime, BaseModel
from sqlalchemy import DateTime
from sqlalchemy.ext.asyncio import create_async_engine
from sqlmodel import Field, SQLModel
from sqlmodel.ext.asyncio.session import AsyncSession

from benchmarks.beside import job
from benchmarks.beside.job import BUS, DSN, Notes

IN_FLIGHT: Final = 256
PATIENCE: Final = 30.0
"""Seconds for an acknowledgement: at the default of 0.5 a busy server fails handlers, whose messages are rejected."""
inbox = JStream(name="INBOX", subjects=["inbox.>"])
events = JStream(name="EVENTS", subjects=["events.>"])
pull = PullSub(batch_size=100)
brokers = [NatsBroker(os.environ[BUS], log_level=DEBUG) for _ in range(4)]
intake_broker, routing_broker, audit_broker, desks_broker = brokers
intake, routing, audit, desks = map(FastStream, brokers)
engine = create_async_engine(os.environ[DSN].replace("postgresql://", "postgresql+asyncpg://"))
table = job.decisions()
notes = Notes()


class Place(BaseModel):
    """Where it happened."""

    kind: str
    code: str | None = None
    valid_on: str | None = None
    lat: float | None = None
    lon: float | None = None


class IncidentReport(BaseModel):
    """What a unit sends."""

    type: str
    report: UUID
    status: str
    sent: AwareDatetime
    observed_at: AwareDatetime
    category: str
    headline: str
    urgency_mark: str
    places: list[Place]


class Event(BaseModel):
    """What happened because of a report."""

    report: UUID
    event_id: UUID
    occurred_at: AwareDatetime
    incident_id: UUID | None
    event_type: str
    agency: str | None
    subject: str
    desk: str | None
    body: str


class Entry(SQLModel, table=True):
    """An audit row."""

    __tablename__ = "entry"
    idx: int | None = Field(default=None, primary_key=True)
    event_id: UUID
    occurred_at: datetime = Field(sa_type=DateTime(timezone=True))
    incident_id: UUID | None
    event_type: str
    agency: str | None
    subject: str
    leaf_hash: bytes
    body: bytes


@intake_broker.subscriber("inbox.report", stream=inbox, durable="intake", pull_sub=pull)
@intake_broker.publisher("events.accepted", stream=events, timeout=PATIENCE)
async def on_submission(report: IncidentReport) -> Event:
    """A valid report is accepted."""
    accepted, *_ = table[str(report.report)]
    return Event(report=report.report, **accepted._asdict())


to_incident = routing_broker.publisher("events.course", stream=events, timeout=PATIENCE)
to_desk = routing_broker.publisher("events.dispatch", stream=events, timeout=PATIENCE)


@routing_broker.subscriber("events.accepted", stream=events, durable="routing", pull_sub=pull)
async def on_accepted(accepted: Event) -> None:
    """What follows from it."""
    for fact in table[str(accepted.report)][1:]:
        event = Event(report=accepted.report, **fact._asdict())
        await (to_incident if fact.desk is None else to_desk).publish(event)


@audit_broker.subscriber("events.>", stream=events, durable="audit", pull_sub=pull)
async def on_event(event: Event) -> None:
    """Every event is a row."""
    body = event.body.encode()
    columns = event.model_dump(exclude={"report", "desk", "body"})
    async with AsyncSession(engine) as session:
        session.add(Entry(**columns, leaf_hash=job.leaf_hash(body), body=body))
        await session.commit()


@desks_broker.subscriber("events.dispatch", stream=events, durable="desks", pull_sub=pull)
async def on_dispatch(event: Event) -> None:
    """The desk has it."""
    notes.delivered(str(event.report), str(event.desk))


async def send(first: int, last: int) -> None:
    """These reports, so many without an acknowledgement at a time."""
    broker = NatsBroker(os.environ[BUS], log_level=DEBUG)
    publisher = broker.publisher("inbox.report", stream=inbox, timeout=PATIENCE)
    reports = iter(json.loads(one.body) for one in job.job()[first:last])

    async def one_after_the_other() -> None:
        for report in reports:
            await publisher.publish(report)

    async with broker, asyncio.TaskGroup() as tasks:
        await broker.start()
        notes.begun()
        for _ in range(IN_FLIGHT):
            tasks.create_task(one_after_the_other())


if __name__ == "__main__":
    asyncio.run(send(int(sys.argv[1]), int(sys.argv[2])))
