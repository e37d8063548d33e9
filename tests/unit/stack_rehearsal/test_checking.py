"""A sound life of an incident passes the watch; every way of breaking its promises is named."""

from dataclasses import dataclass

import pytest

from contracts.actions import Accept, Close, HandOverCommand, Transfer
from contracts.codes import Disposition, Role
from contracts.course import CommandHandedOver, IncidentClosed, LeadTransferred
from contracts.decisions import Addressee
from contracts.events import DispatchAcknowledged
from contracts.lifecycle import DispatchReleased, ObligationExcused
from services.routing.incident.decide import Incident, IncidentEvent
from services.stack.rehearsal.checking import Watch, watched
from tests.unit.routing.cases import (
    COMMUNE,
    POLICE,
    PROVINCE,
    SOON,
    T0,
    acting,
    after,
    assignment,
    dispatch_of,
    opening,
    silence,
    still_silent,
)

ASSIGNMENTS = (assignment(), assignment(POLICE, Role.COORDINATE, escalation=(PROVINCE,)))


@dataclass
class Life:
    """An incident and everything recorded of it."""

    state: Incident
    log: list[IncidentEvent]

    def then(self, command: object) -> None:
        self.state, events = after(self.state, command)  # type: ignore[arg-type]  # any command
        self.log += events


@pytest.fixture
def life() -> Life:
    """Opened; the lead handed over and taken; one desk silent twice; closed."""
    lived = Life(*after(None, opening(*ASSIGNMENTS)))
    lived.then(acting(Transfer, dispatch_of(lived.state), to=PROVINCE, reason="Cấp tỉnh có lực lượng."))
    lived.then(acting(Accept, dispatch_of(lived.state, PROVINCE)))
    police = dispatch_of(lived.state, POLICE)
    lived.then(silence(police))
    lived.then(still_silent(lived.state, police))
    lead = dispatch_of(lived.state, PROVINCE, Role.LEAD)
    lived.then(acting(Close, lead, disposition=Disposition.RESOLVED, summary="Đã xong."))
    return lived


def said(log: list[IncidentEvent]) -> list[str]:
    return [fault.en for fault in watched(log).faults]


def test_a_sound_life_has_no_fault(life: Life) -> None:
    watch = watched(life.log)
    assert watch.faults == []
    assert watch.fired.total() == 2
    assert watch.arisen.keys() == watch.ended


def test_the_lead_stays_with_its_holder_until_the_taker_accepts(life: Life) -> None:
    watch, leads = Watch(), list[str | None]()
    for event in life.log:
        watch.take(event)
        leads.append(watch.lead(life.state.incident))
    commune, province = (f"{desk.agency}/{desk.desk}" for desk in (COMMUNE, PROVINCE))
    assert list(dict.fromkeys(leads)) == [commune, province, None]


def test_a_lead_without_its_dispatch_is_found(life: Life) -> None:
    assert any("leads but" in one for one in said([e for e in life.log if not isinstance(e.data, DispatchReleased)]))


def test_a_lead_given_by_somebody_else_is_found(life: Life) -> None:
    stranger = Addressee(agency="ca-x", desk="truc-ban")
    log = [
        e.model_copy(update={"data": e.data.model_copy(update={"giver": stranger})})
        if isinstance(e.data, LeadTransferred)
        else e
        for e in life.log
    ]
    assert any("gave a lead it did not have" in one for one in said(log))


def test_an_obligation_that_nothing_ends_is_found(life: Life) -> None:
    kept = [e for e in life.log if not isinstance(e.data, DispatchAcknowledged | IncidentClosed | ObligationExcused)]
    assert any("was forgotten" in one for one in said(kept))


def test_a_deadline_that_fires_twice_is_found(life: Life) -> None:
    repeated = next(e for e in life.log if type(e.data).__name__ == "DispatchRepeated")
    assert any("fired twice" in one for one in said([*life.log, repeated]))


@pytest.mark.parametrize(
    ("changed", "fault"),
    [
        ({}, []),
        ({"giver": None}, ["- gave command held by Trạm trưởng"]),
        ({"since": T0 - (SOON - T0)}, ["Đội trưởng commands from before its giver did"]),
    ],
)
def test_command_on_scene_with_a_gap_or_two_holders_is_found(changed: dict[str, object], fault: list[str]) -> None:
    lived = Life(*after(None, opening(*ASSIGNMENTS)))
    for taker, since in (("Trạm trưởng", T0), ("Đội trưởng", SOON)):
        lived.then(acting(HandOverCommand, dispatch_of(lived.state), f"to {taker}", taker=taker, since=since))
    watch = Watch()
    for event in lived.log:
        data = event.data
        if isinstance(data, CommandHandedOver) and data.taker == "Đội trưởng":
            event = event.model_copy(update={"data": data.model_copy(update=changed)})  # noqa: PLW2901  # what it breaks
        watch.take(event)
    assert [one.en for one in watch.faults] == fault
