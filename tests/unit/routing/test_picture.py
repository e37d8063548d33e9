"""What was true of an incident at an instant: only what was recorded by then, one lead always, what each desk knew."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from contracts.actions import Accept, Close, Decline, HandOverCommand, Merge, Read, Reopen, SetLevel, Split
from contracts.codes import CountOf, DeclineReason, Disposition, MsgType, Role, Severity, Unit
from contracts.decisions import Addressee
from contracts.envelope import Event
from contracts.events import ReportAccepted
from contracts.reports import Count, IncidentReport, Scales, Sender
from services.routing.commands.incident_view import document
from services.routing.incident.commands import Absorb, Around, Command, Join, Revive
from services.routing.incident.decide import decide, evolve
from services.routing.incident.history import Recorded, State, history
from services.routing.incident.picture import Picture, picture
from services.routing.incident.shown import Knowledge
from services.routing.incident.state import Incident, Standing
from tests.unit.routing.cases import (
    COMMUNE,
    POLICE,
    PROVINCE,
    T0,
    TOP,
    accepted,
    acting,
    assignment,
    decision,
    delivering,
    dispatch_of,
    joining,
    minutes,
    opening,
    report,
    silence,
)

LEAD = assignment(COMMUNE, escalation=(PROVINCE,))
OTHERS = (assignment(POLICE, Role.COORDINATE, escalation=(PROVINCE,)), assignment(TOP, Role.INFORM))
RAISED = decision(assignment(PROVINCE), assignment(COMMUNE, Role.COORDINATE))
FIRST, SECOND, THIRD = (T0 + minutes(count) for count in (5, 20, 60))
OTHER_UNIT = Sender(agency="ca-x", unit="to-1")


class Story:
    """An incident to which things happen one after the other, and all its facts as recorded."""

    def __init__(self) -> None:
        self.facts: list[Recorded] = []
        self.held: Incident | None = None
        self.leads: list[tuple[datetime, Addressee | None]] = []

    @property
    def state(self) -> Incident:
        assert self.held is not None
        return self.held

    def then(self, command: Command) -> None:
        outcome = decide(self.held, command)
        assert isinstance(outcome, tuple), outcome
        for event in outcome:
            self.held = evolve(self.held, event)
            self.facts.append(Recorded(event, event.time))
            self.leads.append((event.time, self.held.lead))

    def at(self, moment: datetime) -> Picture:
        seen = picture(self.facts, moment)
        assert seen is not None
        return seen


def counted(name: str, dead: int, **changes: Any) -> IncidentReport:
    figure = Count(of=CountOf.DEAD, value=dead, unit=Unit.PERSON, source="Trạm y tế")
    return report(name, counts=(figure,), **changes)


@pytest.fixture
def story() -> Story:
    """Opened, delivered and declined by the commune, taken by the province, corrected, raised, closed."""
    told = Story()
    told.then(opening(LEAD, *OTHERS, filed=counted("first", 2)))
    first = dispatch_of(told.state, COMMUNE)
    told.then(delivering(first, at=T0 + minutes(1)))
    told.then(acting(Read, first, at=T0 + minutes(2), officer="Trực ban xã"))
    reason: dict[str, Any] = {"reason": DeclineReason.NO_CAPACITY, "text": "Không đủ lực lượng"}
    told.then(acting(Decline, first, at=T0 + minutes(10), **reason))
    told.then(acting(Accept, dispatch_of(told.state, PROVINCE), at=T0 + minutes(12)))
    told.then(silence(dispatch_of(told.state, POLICE)))
    correction = counted("second", 3, msg_type=MsgType.UPDATE, references=(counted("first", 2).report,))
    told.then(joining(correction, at=T0 + minutes(25)))
    told.then(Join(accepted(counted("third", 5), OTHER_UNIT), joining(correction).correlation, None, T0 + minutes(26)))
    lead = dispatch_of(told.state, PROVINCE, Role.LEAD)
    command: dict[str, Any] = {"taker": "Chỉ huy trưởng", "since": T0 + minutes(28)}
    told.then(acting(HandOverCommand, lead, at=T0 + minutes(30), **command))
    raised: dict[str, Any] = {
        "severity": Severity.EXTREME,
        "scales": Scales(disaster_risk=4),
        "reason": "Vượt báo động 3",
    }
    told.then(acting(SetLevel, lead, at=T0 + minutes(35), around=Around(decision=RAISED), **raised))
    ended: dict[str, Any] = {"disposition": Disposition.RESOLVED, "summary": "Nước rút"}
    told.then(acting(Close, lead, at=T0 + minutes(50), **ended))
    return told


def filed() -> list[Event[ReportAccepted]]:
    """The reports of the story as they were accepted."""
    correction = counted("second", 3, msg_type=MsgType.UPDATE, references=(counted("first", 2).report,))
    return [accepted(counted("first", 2)), accepted(correction), accepted(counted("third", 5), OTHER_UNIT)]


def standing(seen: Picture, desk: Addressee) -> Standing:
    return next(one.dispatch.standing for one in seen.ladders if one.dispatch.desk == desk)


def test_three_instants_give_three_pictures_each_as_it_was_then(story: Story) -> None:
    """What would break it: any use of a fact that was recorded after the instant."""
    first, second, third = (story.at(moment) for moment in (FIRST, SECOND, THIRD))

    assert [seen.history.state for seen in (first, second, third)] == [State.OPEN, State.OPEN, State.CLOSED]
    assert [seen.history.lead for seen in (first, second, third)] == [COMMUNE, PROVINCE, PROVINCE]
    severities = [seen.history.severity for seen in (first, second, third)]
    assert severities == [Severity.MODERATE, Severity.MODERATE, Severity.EXTREME]
    assert [standing(seen, COMMUNE) for seen in (first, second)] == [Standing.OPEN, Standing.RELEASED]
    assert [len(seen.history.command) for seen in (first, second, third)] == [0, 0, 1]
    assert [len(seen.history.reports) for seen in (first, second, third)] == [1, 1, 3]
    assert third.history.scales.disaster_risk == 4
    assert third.history.closed is Disposition.RESOLVED


def test_at_every_instant_the_series_has_the_one_lead_that_the_incident_had(story: Story) -> None:
    """What would break it: a gap or an overlap between two terms, or a lead that deciding did not hold."""
    terms = story.at(THIRD).history.leads

    assert terms[0].since == T0
    assert [one.until for one in terms[:-1]] == [one.since for one in terms[1:]]
    assert terms[-1].until is None
    last_of_instant = dict(story.leads)
    for moment, lead in last_of_instant.items():
        leading = [one.desk for one in terms if one.since <= moment and (one.until is None or moment < one.until)]
        assert leading == [lead]


def test_the_course_alone_tells_who_leads(story: Story) -> None:
    """A list of incidents reads no dispatch; breaks if a dispatch's fact could change the lead."""
    course = [one for one in story.facts if one.event.subject.endswith("course")]
    assert len(course) < len(story.facts)
    assert history(course) == history(story.facts)


