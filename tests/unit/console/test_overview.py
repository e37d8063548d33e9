"""What needs an operator is told first, and nothing that a report says is ever told."""

from dataclasses import asdict, replace
from datetime import UTC, datetime, timedelta

import pytest

from services.runtime.embedded.local_stack import Phase
from services.stack.console.looking import Look
from services.stack.console.overview import Overview, State, ending_state, gravest, overview
from services.stack.inspection import Disk, ServerHealth, ServiceHealth, Status, StreamHealth
from services.stack.parking import Again, Parked

AT = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
FINE = Status(
    durability="always",
    nats=ServerHealth(ok=True, address="tls://127.0.0.1:4222", embedded=True, version="2.15.1"),
    postgres=ServerHealth(ok=True, address="postgresql://127.0.0.1/phoihop", embedded=True, version="18.4"),
    disk=Disk(free_bytes=71, total_bytes=100, free_percent=71),
    services=(ServiceHealth("intake", True, Phase.READY, 1, 0, "http://127.0.0.1:1"),),  # noqa: FBT003
    streams=(StreamHealth("DEADLINES", 7, 10, 100, 1, 9), StreamHealth("EVENTS", 412, 10, 100, 1, 412)),
    lag={"routing": 0},
)
BROKEN_SERVICE = replace(FINE.services[0], ready=False)
FULL = replace(FINE.streams[1], bytes=96)


def seen(status: Status) -> Overview:
    return overview(Look(AT, status))


def test_when_all_is_well_the_page_says_so_in_one_word() -> None:
    page = seen(FINE)
    assert page.state is State.DONE
    assert page.deadlines == 7
    assert {row.state for row in (*page.servers, *page.streams, *page.lags)} == {State.DONE}


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (replace(FINE, nats=replace(FINE.nats, ok=False, version=None, problem="refused")), State.OVERDUE),
        (replace(FINE, postgres=replace(FINE.postgres, ok=False)), State.OVERDUE),
        (replace(FINE, services=(BROKEN_SERVICE,)), State.OVERDUE),
        (replace(FINE, streams=(FULL,)), State.OVERDUE),
        (replace(FINE, lag={"routing": 5000}), State.OVERDUE),
        (replace(FINE, lag={"routing": 200}), State.DUE),
        (replace(FINE, disk=replace(FINE.disk, free_percent=8)), State.OVERDUE),
        (replace(FINE, disk=replace(FINE.disk, free_percent=15)), State.DUE),
        (replace(FINE, parked=1), State.DUE),
    ],
    ids=["bus", "database", "service", "stream", "lag", "some-lag", "disk", "low-disk", "parked"],
)
def test_one_thing_that_is_wrong_shows_at_the_top(status: Status, expected: State) -> None:
    """Fails when an operator who only glances at the first line would miss it."""
    assert seen(status).state is expected


def test_keys_are_told_a_month_before_they_end_and_urgently_in_the_last_days() -> None:
    assert [ending_state(timedelta(days=days)) for days in (31, 29, 2, -1)] == [
        State.DONE,
        State.DUE,
        State.OVERDUE,
        State.OVERDUE,
    ]
    page = overview(Look(AT, FINE, endings=(("desk.pccc-hue.truc-ban", AT + timedelta(days=2)),)))
    assert page.state is State.OVERDUE


def test_a_parked_message_is_told_by_where_it_came_from_and_why_alone() -> None:
    """Fails when the page of operators, who read no facts, could show what somebody reported."""
    one = Parked(AT.isoformat(), "INBOX", "intake", "inbox.report.a.b", "unreadable", 3, Again.CUSTODIAN)
    page = overview(Look(AT, replace(FINE, parked=1), (one,)))
    assert page.parked[0]._asdict() == {
        "number": 3,
        "since": AT,
        "by": "intake",
        "subject": "inbox.report.a.b",
        "reason": "unreadable",
        "again": Again.CUSTODIAN,
    }
    assert "body" not in asdict(page)


def test_nothing_to_ask_is_no_good_news() -> None:
    page = overview(Look(AT, None))
    assert page.state is State.QUIET
    assert not page.servers


def test_a_database_nobody_named_is_not_shown_as_broken() -> None:
    page = seen(replace(FINE, postgres=ServerHealth(ok=False, address="", embedded=False)))
    assert page.state is State.DONE
    assert [row.name for row in page.servers] == ["NATS", "intake"]


def test_a_stack_for_tests_or_demonstrations_is_told_as_such() -> None:
    assert len(seen(replace(FINE, durability="relaxed", time_scale=0.1)).warnings) == 2
    assert gravest([]) is State.QUIET
