"""What a unit reads about its own reports: how far each got, now and whenever that changes."""

import asyncio
from collections.abc import AsyncIterator
from typing import Final
from uuid import UUID

from nats.aio.client import Client

from contracts import subjects
from contracts.codes import Space
from contracts.ladders import ReportLadder
from contracts.streams import LADDERS
from contracts.subjects import Origin
from services.runtime.jetstream import BusUnavailableError, last_on_subject

LOOK_SECONDS: Final = 5.0
"""What was shown while the connection was away is read again at least this often."""


async def ladder_of(client: Client, unit: Origin, report: UUID) -> ReportLadder | None:
    """How far the report got; None where nothing is shown of it, because it is not there or not this unit's."""
    found = [
        ReportLadder.model_validate_json(stored.body)
        for space in Space
        if (stored := await last_on_subject(client, LADDERS.name, subjects.ladder(space, unit, report))) is not None
    ]
    return max(found, key=lambda one: one.as_of, default=None)


async def follow(client: Client, unit: Origin, report: UUID) -> AsyncIterator[ReportLadder]:
    """How far it got now, then every change; over an outage nothing is missed but what a later change replaced."""
    changed = asyncio.Event()

    async def hear(_message: object) -> None:
        changed.set()

    await client.subscribe(subjects.ladder_feed(unit, report), cb=hear)
    shown: ReportLadder | None = None
    while True:
        changed.clear()
        try:
            ladder = await ladder_of(client, unit, report)
        except BusUnavailableError:
            ladder = None
        if ladder is not None and (shown is None or shown.sequence < ladder.sequence):
            yield (shown := ladder)
        try:
            await asyncio.wait_for(changed.wait(), LOOK_SECONDS)
        except TimeoutError:
            continue
