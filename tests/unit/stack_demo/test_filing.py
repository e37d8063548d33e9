"""Every submission of the reference scenario is what the scenario says: readable, or refused for the reasons named."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from contracts.codes import Status
from contracts.identifiers import new_id
from contracts.receipts import Outcome
from contracts.reports import IncidentReport
from services.intake.formats import ReportDraft, Unreadable, read
from services.routing.deciding import Regulator
from services.routing.in_force.reference import Reference, load_reference
from services.runtime.register.loading import load_register
from services.stack.demo.chronicle import lead_of
from services.stack.demo.filing import Written, write
from services.stack.demo.pace import Pace
from services.stack.demo.scenario import Filing, Scenario, load_scenario

REFERENCE = Path(__file__).parents[3] / "deploy" / "reference"
NOW = datetime(2026, 11, 22, 5, 0, tzinfo=UTC)
FLOOD = load_scenario(REFERENCE, "flood-morning", load_register(REFERENCE / "register.yaml"))
PACE = Pace(NOW, FLOOD.speed, FLOOD.starts, FLOOD.ends)


def written(scenario: Scenario = FLOOD) -> dict[str, Written]:
    papers: dict[str, Written] = {}
    for filing in scenario.filings:
        papers[filing.key] = write(filing, PACE, papers, new_id)
    return papers


PAPERS = written()


@pytest.fixture(scope="module")
def reference() -> Reference:
    return load_reference(REFERENCE)


def parts(filing: Filing) -> tuple[ReportDraft | Unreadable, ...]:
    paper = PAPERS[filing.key]
    return read(paper.body, filing.origin, paper.media_type)


@pytest.mark.parametrize("filing", FLOOD.filings, ids=lambda filing: filing.key)
def test_every_submission_reads_as_the_story_says(filing: Filing) -> None:
    (part,) = parts(filing)
    if filing.expect.outcome in {Outcome.ACCEPTED, Outcome.DUPLICATE, Outcome.CONFLICT}:
        assert isinstance(part, ReportDraft)
    elif isinstance(part, Unreadable):
        assert {problem.code for problem in part.problems} == set(filing.expect.codes)


@pytest.mark.parametrize("filing", [one for one in FLOOD.filings if one.expect.lead], ids=lambda filing: filing.key)
def test_the_reference_regulations_give_the_lead_the_story_names(filing: Filing, reference: Reference) -> None:
    """A changed rule that moves a lead breaks this before it breaks the demonstration."""
    if filing.expect.joins:
        return
    regulator = Regulator(reference.regulations, reference.register)
    (part,) = parts(filing)
    assert isinstance(part, ReportDraft)
    decision = regulator.decide(regulator.facts(part.report, filing.origin.agency, NOW), NOW)
    lead = lead_of(decision)
    assert f"{lead.agency}/{lead.desk}" == filing.expect.lead
    assert not decision.fallback


def test_a_submission_sent_again_has_the_same_bytes() -> None:
    assert PAPERS["ngap-thuan-hoa-gui-lai"] == PAPERS["ngap-thuan-hoa"]


def test_other_content_under_a_used_id_keeps_the_id() -> None:
    assert PAPERS["ngap-thuan-hoa-sua-nguoc"].report == PAPERS["ngap-thuan-hoa"].report
    assert PAPERS["ngap-thuan-hoa-sua-nguoc"].body != PAPERS["ngap-thuan-hoa"].body


def test_an_update_refers_to_what_it_updates() -> None:
    (part,) = parts(FLOOD.filing("xa-lu-huong-dien-tang"))
    assert isinstance(part, ReportDraft)
    assert part.report.references == (PAPERS["xa-lu-huong-dien"].report,)


def test_no_unit_has_a_clock_ahead_of_the_hub() -> None:
    for filing in FLOOD.filings:
        for part in parts(filing):
            if isinstance(part, ReportDraft):
                assert part.report.observed_at <= part.report.sent <= PACE.hub(filing.at)


def test_moments_of_the_story_become_instants() -> None:
    (part,) = parts(FLOOD.filing("chan-may-khong-phat-sinh"))
    assert isinstance(part, ReportDraft)
    assert not isinstance(part.report, IncidentReport)
    assert part.report.window is not None
    assert part.report.window.until == PACE.claimed(timedelta(minutes=6))


def test_exercises_say_so() -> None:
    exercises = [
        f for f in FLOOD.filings for p in parts(f) if isinstance(p, ReportDraft) and p.report.status is Status.EXERCISE
    ]
    assert {filing.key for filing in exercises} == {"dien-tap-thuan-hoa", "dien-tap-thuan-hoa-2"}


def test_the_clock_on_the_wall_runs_with_the_story() -> None:
    assert PACE.wall(NOW) == "06:30:00"
    assert PACE.wall(PACE.hub(timedelta(minutes=4, seconds=5))) == "06:34:05"
    assert PACE.told(timedelta(seconds=2)) == timedelta(minutes=2)
    assert PACE.elapsed(NOW + timedelta(seconds=1)) == timedelta(minutes=1)
