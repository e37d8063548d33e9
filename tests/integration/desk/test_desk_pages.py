"""The desk service over HTTP on real servers: who sees what, live events that resume, acts and what becomes of them."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any, Final

import httpx
import pytest

from contracts import subjects
from contracts.canonical import sha256_hex
from contracts.codes import Space
from contracts.envelope import read
from contracts.events import DispatchAcknowledged, DispatchDelivered, IncidentOpened
from contracts.identifiers import new_id
from tests.integration.cli.test_desk_commands import fire
from tests.integration.desk.conftest import OURS, Service
from tests.integration.http.requests_of_units import UNIT, UNIT_HEADER, ask, put, report
from tests.pictures import jpeg, named

pytestmark = pytest.mark.asyncio(loop_scope="module")
QUIET = 3
AWAITED: Final = "Chưa nhận"
JSON = {"Accept": "application/json"}


async def events(answer: httpx.Response) -> AsyncIterator[tuple[str, Any, str]]:
    """Kind, document and id of each live event."""
    kind, told, number = "", "", ""
    async for text in answer.aiter_lines():
        name, _, value = text.partition(": ")
        if name == "event":
            kind = value
        elif name == "data":
            told = value
        elif name == "id":
            number = value
        elif not text and told:
            yield kind, json.loads(told), number
            kind, told, number = "", "", ""


async def rows_until(
    feed: AsyncIterator[tuple[str, Any, str]], dispatch: str, sounded: list[str] | None = None
) -> tuple[list[str], str]:
    """Rows told of until one dispatch is among them, and the sequence of the last event; `sounded` takes alarms."""
    told: list[str] = []
    async for kind, document, number in feed:
        if kind == "alarm" and sounded is not None:
            sounded.append(document["dispatch"])
        if kind == "rows":
            told += [row["id"] for row in document["rows"]]
            if dispatch in told:
                return told, number
    pytest.fail("the feed ended")


async def test_the_queue_shows_what_was_just_recorded(service: Service) -> None:
    """Fails when a page loaded after a fact went on record does not have it."""
    dispatch = await service.report()
    async with service.client() as client:
        page = await client.get("/desk")

    assert page.status_code == 200
    assert f'id="d-{dispatch}"' in page.text
    assert "Cháy nhà" in page.text


async def test_who_is_not_signed_in_is_led_to_the_door(service: Service) -> None:
    async with httpx.AsyncClient(base_url=service.url) as stranger:
        page = await stranger.get("/desk", headers={"Accept": "text/html"})
        feed = await stranger.get("/desk/events")

    assert (page.status_code, page.headers["location"].partition("?")[0]) == (303, "/desk/sign-in")
    assert feed.status_code == 401


async def test_a_desk_whose_key_is_not_held_here_does_not_exist_here(service: Service) -> None:
    """Fails when the service could show a desk by any right but that desk's own key."""
    dispatch = await service.report()
    async with service.client("bca/truc-ban") as other:
        answers = [await other.get(path) for path in ("/desk", f"/desk/dispatch/{dispatch}", "/desk/papers")]

    assert {answer.status_code for answer in answers} == {404}


async def test_what_is_not_there_and_what_is_not_yours_look_alike(service: Service) -> None:
    async with service.client() as client:
        answers = [await client.get(f"/desk/dispatch/{one}") for one in (new_id(), "x")]
        strange = await client.post(f"/desk/papers/{new_id()}")

    assert {answer.status_code for answer in (*answers, strange)} == {404}


async def test_live_events_resume_after_the_sequence_a_page_has(service: Service) -> None:
    """Fails when a page that comes back misses a row or its alarm, or is told the whole board again."""
    async with service.client() as client:
        first = await service.report()
        async with client.stream("GET", "/desk/events") as feed:
            listening = events(feed)
            _, number = await rows_until(listening, first)
            number = await _quiet(listening) or number
        second = await service.report()
        async with client.stream("GET", "/desk/events", headers={"Last-Event-ID": number}) as feed:
            sounded: list[str] = []
            told, _ = await rows_until(events(feed), second, sounded)

    assert set(told) == {second}
    assert sounded == [second]


