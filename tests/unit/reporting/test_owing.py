"""Who owes which report: types and areas on the day, incidents and orders, once whoever works it out."""

from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.codes import Space
from contracts.decisions import Addressee
from contracts.problems import ProblemCode
from contracts.reporting import AcknowledgePaper, ReportingRegimeSwitched, SwitchRegime
from services.routing.regulations.engine.resolve import RegisterIndex
from services.routing.reporting.regime.acting import Done, Known, Law, Papers, Refused, acknowledged, switched
from services.routing.reporting.regime.demands import Orders, after_order
from services.routing.reporting.regime.owing import debts
from services.routing.reporting.regime.telling import Cause
from tests.unit.reporting.small import ABOVE, DUE, INDEX, NOON, ONE, OTHER, REPORTING, demand, found, register

DAY = timedelta(days=1)
PROVINCE = Addressee(agency=ABOVE, desk="truc-ban")
CAUSE = Cause(UUID(int=5), UUID(int=5), NOON)


def owing(*args: object, **options: object) -> set[tuple[str, str]]:
    return {(one.agency, one.calendar.code) for one in found(*args, **options)}  # type: ignore[arg-type]


def test_an_incident_with_a_risk_makes_its_commune_and_the_province_report_daily_and_no_other_commune() -> None:
    assert owing(demand("m"), until=NOON) == {(ONE, "daily-commune"), (ABOVE, "daily-province")}


def test_an_order_concerns_what_lies_in_the_area_and_nobody_above_it() -> None:
    by = frozenset({"monthly"})

    assert owing(demand("46", by=by), until=NOON) == {(one, "monthly") for one in (ONE, OTHER, ABOVE)}
    assert owing(demand("m", by=by), until=NOON) == {(ONE, "monthly")}


def test_each_day_of_the_event_is_owed_and_none_after_its_end() -> None:
    ended = demand("m", until=NOON + 2 * DAY)
    dues = sorted(one.due for one in found(ended, until=NOON + 30 * DAY) if one.agency == ONE)

    assert dues == [DUE, DUE + DAY, DUE + 2 * DAY]


def test_a_period_counts_from_the_moment_from_which_it_is_owed() -> None:
    first, second = (one for one in found(demand("m"), until=NOON + DAY) if one.agency == ONE)

    assert (first.known, second.known) == (NOON, second.period.since)


def test_a_body_that_has_ended_owes_no_further_period() -> None:
    index = RegisterIndex(register(one=date(2026, 11, 23)))
    days = [one.known for one in found(demand("m"), until=NOON + 10 * DAY, index=index) if one.agency == ONE]

    assert days == [NOON, NOON.replace(hour=9), NOON.replace(day=23, hour=9)]


def test_two_incidents_in_one_commune_make_one_report_owed() -> None:
    both = found(demand("m"), demand("m", since=NOON + timedelta(minutes=1)), until=NOON + timedelta(hours=1))

    assert sorted(one.agency for one in both) == sorted([ABOVE, ONE])


@given(st.lists(st.integers(0, 96), min_size=1, max_size=5), st.integers(1, 96))
@settings(deadline=None, max_examples=60)
def test_looking_often_finds_what_looking_once_finds(looks: list[int], hours: int) -> None:
    """Broken when a period falls between two looks, or when the same one gets another id."""
    demands, last = (demand("m"), demand("46", by=frozenset({"weekly", "night-window"}))), NOON + timedelta(hours=hours)
    marks = sorted({NOON + timedelta(hours=look) for look in looks if look < hours} | {last})
    seen: set[UUID] = set()
    since = datetime(2020, 1, 1, tzinfo=UTC)
    for mark in marks:
        new = {one.obligation for one in debts(REPORTING, demands, INDEX, since, mark)}
        assert not new & seen
        seen, since = seen | new, mark
    assert seen == {one.obligation for one in found(*demands, until=last)}


def order(area: str = "46", calendar: str = "weekly", *, on: bool = True, action: int = 1) -> SwitchRegime:
    """What a desk sends."""
    return SwitchRegime(
        action=UUID(int=action), space=Space.ACTUAL, sent=NOON, area=area, calendars=(calendar,), on=on, reason="Bão"
    )


@pytest.mark.parametrize(
    ("act", "desk", "code"),
    [
        (order("nowhere"), PROVINCE, ProblemCode.FIELD_INVALID),
        (order(calendar="hourly"), PROVINCE, ProblemCode.FIELD_INVALID),
        (order(), Addressee(agency=ONE, desk="truc-ban"), ProblemCode.ACTION_NOT_POSSIBLE),
        (order("m"), Addressee(agency="ca-x-mot", desk="truc-ban"), ProblemCode.ACTION_NOT_POSSIBLE),
        (order(), Addressee(agency=ABOVE, desk="nobody"), ProblemCode.SENDER_UNKNOWN),
    ],
    ids=["no such area", "no such calendar", "not its area", "not such a body", "no such desk"],
)
def test_only_a_body_named_for_it_orders_reports_and_only_where_it_answers(
    act: SwitchRegime, desk: Addressee, code: ProblemCode
) -> None:
    verdict = switched(act, desk, Orders(), Law(REPORTING, INDEX), CAUSE)

    assert isinstance(verdict, Refused)
    assert verdict.problem.code is code


def test_an_order_sent_again_is_known_and_one_switched_off_ends_then() -> None:
    law = Law(REPORTING, INDEX)
    first = switched(order(), PROVINCE, Orders(), law, CAUSE)
    assert isinstance(first, Done)
    assert isinstance(first.event.data, ReportingRegimeSwitched)
    orders = after_order(Orders(), first.event.data)
    off = switched(order(on=False, action=2), PROVINCE, orders, law, Cause(UUID(int=6), UUID(int=6), NOON + DAY))
    assert isinstance(off, Done)
    ended = after_order(orders, off.event.data)

    assert isinstance(switched(order(), PROVINCE, orders, law, CAUSE), Known)
    assert [one.until for one in orders.demands] == [None]
    assert [one.until for one in ended.demands] == [NOON + DAY]


def test_a_desk_acknowledges_its_own_papers_once() -> None:
    mine = UUID(int=9)
    act = AcknowledgePaper(action=UUID(int=1), space=Space.ACTUAL, sent=NOON, paper=mine)

    assert isinstance(acknowledged(act, PROVINCE, Papers({}), CAUSE), Refused)
    assert isinstance(acknowledged(act, PROVINCE, Papers({mine: False}), CAUSE), Done)
    assert isinstance(acknowledged(act, PROVINCE, Papers({mine: True}), CAUSE), Known)
