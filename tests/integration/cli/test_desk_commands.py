"""`phoihop desk` on real servers: what is open, acknowledging it, refusals, and the exercise kept apart."""

import asyncio
import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import pytest

from contracts import subjects
from contracts.codes import Role, Space
from contracts.envelope import read
from contracts.events import DispatchIssued
from contracts.identifiers import new_id
from contracts.receipts import ActionReceipt, Outcome
from contracts.subjects import Origin
from services.desk.client import DeskClient
from services.runtime.sending import connection
from tests.integration.cli.commands import Ran, written
from tests.integration.cli.conftest import Phoihop
from tests.integration.http.hub import Hub
from tests.integration.http.requests_of_units import UNIT, report

FoundT = TypeVar("FoundT")
PROMISED = {"incident", "dispatch", "role", "due", "state", "rule", "citation"}


def dispatches(hub: Hub, space: Space = Space.EXERCISE) -> list[DispatchIssued]:
    """Every dispatch issued in a space so far."""
    facts = [read(stored.body).data for stored in asyncio.run(hub.facts(subjects.facts(space)))]
    return [one for one in facts if isinstance(one, DispatchIssued)]


@pytest.fixture
def issued(hub: Hub, phoihop: Phoihop, tmp_path: Path) -> DispatchIssued:
    """The dispatch to the lead of a new incident of an exercise."""
    return _issued(hub, phoihop, tmp_path)


def within(look: Callable[[], FoundT], seconds: float = 60) -> FoundT:
    """The first truthy result; fails when none comes."""
    deadline = time.monotonic() + seconds
    while not (found := look()):
        assert time.monotonic() < deadline, "nothing came in time"
        time.sleep(0.05)
    return found


def _issued(hub: Hub, phoihop: Phoihop, folder: Path) -> DispatchIssued:
    body = fire()
    phoihop("report", written(folder, body), "--as", UNIT)
    lead = within(lambda: _lead(hub, body["report"]))
    assert lead is not None
    return lead


def _lead(hub: Hub, report_id: str) -> DispatchIssued | None:
    return next(
        (one for one in dispatches(hub) if one.role is Role.LEAD and str(one.reports[0].report) == report_id), None
    )


def fire() -> dict[str, Any]:
    """A report that opens an incident of its own: nothing in it makes it the same fire as another."""
    place = {"kind": "words", "text": f"Nhà số {new_id()}"}
    return report(category="FIR-BLDG", headline="Cháy nhà", places=[place], position_unknown=False)


def _desk(dispatch: DispatchIssued) -> str:
    return f"{dispatch.addressee.agency}/{dispatch.addressee.desk}"


def _listed(phoihop: Phoihop, desk: str, *options: str) -> dict[str, dict[str, Any]]:
    return {row["dispatch"]: row for row in phoihop("desk", "list", desk, "--json", *options).document["open"]}


def test_a_desk_lists_what_is_open_with_everything_promised(phoihop: Phoihop, issued: DispatchIssued) -> None:
    row = _listed(phoihop, _desk(issued), "--exercise")[str(issued.dispatch)]

    assert row.keys() >= PROMISED
    assert (row["incident"], row["role"], row["rule"]) == (str(issued.incident), "lead", issued.rule)
    assert row["citation"] == issued.citation.text
    assert row["state"] in {"issued", "delivered"}
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z", row["due"])


def test_an_exercise_never_shows_in_the_live_list(phoihop: Phoihop, issued: DispatchIssued) -> None:
    """What would break it: one board for both spaces. An exercise mistaken for the real thing moves real people."""
    assert str(issued.dispatch) in _listed(phoihop, _desk(issued), "--exercise")
    assert str(issued.dispatch) not in _listed(phoihop, _desk(issued))


def test_an_acknowledged_dispatch_of_a_lead_waits_for_its_decision(
    phoihop: Phoihop, issued: DispatchIssued, hub: Hub
) -> None:
    done = _acknowledge(phoihop, issued, "--officer", "Trực ban trưởng", "--note", "Đã cử xe")

    assert done.code == 0
    assert done.document["outcome"] == "accepted"
    assert done.document["errors"] == []
    (event,) = done.document["events"]
    feed = subjects.desk_feed(Space.EXERCISE, issued.addressee.agency, issued.addressee.desk)
    (fact,) = [one for one in map(_event, asyncio.run(hub.facts(feed))) if str(one.id) == event]
    assert (fact.data.officer, fact.data.note, fact.data.late) == ("Trực ban trưởng", "Đã cử xe", False)
    row = _listed(phoihop, _desk(issued), "--exercise")[str(issued.dispatch)]
    assert (row["state"], [one["kind"] for one in row["owes"]]) == ("acknowledged", ["decide", "first_report"])


def test_the_beginning_of_an_id_is_enough_when_it_is_the_only_one(phoihop: Phoihop, issued: DispatchIssued) -> None:
    ran = phoihop("desk", "acknowledge", _desk(issued), str(issued.dispatch)[:13].upper(), "--exercise", "--json")

    assert (ran.code, ran.document["dispatch"]) == (0, str(issued.dispatch))


