"""Holds the collected rule table against the set: every row of it is a rule, or behaviour that a named test shows."""

import re
from collections.abc import Iterator
from datetime import timedelta
from itertools import takewhile
from typing import Final

import pytest

from contracts.codes import UrgencyMark
from contracts.decisions import Citation, CitationStatus
from services.routing.in_force.reference import Reference
from services.routing.regulations.rules.duties import Duty
from services.routing.regulations.rules.model import Rule
from services.routing.reporting.files import load_reporting
from services.routing.reporting.regime.calendars import Cause
from tests.unit.regulations.conftest import FOLDER, Decides, States
from tests.unit.regulations.shown import absent

COUNTS: Final = {
    "G": 9, "N": 9, "D": 2, "F": 4, "W": 8, "S": 8, "B": 10, "P": 9,
    "T": 2, "I": 4, "H": 3, "E": 5, "K": 3, "M": 3, "X": 3, "Z": 2,
}  # fmt: skip
"""The rows by their letter: general, natural hazards, dams and dykes, fire, forest, rescue, border, public safety,
traffic, infrastructure and work, health, environment, information systems, militia, readiness, the rest."""
ROWS: Final = frozenset(f"{letter}{number}" for letter, count in COUNTS.items() for number in range(1, count + 1))
SPLIT_OFF: Final = {"F0": ("G2", "G3")}
"""Codes of ours for what a row leaves out: who leads at a fire is the civil-defence level."""
FURTHER: Final = {
    "N6": ("n5-risk-4-5", "g5-state-of-emergency"),
    "N9": (
        "n1-risk-1",
        "n1-risk-not-stated",
        "n2-several-communes",
        "n2-province-only",
        "n3-risk-2",
        "n4-risk-3",
        "n4-several-provinces",
        "n5-risk-4-5",
    ),
    "K1": ("k2-information-system",),
}
"""Rows that rules of another code carry out."""
_LIFE: Final = "unit/routing"
_HERE: Final = "unit/regulations"
_ON_SCENE: Final = f"{_LIFE}/test_course.py::test_command_on_scene_is_a_time_series_without_gap_or_two_commanders"
_FORWARDED: Final = (
    f"{_LIFE}/test_duty.py::test_declining_forwards_to_the_next_of_the_chain_and_the_decliner_stays_answerable"
)
BEHAVIOUR: Final = {
    "F1": _ON_SCENE,
    "F2": _ON_SCENE,
    "F3": _ON_SCENE,
    "G9": f"{_LIFE}/test_silence.py::test_the_silent_lead_keeps_leading_until_relieved",
    "N7": f"{_HERE}/test_joined_facts.py::test_hazards_together_raise_the_level_by_one_or_two_and_never_above_five",
    "B9": f"{_LIFE}/test_silence.py::test_silence_climbs_every_step_of_the_chain_each_on_record_the_top_with_an_alarm",
    "P6": f"{_HERE}/test_decide.py::test_of_two_competent_bodies_the_first_discoverer_leads",
    "W5": _FORWARDED,
    "Z1": f"{_HERE}/test_decide.py::test_without_a_rule_the_nearest_certain_level_leads",
    "Z2": f"{_LIFE}/test_duty.py::test_through_a_chain_of_refusals_the_first_stays_answerable_until_one_accepts",
}
"""Rows that the product itself carries out, alone or beside rules: command that changes hands on scene (a village head
has no desk to be addressed), levels reckoned from several hazards, deputies of the register, the first discoverer among
several competent bodies, forwarding by whoever is not competent, the fallback."""


@pytest.fixture(scope="module")
def rules(reference: Reference) -> dict[str, Rule]:
    return {rule.code: rule for rule in reference.regulations.regulation_set.rules}


def rows_of(code: str) -> Iterator[str]:
    """The rows a rule's code names: `p4-p9-t1-beyond` is P4, P9 and T1."""
    for token in takewhile(lambda token: re.fullmatch(r"[a-z]\d+", token), code.split("-")):
        yield from SPLIT_OFF.get(token.upper(), (token.upper(),))


