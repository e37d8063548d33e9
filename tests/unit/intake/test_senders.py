"""Who may hand in what: units anything, desks their agency's situation reports and calls of units below them."""

import json
from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid5

import pytest

from contracts.register import Agency, Desk, FieldUnit, Register, Relation, Tree
from contracts.reports import IncidentReport, Sender, SituationReport
from contracts.subjects import Origin
from services.intake.formats.json_report import REPORT
from services.intake.senders import Senders
from tests.unit.intake.samples import report

SINCE, TODAY = date(2025, 7, 1), date(2026, 11, 22)
UNIT = Sender(agency="ranger", unit="post")
CALL = {
    "oral": {"at": "2026-11-22T00:00:00Z", "channel": "radio", "to": "trực ban"},
    "on_behalf_of": {"agency": "ranger", "unit": "post"},
}


def agency(code: str, *superiors: tuple[Tree, str, date | None]) -> Agency:
    """With one desk and one unit."""
    return Agency(
        id=uuid5(UUID(int=0), code),
        code=code,
        type="OWN",
        name_vi=code,
        name_en=code,
        relations=tuple(Relation(tree=t, superior=s, valid_from=SINCE, valid_to=to) for t, s, to in superiors),
        desks=(Desk(code="desk", name_vi="b", name_en="d", valid_from=SINCE),),
        units=(FieldUnit(code="post", name_vi="t", name_en="p", valid_from=SINCE),),
        valid_from=SINCE,
    )


SENDERS = Senders(
    Register(
        version="t",
        as_of=SINCE,
        label_vi="t",
        label_en="t",
        areas=(),
        agencies=(
            agency("ranger", (Tree.SECTOR, "province", None), (Tree.POLICE, "former", TODAY - timedelta(days=1))),
            agency("province", (Tree.SECTOR, "ministry", None)),
            agency("ministry", (Tree.SECTOR, "ranger", None)),
            agency("former"),
            agency("beside"),
        ),
    )
)


def filed(**changes: Any) -> IncidentReport | SituationReport:
    return REPORT.validate_json(json.dumps(report(**changes)))


def situation(**changes: Any) -> IncidentReport | SituationReport:
    body = report(type="situation", kind="situation_information", incident=str(UUID(int=1)), **changes)
    return REPORT.validate_json(json.dumps({key: value for key, value in body.items() if key != "category"}))


@pytest.mark.parametrize(
    ("logging", "expected"),
    [
        ("ranger", "entitled"),
        ("province", "entitled"),
        ("ministry", "entitled"),
        ("former", "refused"),
        ("beside", "refused"),
        ("nobody", "refused"),
    ],
)
def test_a_call_is_logged_by_the_units_own_agency_or_a_superior_of_that_day(logging: str, expected: str) -> None:
    """Broken when anybody could put words into a unit's mouth, or a body that commanded it once still can."""
    assert SENDERS.may_log_for(Origin(logging, "desk"), UNIT, TODAY) is (expected == "entitled")


def test_nobody_logs_for_a_unit_that_is_not_there() -> None:
    assert not SENDERS.may_log_for(Origin("ranger", "desk"), Sender(agency="ranger", unit="gone"), TODAY)
    assert not SENDERS.may_log_for(Origin("ranger", "desk"), UNIT, SINCE - timedelta(days=1))


def test_a_desk_hands_in_what_it_logs_and_situation_reports_and_nothing_else() -> None:
    desk, unit = Origin("ranger", "desk"), Origin("ranger", "post")

    assert SENDERS.may_report(desk, filed(**CALL), TODAY)
    assert SENDERS.may_report(desk, situation(), TODAY)
    assert not SENDERS.may_report(desk, filed(), TODAY)
    assert SENDERS.may_report(unit, filed(), TODAY)
    assert not SENDERS.may_report(Origin("ranger", "gone"), situation(), TODAY)


def test_an_entry_for_a_unit_says_when_and_how_it_was_told() -> None:
    with pytest.raises(ValueError, match="oral"):
        filed(on_behalf_of=CALL["on_behalf_of"])
