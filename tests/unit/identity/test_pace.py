"""Who takes too much of the bus, and for how long they are left out."""

from datetime import UTC, datetime, timedelta

from contracts.identity import desk, service, unit
from services.stack.identity.membership import Book, NewKey, created, rotated, suspended
from services.stack.identity.pace import (
    FIRST,
    FORGIVEN,
    LONGEST,
    OTHERS,
    UNITS,
    WITHIN,
    Excess,
    Line,
    Pace,
    suspension,
)
from services.stack.identity.scheme import FIELD

AT = datetime(2026, 11, 22, 5, 0, tzinfo=UTC)
KEY, OTHER = f"U{'A' * 55}", f"U{'B' * 55}"


def _line(number: int, messages: int = 0, size: int = 0, key: str = KEY, account: str = FIELD) -> Line:
    return Line(number, key, account, messages, size)


def test_who_sends_more_than_any_work_needs_is_found_and_nobody_else() -> None:
    """Everybody waits for a server that is busy refusing what one sends."""
    pace = Pace()
    assert pace.look(0, [_line(1, 10**9), _line(2, key=OTHER)]) == {}, "what was before the first look is past"
    flood = _line(1, 10**9 + UNITS.messages + 1)
    assert pace.look(1, [flood, _line(2, UNITS.messages, key=OTHER)]) == {KEY: Excess.MESSAGES}


def test_connections_of_one_key_count_together_and_a_new_one_from_its_beginning() -> None:
    """Whoever opens one connection after the other would pass under a bound of each."""
    pace = Pace()
    pace.look(0, [])
    assert pace.look(1, [_line(number, UNITS.messages // 4 + 1) for number in range(4)]) == {KEY: Excess.MESSAGES}


def test_a_steady_pace_below_the_bound_goes_on_for_ever() -> None:
    """An outbox, or a busy desk, must never be taken for a flood."""
    pace = Pace()
    for number in range(200):
        sent = number * UNITS.messages // 25, number * UNITS.bytes // 25
        assert pace.look(number * WITHIN / 20, [_line(1, *sent)]) == {}


def test_a_steady_pace_above_the_bound_is_found_within_seconds() -> None:
    """Who knows that looks come twice a second would stay under what fits between two of them."""
    pace = Pace()
    found = [pace.look(half / 2, [_line(1, half * UNITS.messages // 18)]) for half in range(25)]
    assert found[-1] == {KEY: Excess.MESSAGES}


def test_large_messages_and_many_connections_are_too_much_too() -> None:
    pace = Pace()
    pace.look(0, [_line(1)])
    assert pace.look(1, [_line(1, 500, UNITS.bytes + 1)]) == {KEY: Excess.BYTES}
    crowd = [_line(number) for number in range(UNITS.connections + 1)]
    assert Pace().look(0, crowd[1:]) == {}
    assert Pace().look(0, crowd) == {KEY: Excess.CONNECTIONS}


def test_a_desk_that_reads_thousands_of_dispatches_again_is_not_left_out() -> None:
    """It acknowledges each of them, and comes back just when most is waiting for it."""
    pace = Pace()
    pace.look(0, [_line(1, account="AGENCY-alpha")])
    assert pace.look(1, [_line(1, 20_000, account="AGENCY-alpha")]) == {}
    assert pace.look(2, [_line(1, OTHERS.messages + 1, account="AGENCY-alpha")]) == {KEY: Excess.MESSAGES}


def test_each_time_lasts_twice_as_long_up_to_an_hour_and_is_forgiven_after_a_day() -> None:
    """After a minute each time, a flood that comes back at once would still be most of what others wait for."""
    one = suspension(Excess.MESSAGES, None, AT)
    assert one.until == AT + FIRST
    lasting = []
    for _ in range(8):
        one = suspension(Excess.MESSAGES, one, one.until)
        lasting.append(one.lasts)
    assert lasting[:3] == [2 * FIRST, 4 * FIRST, 8 * FIRST]
    assert lasting[-1] == LONGEST
    assert suspension(Excess.MESSAGES, one, one.until + FORGIVEN).lasts == FIRST


def test_a_suspended_key_is_left_out_until_its_time_is_over_and_a_new_key_is_not() -> None:
    """Who lost a key to somebody hostile must get in with another at once."""
    who = unit("alpha", "u1")
    book = created(Book(), who, NewKey(KEY), AT, "admin")
    book, out = suspended(book, {KEY: Excess.MESSAGES}, AT)

    assert out == (who,)
    assert who not in book.admitted(AT)
    assert suspended(book, {KEY: Excess.MESSAGES}, AT)[1] == (), "once is enough"
    assert book.admitted(AT + FIRST) == {who: KEY}
    assert rotated(book, who, NewKey(OTHER), AT, "admin").admitted(AT) == {who: OTHER}


def test_units_and_desks_are_left_out_and_our_own_services_never() -> None:
    """A service that has much to do would be taken for a flood, and with it everybody's reports would stop."""
    book = created(Book(), service("routing"), NewKey(KEY), AT, "admin")
    book = created(book, desk("alpha", "d1"), NewKey(OTHER), AT, "admin")
    over = {KEY: Excess.MESSAGES, OTHER: Excess.BYTES, f"U{'C' * 55}": Excess.BYTES}

    assert suspended(book, over, AT)[1] == (desk("alpha", "d1"),)
    assert suspended(book, over, AT)[0].suspended[OTHER].until == AT + timedelta(minutes=1)
