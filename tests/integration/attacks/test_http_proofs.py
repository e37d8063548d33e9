"""Stolen, forged, swapped, worn-out proofs at the HTTP doors of real processes, each beside the one that works.

Devices hold tokens, people hold sessions, both come from one-time codes; every refusal stands in the measures.
"""

import asyncio
import json
import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Final

import httpx
import pytest

from contracts.access import Role
from contracts.identifiers import new_id
from services.runtime.clock import now
from services.runtime.web import codes
from services.runtime.web.sections import section_key
from services.runtime.web.tokens import Kind, Tokens
from services.runtime.web.visitor import Visitor
from tests.integration.attacks.front import (
    OTHER_UNIT,
    SOON,
    TRIES,
    UNIT,
    Front,
    officer,
    operator,
    raw,
    unit,
    until,
)
from tests.integration.http.requests_of_units import report
from tests.visitors import SAME_ORIGIN

pytestmark = pytest.mark.asyncio(loop_scope="module")

Forge = Callable[[Front, dict[str, Any]], str]
HOLDER: Final = Visitor.of(unit(), new_id().hex)
DUTY: Final = Visitor.of(officer(), new_id().hex)
FIFTEEN: Final = timedelta(minutes=15)


def _tokens(front: Front, section: str, aud: str | None = None) -> Tokens:
    """With the key of one section, and for the same or another."""
    return Tokens(aud or section, lambda: section_key(front.settings, section))


def _minted(tokens: Tokens, who: Visitor = HOLDER, *, kind: Kind = Kind.DEVICE, began: datetime | None = None) -> str:
    return tokens.mint(kind, who, began or now(), FIFTEEN - timedelta(seconds=1))


def _parts(token: str) -> list[Any]:
    return [json.loads(urlsafe_b64decode(part + "==")) for part in token.split(".")[:2]]


def _text(*parts: Any) -> str:
    return ".".join(urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in parts)


def _altered(_front: Front, mine: dict[str, Any]) -> str:
    head, claims = _parts(mine["token"])
    claims["holder"] |= {"agency": OTHER_UNIT.agency, "point": OTHER_UNIT.point}
    return f"{_text(head, claims)}.{mine['token'].rpartition('.')[2]}"


def _unsigned(_front: Front, mine: dict[str, Any]) -> str:
    head, claims = _parts(mine["token"])
    return f"{_text(head | {'alg': 'none'}, claims)}."


def _by_an_empty_key(_front: Front, mine: dict[str, Any]) -> str:
    head, claims = _parts(mine["token"])
    return f"{_text(head | {'jwk': {'kty': 'oct', 'k': ''}}, claims)}.{mine['token'].rpartition('.')[2]}"


FORGED: Final[dict[str, Forge]] = {
    "made-up": lambda _front, _mine: "x.y.z",
    "a-star": lambda _front, _mine: "*",
    "endless": lambda _front, mine: mine["token"] + "A" * 5000,
    "cut-short": lambda _front, mine: mine["token"][:-3],
    "unsigned": _unsigned,
    "altered-to-another-unit": _altered,
    "bringing-its-own-key": _by_an_empty_key,
    "signed-by-another-key": lambda _front, _mine: _minted(Tokens("field", lambda: b"k" * 32)),
    "signed-by-another-sections-key": lambda front, _mine: _minted(_tokens(front, "desk", "field")),
    "of-another-section": lambda front, _mine: _minted(_tokens(front, "desk"), DUTY),
    "for-another-section": lambda front, _mine: _minted(_tokens(front, "field", "desk")),
    "of-a-role-that-works-elsewhere": lambda front, _mine: _minted(_tokens(front, "field"), DUTY),
    "over": lambda front, _mine: _minted(_tokens(front, "field"), began=now() - FIFTEEN),
    "a-session-in-place-of-a-token": lambda front, _mine: _minted(_tokens(front, "field"), kind=Kind.SESSION),
    "a-credential-in-place-of-a-token": lambda _front, mine: mine["credential"],
}


@pytest.fixture(scope="module")
def devices() -> dict[str, Any]:
    """One enrolled device for all forgeries: what they are made of."""
    return {}


