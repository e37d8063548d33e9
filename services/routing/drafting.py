"""Turns a batch of inputs into one draft of facts, by pure decisions on the incidents as they stand in the draft."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from pydantic import ValidationError

from contracts.actions import ACTION_TYPES, DESK_ACTION, Action
from contracts.codes import Space, space_of
from contracts.decisions import Addressee
from contracts.envelope import Event
from contracts.events import ActionRefused, DispatchIssued, ReportAccepted
from contracts.identifiers import derived_id
from contracts.markings import refusal_of_json
from contracts.problems import Problem, ProblemCode
from contracts.receipts import ActionReceipt, Outcome
from contracts.reports import Report, SituationReport
from contracts.subjects import Origin
from services.routing.acting import after_the_order, around, follow_up, other_of, posts_beyond
from services.routing.correlation.correlate import Candidate, Match, correlate, sighting_of
from services.routing.correlation.suggesting import suggestions
from services.routing.deciding import Regulators
from services.routing.draft import Draft, Held, IncidentBook, Key
from services.routing.incident.commands import Act, Command, Join, Open, ReachDeadline, Refused, Suggest
from services.routing.incident.decide import IncidentEvent, decide, incident_id
from services.routing.incident.diverting import Noticed, divert, waiting
from services.routing.incident.recording import refusal_event, unread_event
from services.routing.presence.signs import Absence
from services.runtime.telemetry import FALLBACK

Accepted = tuple[Event[ReportAccepted], datetime]


@dataclass(frozen=True, slots=True)
class Submission:
    """One desk's submission as it arrived."""

    origin: Origin
    submission: UUID
    body: bytes
    at: datetime


@dataclass(frozen=True, slots=True)
class DueHint:
    """Somebody says an obligation is due."""

    space: Space
    incident: UUID
    obligation: UUID
    at: datetime


@dataclass(frozen=True, slots=True)
class Gone:
    """A desk went, and something may wait for it in this incident."""

    space: Space
    incident: UUID
    desk: Addressee
    noticed: Noticed


