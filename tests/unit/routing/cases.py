"""Small reports, decisions and commands for the tests of the incident; every value can be overridden by name."""

from datetime import UTC, datetime, timedelta
from typing import Any, cast
from uuid import UUID

from contracts.actions import Acknowledge, Action, Deliver
from contracts.codes import Role, Severity, SourceFormat, Status, UrgencyMark
from contracts.correlation import IncidentNamed, SameCommune, correlation
from contracts.decisions import Addressee, Assignment, Citation, CitationStatus, Decision, Facts, ObligationKind
from contracts.envelope import Event, schema_of, type_of
from contracts.events import (
    DispatchIssued,
    IncidentOpened,
    IncidentUpdated,
    Original,
    ReportAccepted,
    Sighting,
)
from contracts.identifiers import derived_id
from contracts.reports import IncidentReport, Report, Scales, Sender
from contracts.taxonomy import Category
from services.routing.correlation.correlate import Match, NoMatch, correlate
from services.routing.correlation.open_incidents import OpenIncidents
from services.routing.incident.commands import Act, Around, Command, Join, Open, ReachDeadline, Refused
from services.routing.incident.decide import Incident, IncidentEvent, decide, evolve

NOTHING_AROUND = Around()
T0 = datetime(2026, 11, 22, 5, 0, tzinfo=UTC)
SOON = T0 + timedelta(minutes=1)
SENDER = Sender(agency="ubnd-x-an-phu", unit="to-xung-kich-1")
COMMUNE, PROVINCE, POLICE, TOP = (
    Addressee(agency=agency, desk="truc-ban") for agency in ("ubnd-x-an-phu", "ubnd-t", "ca-x", "bchqg")
)
CITATION = Citation(instrument="nd-30-2017", text="Nghị định 30/2017/NĐ-CP", status=CitationStatus.UNVERIFIED)


def minutes(count: float) -> timedelta:
    return timedelta(minutes=count)


def uid(*parts: str | int) -> UUID:
    return derived_id("test", *(str(part) for part in parts))


def report(name: str | int = 1, **changes: Any) -> IncidentReport:
    values: dict[str, Any] = {
        "report": uid("report", name),
        "status": Status.ACTUAL,
        "sent": T0,
        "observed_at": T0,
        "category": Category.NAT_FLOOD,
        "headline": "Nước lên nhanh",
        "severity": Severity.MODERATE,
    }
    return IncidentReport(**(values | changes))


def accepted(filed: Report | None = None, sender: Sender = SENDER) -> Event[ReportAccepted]:
    filed = filed or report()
    event = derived_id("accepted", sender.agency, sender.unit, filed.report)
    return Event[ReportAccepted](
        id=event,
        source="/phoihop/intake",
        type=type_of(ReportAccepted),
        subject="recorded by intake",
        time=T0,
        dataschema=schema_of(ReportAccepted),
        correlationid=derived_id(event, "submission"),
        causationid=derived_id(event, "submission"),
        data=ReportAccepted(
            sender=sender,
            received_at=T0,
            content="0" * 64,
            original=Original(format=SourceFormat.JSON, sha256="0" * 64, size=1),
            report=filed,
        ),
    )


def assignment(addressee: Addressee = COMMUNE, role: Role = Role.LEAD, **changes: Any) -> Assignment:
    values: dict[str, Any] = {
        "addressee": addressee,
        "role": role,
        "rule": f"r-{role.value}",
        "sentence_vi": "Quy tắc bằng lời.",
        "sentence_en": "The rule in words.",
        "citation": CITATION,
        "acknowledge_within": None if role is Role.INFORM else minutes(15),
    }
    return Assignment(**(values | changes))


def decision(*assignments: Assignment) -> Decision:
    return Decision(
        set="vn",
        set_version="2026-11",
        register_version="2026-11",
        facts=Facts(
            category=Category.NAT_FLOOD,
            severity=Severity.MODERATE,
            urgency_mark=UrgencyMark.THUONG,
            scales=Scales(),
            areas=("19774",),
            communes=("19774",),
            position_unknown=False,
            casualties=False,
            occurred_at=T0,
            first_reporter=SENDER.agency,
        ),
        assignments=assignments or (assignment(),),
        fallback=False,
        lead_reason="the only rule with a lead",
        trace=(),
    )


def opening(*assignments: Assignment, filed: Report | None = None, at: datetime = T0, **changes: Any) -> Open:
    return Open(accepted(filed), decision(*assignments), at, **changes)


def joining(filed: Report, decided: Decision | None = None, at: datetime = SOON, **changes: Any) -> Join:
    return Join(accepted(filed), correlation(SameCommune(area="19774", points=0.9)), decided, at, **changes)


def acknowledging(issued: DispatchIssued, name: str = "a", at: datetime = SOON, **changes: Any) -> Act:
    return Act(Acknowledge(**_act(issued, name, changes)), issued.addressee, uid("submission", name), at)


