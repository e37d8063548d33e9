"""Decides whether a desk may do what is no incident's, by one table: what it concerns must be the desk's own or below.

Which desk sends is the server's word. Acts on dispatches have a table of their own, `incident.authority`.
"""

from collections.abc import Container
from enum import StrEnum
from typing import Final

from contracts.decisions import Addressee
from contracts.exercises import CancelExercise, ExerciseAct, PlanExercise
from contracts.places import AreaCode
from contracts.presence import ConfirmHandOver, DeclareStaffed, DeclareUnstaffed, PresenceAct, ProposeHandOver
from contracts.reporting import AcknowledgePaper, ReportingAct, SwitchRegime
from services.routing.regulations.engine.resolve import RegisterDay

DeskAct = PresenceAct | ReportingAct | ExerciseAct


class Reach(StrEnum):
    """How far from the desk something may be that it acts on. In each, the desk must be in the register that day."""

    ITSELF = "itself"
    """It speaks of itself."""
    ITS_PAPERS = "its_papers"
    """What was sent to it."""
    ITS_AREA = "its_area"
    """An area its agency answers for, and its agency of a type that the law names."""
    ITS_AGENCY_OR_BELOW = "its_agency_or_below"
    """Its own agency, or one below it in some tree; any, for the desk that answers for the rules."""


REACH: Final[dict[type[DeskAct], Reach]] = {
    DeclareStaffed: Reach.ITSELF,
    DeclareUnstaffed: Reach.ITSELF,
    ProposeHandOver: Reach.ITSELF,
    ConfirmHandOver: Reach.ITSELF,
    AcknowledgePaper: Reach.ITS_PAPERS,
    SwitchRegime: Reach.ITS_AREA,
    PlanExercise: Reach.ITS_AGENCY_OR_BELOW,
    CancelExercise: Reach.ITS_AGENCY_OR_BELOW,
}
"""What a desk may do beside its dispatches. `docs/who-may-do-what.md` is this table in words."""


def is_there(desk: Addressee, register: RegisterDay) -> bool:
    """Whether the register has this desk that day."""
    return register.desk(desk.agency, desk.desk) == desk


def may_switch(desk: Addressee, area: AreaCode, types: Container[str], register: RegisterDay) -> bool:
    """Whether the area is its own and its agency is of a type that may order there."""
    agency = register.agencies.get(desk.agency)
    return agency is not None and agency.type in types and register.covers_all(desk.agency, (area,))


def is_over(desk: Addressee, agency: str, top: Addressee, register: RegisterDay) -> bool:
    """Whether this agency is its own or below it, in whichever tree; everybody is below the top."""
    return desk == top or desk.agency == agency or desk.agency in register.everyone_above(agency)
