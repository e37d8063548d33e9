"""`phoihop reporting` and a desk's papers as typed: what is owed, confirmed, rolled up; exit codes as promised."""

import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from contracts.identifiers import new_id
from tests.integration.cli.commands import Ran, written

Phoihop = Callable[..., Ran]
LOGGING, UNIT, AGENCY = "kl-t-bac-ninh/truc-ban", "kl-h-yen-the/tram-xuan-luong", "kl-h-yen-the"
WEEK = ("--from", "2026-01-01", "--to", "2036-01-01")


def a_call() -> dict[str, Any]:
    """What a duty officer logs for a unit."""
    now = datetime.now(UTC).isoformat()
    return {
        "type": "situation",
        "report": str(new_id()),
        "status": "Actual",
        "sent": now,
        "observed_at": now,
        "kind": "situation_information",
        "headline": "Hai người mất tích",
        "window": {"since": "2026-11-21T00:00:00Z", "until": "2026-11-22T00:00:00Z"},
        "places": [{"kind": "area", "code": "07246", "valid_on": "2026-11-22"}],
        "counts": [{"of": "missing", "value": 2, "unit": "person", "source": "Trạm"}],
        "oral": {"at": now, "channel": "radio", "to": "trực ban"},
        "on_behalf_of": {"agency": AGENCY, "unit": "tram-xuan-luong"},
    }


def soon(phoihop: Phoihop, *command: str, key: str) -> list[dict[str, Any]]:
    """What a list shows as soon as it shows anything."""
    for _ in range(300):
        if found := phoihop(*command, "--json").document[key]:
            return list(found)
        time.sleep(0.1)
    return []


def test_a_logged_call_is_owed_until_its_unit_confirms_it(phoihop: Phoihop, tmp_path: Path) -> None:
    call = a_call()
    logged = phoihop("report", written(tmp_path, call), "--as", LOGGING, "--json")
    assert logged.code == 0, logged.out
    (owed,) = soon(phoihop, "reporting", "due", "--agency", AGENCY, key="due")
    assert (owed["owing"], owed["unit"], owed["entry"], owed["status"]) == (
        "confirmation",
        "tram-xuan-luong",
        call["report"],
        "open",
    )
    assert phoihop("reporting", "missing", "--agency", AGENCY, "--json").code == 0
    stranger = phoihop("reporting", "confirm", call["report"], "--as", "bca/truc-ban")
    assert (stranger.code, stranger.out) == (2, "")
    done = phoihop("reporting", "confirm", call["report"][:18], "--as", UNIT, "--json")
    assert (done.code, done.document["outcome"]) == (0, "accepted")
    for _ in range(300):
        if not phoihop("reporting", "due", "--agency", AGENCY, "--json").document["due"]:
            break
        time.sleep(0.1)
    assert phoihop("reporting", "due", "--agency", AGENCY, "--json").document["due"] == []
    figures = phoihop("reporting", "rollup", "--area", "24", *WEEK, "--json").document["figures"]
    assert [(one["of"], one["stands"], one["conflict"], len(one["sources"])) for one in figures] == [
        ("missing", 2, False, 1)
    ]
    assert "missing: 2" in phoihop("reporting", "rollup", "--area", "24", *WEEK).out


def test_nobody_logs_for_a_unit_that_is_not_below_it(phoihop: Phoihop, tmp_path: Path) -> None:
    refused = phoihop("report", written(tmp_path, a_call()), "--as", "ca-t-hue/truc-ban", "--json")

    assert refused.code == 2
    assert [error["code"] for error in refused.document[0]["errors"]] == ["sender.not_entitled"]


def test_a_desk_switches_calendars_only_for_an_area_it_answers_for(phoihop: Phoihop) -> None:
    order = ("--calendar", "weekly", "--area", "46", "--reason", "Mùa bão", "--exercise", "--json")
    mine = phoihop("desk", "regime", "ptds-t-hue/truc-ban", "on", *order)
    theirs = phoihop("desk", "regime", "ptds-t-bac-ninh/truc-ban", "on", *order)
    police = phoihop("desk", "regime", "ca-t-hue/truc-ban", "on", *order)
    assert (mine.code, mine.document["outcome"]) == (0, "accepted")
    assert (theirs.code, police.code) == (2, 2)
    assert {one.document["errors"][0]["code"] for one in (theirs, police)} == {"action.not_possible"}
    owed = soon(phoihop, "reporting", "due", "--exercise", key="due")
    assert {one["calendar"] for one in owed} == {"weekly"}
    assert all(one["citation_status"] == "design_default" for one in owed)
    assert phoihop("reporting", "due", "--agency", "ptds-t-hue", "--json").document["due"] == []


def test_papers_of_a_desk_that_has_none_are_an_empty_list(phoihop: Phoihop) -> None:
    shown = phoihop("desk", "papers", "ubnd-t-hue/truc-ban", "--json")
    wrong = phoihop("desk", "acknowledge-paper", "ubnd-t-hue/truc-ban", "0190", "--json")

    assert (shown.code, shown.document) == (0, {"papers": []})
    assert (wrong.code, wrong.document["outcome"]) == (2, "rejected")


def test_without_a_server_every_command_says_so(offline: Phoihop) -> None:
    commands = [
        ("due",),
        ("missing",),
        ("rollup", "--area", "46", *WEEK),
        ("confirm", "x", "--as", UNIT),
    ]

    assert [offline("reporting", *command).code for command in commands] == [3, 3, 3, 3]


def test_a_time_that_ends_before_it_begins_is_refused(offline: Phoihop) -> None:
    refused = offline("reporting", "rollup", "--area", "46", "--from", "2026-02-01", "--to", "2026-01-01")

    assert refused.code == 2
