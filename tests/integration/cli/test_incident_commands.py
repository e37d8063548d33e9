"""`phoihop incident` on real servers: what was true and known at an instant, the list, and what is refused."""

import asyncio
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

from contracts import subjects
from contracts.codes import Role, Space
from contracts.envelope import read
from contracts.events import DispatchIssued
from contracts.identifiers import new_id
from tests.integration.cli.commands import written
from tests.integration.cli.conftest import Phoihop
from tests.integration.http.hub import Hub
from tests.integration.http.requests_of_units import OTHER_UNIT, UNIT, report

FoundT = TypeVar("FoundT")


def test_an_incident_is_shown_as_it_was_recorded_at_each_instant(hub: Hub, phoihop: Phoihop, tmp_path: Path) -> None:
    """What would break it: a picture of then that holds what was recorded since, or a desk said to know unproved."""
    figure = {"of": "dead", "unit": "person", "source": "Trạm y tế"}
    first = fire(counts=[figure | {"value": 2}])
    phoihop("report", written(tmp_path, first), "--as", UNIT)
    lead = within(lambda: _lead(hub, first["report"]))
    issued_at = _latest(phoihop, lead)
    desk = f"{lead.addressee.agency}/{lead.addressee.desk}"
    officer = ("--officer", "Trực ban trưởng", "--exercise")
    assert phoihop("desk", "acknowledge", desk, lead.dispatch, *officer).code == 0
    acknowledged_at = _latest(phoihop, lead)
    joined = fire(counts=[figure | {"value": 3}], incident=str(lead.incident))
    phoihop("report", written(tmp_path, joined), "--as", OTHER_UNIT)
    within(lambda: len(_show(phoihop, lead)["reports"]) == 2)

    then, later, now = _show(phoihop, lead, issued_at), _show(phoihop, lead, acknowledged_at), _show(phoihop, lead)

    assert [_row(one, lead)["acknowledged"] is not None for one in (then, later, now)] == [False, True, True]
    assert [len(one["reports"]) for one in (then, later, now)] == [1, 1, 2]
    assert [_known(one, lead) for one in (then, later)] == ["no_proof", "proved"]
    assert [[len(figure["sources"]) for figure in one["figures"]] for one in (then, later, now)] == [[1], [1], [2]]
    assert (now["figures"][0]["stands"], now["conflicts"]) == (None, 1)
    assert (now["incident"], now["state"], now["space"]) == (str(lead.incident), "open", "exercise")
    assert [(one["agency"], one["to"]) for one in now["lead"]] == [(lead.addressee.agency, None)]
    assert [one["kind"] for one in now["timeline"]][:2] == ["IncidentOpened", "DispatchIssued"]
    people = phoihop("incident", "show", str(lead.incident)[:18], "--lang", "en")
    assert people.code == 0
    assert "DIỄN TẬP / EXERCISE" in people.out
    assert "Acknowledged by the desk" in people.out
    assert "CONFLICT" in people.out
    assert "CHỦ TRÌ" in phoihop("incident", "show", lead.incident).out


def test_what_is_perhaps_the_same_is_shown_with_its_reasons_to_whoever_asks_and_to_the_desk(
    hub: Hub, phoihop: Phoihop, tmp_path: Path
) -> None:
    """What would break it: a score without reasons, or a desk that has to look for the other incident itself."""
    place = {"kind": "area", "code": "19789", "valid_on": "2026-11-22"}
    seen = (datetime.now(UTC) - timedelta(minutes=100)).isoformat()
    accident = {"category": "TRA-ROAD", "places": [place], "position_unknown": False}
    first, second = report(headline="Tai nạn 1", observed_at=seen, **accident), report(headline="Tai nạn 2", **accident)
    for body in (first, second):
        phoihop("report", written(tmp_path, body), "--as", UNIT)
    known, lead = (within(lambda body=body: _lead(hub, body["report"])) for body in (first, second))  # type: ignore[misc]

    document = phoihop("incident", "similar", lead.incident, "--json").document
    found = next(one for one in document["similar"] if one["incident"] == str(known.incident))
    assert (found["perhaps_the_same"], found["suggested"]) == (True, True)
    assert [reason["code"] for reason in found["reasons"]] == ["same_category", "same_commune", "minutes_apart"]
    assert "cùng loại TRA-ROAD" in phoihop("incident", "similar", lead.incident).out
    desk = f"{lead.addressee.agency}/{lead.addressee.desk}"
    listed = phoihop("desk", "list", desk, "--exercise", "--lang", "en").out
    assert f"PERHAPS THE SAME AS ANOTHER INCIDENT: {known.incident}" in listed
    assert "--into" in listed


