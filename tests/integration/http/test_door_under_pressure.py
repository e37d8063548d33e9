"""The HTTP door when a unit sends too fast, when the bus is away and comes back, and when nobody vouches for units."""

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from uuid import UUID

import pytest_asyncio

from contracts import subjects
from contracts.codes import Space
from contracts.identifiers import new_id
from contracts.subjects import Origin
from services.runtime.embedded.ports import free_port
from tests.integration.http.hub import Hub, running_hub
from tests.integration.http.requests_of_units import OTHER_UNIT, UNIT, UNIT_HEADER, Answer, ask, put, report, update

PER_MINUTE = 3
SITUATION = {
    "type": "situation",
    "status": "Exercise",
    "sent": "2026-01-01T00:00:00Z",
    "observed_at": "2026-01-01T00:00:00Z",
    "kind": "situation_information",
    "headline": "Không phát sinh",
    "nil": True,
    "window": {"since": "2026-01-01T00:00:00Z", "until": "2026-01-02T00:00:00Z"},
}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def narrow_door(hub: Hub) -> str:
    """A door that lets three submissions a minute pass, except first words."""
    return await hub.serve("intake", unit_header=UNIT_HEADER, reports_per_minute=str(PER_MINUTE))


@pytest_asyncio.fixture
async def own_hub(server_folder: Path) -> AsyncIterator[Hub]:
    """A hub whose nats-server a test may kill."""
    async with running_hub(server_folder) as running:
        yield running


def test_updates_over_the_limit_are_refused_and_first_reports_never(narrow_door: str) -> None:
    """A unit under fire may send much; what opens an incident is never held back for it."""
    updates = [put(narrow_door, update()) for _ in range(PER_MINUTE + 2)]
    situation = put(narrow_door, SITUATION | {"report": str(new_id())})
    firsts = [put(narrow_door, report()) for _ in range(PER_MINUTE + 2)]

    assert Counter(answer.status for answer in updates) == {201: PER_MINUTE, 429: 2}
    assert situation.status == 429
    assert {answer.status for answer in firsts} == {201}
    assert updates[-1].codes == ["rate.exceeded"]
    assert 1 <= int(updates[-1].headers["Retry-After"]) <= 60


def test_one_units_haste_is_no_other_units_limit(narrow_door: str) -> None:
    for _ in range(PER_MINUTE + 1):
        put(narrow_door, update(), unit="cvhh-hue/dai-dien-chan-may")

    assert put(narrow_door, update(), unit=OTHER_UNIT).status == 201


def test_garbage_counts_as_haste(narrow_door: str) -> None:
    """Otherwise a unit that sends nonsense would fill the record with refusals."""
    answers = [put(narrow_door, b"{", unit="ca-t-hue/pccc-1") for _ in range(PER_MINUTE + 1)]

    assert [answer.status for answer in answers] == [422] * PER_MINUTE + [429]


async def test_a_door_without_a_trusted_proxy_lets_nobody_in(hub: Hub) -> None:
    """The header is a claim of whoever connects, unless it is named to us as set by a proxy on loopback."""
    url = await hub.serve("intake")

    assert (await asyncio.to_thread(put, url, report())).status == 401


async def test_while_the_bus_is_away_nothing_is_promised_and_afterwards_the_same_report_is_taken(own_hub: Hub) -> None:
    """503 must never hide a report that was recorded twice, nor 201 one that was not recorded."""
    url = await own_hub.serve("intake", unit_header=UNIT_HEADER)
    body = report()
    await own_hub.kill_nats()

    away = await asyncio.to_thread(put, url, body)
    not_ready = await asyncio.to_thread(ask, url, "GET", "/readyz")
    await own_hub.revive_nats()
    back = await _until(lambda: put(url, body), 201)

    assert (away.status, away.codes, away.body["event"]) == (503, ["bus.unavailable"], None)
    assert int(away.headers["Retry-After"]) >= 1
    assert not_ready.status == 503
    assert back.body["report"] == body["report"]
    subject = subjects.report(Space.EXERCISE, Origin(*UNIT.split("/")), UUID(body["report"]))
    assert len(await own_hub.facts(subject)) == 1


async def test_a_door_that_never_reached_the_bus_answers_and_says_so(own_hub: Hub) -> None:
    nowhere = f"nats://127.0.0.1:{free_port()}"
    url = await own_hub.serve("intake", ready=False, unit_header=UNIT_HEADER, nats_url=nowhere)

    ready = await _until(lambda: ask(url, "GET", "/readyz"), 503)
    answer = await asyncio.to_thread(put, url, report())

    assert ready.body == b"starting"
    assert (answer.status, answer.codes) == (503, ["bus.unavailable"])


async def test_a_report_put_in_the_moment_the_bus_dies_is_either_recorded_or_refused(own_hub: Hub) -> None:
    """Whatever was answered 201 before the crash must be in EVENTS after it."""
    url = await own_hub.serve("intake", unit_header=UNIT_HEADER)
    before = report()
    assert (await asyncio.to_thread(put, url, before)).status == 201
    bodies = [report() for _ in range(60)]
    sending = asyncio.gather(*(asyncio.to_thread(put, url, body) for body in bodies))
    await asyncio.sleep(0.15)
    await own_hub.kill_nats()
    answers = await sending
    await own_hub.revive_nats()

    promised = [body["report"] for body, answer in zip(bodies, answers, strict=True) if answer.status in {200, 201}]
    held = {stored.subject.rpartition(".")[2] for stored in await own_hub.facts(subjects.facts(Space.EXERCISE))}
    assert {before["report"], *promised} <= held
    assert {answer.status for answer in answers} <= {200, 201, 503}


async def _until(request: Callable[[], Answer], status: int) -> Answer:
    """Asks again until that status comes, for as long as a service may take to find the bus again."""
    deadline = time.monotonic() + 60
    while True:
        try:
            answer = await asyncio.to_thread(request)
        except ConnectionError:
            answer = None
        if answer is not None and (answer.status == status or time.monotonic() > deadline):
            return answer
        await asyncio.sleep(0.2)
