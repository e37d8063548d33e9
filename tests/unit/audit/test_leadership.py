"""Who led at every instant, from the record alone: agrees with every random life, and sees every tampered one."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

from services.audit.reports.auditing import data_of
from services.audit.reports.leadership import EVENTS, CourseFact, Flaw, Leadership
from services.routing.incident.decide import IncidentEvent
from tests.unit.routing import cases
from tests.unit.routing.test_life_machine import TwoIncidents

A, B, C = ({"agency": name, "desk": "truc-ban"} for name in "abc")


class LedLives(TwoIncidents):
    """Breaks if the audit query sees a gap or two leads where there are none, or another lead than routing had."""

    def teardown(self) -> None:
        found = Leadership()
        for idx, event in enumerate(self.record):
            found.take(_fact(idx, event))
        assert (found.findings, found.unreadable) == ([], 0)
        for state in self.states.values():
            course = found.courses[str(state.incident)]
            assert state.lead is not None
            assert course.lead == f"{state.lead.agency}/{state.lead.desk}"
            assert course.into == (str(state.merged_into) if state.merged_into else None)
            assert [(c.since, c.who) for c in course.commands] == list(state.command)
        super().teardown()


def _fact(idx: int, event: IncidentEvent) -> CourseFact:
    name = type(event.data).__name__
    return CourseFact(idx, name, str(event.incidentid), event.time, data_of(event.to_bytes()))


TestLedLives = pytest.mark.timeout(300)(LedLives.TestCase)
TestLedLives.settings = settings(
    max_examples=20, stateful_step_count=50, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)


def decides(*leads: dict[str, str]) -> dict[str, Any]:
    return {"decision": {"assignments": [{"role": "lead", "addressee": lead} for lead in leads]}}


def passes(giver: dict[str, str], taker: dict[str, str]) -> tuple[str, dict[str, Any]]:
    return "LeadTransferred", {"giver": giver, "taker": taker}


def commands(giver: str | None, taker: str, minute: int) -> tuple[str, dict[str, Any]]:
    since = cases.T0 + timedelta(minutes=minute)
    return "CommandHandedOver", {"giver": giver, "taker": taker, "since": since.isoformat()}


def led(*facts: tuple[str, dict[str, Any]], incident: str = "1", before: Leadership | None = None) -> Leadership:
    found = before or Leadership()
    for idx, (name, data) in enumerate(facts):
        found.take(CourseFact(idx, name, incident, cases.T0 + timedelta(minutes=idx), data))
    assert found.unreadable == 0
    return found


def flaws(found: Leadership) -> list[tuple[Flaw, int, tuple[str, ...]]]:
    return [(finding.flaw, finding.idx, finding.who) for finding in found.findings]


OPENED = ("IncidentOpened", decides(A))


def test_the_series_names_who_led_since_when_and_a_hand_over_stands_while_the_rules_name_the_same() -> None:
    found = led(
        OPENED, passes(A, B), ("IncidentUpdated", decides(A)), ("LevelChanged", decides(C)), ("IncidentUpdated", {})
    )
    assert [(lead.desk[0], lead.idx) for lead in found.courses["1"].leads] == [("a", 0), ("b", 1), ("c", 3)]
    assert flaws(found) == []


def test_an_incident_without_a_lead_is_found_from_its_first_fact_on() -> None:
    assert flaws(led(("IncidentOpened", decides()))) == [(Flaw.NO_LEAD, 0, ())]
    assert flaws(led(("IncidentUpdated", {}), OPENED)) == [(Flaw.NO_LEAD, 0, ())]


def test_whoever_gives_a_lead_that_is_not_theirs_makes_two() -> None:
    """Breaks if a transfer could be recorded, or one deleted from the record, without anybody noticing."""
    assert flaws(led(OPENED, passes(B, C))) == [(Flaw.TWO_LEADS, 1, ("a/truc-ban", "c/truc-ban"))]
    assert flaws(led(OPENED, passes(A, B), passes(A, C))) == [(Flaw.TWO_LEADS, 2, ("b/truc-ban", "c/truc-ban"))]
    assert flaws(led(("IncidentOpened", decides(A, B)))) == [(Flaw.TWO_LEADS, 0, ("a/truc-ban", "b/truc-ban"))]
    assert [flaw for flaw, *_ in flaws(led(OPENED, ("IncidentOpened", decides(B))))] == [Flaw.TWO_LEADS]


def test_what_became_part_of_another_incident_is_led_by_its_lead_and_by_its_own_again_after_a_split() -> None:
    both = led(("IncidentOpened", decides(B)), incident="2", before=led(OPENED))
    merged = led(("IncidentMerged", {"into": "2"}), before=both)
    assert (merged.ends("1"), flaws(merged)) == ("b/truc-ban", [])
    assert led(("IncidentSplit", {}), before=merged).ends("1") == "a/truc-ban"
    nowhere = led(OPENED, ("IncidentMerged", {"into": "9"}))
    assert [flaw for flaw, *_ in flaws(nowhere)] == [Flaw.NO_LEAD]
    circle = led(("IncidentMerged", {"into": "1"}), incident="2", before=led(("IncidentMerged", {"into": "2"})))
    assert Flaw.NO_LEAD in [flaw for flaw, *_ in flaws(circle)]


def test_command_on_scene_has_no_gap_and_never_two_commanders() -> None:
    assert flaws(led(OPENED, commands(None, "x", 0), commands("x", "y", 1))) == []
    assert flaws(led(OPENED, commands("w", "x", 0))) == [(Flaw.NO_COMMANDER, 1, ("w",))]
    for second in (commands(None, "y", 1), commands("z", "y", 1), commands("x", "y", -1)):
        assert flaws(led(OPENED, commands(None, "x", 0), second)) == [(Flaw.TWO_COMMANDERS, 2, ("x", "y"))]


def test_a_fact_of_another_form_is_counted_as_unreadable() -> None:
    found = Leadership()
    for name in EVENTS:
        found.take(CourseFact(0, name, "1", cases.T0, {"decision": 7, "giver": 7}))
    assert found.unreadable == len(EVENTS) - 1  # a split says nothing that could be unreadable
