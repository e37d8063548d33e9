"""Requests that other sites, proxies nobody set up, odd headers and paths send to real processes' doors."""

from typing import Final

import pytest

from contracts.access import Role
from contracts.identifiers import new_id
from services.runtime.embedded.process import ServerUnavailableError
from tests.integration.attacks.front import (
    OTHER_UNIT,
    UNIT,
    Front,
    operator,
    raw,
    unit,
)
from tests.integration.http.requests_of_units import report
from tests.visitors import SAME_ORIGIN, signed_in, visitor

pytestmark = pytest.mark.asyncio(loop_scope="module")

HTML: Final = {"Accept": "text/html"}
FOREIGN: Final = {
    "another-site": {"Sec-Fetch-Site": "cross-site"},
    "another-name-of-our-domain": {"Sec-Fetch-Site": "same-site"},
    "another-origin": {"Origin": "https://evil.example"},
    "a-page-without-origin": {"Origin": "null"},
    "our-name-on-another-port": {"Origin": "http://127.0.0.1:1"},
    "our-name-as-a-prefix": {"Origin": "http://127.0.0.1.evil.example"},
    "another-origin-that-says-it-is-ours": {"Origin": "https://evil.example", "Sec-Fetch-Site": "same-origin"},
    "who-says-nothing": {},
}


@pytest.mark.parametrize("said", FOREIGN.values(), ids=FOREIGN)
async def test_what_another_sites_page_sends_in_an_officers_name_is_refused(front: Front, said: dict[str, str]) -> None:
    """Breaks when a cookie alone lets a request change something."""
    before = await front.counted("status", "cross_site")
    async with front.client("status", cookies=front.cookie(Role.OPERATOR)) as client:
        refused = await client.post("/status/sign-out", headers=said)
        still = await client.get("/status", headers=HTML)
        ours = await client.post("/status/sign-out", headers={"Origin": front.urls["status"]})

    assert (refused.status_code, still.status_code, ours.status_code) == (403, 200, 303)
    assert await front.counted("status", "cross_site") == before + 1


@pytest.mark.parametrize("said", [{"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://evil.example"}], ids=str)
async def test_another_site_cannot_sign_somebody_in_under_its_own_code(front: Front, said: dict[str, str]) -> None:
    """Else an officer would work in a session that an attacker knows."""
    made = await front.code(operator())

    async with front.client("status") as client:
        refused = await client.post("/status/sign-in", data={"code": made.code}, headers=said)
        good = await client.post("/status/sign-in", data={"code": made.code}, headers=SAME_ORIGIN)

    assert (refused.status_code, good.status_code) == (403, 303)


@pytest.mark.parametrize(
    "header", ["X-Phoihop-Unit", "X-Forwarded-User", "Remote-User", "X-Remote-User", "X-Phoihop-Visitor"]
)
async def test_a_proxys_header_is_believed_by_nobody_who_was_not_told_to(front: Front, header: str) -> None:
    body = report()
    async with front.client("field") as client:
        said = {header: "/".join(UNIT)}
        filed = await client.put(f"/v1/reports/{body['report']}", json=body, headers=said)
        asked = await client.get("/field/unit", headers=said)
    async with front.client("status") as client:
        looked = await client.get("/status", headers={header: "operator admin"})

    assert (filed.status_code, asked.status_code, looked.status_code) == (401, 401, 401)


async def test_where_a_proxy_is_set_up_its_word_counts_once_whole_and_for_this_section(front: Front) -> None:
    """Breaks when a header that a client sent passes beside the proxy's own."""
    url = await front.serve("console", visitor_header="X-Phoihop-Visitor")

    async def status(*headers: str) -> int:
        lines = "".join(f"X-Phoihop-Visitor: {value}\r\n" for value in headers)
        told = await raw(url, f"GET /status HTTP/1.1\r\nHost: x\r\n{lines}Connection: close\r\n\r\n".encode())
        return int(told.split(b" ", 2)[1])

    assert await status("operator V%E1%BA%ADn%20h%C3%A0nh") == 200
    assert await status("operator a", "operator b") == 401
    for word in ("", "operator", "admin x", "officer alpha/d1 x", "officer * x", "operator a\x01b", "auditor x"):
        assert await status(word) == 401, word


@pytest.mark.parametrize(
    "said",
    [
        {"X-Original-URL": "/status/sign-in"},
        {"X-Rewrite-URL": "/status/static/shell.css"},
        {"X-Forwarded-Prefix": "/status/static"},
        {"X-HTTP-Method-Override": "GET"},
        {"X-Forwarded-Proto": "https", "X-Forwarded-Host": "evil.example"},
    ],
    ids=str,
)
async def test_a_header_leads_no_request_past_the_guard(front: Front, said: dict[str, str]) -> None:
    async with front.client("status") as client:
        assert (await client.get("/status/events", headers=said)).status_code == 401
        redirected = await client.get("/status", headers=HTML | said)

    assert redirected.headers["location"] == "/status/sign-in?next=%2Fstatus"


PATHS: Final = {
    "climbing-from-an-open-folder": "/status/static/../events",
    "climbing-encoded": "/status/static/%2e%2e/events",
    "climbing-encoded-twice": "/status/static/%252e%252e/events",
    "with-an-encoded-slash": "/status/static%2F..%2Fevents",
    "with-a-double-slash": "//status/events",
    "with-a-double-slash-inside": "/status//events",
    "in-capitals": "/STATUS/EVENTS",
    "with-parameters-of-a-path": "/status/events;a=/status/static/",
    "with-a-backslash": "/status\\events",
    "with-an-open-address-as-a-query": "/status/events?/status/static/x",
    "with-a-null": "/status/events%00",
    "whole": "http://x/status/static/../events",
    "to-another-files": "/status/static/../../../../etc/passwd",
}