def test_the_list_keeps_the_exercise_apart(hub: Hub, phoihop: Phoihop, tmp_path: Path) -> None:
    """An exercise mistaken for the real thing moves real people."""
    body = fire()
    before = datetime.now(UTC).isoformat()
    phoihop("report", written(tmp_path, body), "--as", UNIT)
    lead = within(lambda: _lead(hub, body["report"]))

    listed = phoihop("incident", "list", "--exercise", "--json").document["incidents"]

    mine = next(one for one in listed if one["incident"] == str(lead.incident))
    assert (mine["state"], mine["lead"]["agency"], mine["reports"]) == ("open", lead.addressee.agency, 1)
    assert phoihop("incident", "list", "--all", "--json").document == {"incidents": []}
    earlier = phoihop("incident", "list", "--exercise", "--at", before, "--json").document["incidents"]
    assert str(lead.incident) not in {one["incident"] for one in earlier}
    assert str(lead.incident) in phoihop("incident", "list", "--exercise").out
    too_early = phoihop("incident", "show", lead.incident, "--at", before, "--lang", "en")
    assert (too_early.code, too_early.out) == (2, "")
    assert "Nothing of this incident was recorded by then." in too_early.err


def test_what_cannot_be_shown_is_refused_and_says_what_to_type(phoihop: Phoihop) -> None:
    unknown = [phoihop("incident", "show", one, "--json") for one in (new_id(), "zzzz")]
    unreadable = phoihop("incident", "show", new_id(), "--at", "yesterday")
    future = phoihop("incident", "show", new_id(), "--at", "2199-01-01T00:00Z")

    assert [(ran.code, ran.out) for ran in (*unknown, unreadable, future)] == [(2, "")] * 4
    assert "phoihop incident list --all" in unknown[0].err


def test_without_a_server_both_commands_say_so(offline: Phoihop) -> None:
    assert [offline("incident", "list").code, offline("incident", "show", "0190").code] == [3, 3]


def fire(**changes: Any) -> dict[str, Any]:
    """A report that opens an incident of its own."""
    place = {"kind": "words", "text": f"Nhà số {new_id()}"}
    return report(
        **{"category": "FIR-BLDG", "headline": "Cháy nhà", "places": [place], "position_unknown": False} | changes
    )


def within(look: Callable[[], FoundT | None], seconds: float = 60) -> FoundT:
    """The first truthy result; fails when none comes."""
    deadline = time.monotonic() + seconds
    while not (found := look()):
        assert time.monotonic() < deadline, "nothing came in time"
        time.sleep(0.05)
    return found


def _lead(hub: Hub, report_id: str) -> DispatchIssued | None:
    facts = [read(stored.body).data for stored in asyncio.run(hub.facts(subjects.facts(Space.EXERCISE)))]
    issued = [one for one in facts if isinstance(one, DispatchIssued) and one.role is Role.LEAD]
    return next((one for one in issued if str(one.reports[0].report) == report_id), None)


def _show(phoihop: Phoihop, lead: DispatchIssued, at: str | None = None) -> dict[str, Any]:
    when = ("--at", at) if at else ()
    shown: dict[str, Any] = phoihop("incident", "show", lead.incident, "--json", *when).document
    return shown


def _latest(phoihop: Phoihop, lead: DispatchIssued) -> str:
    """When the newest fact of the incident was recorded."""
    return max(str(one["recorded_at"]) for one in _show(phoihop, lead)["timeline"])


def _row(shown: dict[str, Any], lead: DispatchIssued) -> dict[str, Any]:
    found: dict[str, Any] = next(one for one in shown["dispatches"] if one["dispatch"] == str(lead.dispatch))
    return found


def _known(shown: dict[str, Any], lead: DispatchIssued) -> str:
    """How far it is proved that the desk knew of its dispatch."""
    desk = next(one for one in shown["knew"] if one["agency"] == lead.addressee.agency)
    return next(str(one["knowledge"]) for one in desk["facts"] if one["kind"] == "DispatchIssued")