@pytest.mark.parametrize("forge", FORGED.values(), ids=FORGED)
async def test_a_token_is_refused(front: Front, devices: dict[str, Any], forge: Forge) -> None:
    """One of these accepted, and somebody reports or reads in another unit's name."""
    mine = devices.setdefault("one", None) or await front.enrolled(unit())
    devices["one"] = mine
    before = await front.counted("field", "proof")

    async with front.client("field") as client:
        good = await client.get("/field/unit", headers={"Authorization": f"Bearer {mine['token']}"})
        bad = {"Authorization": f"Bearer {forge(front, mine)}"}
        refused = await client.get("/field/unit", headers=bad)
        body = report()
        filed = await client.put(f"/v1/reports/{body['report']}", json=body, headers=bad)

    assert (good.status_code, good.json()["unit"]) == (200, UNIT.point)
    assert (refused.status_code, refused.json()["code"]) == (401, "proof")
    assert filed.status_code == 401
    assert await front.counted("field", "proof") == before + 1


@pytest.mark.parametrize("scheme", ["Basic", "Token", ""])
async def test_a_token_under_another_scheme_is_refused(front: Front, devices: dict[str, Any], scheme: str) -> None:
    mine = devices.setdefault("one", None) or await front.enrolled(unit())
    devices["one"] = mine

    async with front.client("field") as client:
        answer = await client.get("/field/unit", headers={"Authorization": f"{scheme} {mine['token']}".strip()})

    assert answer.status_code == 401


async def test_the_sender_is_the_tokens_unit_whatever_a_header_says(front: Front) -> None:
    """Breaks when the proxy's header is believed without its setting."""
    mine, body = await front.enrolled(unit()), report()
    said = {"Authorization": f"Bearer {mine['token']}", "X-Phoihop-Unit": "/".join(OTHER_UNIT)}

    async with front.client("field") as client:
        answer = await client.put(f"/v1/reports/{body['report']}", json=body, headers=said)
        others = await front.enrolled(unit(OTHER_UNIT))
        theirs = await client.put(
            f"/v1/reports/{body['report']}", json=body, headers={"Authorization": f"Bearer {others['token']}"}
        )

    assert (answer.status_code, answer.json()["outcome"]) == (201, "accepted")
    assert theirs.status_code == 201, "the same id of another unit is another report"


async def test_a_token_renews_only_by_the_devices_credential(front: Front) -> None:
    """Else whoever copied a token from a log would keep it alive for ever."""
    mine = await front.enrolled(unit())

    async with front.client("field") as client:
        good = await client.post("/field/token", headers={"Authorization": f"Bearer {mine['credential']}"})
        for path in ("/field/token", "/field/pass"):
            refused = await client.post(path, headers={"Authorization": f"Bearer {mine['token']}"})
            assert refused.status_code in {401, 404}, path

    assert (good.status_code, good.json()["session"]) == (200, mine["session"])


async def test_a_guessed_credential_is_refused(front: Front) -> None:
    mine = await front.enrolled(unit())
    tries = [
        f"{mine['session']}.{'A' * 43}",
        f"{mine['session']}.",
        mine["session"],
        f"*.{mine['credential'][33:]}",
        ">.x",
    ]

    async with front.client("field") as client:
        for credential in tries:
            refused = await client.post("/field/token", headers={"Authorization": f"Bearer {credential}"})
            assert (refused.status_code, refused.json()["code"]) == (401, "proof"), credential


async def test_a_devices_credential_serves_in_no_other_section(front: Front) -> None:
    mine = await front.enrolled(unit())

    async with front.client("desk") as client:
        answer = await client.post("/desk/token", headers={"Authorization": f"Bearer {mine['credential']}"})

    assert answer.status_code == 401


async def test_an_ended_device_is_cut_off_within_seconds_and_no_other_is(front: Front) -> None:
    """Breaks when an end waits for the token to run out."""
    mine, other = await front.enrolled(unit()), await front.enrolled(unit(OTHER_UNIT))
    async with front.client("field") as client:

        async def refused() -> bool:
            answer = await client.get("/field/unit", headers={"Authorization": f"Bearer {mine['token']}"})
            return answer.status_code == 401

        assert not await refused()
        await front.end(mine["session"])
        assert await until(refused) < SOON
        again = await client.post("/field/token", headers={"Authorization": f"Bearer {mine['credential']}"})
        there = await client.get("/field/unit", headers={"Authorization": f"Bearer {other['token']}"})

    assert (again.status_code, there.status_code) == (401, 200)


