"""A commit whose answer was lost: what became of it is read at once for all its incidents, and done once."""

from collections.abc import AsyncIterator, Sequence
from typing import Any

import pytest
from nats.aio.client import Client

from contracts import subjects
from contracts.envelope import read
from services.routing import store
from services.routing.draft import Draft
from services.routing.drafting import Drafting
from services.routing.store import Incidents
from services.runtime.jetstream import BusUnavailableError, Stored, read_subject
from services.runtime.publishing import Fact, Publisher, Recorded, Stale
from tests.integration.http.hub import Hub
from tests.integration.routing.instances import Instance, instance
from tests.integration.routing.records import accept

REPORTS = 5


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What of the stream was asked for, and how often."""
    found: list[str] = []

    def reading(client: Client, stream: str, subject: str, first: int = 1) -> AsyncIterator[Stored]:
        found.append(subject)
        return read_subject(client, stream, subject, first)

    monkeypatch.setattr(store, "read_subject", reading)
    return found


@pytest.mark.parametrize("recorded", [True, False])
async def test_all_incidents_in_doubt_are_certain_after_one_question(
    hub: Hub, asked: list[str], monkeypatch: pytest.MonkeyPatch, *, recorded: bool
) -> None:
    """Asked one by one the server looks through the stream for each: hundreds take minutes, and routing is ended."""
    async with instance(hub) as routing:
        await accept(hub, REPORTS)
        draft = await _draft(routing)
        with monkeypatch.context() as patched:
            patched.setattr(Publisher, "record", _answer_lost(stored=recorded))
            with pytest.raises(BusUnavailableError):
                await routing.incidents.commit(draft)
        asked.clear()

        again = await _draft(routing)

        assert asked == [subjects.ALL_INCIDENTS]
        assert len(draft.touched) == REPORTS
        assert len(again.events) == (0 if recorded else len(draft.events))
        assert recorded or isinstance(await routing.incidents.commit(again), Recorded)
        await _as_if_loaded_anew(hub, routing)


async def test_what_was_never_sent_is_forgotten_without_a_question(hub: Hub, asked: list[str]) -> None:
    """A report that makes the decision fail must not leave an incident behind that no stream holds."""
    async with instance(hub) as routing:
        await accept(hub, REPORTS)
        await _draft(routing)
        asked.clear()

        again = await _draft(routing)

        assert asked == []
        assert isinstance(await routing.incidents.commit(again), Recorded)
        await _as_if_loaded_anew(hub, routing)


async def test_a_commit_that_is_recorded_after_a_later_one_is_found_all_the_same(
    hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The later one says that everything before it is known, and that is not so: routing would try for ever."""
    async with instance(hub) as routing:
        await accept(hub, 1)
        late: list[Sequence[Fact]] = []
        with monkeypatch.context() as patched:
            patched.setattr(Publisher, "record", _answer_lost(stored=False, sent=late))
            with pytest.raises(BusUnavailableError):
                await routing.incidents.commit(await _draft(routing))
        (first,) = await hub.facts(subjects.ALL_REPORTS)
        await accept(hub, 1)
        passing = await _draft(routing, without=first)
        (sent,) = late
        outcome = await Publisher(routing.incidents._bus.client).record(sent)
        assert isinstance(outcome, Recorded)
        assert isinstance(await routing.incidents.commit(passing), Recorded)

        outcomes = []
        while (draft := await _draft(routing)).events:
            outcomes.append(type(await routing.incidents.commit(draft)))
            assert len(outcomes) < REPORTS, "it tries the same again and again"

        assert set(outcomes) == {Stale}
        await _as_if_loaded_anew(hub, routing)


def _answer_lost(*, stored: bool, sent: list[Sequence[Fact]] | None = None) -> Any:
    real = Publisher.record

    async def record(self: Publisher, facts: Sequence[Fact]) -> Recorded | Stale:
        if sent is not None:
            sent.append(facts)
        if stored:
            assert isinstance(await real(self, facts), Recorded)
        raise BusUnavailableError("no answer")

    return record


async def _draft(routing: Instance, without: Stored | None = None) -> Draft:
    """What is to be decided about all reports of the stream."""
    draft = await routing.incidents.start()
    for one in await routing.hub.facts(subjects.ALL_REPORTS):
        if without is None or one.sequence != without.sequence:
            Drafting(routing.incidents, routing.regulations).report(draft, (read(one.body), one.stored_at))
    return draft


async def _as_if_loaded_anew(hub: Hub, routing: Instance) -> None:
    """What is in memory is what anybody would make of the stream."""
    await routing.incidents.start()  # what was only drafted is forgotten
    async with instance(hub) as fresh:
        assert _known(routing.incidents) == _known(fresh.incidents)


def _known(incidents: Incidents) -> tuple[object, ...]:
    return incidents._held, incidents.open, incidents._by_report
