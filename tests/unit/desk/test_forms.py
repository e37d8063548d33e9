"""Acts as forms: every act can be asked for, what is typed becomes its fields, what cannot be read names its field."""

from datetime import UTC, datetime
from typing import get_args

import pytest

from contracts.actions import Action, Deliver
from contracts.codes import DeclineReason, Role, Space
from contracts.decisions import Addressee
from contracts.identifiers import new_id
from contracts.reports import Scales
from services.desk.forms import FORMS, Ask, Unreadable, details, offered, standing
from services.desk.row import Row
from tests.unit.desk.test_queue import row
from tests.unit.desk.test_timeline import ROW
from tests.unit.routing.cases import T0

TYPED = {Ask.TEXT: "Nội dung", Ask.LINE: "Đội trưởng", Ask.DESK: "ubnd-t/truc-ban", Ask.TIME: "2026-11-22T14:30"}


def test_every_act_of_an_officer_has_a_form() -> None:
    """Breaks when an act is added that nobody can do on a page; delivery is the software's own."""
    assert {form.kind for form in FORMS.values()} == set(get_args(Action)) - {Deliver}


@pytest.mark.parametrize("name", sorted(FORMS))
def test_what_is_typed_makes_the_act(name: str) -> None:
    form = FORMS[name]
    typed = {"version": "3"}
    for field in form.fields:
        usual = str(field.choices[0][0]) if field.choices else TYPED.get(field.ask, str(new_id()))
        typed[field.name] = usual
    stated = {"action": new_id(), "space": Space.ACTUAL, "incident": new_id(), "dispatch": new_id(), "sent": T0}

    act = form.kind.model_validate(stated | details(form, typed))

    assert getattr(act, "version", 3) == 3


def test_a_decline_names_its_reason_and_where_it_goes() -> None:
    typed = {"reason": "wrong_area", "text": "Ngoài địa bàn", "forward_to": "ubnd-t/truc-ban"}

    assert details(FORMS["decline"], typed) == {
        "reason": DeclineReason.WRONG_AREA,
        "text": "Ngoài địa bàn",
        "forward_to": Addressee(agency="ubnd-t", desk="truc-ban"),
    }


def test_a_time_is_read_on_the_clock_of_viet_nam() -> None:
    """Breaks when a desk promises seven hours too late or too early."""
    until = details(FORMS["defer"], {"until": "2026-11-22T14:30", "reason": "Chờ xe"})["until"]

    assert until == datetime(2026, 11, 22, 7, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("form", "typed", "field"),
    [
        ("decline", {"reason": "bored", "text": "x"}, "reason"),
        ("decline", {"reason": "other", "text": " "}, "text"),
        ("transfer", {"to": "nobody", "reason": "x"}, "to"),
        ("transfer", {"to": "A B/c", "reason": "x"}, "to"),
        ("merge", {"into": "17", "reason": "x"}, "into"),
        ("defer", {"until": "soon", "reason": "x"}, "until"),
    ],
)
def test_what_cannot_be_read_names_its_field(form: str, typed: dict[str, str], field: str) -> None:
    with pytest.raises(Unreadable) as refused:
        details(FORMS[form], typed)

    assert refused.value.field == field


def test_what_is_offered_fits_the_role() -> None:
    lead, informed = ({form.name for form in offered(row(1, role))} for role in (Role.LEAD, Role.INFORM))

    assert {"acknowledge", "accept", "decline", "level", "merge", "close"} <= lead
    assert informed == {"acknowledge", "comment", "misroute"}
    assert "acknowledge" not in {form.name for form in offered(row(1, acknowledged=True))}


def test_the_form_of_the_level_begins_with_the_levels_as_they_stand() -> None:
    """A scale left out of the act is withdrawn: an officer who touches one must not lose the others unseen."""
    issued = ROW.issued.model_copy(update={"scales": Scales(disaster_risk=2, river_alert=3)})
    held = Row(issued, ROW.issued_at)
    begun = standing(FORMS["level"], held)
    assert begun == {"severity": issued.severity.value, "scales.disaster_risk": "2", "scales.river_alert": "3"}
    typed = begun | {"scales.disaster_risk": "4", "scales.river_alert": "", "reason": "Nước lên"}
    assert details(FORMS["level"], typed)["scales"] == {"disaster_risk": 4}
    assert standing(FORMS["close"], held) == {}


def test_levels_are_left_alone_by_a_form_that_did_not_ask_for_them() -> None:
    assert "scales" not in details(FORMS["level"], {"severity": "Severe", "reason": "Nước lên"})


def test_a_level_that_its_scale_does_not_have_is_named() -> None:
    with pytest.raises(Unreadable) as raised:
        details(FORMS["level"], {"severity": "Severe", "reason": "r", "scales.river_alert": "4"})
    assert raised.value.field == "scales.river_alert"


def test_every_scale_of_a_report_can_be_set_at_the_desk() -> None:
    asked = {field.name for field in FORMS["level"].fields}
    assert asked == {"severity", "reason", *(f"scales.{scale}" for scale in Scales.model_fields)}
