"""Decides what desks do about reports: acknowledge a copy or a request, switch calendars on and off for an area."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from contracts.decisions import Addressee
from contracts.envelope import Event
from contracts.problems import Problem, ProblemCode
from contracts.reporting import AcknowledgePaper, PaperAcknowledged, ReportingRegimeSwitched, SwitchRegime
from services.routing.authority import is_there, may_switch
from services.routing.regulations.engine.resolve import RegisterIndex, day_of
from services.routing.reporting.regime.calendars import ReportingSet
from services.routing.reporting.regime.demands import Orders
from services.routing.reporting.regime.telling import Cause, for_desk, of_area


class Done(NamedTuple):
    """The desk's act goes on record."""

    event: Event[Any]


class Known(NamedTuple):
    """It is on record already; nothing new is written."""

    state: str


class Refused(NamedTuple):
    """It is not the desk's to do, or not possible."""

    problem: Problem


Verdict = Done | Known | Refused


class Papers(NamedTuple):
    """The papers of one desk, and which of them it has acknowledged."""

    held: Mapping[UUID, bool]


def acknowledged(act: AcknowledgePaper, desk: Addressee, papers: Papers, cause: Cause) -> Verdict:
    """The desk has a paper: only one of its own, and once."""
    if act.paper not in papers.held:
        return Refused(Problem(code=ProblemCode.ACTION_UNKNOWN_DISPATCH, field="paper"))
    if papers.held[act.paper]:
        return Known("acknowledged")
    data = PaperAcknowledged(paper=act.paper, by=desk, action=act.action, officer=act.officer, note=act.note)
    return Done(for_desk(act.space, desk, data, cause))


class Law(NamedTuple):
    """What an order is held against."""

    reporting: ReportingSet
    register: RegisterIndex


def switched(act: SwitchRegime, desk: Addressee, orders: Orders, law: Law, cause: Cause) -> Verdict:
    """Calendars begin or end for an area: only by a body the set names, for an area it answers for that day."""
    if act.action in orders.actions:
        return Known("switched")
    if problem := _problem(act, desk, law, cause.at):
        return Refused(problem)
    data = ReportingRegimeSwitched(
        space=act.space,
        area=act.area,
        calendars=act.calendars,
        on=act.on,
        since=cause.at,
        by=desk,
        action=act.action,
        officer=act.officer,
        reason=act.reason,
    )
    return Done(of_area(data, cause))


def _problem(act: SwitchRegime, desk: Addressee, law: Law, at: datetime) -> Problem | None:
    day = law.register.on(day_of(at))
    known = {calendar.code for calendar in law.reporting.calendars}
    if unknown := [code for code in act.calendars if code not in known]:
        return Problem(code=ProblemCode.FIELD_INVALID, field="calendars", detail=f"no calendar {unknown[0]}")
    if act.area not in day.areas:
        return Problem(code=ProblemCode.FIELD_INVALID, field="area", detail=f"no area {act.area} on that day")
    if not is_there(desk, day):
        return Problem(code=ProblemCode.SENDER_UNKNOWN, field="sender", detail=f"{desk.agency}/{desk.desk}")
    if not may_switch(desk, act.area, law.reporting.regime_by, day):
        detail = f"{desk.agency} may not switch reporting for {act.area}"
        return Problem(code=ProblemCode.ACTION_NOT_POSSIBLE, field="area", detail=detail)
    return None
