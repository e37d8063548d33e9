"""Makes incidents whose desks are silent: the facts that routing would have recorded, by its own pure core.

The reference set names the desks; only the times are ours, so that all they owe falls due at a chosen instant.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final
from uuid import UUID

from contracts.codes import Role, Severity, SourceFormat, Space, Status, UrgencyMark
from contracts.decisions import Decision
from contracts.envelope import Event, schema_of, type_of
from contracts.events import Original, ReportAccepted
from contracts.identifiers import derived_id
from contracts.places import AdminArea
from contracts.reports import IncidentReport, Sender
from contracts.taxonomy import Category
from services.routing.correlation.correlate import sighting_of
from services.routing.deciding import Regulator
from services.routing.in_force.reference import load_reference
from services.routing.incident.commands import Open, Refused
from services.routing.incident.decide import decide
from services.routing.incident.owing import owed_by
from services.routing.incident.recording import IncidentEvent
from services.routing.store import Incidents

WITHIN: Final = timedelta(minutes=15)
"""How long before its time each obligation was issued."""
ENOUGH: Final = 900
"""Facts of one commit: one more incident still fits under the thousand of a batch."""
_SENDER: Final = Sender(agency="kl-h-yen-the", unit="tram-xuan-luong")
_AREA: Final = "07246"
_NO_OTHER_TIMES: Final = dict.fromkeys(
    ("acknowledge_within", "decide_within", "first_report_within", "follow_up_every", "order")
)


Owed = dict[UUID, datetime]
"""Obligation -> when it is due."""


class Silence:
    """Forest fires at one commune, every one with the same six desks by the reference set."""

    def __init__(self, reference: Path) -> None:
        loaded = load_reference(reference)
        self._regulator = Regulator(loaded.regulations, loaded.register)

    def spread(self, dues: Iterable[datetime]) -> Iterator[tuple[IncidentEvent, ...]]:
        """One incident with one obligation for every time."""
        for number, due in enumerate(dues):
            yield self._incident(number, due, 1)

    def burst(self, count: int, due: datetime) -> Iterator[tuple[IncidentEvent, ...]]:
        """As many incidents as it takes for `count` obligations due at one instant."""
        number = 0
        while count > 0:
            events = self._incident(number, due, count)
            count -= sum(len(owed_by(event.data)) for event in events)
            number += 1
            yield events

    def _incident(self, number: int, due: datetime, most: int) -> tuple[IncidentEvent, ...]:
        """Half of the incidents wait for acknowledgements, half for decisions: a repetition, or the next desk at once.

        At most so many desks owe anything.
        """
        report, at = _accepted(number, due - WITHIN), due - WITHIN
        facts = self._regulator.facts(report.data.report, _SENDER.agency, at)
        decision = _timed(
            self._regulator.decide(facts, at), "acknowledge_within" if number % 2 else "decide_within", most
        )
        sighting = sighting_of(report.data.report, facts.communes, facts.areas, facts.occurred_at)
        events = decide(None, Open(report, decision, at, self._regulator.place(facts), sighting))
        if isinstance(events, Refused):
            raise TypeError(events.problem.detail)
        return events


async def record(incidents: Incidents, made: Iterable[tuple[IncidentEvent, ...]]) -> Owed:
    """Records them as the service does, in atomic batches; what is owed and when it is due."""
    owed: Owed = {}
    draft = await incidents.start()
    for events in made:
        owed |= {each.obligation: each.due for event in events for each in owed_by(event.data)}
        incidents.propose(draft, (Space.ACTUAL, incident_id_of(events)), events)
        if len(draft.events) >= ENOUGH:
            await incidents.commit(draft)
            draft = await incidents.start()
    await incidents.commit(draft)
    return owed


def incident_id_of(events: tuple[IncidentEvent, ...]) -> UUID:
    """The incident these facts are about."""
    identity: UUID = events[0].data.incident
    return identity


def _timed(decision: Decision, limit: str, most: int) -> Decision:
    asked = [each for each in decision.assignments if each.role is not Role.INFORM][:most]
    changes = _NO_OTHER_TIMES | {"approvals": (), limit: WITHIN}
    timed = tuple(each.model_copy(update=changes) for each in asked)
    told = tuple(each for each in decision.assignments if each.role is Role.INFORM)
    return decision.model_copy(update={"assignments": timed + told})


def _accepted(number: int, at: datetime) -> Event[ReportAccepted]:
    identity = derived_id("silence", str(number), at.isoformat())
    event = derived_id("accepted", identity)
    report = IncidentReport(
        report=identity,
        status=Status.ACTUAL,
        sent=at,
        observed_at=at,
        category=Category.FOR_FIRE,
        headline=f"Cháy rừng, khoảnh {number} (dữ liệu đo / benchmark)",
        severity=Severity.SEVERE,
        urgency_mark=UrgencyMark.HOA_TOC,
        places=(AdminArea(code=_AREA, valid_on=at.date()),),
    )
    return Event[ReportAccepted](
        id=event,
        source="/phoihop/intake",
        type=type_of(ReportAccepted),
        subject="recorded by intake",
        time=at,
        dataschema=schema_of(ReportAccepted),
        correlationid=identity,
        causationid=identity,
        data=ReportAccepted(
            sender=_SENDER,
            received_at=at,
            content="0" * 64,
            original=Original(format=SourceFormat.JSON, sha256="0" * 64, size=1),
            report=report,
        ),
    )
