"""What routing makes of desks it hears: nobody is gone because we slept, were cut off, or somebody else was first."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any, cast

from contracts.codes import Space
from contracts.decisions import Addressee
from contracts.envelope import Event
from contracts.presence import OFFLINE_AFTER
from services.routing.presence.handlers import Presence
from services.routing.presence.signs import NEVER_SEEN, Absence, Attendance, Heard, Key, after, changes
from services.runtime.broker import Bus
from services.runtime.publishing import Recorded, Stale
from tests.unit.routing.cases import COMMUNE

KEY = Space.ACTUAL, COMMUNE
LATER = datetime(2030, 1, 1, tzinfo=UTC)


@dataclass
class Book:
    """What is on record, in memory; `first` is what somebody else records before our first commit."""

    all: dict[Key, Attendance] = field(default_factory=dict)
    recorded: list[Event[Any]] = field(default_factory=list)
    first: list[Event[Any]] = field(default_factory=list)

    def of(self, space: Space, desk: Addressee) -> Attendance:
        return self.all.get((space, desk), NEVER_SEEN)

    async def follow(self) -> None:
        """Nothing more is ever new."""

    async def commit(self, events: Sequence[Event[Any]]) -> Recorded | Stale | None:
        if self.first and events:
            self._keep(self.first)
            self.first = []
            return Stale()
        self._keep(events)
        return Recorded(1, len(events)) if events else None

    def _keep(self, events: Sequence[Event[Any]]) -> None:
        for event in events:
            key = event.data.space, event.data.desk
            self.all[key] = after(self.of(*key), event)
        self.recorded += events


def came() -> list[Event[Any]]:
    """The fact that the desk came."""
    heard: Mapping[Key, datetime] = {KEY: LATER}
    return list(changes({}, Heard(heard, LATER, OFFLINE_AFTER), LATER))


def watching(book: Book) -> tuple[Presence, SimpleNamespace]:
    """A process that never hears anything, and its connection."""
    client = SimpleNamespace(is_connected=True)
    bus = cast("Bus", SimpleNamespace(client=client))
    return Presence(bus, book, lambda _desk, _at: True, OFFLINE_AFTER), client


def online() -> Book:
    """The desk is on record as online."""
    (event,) = came()
    return Book(all={KEY: after(NEVER_SEEN, event)})


async def _looks(presence: Presence, since: int, until: int) -> None:
    for second in range(since, until):
        await presence.look(LATER + timedelta(seconds=second))


async def test_who_is_not_heard_for_a_minute_is_gone_and_that_is_said_once() -> None:
    book = online()
    presence, _ = watching(book)

    await _looks(presence, 0, 60)
    assert book.recorded == []
    await _looks(presence, 60, 200)

    assert [event.data.change for event in book.recorded] == ["offline"]
    assert presence.absence(*KEY) == Absence("offline")


async def test_a_process_that_slept_gives_the_whole_time_again() -> None:
    """Breaks when a suspended machine, on waking, makes every desk of the country offline."""
    book = online()
    presence, _ = watching(book)

    await _looks(presence, 0, 10)
    await _looks(presence, 3600, 3659)

    assert book.recorded == []


async def test_a_process_that_was_cut_off_from_the_bus_gives_the_whole_time_again() -> None:
    book = online()
    presence, client = watching(book)

    await _looks(presence, 0, 40)
    client.is_connected = False
    await _looks(presence, 40, 41)
    client.is_connected = True
    await _looks(presence, 41, 100)

    assert book.recorded == []


async def test_whoever_comes_second_reads_and_decides_again() -> None:
    """Breaks when two instances both record that a desk went, or one of them stops over it."""
    book = online()
    book.first = list(changes(book.all, Heard({}, LATER, OFFLINE_AFTER), LATER + timedelta(seconds=61)))
    presence, _ = watching(book)

    await _looks(presence, 0, 70)

    assert [event.data.change for event in book.recorded] == ["offline"]