@dataclass(slots=True)
class Drafting:
    """Fills drafts. Holds no state of its own but the refusals found to be on record already."""

    incidents: IncidentBook
    regulators: Regulators
    absent: Callable[[Space, Addressee], Absence | None] = lambda _space, _desk: None
    """Why nobody can be expected at a desk now."""
    _recorded: set[UUID] = field(default_factory=set)

    def report(self, draft: Draft, accepted: Accepted) -> None:
        """A report opens an incident or joins one; one already joined adds nothing."""
        event, at = accepted
        if self.incidents.of_report(event.id) is None and event.id not in draft.reports:
            draft.reports.add(event.id)
            self._report(draft, event, at)

    def act(self, draft: Draft, one: Submission) -> tuple[Space, ActionReceipt]:
        """An act is recorded, found recorded, or refused, and so is the refusal; what cannot be read counts as live."""
        sender = Addressee(agency=one.origin.agency, desk=one.origin.point)
        action = _read(one.body)
        if isinstance(action, Problem):
            self._refuse(draft, unread_event(action, sender, one.submission, one.at))
            return Space.ACTUAL, _unread(one, action)
        key = action.space, action.incident
        held, other = self._now(draft, key), self._now(draft, (action.space, other_of(action)))
        regulator = self.regulators.at(one.at)
        act = Act(action, sender, one.submission, one.at, around(regulator, action, held, other, one.at))
        outcome = decide(held.state, act)
        if isinstance(outcome, Refused):
            self._refuse(draft, refusal_event(outcome, act))
            return action.space, _refused(one, action, outcome)
        if outcome:
            self._add(draft, key, outcome)
            if (follows := follow_up(act, held)) is not None:
                self._propose(draft, (action.space, other_of(action)), follows)
        return action.space, _done(one, action, outcome)

    def due(self, draft: Draft, hint: DueHint) -> None:
        """Silence is answered as the incident's own facts say; an obligation met earlier stays met."""
        key = hint.space, hint.incident
        held = self._now(draft, key)
        regulator, cause = self.regulators.at(hint.at), derived_id("due", hint.obligation)
        decision = after_the_order(regulator, held, hint.obligation, hint.at)
        posts = posts_beyond(regulator, held, hint.obligation, hint.at)
        self._propose(draft, key, ReachDeadline(hint.obligation, hint.at, cause, decision, posts))

    def gone(self, draft: Draft, hint: Gone) -> None:
        """What waits for the desk is told to another too, if nobody has come back meanwhile."""
        key = hint.space, hint.incident
        state = self._now(draft, key).state
        for dispatch in tuple(waiting(state, hint.desk)) if state else ():
            self._divert(draft, key, dispatch, hint.noticed)

    async def forget_recorded_refusals(self, draft: Draft) -> None:
        """After a stale commit: which refusals of the draft were recorded by an earlier attempt."""
        for event in draft.events:
            if event.incidentid is None and await self.incidents.is_recorded(event.subject):
                self._recorded.add(event.id)

    def _report(self, draft: Draft, event: Event[ReportAccepted], at: datetime) -> None:
        space = space_of(event.data.report.status)
        if space is None:
            return
        regulator = self.regulators.at(at)
        facts = regulator.facts(event.data.report, event.data.sender.agency, event.data.received_at)
        sighting = sighting_of(event.data.report, facts.communes, facts.areas, facts.occurred_at)
        open_incidents = self.incidents.open
        named = open_incidents.named_by(event.data.report, event.data.sender)
        near = open_incidents.near(event.data.report, sighting)
        place = regulator.place(facts)
        full: set[UUID] = set()
        while isinstance(match := correlate(event.data.report, sighting, named, near, full), Match):
            key = space, open_incidents.current(match.incident)
            known = self._now(draft, key).facts
            wider = regulator.joined(known, facts) if known else facts
            decision = regulator.decide(wider, at) if wider != known else None
            if decision is None or decision.fits_a_fact:
                self._propose(draft, key, Join(event, match.correlation, decision, at, place, sighting))
                return
            full.add(match.incident)  # with one more place it would name more desks than a fact can hold
        if not _only_about_a_period(event.data.report):
            decision = regulator.decide(facts, at)
            FALLBACK.inc(int(decision.fallback))
            self._propose(draft, (space, incident_id(event)), Open(event, decision, at, place, sighting))
            self._suggest(draft, (space, incident_id(event)), near, (event, at))

    def _suggest(self, draft: Draft, key: Key, near: Sequence[Candidate], accepted: Accepted) -> None:
        """What the incident just opened perhaps is, each pair once."""
        (event, at), (space, incident), open_incidents = accepted, key, self.incidents.open
        opened = open_incidents.candidate(incident)
        for similar in suggestions(opened, near) if opened else ():
            other = self._now(draft, (space, open_incidents.current(similar.incident))).state
            if other is not None:
                self._propose(draft, key, Suggest(other, similar.correlation, event.id, event.correlationid, at))

    def _propose(self, draft: Draft, key: Key, command: Command) -> None:
        events = decide(self._now(draft, key).state, command)
        if not isinstance(events, Refused) and events:
            self._add(draft, key, events)

    def _add(self, draft: Draft, key: Key, events: Sequence[IncidentEvent]) -> None:
        """The events, and whoever is told in addition because nobody is where a dispatch goes."""
        self.incidents.propose(draft, key, events)
        for issued in (event.data for event in events if isinstance(event.data, DispatchIssued)):
            self._divert(draft, key, issued.dispatch)

    def _divert(self, draft: Draft, key: Key, dispatch: UUID, noticed: Noticed | None = None) -> None:
        state = self._now(draft, key).state
        if state and (diverted := divert(state, dispatch, lambda desk: self.absent(key[0], desk), noticed)):
            self.incidents.propose(draft, key, diverted)

    def _refuse(self, draft: Draft, refusal: Event[ActionRefused]) -> None:
        """Once for each submission: it may stand in a batch twice, and its subject takes one fact."""
        if refusal.id not in self._recorded and all(refusal.id != event.id for event in draft.events):
            draft.events.append(refusal)

    def _now(self, draft: Draft, key: Key) -> Held:
        """The incident with what this draft already adds."""
        return draft.touched.get(key) or self.incidents.get(*key)


def _read(body: bytes) -> Action | Problem:
    """The act, or why it is none; what is marked secret is not looked at any further."""
    if marking := refusal_of_json(body):
        return marking
    try:
        return DESK_ACTION.validate_json(body)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        field_path = ".".join(str(part) for part in first["loc"] if part not in ACTION_TYPES)
        return Problem(code=ProblemCode.FIELD_INVALID, field=field_path, detail=first["msg"][:200])


def _unread(one: Submission, problem: Problem) -> ActionReceipt:
    return ActionReceipt(
        submission=one.submission, action=one.submission, outcome=Outcome.REJECTED, problems=(problem,)
    )


def _only_about_a_period(report: Report) -> bool:
    """It names no incident, so it opens none: its readers get it by the reporting regime."""
    return isinstance(report, SituationReport) and report.incident is None


def _refused(one: Submission, action: Action, refused: Refused) -> ActionReceipt:
    return ActionReceipt(
        submission=one.submission,
        action=action.action,
        outcome=Outcome.REJECTED,
        problems=(refused.problem,),
        current_state=refused.current_state,
    )


def _done(one: Submission, action: Action, events: Sequence[IncidentEvent]) -> ActionReceipt:
    return ActionReceipt(
        submission=one.submission,
        action=action.action,
        outcome=Outcome.ACCEPTED if events else Outcome.DUPLICATE,
        events=tuple(event.id for event in events),
    )
