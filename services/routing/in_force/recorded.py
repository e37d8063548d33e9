"""Reads from the stream which texts and activations are on record, and the texts themselves. It decides nothing."""

from collections.abc import Iterable
from datetime import datetime
from typing import Final

from nats.aio.client import Client

from contracts import subjects
from contracts.activation import ActivationData, Approver, ReferenceRecorded
from contracts.approvals import EVERY_STEP
from contracts.envelope import read
from services.routing.regulations.record.activation import Book, Stored, after
from services.routing.regulations.record.steps import event_of
from services.routing.regulations.rules.texts import BrokenTextError, Text, TextKey, joined
from services.runtime.jetstream import read_subject
from services.runtime.publishing import Expectation, Fact, Publisher, Recorded, Stale

EVENTS: Final = "EVENTS"
_FILTERS: Final = (EVERY_STEP, subjects.REGISTER)


class Record:
    """The record of texts and activations, read as far as the stream held it at the last look."""

    def __init__(self) -> None:
        self.book = Book()
        self._last = dict.fromkeys(_FILTERS, 0)

    async def catch_up(self, client: Client) -> bool:
        """Reads what is new; whether there was anything."""
        seen = dict(self._last)
        for subject in _FILTERS:
            async for stored in read_subject(client, EVENTS, subject, self._last[subject] + 1):
                where = Stored(stored.subject, stored.sequence, stored.stored_at)
                self.book = after(self.book, read(stored.body).data, where)
                self._last[subject] = stored.sequence
        return seen != self._last

    async def add(
        self, publisher: Publisher, steps: Iterable[ActivationData], at: datetime, by: Approver | None = None
    ) -> Recorded | Stale:
        """Records all of these facts or none; `Stale` when something was recorded since the last look.

        In an approver's name only the holder of that approver's key can: the server refuses anybody else.
        """
        expected = dict(self._last)
        facts: list[Fact] = []
        for data in steps:
            event = event_of(data, at, by)
            known = subjects.REGISTER if event.subject == subjects.REGISTER else EVERY_STEP
            last = expected.pop(known, None)
            expect = None if last is None else Expectation(known, last)
            facts.append(Fact(event.subject, event.to_bytes(), event.type, expect))
        return await publisher.record(facts)

    async def text(self, client: Client, key: TextKey) -> Text:
        """One recorded text. Raises `BrokenTextError`, also where there is none."""
        if (recorded := self.book.texts.get(key)) is None or not recorded.complete:
            raise BrokenTextError(f"{key.kind.value} {key.version} is not on record")
        parts: list[ReferenceRecorded] = []
        async for stored in read_subject(client, EVENTS, recorded.subject, recorded.first):
            data = read(stored.body).data
            if isinstance(data, ReferenceRecorded) and (data.code, data.version) == (key.code, key.version):
                parts.append(data)
            if len(parts) == recorded.parts:
                break
        return joined(parts)