def delivering(issued: DispatchIssued, name: str = "d", at: datetime = SOON, **changes: Any) -> Act:
    return Act(Deliver(**_act(issued, name, changes)), issued.addressee, uid("submission", name), at)


def acting(
    kind: type[Action],
    issued: DispatchIssued,
    name: str = "x",
    at: datetime = SOON,
    around: Around = NOTHING_AROUND,
    **details: Any,
) -> Act:
    """Any act of the desk that holds the dispatch."""
    stated = _act(issued, f"{kind.__name__} {name}", details)
    return Act(kind.model_validate(stated), issued.addressee, uid("submission", kind.__name__, name), at, around)


def _act(issued: DispatchIssued, name: str, changes: dict[str, Any]) -> dict[str, Any]:
    values: dict[str, Any] = {
        "action": uid("action", name),
        "space": issued.space,
        "incident": issued.incident,
        "dispatch": issued.dispatch,
        "sent": T0,
    }
    return values | changes


def silence(dispatch: DispatchIssued, after: timedelta = timedelta()) -> ReachDeadline:
    """The deadline of a dispatch has come, and so much more time with it."""
    owed = dispatch.obligations[0]
    return ReachDeadline(owed.obligation, owed.due + after, uid("due", str(owed.obligation)))


def still_silent(state: Incident, dispatch: DispatchIssued, after: timedelta = timedelta()) -> ReachDeadline:
    """What the dispatch was asked once more has not been answered either."""
    owed = next(o for o in state.dispatches[dispatch.dispatch].owes.values() if o.kind is ObligationKind.ACKNOWLEDGE)
    return ReachDeadline(owed.obligation, owed.due + after, uid("due", str(owed.obligation)))


def unanswered(
    state: Incident, dispatch: DispatchIssued, late: timedelta = timedelta()
) -> tuple[Incident, list[IncidentEvent]]:
    """The incident after a desk was asked, asked again, and answered neither; and the events of the last silence."""
    state, _ = after(state, silence(dispatch))
    return after(state, still_silent(state, dispatch, late))


def after(state: Incident | None, *commands: Command) -> tuple[Incident, list[IncidentEvent]]:
    """The incident after these commands, none of them refused, and the events of the last one."""
    events: list[IncidentEvent] = []
    for command in commands:
        outcome = decide(state, command)
        assert not isinstance(outcome, Refused), outcome
        events = list(outcome)
        for event in events:
            state = evolve(state, event)
    assert state is not None
    return state, events


def refused(state: Incident | None, command: Act) -> Refused:
    """The refusal of an act that must not be done."""
    outcome = decide(state, command)
    assert isinstance(outcome, Refused), outcome
    return outcome


def dispatch_of(state: Incident, addressee: Addressee = COMMUNE, role: Role | None = None) -> DispatchIssued:
    """The newest dispatch of a desk, in a role if one is named."""
    held = [d.issued for d in state.dispatches.values() if d.issued.addressee == addressee]
    return [issued for issued in held if role in (None, issued.role)][-1]


def names(events: list[IncidentEvent]) -> list[str]:
    return [type(event.data).__name__ for event in events]


def sighting(commune: str | None = "19774", *, at: datetime = T0, **changes: Any) -> Sighting:
    communes = (commune,) if commune else ()
    return Sighting(**({"communes": communes, "areas": communes, "occurred_at": at} | changes))


def opened(filed: IncidentReport, seen: Sighting | None, sender: Sender = SENDER) -> Event[IncidentOpened]:
    """The opening of an incident by this report, as routing records it."""
    base = decision()
    decided = base.model_copy(update={"facts": base.facts.model_copy(update={"category": filed.category})})
    events = decide(None, Open(accepted(filed, sender), decided, T0, sighting=seen))
    assert isinstance(events, tuple)
    assert isinstance(events[0].data, IncidentOpened)
    return cast("Event[IncidentOpened]", events[0])


def updated(state: Incident, filed: Report, seen: Sighting, sender: Sender = SENDER) -> Event[IncidentUpdated]:
    join = Join(accepted(filed, sender), correlation(IncidentNamed(points=1.0)), None, T0, sighting=seen)
    events = decide(state, join)
    assert isinstance(events, tuple)
    assert isinstance(events[0].data, IncidentUpdated)
    return cast("Event[IncidentUpdated]", events[0])


def ask(index: OpenIncidents, filed: Report, seen: Sighting, sender: Sender = SENDER) -> Match | NoMatch:
    return correlate(filed, seen, index.named_by(filed, sender), index.near(filed, seen))


def known(filed: IncidentReport, seen: Sighting) -> OpenIncidents:
    index = OpenIncidents()
    index.apply(opened(filed, seen))
    return index