def test_nothing_was_true_before_the_first_fact(story: Story) -> None:
    assert picture(story.facts, T0 - timedelta(microseconds=1)) is None


def test_what_is_owed_is_overdue_only_after_its_time(story: Story) -> None:
    before, after = document(story.at(FIRST), []), document(story.at(T0 + minutes(21)), [])

    (owed,) = _of(before, POLICE)["owes"]
    assert (owed["kind"], owed["due"], owed["overdue"]) == ("acknowledge", "2026-11-22T05:15:00Z", False)
    (again,) = _of(after, POLICE)["owes"]
    assert again["due"] > owed["due"]
    assert [one["kind"] for one in _of(after, POLICE)["silence"]] == ["DispatchRepeated"]
    assert _of(document(story.at(T0 + minutes(24)), []), POLICE)["owes"][0]["overdue"]
    assert _of(before, POLICE)["silence"] == []


def test_a_dispatch_is_known_to_a_desk_only_when_the_desk_proved_it(story: Story) -> None:
    """What would break it: taking what was issued for what was read. A desk would be blamed for what it never saw."""
    at_once, later = story.at(T0).knew, story.at(FIRST).knew

    assert [one.knowledge for one in at_once[COMMUNE]] == [Knowledge.NO_PROOF]
    issued, delivered, opened = later[COMMUNE]
    assert (issued.knowledge, issued.proof) == (Knowledge.PROVED, delivered.fact)
    assert [delivered.knowledge, opened.knowledge] == [Knowledge.OWN, Knowledge.OWN]
    assert [one.knowledge for one in later[POLICE]] == [Knowledge.NO_PROOF]
    assert PROVINCE not in later


def test_what_the_hub_added_after_the_last_act_of_a_desk_is_not_proved(story: Story) -> None:
    told = [one for one in story.at(T0 + minutes(27)).knew[PROVINCE] if one.fact.event.type.count("DispatchUpdated")]
    assert {one.knowledge for one in told} == {Knowledge.NO_PROOF}
    later = [one for one in story.at(THIRD).knew[PROVINCE] if one.fact.event.id == told[0].fact.event.id]
    assert [one.knowledge for one in later] == [Knowledge.ACTED_LATER]


