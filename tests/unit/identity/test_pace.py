"""Who takes too much of the bus, and for how long they are left out."""

from datetime import UTC, datetime, timedelta

from contracts.identity import desk, service, unit
from services.stack.identity.membership import Book, NewKey, created, rotated, suspended
from services.stack.identity.pace import (
    BYTES,
    CONNECTIONS,
    FIRST,
    FORGIVEN,
    LONGEST,
    MESSAGES,
    WITHIN,
    Excess,
    Line,
    Pace,
    suspension,
)

AT = datetime(2026, 11, 22, 5, 0, tzinfo=UTC)
KEY, OTHER = f"U{'A' * 55}", f"U{'B' * 55}"


def test_who_sends_more_than_any_work_needs_is_found_and_nobody_else() -> None:
    """Everybody waits for a server that is busy refusing what one sends."""
    pace = Pace()
    assert pace.look(0, [Line(1, KEY, 10**9, 0), Line(2, OTHER, 0, 0)]) == {}, "what was before the first look is past"
    assert pace.look(1, [Line(1, KEY, 10**9 + MESSAGES + 1, 0), Line(2, OTHER, MESSAGES, 0)]) == {KEY: Excess.MESSAGES}


def test_connections_of_one_key_count_together_and_a_new_one_from_its_beginning() -> None:
    """Whoever opens one connection after the other would pass under a bound of each."""
    pace = Pace()
    pace.look(0, [])
    found = pace.look(1, [Line(number, KEY, MESSAGES // 4 + 1, 0) for number in range(4)])
    assert found == {KEY: Excess.MESSAGES}


def test_a_steady_pace_below_the_bound_goes_on_for_ever() -> None:
    """An outbox, or a busy desk, must never be taken for a flood."""
    pace = Pace()
    for number in range(100):
        at = number * WITHIN / 4
        assert pace.look(at, [Line(1, KEY, number * MESSAGES // 8, number * BYTES // 8)]) == {}


def test_large_messages_and_many_connections_are_too_much_too() -> None:
    pace = Pace()
    pace.look(0, [Line(1, KEY, 0, 0)])
    assert pace.look(1, [Line(1, KEY, 500, BYTES + 1)]) == {KEY: Excess.BYTES}
    assert Pace().look(0, [Line(number, KEY, 0, 0) for number in range(CONNECTIONS)]) == {}
    crowd = [Line(number, KEY, 0, 0) for number in range(CONNECTIONS + 1)]
    assert Pace().look(0, crowd) == {KEY: Excess.CONNECTIONS}


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