def test_a_second_acknowledgement_is_refused_and_says_who_was_first(phoihop: Phoihop, issued: DispatchIssued) -> None:
    _acknowledge(phoihop, issued, "--officer", "Trực ban trưởng")

    again = _acknowledge(phoihop, issued, "--lang", "en")

    assert again.code == 2
    assert (again.document["outcome"], again.document["events"]) == ("rejected", [])
    assert [error["code"] for error in again.document["errors"]] == ["action.not_possible"]
    assert "already acknowledged" in again.document["current_state"]
    assert "Trực ban trưởng" in again.document["current_state"]


def test_people_read_why_an_action_was_refused_and_where_things_stand(phoihop: Phoihop, issued: DispatchIssued) -> None:
    _acknowledge(phoihop, issued)

    shown = phoihop("desk", "acknowledge", _desk(issued), issued.dispatch, "--exercise")

    assert shown.code == 2
    assert "✗ Không thể thực hiện ở trạng thái hiện tại." in shown.out
    assert "Hiện tại: already acknowledged / đã xác nhận" in shown.out


@pytest.mark.parametrize("dispatch", ["ffffffff", "no-id", "01a202b7-d494-74b4-af51-ef098c42e603"])
def test_a_dispatch_that_is_not_this_desks_is_unknown_to_it(
    phoihop: Phoihop, issued: DispatchIssued, dispatch: str
) -> None:
    ran = phoihop("desk", "acknowledge", _desk(issued), dispatch, "--exercise", "--json", "--lang", "en")

    assert ran.code == 2
    assert (ran.document["outcome"], ran.document["dispatch"]) == ("rejected", dispatch)
    assert [error["code"] for error in ran.document["errors"]] == ["action.unknown_dispatch"]
    assert "phoihop desk list" in ran.document["errors"][0]["fix"]


def test_a_beginning_that_fits_several_dispatches_is_refused(
    hub: Hub, phoihop: Phoihop, issued: DispatchIssued, tmp_path: Path
) -> None:
    """Guessing which one was meant would acknowledge something that nobody read."""
    other = _issued(hub, phoihop, tmp_path)
    assert _desk(other) == _desk(issued)

    ran = phoihop("desk", "acknowledge", _desk(issued), "", "--exercise", "--json")

    assert (ran.code, [error["code"] for error in ran.document["errors"]]) == (2, ["field.invalid"])
    assert {str(issued.dispatch), str(other.dispatch)} <= _listed(phoihop, _desk(issued), "--exercise").keys()


def test_a_live_acknowledgement_of_an_exercise_finds_nothing(phoihop: Phoihop, issued: DispatchIssued) -> None:
    ran = phoihop("desk", "acknowledge", _desk(issued), issued.dispatch, "--json")

    assert (ran.code, [error["code"] for error in ran.document["errors"]]) == (2, ["action.unknown_dispatch"])


async def test_another_desks_action_on_the_dispatch_is_refused_by_the_hub(hub: Hub, issued: DispatchIssued) -> None:
    """The command would not even send it; what protects is the hub, which reads the sender from the subject."""
    stranger = Origin("csb-vung-2", "truc-ban")
    assert stranger != (issued.addressee.agency, issued.addressee.desk)

    async with connection(hub.nats.url) as client:
        desk = DeskClient(client, Space.EXERCISE, stranger)
        await desk.start()
        receipt: ActionReceipt = await desk.acknowledge(issued.incident, issued.dispatch)

    assert receipt.outcome is Outcome.REJECTED
    assert [problem.code.value for problem in receipt.problems] == ["action.unknown_dispatch"]


@pytest.mark.parametrize("desk", ["", "hue", "hue/truc-ban/x", "Huế/truc-ban", "*/>"])
@pytest.mark.parametrize("command", [["list"], ["watch"], ["acknowledge", "DISPATCH"]])
def test_a_desk_is_written_agency_slash_desk(offline: Phoihop, command: list[str], desk: str) -> None:
    ran = offline("desk", command[0], desk, *command[1:], "--json", "--lang", "en")

    assert (ran.code, ran.out) == (2, "")
    assert "A desk is written AGENCY/DESK." in ran.err


@pytest.mark.parametrize("command", [["list", "a/b"], ["watch", "a/b"], ["acknowledge", "a/b", "x"]])
def test_without_a_server_a_command_says_so_and_what_to_type(offline: Phoihop, command: list[str]) -> None:
    ran = offline("desk", *command, "--json", "--lang", "en")

    assert (ran.code, ran.out) == (3, "")
    assert "NATS cannot be reached." in ran.err
    assert "phoihop up" in ran.err


def test_an_empty_list_is_a_list(phoihop: Phoihop) -> None:
    assert phoihop("desk", "list", "nobody/nowhere", "--json").document == {"open": []}
    assert "Không có việc đang mở." in phoihop("desk", "list", "nobody/nowhere").out


def test_the_table_shows_role_place_and_basis(phoihop: Phoihop, issued: DispatchIssued) -> None:
    shown = phoihop("desk", "list", _desk(issued), "--exercise").out

    assert "CHỦ TRÌ" in shown
    assert "Cháy nhà" in shown
    assert str(issued.dispatch)[:8] in shown


def _acknowledge(phoihop: Phoihop, issued: DispatchIssued, *options: str) -> Ran:
    return phoihop("desk", "acknowledge", _desk(issued), issued.dispatch, "--exercise", "--json", *options)


def _event(stored: Any) -> Any:
    return read(stored.body)