async def test_delivered_goes_on_record_while_a_page_listens_and_not_for_a_page_that_was_only_read(
    service: Service,
) -> None:
    """Fails when a dispatch counts as seen although no page that anybody has open was told of it."""
    async with service.client() as client:
        read = await service.report()
        await client.get("/desk")
        await client.get(f"/desk/dispatch/{read}")
        assert not await _delivered(service, read)
        async with client.stream("GET", "/desk/events") as feed:
            listening = events(feed)
            await rows_until(listening, read)
            async for kind, _, _ in listening:
                if kind == "beat" and await _delivered(service, read):
                    break

    assert await _delivered(service, read)


async def test_a_page_says_that_it_is_there_and_only_under_its_own_name(service: Service) -> None:
    async with service.client() as client, client.stream("GET", "/desk/events") as feed:
        listening = events(feed)
        page = next(iter([document["page"] async for kind, document, _ in _first(listening) if kind == "hello"]))
        answers = [(await client.post(f"/desk/heard/{name}")).status_code for name in (page, new_id(), "x")]

    assert answers == [204, 404, 404]


async def test_an_act_is_on_record_with_the_officer_when_it_is_answered(service: Service) -> None:
    """Fails when a page says done before it is."""
    dispatch = await service.report()
    async with service.client(name="Trực ban 7") as client:
        answer = await client.post(f"/desk/dispatch/{dispatch}/acknowledge", headers=JSON, data={"note": "Đã rõ"})

    (fact,) = [f.data for f in await service.facts() if isinstance(f.data, DispatchAcknowledged) and _is(f, dispatch)]
    assert (answer.status_code, answer.json()["outcome"]) == (200, "accepted")
    assert (fact.officer, fact.note) == ("Trực ban 7", "Đã rõ")


async def test_a_decision_on_an_old_sight_is_refused_with_the_current_state(service: Service) -> None:
    """Fails when of two officers the later one decides over the earlier one's head."""
    dispatch = await service.report()
    async with service.client() as client:
        taken = await client.post(f"/desk/dispatch/{dispatch}/accept", headers=JSON, data={"version": "0"})
        late = await client.post(
            f"/desk/dispatch/{dispatch}/complete", headers=JSON, data={"version": "0", "summary": "Xong"}
        )

    assert (taken.status_code, late.status_code) == (200, 409)
    assert "accepted" in late.json()["current_state"]


async def test_a_field_that_cannot_be_read_is_named_and_nothing_is_sent(service: Service) -> None:
    dispatch = await service.report()
    async with service.client() as client:
        asked = f"/desk/dispatch/{dispatch}/decline"
        answer = await client.post(asked, headers=JSON, data={"reason": "bored", "text": "x"})
        page = await client.post(asked, data={"reason": "other", "text": "Giữ chữ này", "forward_to": "nowhere"})

    assert (answer.status_code, answer.json()["fields"]) == (422, ["reason"])
    assert page.status_code == 422
    assert "Giữ chữ này" in page.text


async def test_another_sites_form_changes_nothing(service: Service) -> None:
    dispatch = await service.report()
    async with service.client() as client:
        answer = await client.post(
            f"/desk/dispatch/{dispatch}/acknowledge", headers=JSON | {"Sec-Fetch-Site": "cross-site"}
        )

    assert answer.status_code == 403
    assert not [f for f in await service.facts() if isinstance(f.data, DispatchAcknowledged) and _is(f, dispatch)]


async def test_several_are_acknowledged_by_one_request(service: Service) -> None:
    mine = [await service.report() for _ in range(3)]
    async with service.client() as client:
        answer = await client.post("/desk/acknowledge", headers=JSON, data={"dispatch": [*mine, str(new_id()), "x"]})

    assert answer.json() == {"done": 3, "failed": 0}


