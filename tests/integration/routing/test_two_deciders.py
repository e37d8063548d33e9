"""Two instances of routing on one hub: whatever each knows and whenever it goes on, one report is decided once."""

import asyncio
from collections import Counter
from uuid import UUID

import pytest

from contracts import subjects
from contracts.envelope import read
from contracts.events import IncidentOpened, IncidentUpdated
from services.routing.drafting import Drafting, Submission
from services.runtime import clock
from services.runtime.jetstream import BusUnavailableError
from services.runtime.publishing import Recorded, Stale
from tests.integration.http.hub import Hub
from tests.integration.routing.instances import Instance, instance
from tests.integration.routing.records import accept

DESK = subjects.Origin("vmrcc-kv2", "truc-ban")


async def test_an_instance_that_does_not_know_what_the_other_recorded_records_nothing(hub: Hub) -> None:
    """A report that joined an incident elsewhere would open a second one: desks would be sent out twice."""
    async with instance(hub, certain=_yes) as one, instance(hub, certain=_yes) as other:
        await accept(hub)
        await _until_recorded(one)
        await accept(hub, about=(await _first_report(hub),))
        await _until_recorded(one)
        before = await _decided(hub)

        draft = await other.incidents.start()
        joined = (await hub.facts(subjects.ALL_REPORTS))[1]
        Drafting(other.incidents, other.regulations).report(draft, (read(joined.body), joined.stored_at))
        drafted = len(draft.events)
        outcome = await other.incidents.commit(draft)
        again = await _until_recorded(other)

    assert drafted > 0
    assert isinstance(outcome, Stale)
    assert again == 0
    assert await _decided(hub) == before
    assert len({incident for incident, _ in before}) == 1


async def test_a_report_that_only_the_other_saw_opened_is_joined(hub: Hub) -> None:
    """Without reading what the other recorded, whoever takes over would open the incident anew."""
    async with instance(hub, certain=_yes) as one, instance(hub, certain=_yes) as other:
        await accept(hub)
        await _until_recorded(one)
        await accept(hub, about=(await _first_report(hub),))
        await _until_recorded(other)

    decided = await _decided(hub)
    assert len(decided) == 2
    assert len({incident for incident, _ in decided}) == 1


async def test_two_that_work_at_the_same_time_decide_each_report_once(hub: Hub) -> None:
    """Both think that they are the one: a paused instance goes on while the other has taken over."""
    async with instance(hub, certain=_yes) as one, instance(hub, certain=_yes) as other:
        reports = await accept(hub, 12)
        await asyncio.gather(_until_recorded(one), _until_recorded(other))

    assert Counter(report for _, report in await _decided(hub)) == Counter(reports)


async def test_who_is_not_certain_to_be_the_one_refuses_nothing(hub: Hub) -> None:
    """A refusal is no fact of an incident: nothing in the stream would stand against one by who knows too little."""
    async with instance(hub, certain=lambda: False) as one:
        draft = await one.incidents.start()
        unread = Submission(DESK, UUID(int=1), b"{}", clock.now())
        Drafting(one.incidents, one.regulations).act(draft, unread)

        assert draft.only_refuses
        with pytest.raises(BusUnavailableError):
            await one.incidents.commit(draft)


def _yes() -> bool:
    return True


async def _until_recorded(routing: Instance) -> int:
    """Decides on all reports as the handler does, again where another was first; how many commits held."""
    held = 0
    for report in await routing.hub.facts(subjects.ALL_REPORTS):
        while True:
            draft = await routing.incidents.start()
            Drafting(routing.incidents, routing.regulations).report(draft, (read(report.body), report.stored_at))
            outcome = await routing.incidents.commit(draft)
            if not isinstance(outcome, Stale):
                held += isinstance(outcome, Recorded)
                break
    return held


async def _decided(hub: Hub) -> list[tuple[UUID, UUID]]:
    """Incident and report of each decision on record."""
    found = [read(stored.body).data for stored in await hub.facts(subjects.ALL_COURSES)]
    return [(one.incident, one.report.event) for one in found if isinstance(one, IncidentOpened | IncidentUpdated)]


async def _first_report(hub: Hub) -> UUID:
    return UUID((await hub.facts(subjects.ALL_REPORTS))[0].subject.rpartition(".")[2])