async def test_a_code_opens_one_session_however_many_ask_at_once(front: Front) -> None:
    """Breaks when looking whether a code is used and using it are two steps."""
    made = await front.code(operator())
    async with front.client("status", headers=SAME_ORIGIN) as client:
        asked = [client.post("/status/sign-in", data={"code": made.code}) for _ in range(TRIES - 2)]
        found = sorted(answer.status_code for answer in await asyncio.gather(*asked))

    assert found == [303] + [401] * (TRIES - 3)


async def test_a_used_code_stays_used_in_another_process(front: Front) -> None:
    """Breaks when what is used is remembered by a process: a restart would open every code again."""
    browser, made = await front.entered(operator())
    await browser.aclose()
    another = await front.serve("console")

    async with httpx.AsyncClient(base_url=another, headers=SAME_ORIGIN) as client:
        answer = await client.post("/status/sign-in", data={"code": made.code})

    assert answer.status_code == 401


@pytest.mark.parametrize(
    "why", ["used", "over", "ended", "for-another-section", "unknown", "mistyped", "empty", "pattern"]
)
async def test_a_code_is_refused_in_the_same_words(front: Front, why: str) -> None:
    """One answer for every reason: nobody learns which codes there are."""
    before = await front.counted("status", "code")
    async with front.client("status", headers=SAME_ORIGIN) as client:
        code = await _code_that_is(why, front, client)
        refused = await client.post("/status/sign-in", data={"code": code})
        wrong = await client.post("/status/sign-in", data={"code": codes.drawn()})

    assert (refused.status_code, wrong.status_code) == (401, 401)
    assert _timeless(refused.text) == _timeless(wrong.text)
    assert "set-cookie" not in refused.headers
    assert await front.counted("status", "code") == before + 2


def _timeless(page: str) -> str:
    return re.sub(r"\d\d:\d\d:\d\d\.\d+", "", page)


async def _code_that_is(why: str, front: Front, client: httpx.AsyncClient) -> str:
    said = {"unknown": codes.drawn(), "mistyped": "ABCD-EFGH", "empty": "", "pattern": "*"}
    if why in said:
        return said[why]
    made = await front.code(
        officer() if why == "for-another-section" else operator(), minutes=-1 if why == "over" else 5
    )
    if why == "used":
        assert (await client.post("/status/sign-in", data={"code": made.code})).status_code == 303
        client.cookies.clear()
    if why == "ended":
        await front.end(made.access)
    return made.code


async def test_a_code_for_a_session_enrols_no_device(front: Front) -> None:
    """A session ends by itself, a device does not."""
    made = await front.code(unit())

    async with front.client("field", headers=SAME_ORIGIN) as client:
        refused = await client.post("/field/enrol", json={"code": made.code})
        good = await client.post("/field/sign-in", data={"code": made.code})

    assert (refused.status_code, good.status_code) == (401, 303)


@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b'{"code":1}', b'{"code":["a"]}', b"\xff", b"[" * 5000])
async def test_an_enrolment_that_is_none_is_refused(front: Front, body: bytes) -> None:
    async with front.client("field") as client:
        answer = await client.post("/field/enrol", content=body)

    assert (answer.status_code, answer.json()["code"]) == (401, "code")


@pytest.mark.parametrize("header", ["", "X-Forwarded-For", "X-Real-IP", "Forwarded", "X-Client-IP"])
async def test_guessing_codes_stops_after_a_few_tries(front: Front, header: str) -> None:
    """Breaks when a header can change who is counted; the right code, tried too late, does not open either."""
    made, before = await front.code(operator()), await front.counted("status", "too_often")
    async with front.client("status", headers=SAME_ORIGIN) as client:
        for number in range(TRIES):
            said = {header: f"for=10.0.0.{number}" if header == "Forwarded" else f"10.0.0.{number}"} if header else {}
            assert (await client.post("/status/sign-in", data={"code": codes.drawn()}, headers=said)).status_code == 401
        said = {header: "10.0.9.9"} if header else {}
        late = await client.post("/status/sign-in", data={"code": made.code}, headers=said)
    async with front.client("status", headers=SAME_ORIGIN) as somebody_else:
        good = await somebody_else.post("/status/sign-in", data={"code": made.code})

    assert (late.status_code, good.status_code) == (429, 303)
    assert await front.counted("status", "too_often") == before + 1


