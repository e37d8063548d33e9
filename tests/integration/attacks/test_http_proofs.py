"""Stolen, forged, swapped, worn-out tokens and sessions at the HTTP doors of real processes, each beside a good one."""

import asyncio
import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Final

import pytest

from contracts.access import Role
from contracts.identifiers import new_id
from services.runtime.clock import now
from services.runtime.web.sections import section_key
from services.runtime.web.tokens import Kind, Tokens
from services.runtime.web.visitor import Visitor
from tests.integration.attacks.front import (
    OTHER_UNIT,
    SOON,
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
