"""Turns one assignment into the dispatch a desk receives: its id, what it owes by when, which place, in words."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final, Self
from uuid import UUID

from contracts.codes import Role, Severity, Space
from contracts.decisions import Addressee, Assignment, Decision, Discretion, Obligation, ObligationKind
from contracts.envelope import Event
from contracts.events import DispatchIssued
from contracts.identifiers import derived_id
from contracts.reports import ReportRef, Scales
from contracts.taxonomy import Category
from services.routing.incident.discretion import hidden_from, place_for_others, rule_for_others, words_for_others
from services.routing.incident.recording import Cause, dispatch_event
from services.routing.incident.state import Dispatch, Incident
from services.routing.incident.told import Told


@dataclass(frozen=True, slots=True)
class Matter:
    """What every dispatch of the incident says alike."""

    incident: UUID
    space: Space
    category: Category
    severity: Severity
    headline: str
    place: str
    reports: tuple[ReportRef, ...]
    began: datetime
    """From when an order that ends by law counts."""
    scales: Scales
    told: Told
    discretion: Discretion | None = None
    """From whom the exact position is kept."""

    def under(self, decision: Decision) -> Self:
        """The same as this decision says who is shown what."""
        return replace(self, discretion=decision.discretion)


@dataclass(frozen=True, slots=True)
class Instead:
    """What a dispatch follows from, where no decision of the regulation alone brought it."""

    escalated_from: UUID | None = None
    forwarded_from: UUID | None = None
    consents_to: UUID | None = None
    objects_to: UUID | None = None

    @property
    def aside(self) -> UUID | None:
        """The dispatch about which this asks its desk something; a desk may be asked about several."""
        return self.consents_to or self.objects_to


FRESH: Final = Instead()
_NO_LEVEL: Final = Scales()


def matter_of(state: Incident, like: Dispatch) -> Matter:
    """The incident as its newest facts have it, at the place a dispatch names; a protected one as named exactly."""
    exact = (d.issued.place for d in state.dispatches.values() if state.discretion and d.issued.withheld is None)
    return Matter(
        incident=state.incident,
        space=state.space,
        category=state.category,
        severity=state.severity,
        headline=state.headline,
        place=next(exact, like.issued.place),
        reports=state.reports,
        began=state.began,
        told=state.told,
        scales=state.scales,
        discretion=state.discretion,
    )


def issue_all(
    matter: Matter, assignments: Iterable[Assignment], taken: Iterable[UUID], cause: Cause
) -> Iterator[Event[DispatchIssued]]:
    """One dispatch per assignment, each with the requests for consent it needs; `taken` are those there already."""
    known = set(taken)
    for assignment in assignments:
        for event in _with_consents(matter, assignment, known, cause):
            known.add(event.data.dispatch)
            yield event


def issue(
    matter: Matter, assignment: Assignment, taken: Iterable[UUID], cause: Cause, instead: Instead = FRESH
) -> Event[DispatchIssued]:
    """The dispatch of one desk in one role; `taken` are the dispatches the incident already has."""
    desk, role = assignment.addressee, assignment.role
    withheld, told = _shown(matter, role)
    dispatch = _named(derived_id(matter.incident, desk.agency, desk.desk, role), taken, cause, instead)
    data = DispatchIssued(
        dispatch=dispatch,
        incident=matter.incident,
        space=matter.space,
        addressee=desk,
        role=role,
        category=matter.category,
        severity=matter.severity,
        headline=words_for_others(matter.headline, withheld) if withheld else matter.headline,
        place=place_for_others(matter.place, withheld) if withheld else matter.place,
        reports=matter.reports,
        rule=assignment.rule,
        sentence_vi=assignment.sentence_vi,
        sentence_en=assignment.sentence_en,
        citation=assignment.citation,
        obligations=tuple(_obligations(dispatch, assignment, matter, cause)),
        escalation=assignment.escalation,
        escalated_from=instead.escalated_from,
        forwarded_from=instead.forwarded_from,
        consents_to=instead.consents_to,
        objects_to=instead.objects_to,
        approvals=assignment.approvals,
        any_one_of=assignment.any_one_of,
        follow_up_every=assignment.follow_up_every,
        order=assignment.order,
        text=told.text,
        counts=told.counts or None,
        scene=told.scene,
        scales=None if matter.scales == _NO_LEVEL else matter.scales,
        withheld=rule_for_others(withheld) if withheld else None,
    )
    return dispatch_event(data, (matter.space, matter.incident, desk), cause, role, *filter(None, (instead.aside,)))


def _shown(matter: Matter, role: Role) -> tuple[Discretion | None, Told]:
    """The rule that keeps the position from this role, if one does, and what it is told beside the place."""
    withheld = hidden_from(role, matter.discretion)
    return withheld, matter.told.for_others(withheld) if withheld else matter.told


def _named(usual: UUID, taken: Iterable[UUID], cause: Cause, instead: Instead) -> UUID:
    """Another where the desk had this role before and lost it: what it answered then is no answer now."""
    aside = filter(None, (instead.aside,))
    return derived_id(usual, cause.origin, *aside) if usual in taken or instead.aside else usual


def further(owed: Obligation, kind: ObligationKind, due: datetime, *step: str) -> Obligation:
    """An obligation that follows from another one, on the same legal basis."""
    return Obligation(obligation=derived_id(owed.obligation, kind.value, *step), kind=kind, due=due, basis=owed.basis)


def duty_of(held: Dispatch, desk: Addressee, role: Role, chain: tuple[Addressee, ...]) -> Assignment:
    """The duty of a dispatch, by the same rule and in the same times, for another desk."""
    silent = held.issued
    within = {owed.kind: owed.due - held.at for owed in silent.obligations}
    return Assignment(
        addressee=desk,
        role=role,
        rule=silent.rule,
        sentence_vi=silent.sentence_vi,
        sentence_en=silent.sentence_en,
        citation=silent.citation,
        acknowledge_within=within.get(ObligationKind.ACKNOWLEDGE),
        decide_within=within.get(ObligationKind.DECIDE),
        first_report_within=within.get(ObligationKind.FIRST_REPORT),
        follow_up_every=silent.follow_up_every,
        escalation=chain,
    )


def _with_consents(
    matter: Matter, assignment: Assignment, known: set[UUID], cause: Cause
) -> Iterator[Event[DispatchIssued]]:
    main = issue(matter, assignment, known, cause)
    yield main
    for approver in assignment.approvals:
        asked = assignment.model_copy(
            update={
                "addressee": approver,
                "role": Role.ADVISE,
                "approvals": (),
                "any_one_of": None,
                "order": None,
                "first_report_within": None,
                "follow_up_every": None,
                "escalation": (),
                "decide_within": assignment.approvals_written_within or assignment.decide_within,
            }
        )
        yield issue(matter, asked, known, cause, Instead(consents_to=main.data.dispatch))


def _obligations(dispatch: UUID, assignment: Assignment, matter: Matter, cause: Cause) -> Iterator[Obligation]:
    """What the rule gives times for; a desk that is only informed owes nothing."""
    if assignment.role is Role.INFORM:
        return
    limits = {
        ObligationKind.ACKNOWLEDGE: assignment.acknowledge_within,
        ObligationKind.DECIDE: assignment.decide_within,
        ObligationKind.FIRST_REPORT: assignment.first_report_within,
    }
    dues = {kind: cause.at + within for kind, within in limits.items() if within is not None}
    if order := assignment.order:
        dues[ObligationKind.ORDER_PROMPT] = order.prompt_due(matter.began)
        dues[ObligationKind.ORDER_EXPIRES] = order.ends(matter.began)
    for kind, due in dues.items():
        yield Obligation(obligation=derived_id(dispatch, kind), kind=kind, due=due, basis=assignment.citation)