@pytest.mark.parametrize("path", PATHS.values(), ids=PATHS)
async def test_a_path_leads_nobody_past_the_guard(front: Front, path: str) -> None:
    """Breaks when the guard and the router read a path in two ways."""
    told = await raw(front.urls["status"], f"GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode())

    assert int(told.split(b" ", 2)[1]) in {400, 401, 404}
    assert b"root:" not in told
    assert b"data:" not in told.partition(b"\r\n\r\n")[2]


@pytest.mark.parametrize("host", ["x/status/static/", "x/status/sign-in?", "x/status/static/#", "[", "x:99999", ""])
async def test_the_host_header_leads_nobody_past_the_guard(front: Front, host: str) -> None:
    """Breaks when a path is taken from an address that was put together with what the client calls us."""
    told = await raw(
        front.urls["status"], f"GET /status/events HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode()
    )

    assert told.split(b" ", 2)[1] in {b"401", b"400"}


async def test_what_is_anothers_looks_like_what_is_not_there(front: Front) -> None:
    """Breaks when an answer tells that somebody else's report exists."""
    mine, others, body = await front.enrolled(unit()), await front.enrolled(unit(OTHER_UNIT)), report()
    async with front.client("field") as client:
        theirs = {"Authorization": f"Bearer {others['token']}"}
        own = {"Authorization": f"Bearer {mine['token']}"}
        filed = await client.put(f"/v1/reports/{body['report']}", json=body, headers=theirs)
        foreign = await client.get(f"/v1/reports/{body['report']}/ladder", headers=own)
        absent = await client.get(f"/v1/reports/{new_id()}/ladder", headers=own)

    assert filed.status_code == 201
    assert (foreign.status_code, foreign.content) == (absent.status_code, absent.content)
    assert foreign.status_code == 404


async def test_a_desk_that_is_not_here_looks_like_an_address_that_is_not(front: Front) -> None:
    stranger = signed_in(visitor(Role.OFFICER, "zeta/z9"), front.settings)
    async with front.client("desk", cookies=stranger) as client:
        answers = [await client.get(path) for path in ("/desk", f"/desk/dispatch/{new_id()}", "/desk/of-no-such-name")]

    assert {answer.status_code for answer in answers} == {404}
    assert len({answer.content for answer in answers}) == 1


ELSEWHERE: Final = ["https://evil.example", "//evil.example", "/\\evil.example", "/review", "/status/../x\r\nA: b"]


@pytest.mark.parametrize("wanted", ELSEWHERE)
async def test_signing_in_leads_to_our_own_pages_only(front: Front, wanted: str) -> None:
    made = await front.code(operator())
    async with front.client("status", headers=SAME_ORIGIN) as client:
        answer = await client.post("/status/sign-in", data={"code": made.code, "next": wanted})

    assert answer.headers["location"] in {"/status", "/status/../x"}


async def test_a_name_signs_nobody_in_outside_the_demonstration(front: Front) -> None:
    async with front.client("status", headers=SAME_ORIGIN) as client:
        tried = ("Vận hành", "operator", "admin")
        answers = [await client.post("/status/sign-in", data={"login": name}) for name in tried]

    assert {answer.status_code for answer in answers} == {401}


async def test_a_process_that_is_told_to_sign_people_in_by_name_does_not_start(front: Front) -> None:
    """Breaks when a forgotten variable opens every door of a real hub."""
    with pytest.raises(ServerUnavailableError, match="demonstration alone"):
        await front.serve("console", development_logins="true")


async def test_haste_of_one_session_is_no_other_sessions_limit(front: Front) -> None:
    url = await front.serve("console", requests_per_minute="20")
    front.urls["hasty"] = url
    async with front.client("hasty", cookies=front.cookie(Role.OPERATOR)) as client:
        found = [(await client.get("/status/nothing")).status_code for _ in range(25)]
        wait = await client.get("/status/nothing")
        async with front.client("hasty", cookies=front.cookie(Role.OPERATOR, name="Vận hành 2")) as other:
            beside = await other.get("/status/nothing")

    assert found == [404] * 20 + [429] * 5
    assert 0 < int(wait.headers["retry-after"]) <= 60
    assert beside.status_code == 404


async def test_nobody_upgrades_to_a_socket(front: Front) -> None:
    asked = "GET /status/events HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket"
    key = "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="
    told = await raw(front.urls["status"], f"{asked}\r\n{key}\r\n\r\n".encode())

    assert not told.startswith((b"HTTP/1.1 101", b"HTTP/1.1 2"))


async def test_every_answer_tells_the_browser_what_it_may_do(front: Front) -> None:
    async with front.client("status", cookies=front.cookie(Role.OPERATOR)) as client:
        answers = [await client.get(path, headers=HTML) for path in ("/status", "/status/sign-in", "/status/nothing")]
    async with front.client("status") as client:
        answers += [await client.get("/status", headers=HTML), await client.get("/status/events")]

    for answer in answers:
        assert "default-src 'self'" in answer.headers["content-security-policy"]
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert "server" not in answer.headers
