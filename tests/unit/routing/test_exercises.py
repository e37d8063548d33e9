"""Planned exercises: who may plan what, what is filed when, and that nothing planned can become a live report."""

import json
from datetime import date, timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from contracts.codes import Space
from contracts.decisions import Addressee
from contracts.exercises import CancelExercise, DrillReport, ExerciseAct, ExercisePlanned, PlanExercise
from contracts.identifiers import derived_id
from contracts.problems import ProblemCode
from contracts.register import Agency, Area, AreaKind, Desk, FieldUnit, Register, Relation, Tree
from contracts.reports import Sender
from contracts.subjects import Origin
from services.routing.exercises.planning import Drill, Law, after, filing, started, verdict
from services.routing.regulations.engine.resolve import RegisterIndex
from services.routing.reporting.regime.acting import Done, Known, Refused, Verdict
from services.routing.reporting.regime.telling import Cause
from tests.unit.routing.cases import T0, minutes, uid

TOP, PROVINCE, COMMUNE, POLICE = (
    Addressee(agency=agency, desk="truc-ban") for agency in ("qg", "tinh", "xa", "cong-an")
)
DESKS = (Desk(code="truc-ban", name_vi="Trực ban", name_en="Duty desk"),)


def _agency(code: str, *superiors: str) -> Agency:
    return Agency(
        id=uid(code),
        code=code,
        type="UBND-X",
        name_vi=code,
        name_en=code,
        relations=tuple(Relation(tree=Tree.ADMINISTRATIVE, superior=superior) for superior in superiors),
        desks=DESKS,
        units=(FieldUnit(code="doi-1", name_vi="Đội 1", name_en="Team 1"),),
    )


REGISTER = RegisterIndex(
    Register(
        version="thu",
        as_of=date(2026, 11, 22),
        label_vi="thử",
        label_en="test",
        areas=(Area(code="vn", kind=AreaKind.NATION, name_vi="Việt Nam", name_en="Viet Nam"),),
        agencies=(_agency("qg"), _agency("tinh", "qg"), _agency("xa", "tinh"), _agency("cong-an")),
    )
)
LAW = Law(REGISTER.on(date(2026, 11, 22)), TOP)


def planned(key: str = "lu", agency: str = "xa", unit: str = "doi-1", **changes: Any) -> DrillReport:
    fields: dict[str, Any] = {
        "key": key,
        "at": minutes(2),
        "sender": Sender(agency=agency, unit=unit),
        "seen_before": minutes(5),
        "report": {"category": "NAT-FLOOD", "headline": "Nước lên"},
    }
    return DrillReport(**(fields | changes))


def plan(*reports: DrillReport, name: str = "p", **changes: Any) -> PlanExercise:
    fields: dict[str, Any] = {
        "action": uid("plan", name),
        "space": Space.EXERCISE,
        "sent": T0,
        "name": "Diễn tập",
        "scenario": "lu",
        "starts_at": T0 + minutes(10),
        "reports": reports or (planned(),),
    }
    return PlanExercise(**(fields | changes))


def cancel(name: str = "c", drill: str = "p") -> CancelExercise:
    return CancelExercise(
        action=uid("cancel", name), space=Space.EXERCISE, sent=T0, drill=uid("plan", drill), reason="Mưa thật."
    )


def judged(act: ExerciseAct, desk: Addressee = PROVINCE, *drills: Drill) -> Verdict:
    known = {drill.planned.drill: drill for drill in drills}
    return verdict(act, desk, known, LAW, Cause(uid("submission"), uid("submission"), T0))


def on_record(act: PlanExercise | None = None) -> Drill:
    done = judged(act or plan())
    assert isinstance(done, Done)
    return after(None, done.event.data)


@pytest.mark.parametrize("desk", [TOP, PROVINCE, COMMUNE])
def test_an_agency_may_exercise_itself_and_those_below_it(desk: Addressee) -> None:
    assert isinstance(judged(plan(), desk), Done)


