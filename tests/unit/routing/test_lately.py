"""Facts recorded here are handed on as they are, and what was not recorded here is read."""

from typing import Any

from contracts.envelope import Event, read
from services.routing.deadlines import OWING
from services.routing.incident.owing import owed_by
from services.routing.lately import MOST, Lately
from tests.unit.routing.cases import COMMUNE, PROVINCE, after, assignment, minutes, opening


def decided() -> list[Event[Any]]:
    """Two dispatches, each of which owes something."""
    five, ten = minutes(5), minutes(10)
    asked = (assignment(to, acknowledge_within=five, decide_within=ten) for to in (COMMUNE, PROVINCE))
    _, events = after(None, opening(*asked))
    return [event for event in events if isinstance(event.data, OWING)]


def test_a_fact_owes_the_same_whether_it_is_remembered_or_read() -> None:
    """Else a deadline would be scheduled for another time, or not at all, after a restart."""
    lately, events = Lately(), decided()
    lately.keep((event.to_bytes(), event) for event in events)
    for event in events:
        body = event.to_bytes()
        remembered = lately.read(body)
        assert remembered is event
        assert remembered == read(body)
        assert owed_by(remembered.data) == owed_by(read(body).data) != ()


def test_other_bytes_are_read_whatever_is_remembered() -> None:
    """Another instance recorded it, or this one before it was started anew."""
    lately, (one, other) = Lately(), decided()
    lately.keep([(one.to_bytes(), one)])
    assert lately.read(other.to_bytes()) == other


def test_a_fact_that_comes_back_twice_is_read_the_second_time() -> None:
    """A redelivery: what was handed on is not kept for it."""
    lately, (event, _) = Lately(), decided()
    lately.keep([(event.to_bytes(), event)])
    first, second = lately.read(event.to_bytes()), lately.read(event.to_bytes())
    assert first is event
    assert second is not event
    assert second == event


def test_no_more_is_remembered_than_the_most() -> None:
    """Where scheduling stands still, memory must not grow."""
    lately, (event, other) = Lately(), decided()
    lately.keep([(event.to_bytes(), event)])
    lately.keep((str(number).encode(), other) for number in range(MOST))
    assert lately.read(event.to_bytes()) is not event
