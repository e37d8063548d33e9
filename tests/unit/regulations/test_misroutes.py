"""An objection to a rule, from a desk's words to a named case that a set can be held against."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from contracts.actions import AnswerMisroute, Misroute
from contracts.codes import Misrouting, MisroutingAnswer, Role
from contracts.decisions import Addressee, ObligationKind
from services.routing.commands.misroutes import (
    Objection,
    RoleUnknownError,
    UnansweredError,
    as_case,
    case_name,
    objections,
)
from services.routing.commands.misroutes_files import CaseKnownError, NotAppendableError, append_case
from services.routing.commands.regulation_files import load_cases
from services.routing.deciding import Regulator
from services.routing.in_force.reference import Reference
from services.routing.incident.commands import Act, Around, Open
from services.routing.incident.decide import IncidentEvent, decide, fold
from services.routing.regulations.proof.counterexample import report_of
from services.routing.regulations.telling.cases import CaseFile, decided, facts_of_case, mismatches
from services.runtime.documents import DocumentError
from tests.unit.regulations.conftest import FOLDER, States
from tests.unit.routing import cases

OWNER = Addressee(agency="chinh-phu", desk="truc-ban")
COMMUNE = Addressee(agency="ubnd-x-phong-dien", desk="truc-ban")


@pytest.fixture
def regulator(reference: Reference) -> Regulator:
    return Regulator(reference.regulations, reference.register)


@pytest.fixture
def life(regulator: Regulator, state: States) -> list[IncidentEvent]:
    """A flood in one commune, as the reference set routes it, and its lead objecting."""
    stated = state("NAT-FLOOD", "19819")
    facts = regulator.facts(report_of(stated, regulator.register), stated.first_reporter, stated.occurred_at)
    decision = regulator.decide(facts, facts.occurred_at)
    events = list(outcome(decide(None, Open(cases.accepted(), decision, cases.T0))))
    return acted(events, Misroute, COMMUNE, 1, finding=Misrouting.NOT_OURS, text="Không thuộc\nđịa bàn xã.")


def outcome(found: Any) -> tuple[IncidentEvent, ...]:
    assert isinstance(found, tuple), found
    return found


def acted(
    life: list[IncidentEvent], kind: type[Any], desk: Addressee, minute: float, **details: Any
) -> list[IncidentEvent]:
    """The incident after one more act of its lead or of the owner of the rules."""
    incident = fold(life)
    assert incident is not None
    dispatch = cases.dispatch_of(incident, desk, Role.LEAD if desk == COMMUNE else Role.ADVISE)
    if "version" in kind.model_fields:
        details["version"] = incident.dispatches[dispatch.dispatch].version
    at = cases.T0 + timedelta(minutes=minute)
    act: Act = cases.acting(kind, dispatch, str(minute), at, Around(owner=OWNER), **details)
    return [*life, *outcome(decide(incident, act))]


def answered(life: list[IncidentEvent], answer: MisroutingAnswer, minute: float = 2) -> Objection:
    (found,) = objections(acted(life, AnswerMisroute, OWNER, minute, answer=answer, text="Đã xem."))
    return found


def test_an_objection_names_its_rule_its_time_and_its_answer(life: list[IncidentEvent]) -> None:
    (waits,) = objections(life)
    assert (waits.desk, waits.role, waits.raised.owner, waits.answered) == (COMMUNE, Role.LEAD, OWNER, None)
    assert waits.due == cases.T0 + timedelta(days=7, minutes=1)
    assert (waits.late(waits.due), waits.late(waits.due + timedelta(seconds=1))) == (False, True)
    in_time, late = (answered(life, MisroutingAnswer.RULE_STANDS, minute) for minute in (2, 60 * 24 * 8))
    assert (in_time.late(cases.T0), late.late(cases.T0)) == (False, True)
    assert in_time.answered is not None
    assert in_time.answered.text == "Đã xem."


def test_a_resolved_case_holds_where_the_rule_stands_and_fails_until_a_rule_that_changes_has_changed(
    life: list[IncidentEvent], regulator: Regulator, tmp_path: Path
) -> None:
    """Breaks if a case decided on other facts than the incident's, or passed though the set still routes wrongly."""
    file = tmp_path / "cases.yaml"
    stands, changes = (answered(life, answer) for answer in MisroutingAnswer)
    for number, (objection, differs) in enumerate(((stands, []), (changes, ["absent"]))):
        file.unlink(missing_ok=True)
        case = as_case(objection, regulator.register)
        assert append_case(file, case, "2026-11-22", "vmrcc-kv2") == 1, number
        loaded = load_cases(file)
        named = loaded.cases[0]
        assert (named.name, named.why) == (case_name(objection), "Không thuộc địa bàn xã.")
        assert facts_of_case(named, loaded, regulator)[0] == objection.decision.facts
        assert [m.expectation for m in mismatches(named.expect, decided(named, loaded, regulator))] == differs