@pytest.mark.parametrize(
    ("desk", "report", "code"),
    [
        (POLICE, planned(), ProblemCode.ACTION_ROLE),
        (COMMUNE, planned(agency="tinh"), ProblemCode.ACTION_ROLE),
        (PROVINCE, planned(agency="nobody"), ProblemCode.SENDER_UNKNOWN),
        (PROVINCE, planned(unit="nobody"), ProblemCode.SENDER_UNKNOWN),
        (Addressee(agency="tinh", desk="nobody"), planned(), ProblemCode.SENDER_UNKNOWN),
    ],
)
def test_nobody_files_in_the_name_of_units_that_are_not_under_it(
    desk: Addressee, report: DrillReport, code: ProblemCode
) -> None:
    """Breaks when any desk could make any unit of the country report, if only in an exercise."""
    refused = judged(plan(report), desk)
    assert isinstance(refused, Refused)
    assert refused.problem.code is code


def test_the_same_plan_again_is_known_and_one_in_the_past_is_refused() -> None:
    assert isinstance(judged(plan(), PROVINCE, on_record()), Known)
    late = judged(plan(starts_at=T0 - minutes(6)))
    assert isinstance(late, Refused)
    assert late.problem.code is ProblemCode.TIME_INVALID


def test_a_report_is_filed_as_its_unit_would_at_its_time_the_same_bytes_each_time() -> None:
    """Breaks when a restart files the same report with another id or time: it would count twice."""
    drill = on_record(plan(planned(), planned("tin-2", refers_to=("lu",), at=minutes(3))))
    first, second = filing(drill, 0), filing(drill, 1)
    assert first is not None
    assert second is not None
    body = json.loads(first.body)

    assert (first.origin, drill.dues) == (Origin("xa", "doi-1"), (T0 + minutes(12), T0 + minutes(13)))
    assert (body["status"], body["sent"]) == ("Exercise", (T0 + minutes(12)).isoformat())
    assert (body["observed_at"], body["report"]) == (
        (T0 + minutes(7)).isoformat(),
        str(derived_id(drill.planned.drill, "report", "lu")),
    )
    assert json.loads(second.body)["references"] == [body["report"]]
    assert filing(drill, 0) == first
    assert filing(drill, 2) is None


@pytest.mark.parametrize("field", ["status", "report", "sent", "references", "personal"])
def test_a_plan_cannot_state_what_makes_a_report_live_or_names_people(field: str) -> None:
    """Breaks when a planned report could say that it is an actual one, or carry personal values into the record."""
    with pytest.raises(ValidationError):
        planned(report={field: "Actual"})


def test_a_plan_refers_only_to_earlier_reports_of_the_same_unit() -> None:
    with pytest.raises(ValidationError):
        plan(planned(refers_to=("later",)))
    with pytest.raises(ValidationError):
        plan(planned(), planned("tin-2", unit="doi-2", refers_to=("lu",)))
    with pytest.raises(ValidationError):
        plan(planned(), planned())


def test_it_begins_once_and_called_off_it_files_nothing_more() -> None:
    drill = on_record()
    begun = started(drill, Cause(uid("due"), uid("due"), T0 + minutes(12)))
    assert begun is not None
    drill = after(drill, begun.data)
    assert started(drill, Cause(uid("due"), uid("due"), T0 + minutes(13))) is None

    done = judged(cancel(), PROVINCE, drill)
    assert isinstance(done, Done)
    drill = after(drill, done.event.data)
    assert filing(drill, 0) is None
    assert isinstance(judged(cancel(), PROVINCE, drill), Known)
    assert isinstance(judged(cancel("again"), PROVINCE, drill), Refused)


@pytest.mark.parametrize(("desk", "may"), [(TOP, True), (PROVINCE, True), (COMMUNE, False), (POLICE, False)])
def test_only_who_planned_it_or_stands_above_calls_it_off(desk: Addressee, may: bool) -> None:  # noqa: FBT001
    assert isinstance(judged(cancel(), desk, on_record()), Done if may else Refused)


def test_what_was_never_planned_cannot_be_called_off() -> None:
    assert isinstance(judged(cancel(drill="other")), Refused)
    with pytest.raises(ValueError, match="never planned"):
        after(None, _begun())


def _begun() -> Any:
    event = started(on_record(), Cause(uid("due"), uid("due"), T0 + timedelta(hours=1)))
    assert event is not None
    assert not isinstance(event.data, ExercisePlanned)
    return event.data
