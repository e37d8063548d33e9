"""One-time codes at the HTTP doors of real processes: used once, refused in one word, not to be guessed.

Devices hold tokens, people hold sessions, both come from codes; every refusal stands in the measures.
"""

import asyncio
import re

import httpx
import pytest

from services.runtime.web import codes
from tests.integration.attacks.front import (
    TRIES,
    Front,
    officer,
    operator,
    unit,
)
from tests.visitors import SAME_ORIGIN

pytestmark = pytest.mark.asyncio(loop_scope="module")


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
    return re.sub(r"\d\d:\d\d:\d\d(\.\d+)?", "", page)


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