def test_a_corrected_figure_counts_until_its_correction_and_sources_are_never_added(story: Story) -> None:
    """Pitfall: totals that add what two sources say about the same people, or count a corrected figure twice."""
    early, late = document(story.at(SECOND), filed()[:1]), document(story.at(THIRD), filed())

    assert [(one["of"], one["stands"]) for one in early["figures"]] == [("dead", 2)]
    assert [one["standing"] for one in late["reports"]] == ["superseded", "counts", "counts"]
    (dead,) = late["figures"]
    assert sorted(one["value"] for one in dead["sources"]) == [3, 5]
    assert (dead["stands"], dead["conflict"], late["conflicts"]) == (None, True, 1)


def test_a_withdrawn_report_leaves_no_figure() -> None:
    told = Story()
    told.then(opening(LEAD, filed=counted("first", 2)))
    back = report("back", msg_type=MsgType.CANCEL, references=(counted("first", 2).report,))
    told.then(joining(back))
    shown = document(told.at(THIRD), [accepted(counted("first", 2)), accepted(back)])

    assert [one["standing"] for one in shown["reports"]] == ["withdrawn", "withdrawal"]
    assert shown["figures"] == []


def test_command_on_scene_counts_from_when_it_happened_and_is_known_from_when_it_was_told(story: Story) -> None:
    """Two times: told at minute 30 that it passed at minute 28. At minute 29 nobody could know."""
    assert story.at(T0 + minutes(29)).history.command == ()
    (term,) = story.at(T0 + minutes(30)).history.command
    assert (term.who, term.since, term.until) == ("Chỉ huy trưởng", T0 + minutes(28), None)


def test_a_reopened_incident_was_closed_in_between(story: Story) -> None:
    lead = dispatch_of(story.state, PROVINCE, Role.LEAD)
    story.then(acting(Reopen, lead, at=T0 + minutes(70), reason="Nước lên lại"))

    assert [story.at(moment).history.state for moment in (THIRD, T0 + minutes(70))] == [State.CLOSED, State.OPEN]


def test_the_document_has_what_was_promised_and_tells_every_fact_in_both_languages(story: Story) -> None:
    shown = document(story.at(THIRD), filed())

    assert shown.keys() >= {"incident", "state", "lead", "dispatches", "timeline"}
    assert len(shown["timeline"]) == len(story.facts)
    assert all(one["vi"] and one["en"] and one["time"].endswith("Z") for one in shown["timeline"])
    declined = next(one for one in shown["timeline"] if one["kind"] == "DispatchDeclined")
    assert declined["vi"] == "Bàn trực từ chối và chuyển tiếp: không đủ lực lượng · Không đủ lực lượng"
    assert declined["en"] == "Declined and forwarded: no capacity · Không đủ lực lượng"
    assert (declined["agency"], declined["desk"]) == (COMMUNE.agency, COMMUNE.desk)
    opened = next(one for one in shown["timeline"] if one["kind"] == "DispatchOpened")
    assert opened["officer"] == "Trực ban xã"


def test_a_merge_and_its_undoing_are_seen_from_both_sides() -> None:
    """Breaks if a merge left either incident without a lead, or a split left a report counted twice."""
    stays, gone = Story(), Story()
    stays.then(opening(LEAD, assignment(POLICE, Role.COORDINATE), filed=report("here")))
    gone.then(opening(assignment(POLICE), filed=report("there")))
    both = Around(decision=RAISED, other=stays.state)
    merge = acting(Merge, dispatch_of(gone.state, POLICE), "m", FIRST, both, into=stays.state.incident, reason="Một")
    assert isinstance(merge.action, Merge)
    absorbed = Absorb(merge.action, gone.state, RAISED, merge.submission, FIRST)
    gone.then(merge)
    stays.then(absorbed)
    held = dispatch_of(stays.state, PROVINCE)
    split = acting(Split, held, "s", SECOND, released=gone.state.incident, reason="Hai nơi khác nhau")
    assert isinstance(split.action, Split)
    stays.then(split)
    gone.then(Revive(split.action, split.submission, SECOND))

    assert [gone.at(one).history.state for one in (T0, FIRST, SECOND)] == [State.OPEN, State.MERGED, State.OPEN]
    assert gone.at(FIRST).history.merged_into == stays.state.incident
    assert [len(stays.at(one).history.reports) for one in (T0, FIRST, SECOND)] == [1, 2, 1]
    assert [stays.at(one).history.lead for one in (T0, FIRST, SECOND)] == [COMMUNE, PROVINCE, PROVINCE]
    assert [gone.at(one).history.lead for one in (T0, FIRST, SECOND)] == [POLICE, POLICE, POLICE]


def _of(shown: dict[str, Any], desk: Addressee) -> dict[str, Any]:
    found: dict[str, Any] = next(one for one in shown["dispatches"] if one["agency"] == desk.agency)
    return found