async def test_a_session_cookie_is_for_its_section_its_browser_and_the_wire_alone(front: Front) -> None:
    made = await front.code(operator())
    async with front.client("status", headers=SAME_ORIGIN) as client:
        answer = await client.post("/status/sign-in", data={"code": made.code})

    said = {part.strip().lower() for part in answer.headers["set-cookie"].split(";")}
    assert {"httponly", "samesite=strict", "path=/status"} <= said
    assert answer.headers["set-cookie"].startswith("phoihop-status=")


COOKIES: Final[dict[str, Callable[[Front], dict[str, str]]]] = {
    "of-another-section": lambda front: front.cookie(Role.OFFICER),
    "of-another-section-under-our-name": lambda front: {"phoihop-status": front.cookie(Role.OFFICER)["phoihop-desk"]},
    "signed-by-another-section-for-ours": lambda front: {
        "phoihop-status": _tokens(front, "desk", "status").mint(
            Kind.SESSION, replace(DUTY, role=Role.OPERATOR, origin=None), now(), FIFTEEN
        )
    },
    "of-a-role-that-works-elsewhere": lambda front: front.cookie(Role.OFFICER, "status"),
    "over": lambda front: {
        "phoihop-status": _tokens(front, "status").mint(
            Kind.SESSION, Visitor.of(operator(), new_id().hex), now() - FIFTEEN, timedelta(minutes=1)
        )
    },
    "a-device-token": lambda front: {
        "phoihop-status": _tokens(front, "status").mint(
            Kind.DEVICE, Visitor.of(operator(), new_id().hex), now(), FIFTEEN
        )
    },
    "altered": lambda front: {"phoihop-status": front.cookie(Role.OPERATOR)["phoihop-status"][:-2] + "AA"},
    "chosen-beforehand": lambda _front: {"phoihop-status": "a" * 32},
}


@pytest.mark.parametrize("make", COOKIES.values(), ids=COOKIES)
async def test_a_session_cookie_is_refused(front: Front, make: Callable[[Front], dict[str, str]]) -> None:
    """A process that was taken over must not be able to let somebody into another section."""
    async with front.client("status", cookies=make(front)) as client:
        refused = await client.get("/status", headers={"Accept": "text/html"})
        events = await client.get("/status/events")
    async with front.client("status", cookies=front.cookie(Role.OPERATOR)) as client:
        good = await client.get("/status", headers={"Accept": "text/html"})

    assert (refused.status_code, refused.headers["location"]) == (303, "/status/sign-in?next=%2Fstatus")
    assert (events.status_code, good.status_code) == (401, 200)


async def test_who_signed_out_is_out_also_with_a_copied_cookie(front: Front) -> None:
    """Breaks when signing out only forgets the cookie in the browser."""
    browser, _ = await front.entered(operator())
    copied = dict(browser.cookies)
    left = await browser.post("/status/sign-out")
    await browser.aclose()

    async with front.client("status", cookies=copied) as thief:
        assert (await thief.get("/status")).status_code == 401
    assert (left.status_code, "phoihop-status" in copied) == (303, True)


async def test_ending_a_session_also_ends_its_live_feed(front: Front) -> None:
    """Breaks when a request that was let in once is never asked again."""
    browser, made = await front.entered(operator())
    cookie = browser.cookies["phoihop-status"]
    await browser.aclose()
    head = "GET /status/events HTTP/1.1\r\nHost: x\r\nAccept: text/event-stream"
    wanted = f"{head}\r\nCookie: phoihop-status={cookie}\r\n\r\n"
    feed = asyncio.create_task(raw(front.urls["status"], wanted.encode(), seconds=30))
    await asyncio.sleep(1.0)
    assert not feed.done()

    await front.end(made.access)

    told = await asyncio.wait_for(feed, SOON + 6)  # uvicorn closes an idle connection some seconds later
    assert told.startswith(b"HTTP/1.1 200")
    assert told.endswith(b"0\r\n\r\n")