def test_there_are_84_rows() -> None:
    assert len(ROWS) == 84


def test_every_row_is_a_rule_or_behaviour(rules: dict[str, Rule]) -> None:
    """A row that was read and then forgotten would be law that the product does not know."""
    covered = {row for code in rules for row in rows_of(code)} | FURTHER.keys() | BEHAVIOUR.keys()
    assert sorted(ROWS - covered) == []
    assert {code for codes in FURTHER.values() for code in codes} <= rules.keys()


def test_every_rule_belongs_to_a_row(rules: dict[str, Rule]) -> None:
    """A rule from nowhere would be a rule nobody can check."""
    assert [code for code in rules if not set(rows_of(code)) or not set(rows_of(code)) <= ROWS] == []


def test_behaviour_is_shown_by_tests_that_are_there() -> None:
    assert BEHAVIOUR.keys() <= ROWS
    assert absent(BEHAVIOUR.values()) == []


def duties(rule: Rule, kind: str) -> list[Duty]:
    return [duty for duty in rule.assign if getattr(duty.to, "agency_type", None) == kind]


def test_damage_is_reported_within_24_hours_and_then_daily(rules: dict[str, Rule]) -> None:
    """Row N9: the first report is owed by the dispatch, the daily ones by the calendars.

    Without the first, an event that begins just after the cut-off would be reported on after more than a day.
    """
    for code in FURTHER["N9"]:
        owed = {duty.first_report_within for kind in ("PTDS-X", "PTDS-T") for duty in duties(rules[code], kind)}
        assert timedelta(hours=24) in owed, code
        assert owed <= {timedelta(hours=24), None}
        assert "43/2015" in rules[code].citation.text
    calendars = {calendar.code: calendar for calendar in load_reporting(FOLDER).calendars}
    assert {calendars[code].cause for code in ("daily-commune", "daily-province")} == {Cause.EVENT}


@pytest.mark.parametrize(
    ("code", "kind", "hours"),
    [
        ("i1-construction", "UBND-X", 24),
        ("i1-construction-beyond", "UBND-X", 24),
        ("i1-construction-beyond", "UBND-T", 24),
        ("h1-communicable-disease", "YT-T", 24),
        ("h1-communicable-disease", "YT-X", 24),
    ],
)
def test_written_reports_are_owed_within_the_hours_of_the_law(
    code: str, kind: str, hours: int, rules: dict[str, Rule]
) -> None:
    (duty,) = duties(rules[code], kind)
    assert duty.first_report_within == timedelta(hours=hours)


def test_every_rule_says_how_sure_its_source_is(rules: dict[str, Rule]) -> None:
    """A design default given out as confirmed law would be believed."""
    cited: dict[str, Citation] = {code: rule.citation for code, rule in rules.items()}
    assert {citation.status for citation in cited.values()} == set(CitationStatus)
    by_design = {code for code, citation in cited.items() if citation.instrument.startswith("design-")}
    assert [code for code in by_design if cited[code].status is CitationStatus.CONFIRMED] == []


def test_a_shift_report_asks_for_nothing_but_an_acknowledgement(state: States, decided: Decides) -> None:
    """A superior asked every day what it did about a report of nothing new would stop reading what it is asked."""
    for mark in UrgencyMark:
        lead = decided(state("RDY-DUTY", first_reporter="qs-x-cu-jut", urgency_mark=mark)).assignments[0]
        assert (lead.decide_within, lead.first_report_within, lead.follow_up_every) == (None, None, None)
        assert lead.acknowledge_within is not None


def test_the_set_and_the_calendars_of_reports_know_the_same_days_off(reference: Reference) -> None:
    """Two lists of holidays that differ would make a day a working day for one deadline and none for another."""
    ours, theirs = reference.regulations.regulation_set.work_calendar, load_reporting(FOLDER).work_calendar
    assert ours is not None
    assert (ours.weekdays, ours.hours, ours.holidays, ours.worked_instead) == (
        theirs.weekdays,
        theirs.hours,
        theirs.holidays,
        theirs.worked_instead,
    )
    assert "Điều 112" in ours.source
