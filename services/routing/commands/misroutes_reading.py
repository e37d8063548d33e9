"""Reads objections to rules from the bus, and tries the case of one against the set in force. It decides nothing."""

from typing import Final, NamedTuple
from uuid import UUID

from nats.aio.client import Client

from contracts import subjects
from contracts.codes import Space
from contracts.envelope import read
from services.routing.commands.misroutes import Objection, objections
from services.routing.commands.regulation_files import Regulations
from services.routing.in_force.recorded import Record
from services.routing.in_force.standing import standing
from services.runtime import clock
from services.runtime.jetstream import read_subject
from services.runtime.publishing import EVENT_TYPE_HEADER

EVENTS: Final = "EVENTS"
_RAISED: Final = "phoihop.MisrouteRaised."


class Found(NamedTuple):
    """Objections, oldest first, and what decides now."""

    objections: tuple[Objection, ...]
    regulations: Regulations


async def raised(client: Client, space: Space) -> tuple[Objection, ...]:
    """Every objection of a space, the oldest first."""
    incidents: dict[UUID, None] = {}
    async for stored in read_subject(client, EVENTS, subjects.desk_feed(space, "*", "*")):
        if stored.headers.get(EVENT_TYPE_HEADER, "").startswith(_RAISED):
            incidents[read(stored.body).data.incident] = None
    found: list[Objection] = []
    for incident in incidents:
        stream = read_subject(client, EVENTS, subjects.incident(space, incident))
        found += objections([read(stored.body) async for stored in stream])
    return tuple(sorted(found, key=lambda one: (one.raised_at, one.raised.item)))


async def raised_and_standing(client: Client, space: Space) -> Found:
    """The same with the set and register in force. Raises `NothingStandsError`."""
    record = Record()
    await record.catch_up(client)
    decides = await standing(client, record, clock.now())
    regulations = Regulations(decides.regulation_set, decides.register, source="active")
    return Found(await raised(client, space), regulations)
