"""`phoihop desk staffed | unstaffed | handover` on real servers, and the signs of life of `desk watch`."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from contracts import subjects
from contracts.codes import Space
from contracts.envelope import read
from contracts.presence import DeskPresenceChanged
from tests.integration.cli.commands import written
from tests.integration.cli.conftest import Phoihop
from tests.integration.cli.test_desk_commands import dispatches, fire, within
from tests.integration.cli.test_desk_watch import Watcher
from tests.integration.http.hub import Hub
from tests.integration.http.requests_of_units import UNIT

DESK = "ptds-qg/truc-ban"
FIRST, SECOND = "Trực ban viên ca 1", "Trực ban viên ca 2"


def changes(hub: Hub) -> list[DeskPresenceChanged]:
    """What became of desks so far."""
    facts = [read(stored.body).data for stored in asyncio.run(hub.facts(subjects.ALL_DESKS))]
    return [one for one in facts if isinstance(one, DeskPresenceChanged)]


@pytest.fixture
def open_dispatch(hub: Hub, phoihop: Phoihop, tmp_path: Path) -> str:
    """Something that is open at the desk."""
    phoihop("report", written(tmp_path, fire()), "--as", UNIT)
    issued = within(lambda: [one for one in dispatches(hub) if f"{one.addressee.agency}" == DESK.partition("/")[0]])
    return str(issued[-1].dispatch)


def _said(phoihop: Phoihop, command: str, *options: str) -> Any:
    return phoihop("desk", command, DESK, *options, "--exercise", "--json").document


def test_a_watching_desk_is_online(hub: Hub) -> None:
    """Breaks when a desk that shows dispatches to somebody counts as absent."""
    watcher = Watcher(hub)
    try:
        (change,) = within(lambda: [one for one in changes(hub) if one.space is Space.ACTUAL], 30)
    finally:
        watcher.end()

    assert (f"{change.desk.agency}/{change.desk.desk}", change.change) == (DESK, "online")


def test_a_desk_says_whether_somebody_is_there(hub: Hub, phoihop: Phoihop) -> None:
    done = (
        _said(phoihop, "unstaffed", "--divert-to", "ptds-t-hue/truc-ban"),
        _said(phoihop, "staffed", "--officer", FIRST),
    )
    told = [one for one in changes(hub) if one.space is Space.EXERCISE and one.action]

    assert [one["outcome"] for one in done] == ["accepted", "accepted"]
    assert [(one.change, one.officer) for one in told[-2:]] == [("unstaffed", None), ("staffed", FIRST)]


def test_nobody_is_told_in_addition_who_does_not_exist(phoihop: Phoihop) -> None:
    ran = phoihop("desk", "unstaffed", DESK, "--divert-to", "nobody/truc-ban", "--exercise", "--lang", "en")

    assert ran.code == 2
    assert "nobody/truc-ban" in ran.out


def test_a_shift_is_handed_over_with_everything_open_and_two_signatures(phoihop: Phoihop, open_dispatch: str) -> None:
    _said(phoihop, "staffed", "--officer", FIRST)
    note = _said(phoihop, "handover", "--from", FIRST, "--to", SECOND, "--note", "Nước vẫn lên")
    printed = phoihop("desk", "handover", DESK, "--confirm", note["handover"], "--to", SECOND, "--exercise")
    again = _said(phoihop, "handover", "--confirm", note["handover"], "--to", SECOND)

    assert open_dispatch in {duty["dispatch"] for duty in note["duties"]}
    assert all(duty["owes"] for duty in note["duties"] if duty["dispatch"] == open_dispatch)
    assert printed.code == 0, printed.out
    for expected in ("BIÊN BẢN GIAO CA TRỰC", FIRST, SECOND, "Nước vẫn lên", open_dispatch[:8]):
        assert expected in printed.out
    assert again["outcome"] == "rejected"


@pytest.mark.parametrize("options", [[], ["--from", FIRST], ["--to", SECOND], ["--confirm", "x"]])
def test_a_hand_over_needs_to_know_who_gives_and_who_takes(phoihop: Phoihop, options: list[str]) -> None:
    assert phoihop("desk", "handover", DESK, *options).code == 2
