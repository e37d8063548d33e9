"""Who may do what: every act by every role, from every desk, as things may stand, against a table written by hand."""

from dataclasses import replace
from functools import cache
from itertools import product
from pathlib import Path
from typing import Any, Final, NamedTuple, get_args

import pytest

from contracts.actions import ACTION_TYPES, Action
from contracts.codes import DeclineReason, Disposition, Misrouting, MisroutingAnswer, Role, Severity, Space
from contracts.decisions import Addressee, Obligation, ObligationKind
from contracts.events import DispatchIssued
from contracts.problems import ProblemCode
from services.routing.authority import REACH, is_over, is_there, may_switch
from services.routing.commands.authority_page import page
from services.routing.incident.authority import AUTHORITY
from services.routing.incident.commands import Act, Around, Refused
from services.routing.incident.decide import Incident, decide
from services.routing.incident.state import Standing
from tests.unit.routing.cases import (
    CITATION,
    COMMUNE,
    POLICE,
    PROVINCE,
    SOON,
    T0,
    TOP,
    acting,
    after,
    assignment,
    decision,
    dispatch_of,
    minutes,
    opening,
    report,
    uid,
)
from tests.unit.routing.test_exercises import LAW

PAGE: Final = Path(__file__).parents[3] / "docs" / "who-may-do-what.md"
ROLES: Final = "LFOCDKAI"
"""Lead that leads, former lead, desk that is offered the lead, command, direct, coordinate, advise, inform."""
STANDINGS: Final = {
    "o": Standing.OPEN,
    "d": Standing.DEFERRED,
    "a": Standing.ACCEPTED,
    "x": Standing.DECLINED,
    "h": Standing.HANDING_OVER,
    "r": Standing.RELEASED,
    "c": Standing.COMPLETED,
    "l": Standing.LAPSED,
    "w": Standing.WITHDRAWN,
}
EXPECTED: Final = """
act                roles     standings  incident          asks
deliver            LFOCDKAI  odaxhrclw  open closed merged  duty consent answer
open               LFOCDKAI  odaxhrclw  open closed merged  duty consent answer
acknowledge        LFOCDKAI  odaxhrclw  open closed merged  duty consent answer
comment            LFOCDKAI  odaxhrclw  open closed merged  duty consent answer
misroute           LFOCDKAI  odaxhrclw  open closed merged  duty consent answer
accept             LOCDKA    odxh       open              duty consent answer
defer              LOCDKA    od         open              duty consent answer
decline            LOCDKA    od         open              duty consent answer
transfer           LOCDKA    oda        open              duty answer
complete           LOCDKA    oda        open              duty consent answer
answer_misroute    LOCDKA    odaxhl     open              answer
set_level          LOCD      odaxhcl    open              duty consent answer
hand_over_command  LOCD      odaxhcl    open              duty consent answer
merge              LOD       odaxhcl    open              duty consent answer
split              LOD       odaxhcl    open closed merged  duty consent answer
close              LOD       odaxhcl    open              duty consent answer
reopen             LOD       odaxhcl    closed            duty consent answer
"""
"""`O` counts only while it has not answered: who is offered the lead and says neither yes nor no, has to be heard."""
OTHER, ABSORBED = uid("other incident"), uid("absorbed incident")
DETAILS: Final[dict[str, dict[str, Any]]] = {
    "comment": {"text": "t"},
    "defer": {"until": SOON + minutes(60), "reason": "r"},
    "decline": {"reason": DeclineReason.OTHER, "text": "t", "forward_to": TOP},
    "transfer": {"to": TOP, "reason": "r"},
    "complete": {"summary": "s"},
    "misroute": {"finding": Misrouting.NOT_OURS, "text": "t"},
    "answer_misroute": {"answer": MisroutingAnswer.RULE_STANDS, "text": "t"},
    "set_level": {"severity": Severity.EXTREME, "reason": "r"},
    "hand_over_command": {"taker": "Đội trưởng", "since": T0},
    "merge": {"into": OTHER, "reason": "r"},
    "split": {"released": ABSORBED, "reason": "r"},
    "close": {"disposition": Disposition.RESOLVED, "summary": "s"},
    "reopen": {"reason": "r"},
}
KINDS: Final = {kind.model_fields["type"].default: kind for kind in get_args(Action)}
DESK = COMMUNE
RELATIONS: Final = {
    "its own": DESK,
    "another desk of the agency": Addressee(agency=DESK.agency, desk="truc-chi-huy"),
    "its deputy": Addressee(agency=DESK.agency, desk="truc-phu"),
    "its superior": PROVINCE,
    "the lead": POLICE,
    "a stranger": Addressee(agency="ubnd-x-khac", desk="truc-ban"),
}