def test_nobody_guesses_what_an_open_objection_or_a_wrong_role_expects(
    life: list[IncidentEvent], regulator: Regulator
) -> None:
    (waits,) = objections(life)
    with pytest.raises(UnansweredError):
        as_case(waits, regulator.register)
    changes = answered(life, MisroutingAnswer.RULE_CHANGES)
    said = changes.raised.model_copy(update={"finding": Misrouting.WRONG_ROLE})
    role = Objection(
        said, changes.raised_at, changes.desk, changes.role, changes.decision, changes.due, changes.answered
    )
    with pytest.raises(RoleUnknownError):
        as_case(role, regulator.register)
    expected = as_case(role, regulator.register, Role.COORDINATE)["expect"]
    assert expected == {"roles": {f"{COMMUNE.agency}/{COMMUNE.desk}": "coordinate"}}


def test_a_case_is_appended_below_what_people_wrote_and_never_twice(
    life: list[IncidentEvent], regulator: Regulator, tmp_path: Path
) -> None:
    """Breaks if appending rewrote a line of a cases file that somebody keeps by hand."""
    file, written = tmp_path / "cases.yaml", (FOLDER / "cases.yaml").read_text(encoding="utf-8")
    file.write_text(written, encoding="utf-8")
    before = load_cases(file)
    case = as_case(answered(life, MisroutingAnswer.RULE_STANDS), regulator.register)
    assert append_case(file, case, "2026-11-22", "x") == len(before.cases) + 1
    assert file.read_text(encoding="utf-8").startswith(written.rstrip())
    after: CaseFile = load_cases(file)
    assert (after.on, after.reporter, after.cases[:-1]) == (before.on, before.reporter, before.cases)
    with pytest.raises(CaseKnownError):
        append_case(file, case, "2026-11-22", "x")
    assert [path.name for path in tmp_path.iterdir()] == ["cases.yaml"]


def test_a_file_that_cannot_be_appended_to_stays_as_it_is(
    life: list[IncidentEvent], regulator: Regulator, tmp_path: Path
) -> None:
    case = as_case(answered(life, MisroutingAnswer.RULE_STANDS), regulator.register)
    one = "{name: a, facts: {category: NAT-FLOOD}, expect: {}}"
    head, file = "on: 2026-11-22\nreporter: x\n", tmp_path / "cases.yaml"
    for text, error in (
        (f"{head}cases: [{one}]\n", NotAppendableError),
        (f"cases:\n- {one}\n{head}", NotAppendableError),
        ("cases: 7\n", DocumentError),
    ):
        file.write_text(text, encoding="utf-8")
        with pytest.raises(error):
            append_case(file, case, "2026-11-22", "x")
        assert [(path.name, path.read_text(encoding="utf-8")) for path in tmp_path.iterdir()] == [("cases.yaml", text)]


def test_the_request_for_an_answer_is_owed_by_the_owner_of_the_rules(life: list[IncidentEvent]) -> None:
    incident = fold(life)
    assert incident is not None
    owed = [o.kind for d in incident.dispatches.values() if d.desk == OWNER for o in d.owes.values()]
    assert ObligationKind.ANSWER in owed