async def test_both_languages_are_complete(service: Service) -> None:
    dispatch = await service.report()
    async with service.client() as client:
        vietnamese, english = [await client.get(f"/desk/dispatch/{dispatch}?lang={lang}") for lang in ("vi", "en")]

    assert "Vì sao đến đây" in vietnamese.text
    assert "Why it came here" in english.text
    assert OURS


async def _first(feed: AsyncIterator[tuple[str, Any, str]], count: int = 3) -> AsyncIterator[tuple[str, Any, str]]:
    """The first events; the feed stays open."""
    for _ in range(count):
        yield await anext(feed)


async def _quiet(feed: AsyncIterator[tuple[str, Any, str]]) -> str:
    """The sequence of the last event before three beats without one: all is delivered and told by then."""
    number, beats = "", 0
    async for kind, _, last in feed:
        beats = beats + 1 if kind == "beat" else 0
        number = last or number
        if beats == QUIET:
            break
    return number


async def _delivered(service: Service, dispatch: str) -> bool:
    return any(isinstance(fact.data, DispatchDelivered) and _is(fact, dispatch) for fact in await service.facts())


def _is(fact: Any, dispatch: str) -> bool:
    return str(fact.data.dispatch) == dispatch


async def _incident(service: Service, filed: str) -> str:
    """The incident that a report opened."""
    async with asyncio.timeout(60):
        while True:
            facts = [read(one.body).data for one in await service.hub.facts(subjects.ALL_COURSES)]
            for one in facts:
                if isinstance(one, IncidentOpened) and str(one.report.report) == filed:
                    return str(one.incident)
            await asyncio.sleep(0.1)


async def test_a_photograph_is_awaited_then_shown_to_the_desk_and_on_paper_and_to_no_other_incident(
    service: Service,
) -> None:
    photo = jpeg(shade=3)
    body = fire() | {"status": "Actual", "attachments": [named(photo, caption="Khói đen phía bắc")]}
    dispatch = await service.report(body)
    incident, digest = await _incident(service, body["report"]), sha256_hex(photo)
    shown, path = f"/desk/incidents/{incident}/attachments/{digest}", f"/v1/reports/{body['report']}/attachments"

    async with service.client() as client:
        before, early = await client.get(f"/desk/dispatch/{dispatch}"), await client.get(shown)
        sent = await asyncio.to_thread(ask, service.door, "PUT", f"{path}/{digest}", photo, {UNIT_HEADER: UNIT})
        pages = [await client.get(f"/desk/dispatch/{dispatch}{part}") for part in ("", "/pane", "/print")]
        picture = await client.get(shown)
        elsewhere = report(status="Actual", attachments=[named(photo)])
        assert (await asyncio.to_thread(put, service.door, elsewhere)).status == 201
        other = await _incident(service, elsewhere["report"])
        refused = [
            await client.get(f"/desk/incidents/{of}/attachments/{what}")
            for of, what in ((other, digest), (incident, "0" * 64), (incident, "..%2f.."), (body["report"], digest))
        ]

    assert sent.status == 201
    assert AWAITED in before.text
    assert early.status_code == 404
    assert all(shown in page.text and "Khói đen phía bắc" in page.text for page in pages)
    assert all(AWAITED not in page.text for page in pages)
    assert (picture.status_code, picture.content) == (200, photo)
    assert picture.headers["content-security-policy"] == "default-src 'none'; sandbox"
    assert picture.headers["x-content-type-options"] == "nosniff"
    assert {answer.status_code for answer in refused} == {404}


async def test_nobody_sees_a_photograph_without_signing_in(service: Service) -> None:
    async with service.client() as client:
        client.headers.pop("X-Visitor")
        answer = await client.get(f"/desk/incidents/{Space.ACTUAL}/attachments/{'0' * 64}", headers={"Accept": "*/*"})

    assert answer.status_code == 401
