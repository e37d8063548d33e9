"""Makes the job of the peers from what our own system did with the same reports; it decides nothing."""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from nats.aio.client import Client
from pydantic_core import from_json

from benchmarks.beside.job import Fact, Report
from benchmarks.whole import accepted
from contracts import subjects
from services.runtime.jetstream import Stored, read_subject
from tests.system.load import Sent

_DESK: Final = re.compile(r"[a-z]+\.incident\.[^.]+\.dispatch\.([^.]+)\.([^.]+)$")
_SENDER: Final = re.compile(r"[a-z]+\.report\.([^.]+)\.")


async def recorded(client: Client, sent: Sequence[Sent], before: int) -> list[Report]:
    """What followed from each of these reports, by the facts of EVENTS after this sequence."""
    found = [stored async for stored in read_subject(client, "EVENTS", subjects.EVERYTHING, before + 1)]
    return reports({accepted(one): one for one in sent}, found)


def reports(sent: Mapping[str, Sent], found: Iterable[Stored]) -> list[Report]:
    """The reports, by the event that accepted each, with their facts in the order of the stream."""
    facts: dict[str, list[Fact]] = {event: [] for event in sent}
    for stored in found:
        head = from_json(stored.body)
        cause = head["id"] if head["id"] in facts else head.get("causationid")
        if cause in facts:
            facts[cause].append(_fact(stored, head))
    return [Report(str(one.report), one.body.decode(), tuple(facts[event])) for event, one in sent.items()]


def _fact(stored: Stored, head: Mapping[str, str]) -> Fact:
    desk, sender = _DESK.match(stored.subject), _SENDER.match(stored.subject)
    addressed = desk or sender
    return Fact(
        event_id=head["id"],
        occurred_at=head["time"],
        incident_id=head.get("incidentid"),
        event_type=head["type"],
        agency=addressed[1] if addressed else None,
        subject=stored.subject,
        desk=f"{desk[1]}/{desk[2]}" if desk else None,
        body=stored.body.decode(),
    )