class Row(NamedTuple):
    """One line of the expected table."""

    roles: str
    standings: str
    stages: set[str]
    asks: set[str]

    def allows(self, role: str, standing: str, stage: str, asks: str) -> ProblemCode | None:
        """None, or the code of the refusal."""
        offered = role != "O" or standing in "od" or "F" in self.roles
        if role not in self.roles or not offered:
            return ProblemCode.ACTION_ROLE
        fits = standing in self.standings and stage in self.stages and asks in self.asks
        return None if fits else ProblemCode.ACTION_NOT_POSSIBLE


def table() -> dict[str, Row]:
    """The table above, parsed."""
    rows = {}
    for line in EXPECTED.strip().splitlines()[1:]:
        act, roles, standings, *rest = line.split()
        rows[act] = Row(roles, standings, {w for w in rest if w in STAGES}, {w for w in rest if w in ASKS})
    return rows


STAGES: Final = ("open", "closed", "merged")
ASKS: Final = ("duty", "consent", "answer")
_OF: Final = {"C": Role.COMMAND, "D": Role.DIRECT, "K": Role.COORDINATE, "A": Role.ADVISE, "I": Role.INFORM}


@cache
def situation(role: str, standing: str, stage: str, asks: str) -> tuple[Incident, DispatchIssued]:
    """An incident that stands so, and the dispatch of the desk that stands so in it."""
    leads = role == "L"
    held = assignment(DESK, _OF.get(role, Role.LEAD), acknowledge_within=minutes(15), decide_within=minutes(30))
    others = (assignment(TOP, Role.INFORM),) if leads else (assignment(TOP, Role.INFORM), assignment(POLICE))
    state, _ = after(None, opening(*others, held))
    issued, other = dispatch_of(state, DESK), dispatch_of(state, TOP).dispatch
    asides: dict[str, dict[str, Any]] = {
        "duty": {},
        "consent": {"consents_to": other},
        "answer": {"objects_to": other, "obligations": (*issued.obligations, owed(ObligationKind.ANSWER))},
    }
    asked = issued.model_copy(
        update=asides[asks] | ({"forwarded_from": dispatch_of(state, POLICE).dispatch} if role == "O" else {})
    )
    stood = replace(state.dispatches[issued.dispatch], issued=asked, standing=STANDINGS[standing])
    return (
        replace(
            state,
            dispatches={**state.dispatches, issued.dispatch: stood},
            lead=DESK if leads else POLICE,
            closed=stage == "closed",
            merged_into=uid("elsewhere") if stage == "merged" else None,
        ),
        asked,
    )


def owed(kind: ObligationKind) -> Obligation:
    return Obligation(obligation=uid("owed", kind.value), kind=kind, due=SOON, basis=CITATION)


@cache
def around() -> Around:
    """Whatever an act may need from outside: another incident that the desk knows, a decision, who owns the rules."""
    other, _ = after(None, opening(assignment(DESK), filed=report("other")))
    return Around(decision=decision(assignment(DESK)), other=other, owner=TOP)


def act_of(kind: str, issued: DispatchIssued, sender: Addressee = DESK, **changes: Any) -> Act:
    """One such act on the dispatch."""
    act = acting(KINDS[kind], issued, around=around(), **(DETAILS.get(kind, {}) | changes))
    return replace(act, sender=sender)


def code_of(state: Incident, act: Act) -> ProblemCode | None:
    outcome = decide(state, act)
    return outcome.problem.code if isinstance(outcome, Refused) else None


@pytest.mark.parametrize("kind", sorted(ACTION_TYPES))
def test_every_role_as_everything_may_stand_does_just_what_the_table_by_hand_says(kind: str) -> None:
    """One cell too many, and a desk closes, hands over or raises what is not its own to decide."""
    row, checked = table()[kind], 0
    for role, standing, stage, asks in product(ROLES, STANDINGS, STAGES, ASKS):
        state, issued = situation(role, standing, stage, asks)
        if kind == "split":
            state = replace(state, absorbed=frozenset({ABSORBED}))
        outcome = decide(state, act_of(kind, issued))
        wanted = row.allows(role, standing, stage, asks)
        where = (kind, role, standing, stage, asks)
        if isinstance(outcome, Refused):
            assert outcome.problem.code is wanted, where
            assert outcome.problem.wording.vi
            assert outcome.problem.wording.en
        else:
            assert wanted is None, where
        checked += 1
    assert checked == 8 * 9 * 3 * 3


@pytest.mark.parametrize("kind", sorted(ACTION_TYPES))
@pytest.mark.parametrize("relation", [name for name in RELATIONS if name != "its own"])
def test_nobody_acts_on_the_dispatch_of_another_desk(kind: str, relation: str) -> None:
    """Deputies and superiors get dispatches of their own; by another's they would answer for what they do not hold."""
    for role, standing, stage in product(ROLES, STANDINGS, STAGES):
        state, issued = situation(role, standing, stage, "duty")
        assert code_of(state, act_of(kind, issued, RELATIONS[relation])) is ProblemCode.ACTION_UNKNOWN_DISPATCH


@pytest.mark.parametrize("kind", sorted(ACTION_TYPES))
def test_a_dispatch_is_good_for_its_own_incident_and_space_alone(kind: str) -> None:
    state, issued = situation("L", "o", "open", "duty")
    for elsewhere in ({"incident": OTHER}, {"space": Space.EXERCISE}, {"dispatch": uid("no such")}):
        assert code_of(state, act_of(kind, issued, **elsewhere)) is ProblemCode.ACTION_UNKNOWN_DISPATCH


@pytest.mark.parametrize("kind", sorted(kind for kind in KINDS if "version" in KINDS[kind].model_fields))
def test_whatever_decides_is_refused_to_who_has_not_seen_the_newest_decision(kind: str) -> None:
    state, issued = situation("L", "o", "closed" if kind == "reopen" else "open", "duty")
    assert code_of(state, act_of(kind, issued, version=7)) is ProblemCode.ACTION_VERSION


def test_the_tables_name_every_act_there_is() -> None:
    assert set(AUTHORITY) == set(get_args(Action))
    assert set(table()) == ACTION_TYPES
    beside = {
        "staffed", "unstaffed", "propose_handover", "confirm_handover",
        "acknowledge_paper", "switch_regime", "plan_exercise", "cancel_exercise",
    }  # fmt: skip
    assert {act.model_fields["type"].default for act in REACH} == beside


@pytest.mark.parametrize(
    ("desk", "agency", "allowed"),
    [
        ("xa", "xa", True),
        ("xa", "tinh", False),
        ("xa", "cong-an", False),
        ("tinh", "xa", True),
        ("tinh", "cong-an", False),
        ("cong-an", "xa", False),
        ("qg", "cong-an", True),
        ("qg", "xa", True),
        ("khong-co", "xa", False),
    ],
)
def test_exercises_are_planned_and_called_off_for_ones_own_agency_and_below(
    desk: str, agency: str, *, allowed: bool
) -> None:
    """Otherwise any desk could fill another agency's exercise space, or end an exercise that is not its own."""
    assert is_over(Addressee(agency=desk, desk="truc-ban"), agency, LAW.top, LAW.register) is allowed


def test_a_desk_that_the_register_does_not_have_is_nobody() -> None:
    known = Addressee(agency="xa", desk="truc-ban")
    assert is_there(known, LAW.register)
    for agency, desk in (("xa", "khac"), ("khong-co", "truc-ban")):
        assert not is_there(Addressee(agency=agency, desk=desk), LAW.register)
    assert not may_switch(Addressee(agency="khong-co", desk="truc-ban"), "vn", ("UBND-X",), LAW.register)
    assert not may_switch(known, "vn", ("UBND-X",), LAW.register), "of the right type, but not its area"


def test_the_page_says_what_the_tables_say() -> None:
    """Run `phoihop regulations authority > docs/who-may-do-what.md` after a change of the tables."""
    assert PAGE.read_text(encoding="utf-8") == page()
