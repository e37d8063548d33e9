"""Officers sign in at their agencies' provider: a real one on loopback, and everything that is not its answer to us."""

import hmac
import json
import time
from base64 import urlsafe_b64encode
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
import pytest_asyncio
from joserfc import jwt
from joserfc.jwk import ECKey
from prometheus_client import REGISTRY
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from contracts.access import Role
from services.runtime.web.guard import Guard
from services.runtime.web.settings import WebSettings
from tests.integration.access.providers import SmallProvider
from tests.served import served
from tests.visitors import BookInMemory

OFFICER = {"phoihop_role": "officer", "phoihop_desk": "alpha/d1", "phoihop_duty": "Trực ban 1"}


class House:
    """The provider, a section that trusts it, and a browser between them."""

    def __init__(self, provider: SmallProvider, browser: httpx.AsyncClient, url: str, book: BookInMemory) -> None:
        self.provider = provider
        self.browser = browser
        self.url = url
        self.book = book

    async def sign_in(self) -> httpx.Response:
        """The whole way: there, back, and what came of it."""
        there = await self.browser.get(f"{self.url}/desk/oidc?next=/desk/queue")
        assert there.status_code == 303, there.text
        back = await self.browser.get(there.headers["location"])
        return await self.browser.get(back.headers["location"])

    async def who(self) -> str:
        """Who the section takes the browser for."""
        return (await self.browser.get(f"{self.url}/desk")).text


@pytest_asyncio.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    """A section with its own key and a book in memory."""
    provider, book = SmallProvider(person=OFFICER), BookInMemory()
    rooms: dict[str, Any] = {}

    async def section(scope: Any, receive: Any, send: Any) -> None:
        await rooms["app"](scope, receive, send)

    async with served(provider.app) as provider.url, served(section) as url, httpx.AsyncClient() as browser:
        settings = WebSettings(home=tmp_path, oidc_issuer=provider.url, public_origin=url, tries_per_minute=1000)
        guard = Guard(settings, "desk", {Role.OFFICER}, book)

        async def show(request: Request) -> Response:
            return PlainTextResponse(str(guard.visitor(request)))

        rooms["app"] = Starlette(routes=[Route("/desk", show), *guard.routes], middleware=list(guard.middleware))
        yield House(provider, browser, url, book)


def _refused() -> float:
    return REGISTRY.get_sample_value("phoihop_refused_total", {"outcome": "provider"}) or 0.0


async def test_an_officer_comes_in_with_role_desk_and_duty_from_the_claims(house: House) -> None:
    """Breaks when the way back depends on a cookie that browsers do not send after a redirect of another site."""
    answer = await house.sign_in()

    assert answer.status_code == 200, answer.text
    assert 'url=/desk/queue"' in answer.text
    assert "agency='alpha', point='d1'" in await house.who()
    assert "Trực ban 1" in await house.who()
    assert [holder.name for holder in house.book.noted.values()] == ["Trực ban 1"]


async def test_such_a_session_can_be_ended(house: House) -> None:
    await house.sign_in()
    house.book.ended.update(house.book.noted)

    assert (await house.browser.get(f"{house.url}/desk")).status_code == 401


STRANGE: dict[str, dict[str, Any]] = {
    "for-another-client": {"aud": "somebody-else"},
    "for-several-without-naming-us": {"aud": ["phoihop", "somebody-else"]},
    "of-another-issuer": {"iss": "https://elsewhere.example"},
    "of-another-sign-in": {"nonce": "replayed"},
    "long-over": {"exp": int(time.time()) - 3600},
    "without-an-end": {"exp": None},
    "of-a-role-unheard-of": {"phoihop_role": "minister"},
    "of-a-role-that-works-elsewhere": {"phoihop_role": "auditor", "phoihop_desk": None},
    "of-a-unit": {"phoihop_role": "unit"},
    "of-an-officer-without-a-desk": {"phoihop_desk": None},
    "of-a-desk-that-is-a-pattern": {"phoihop_desk": "alpha/*"},
    "of-a-desk-in-a-list": {"phoihop_desk": ["alpha/d1"]},
    "of-a-name-that-hides-text": {"phoihop_duty": "Trực ban\u202e1"},
}


@pytest.mark.parametrize("said", STRANGE.values(), ids=STRANGE)
async def test_a_signed_token_is_refused(house: House, said: dict[str, Any]) -> None:
    """The provider signs for others too: only what answers this sign-in, and names somebody of ours, lets in."""
    house.provider.changes, before = said, _refused()

    answer = await house.sign_in()

    assert answer.status_code == 401
    assert (await house.browser.get(f"{house.url}/desk")).status_code == 401
    assert _refused() == before + 1


def _text(*parts: bytes) -> str:
    return ".".join(urlsafe_b64encode(part).decode().rstrip("=") for part in parts)


def _none(_provider: SmallProvider) -> Callable[[dict[str, Any]], str]:
    return lambda claims: _text(b'{"alg":"none"}', json.dumps(claims).encode(), b"")


def _by_the_public_key(provider: SmallProvider) -> Callable[[dict[str, Any]], str]:
    """As if it were a secret, which it is for whoever lets the token choose the algorithm."""
    public = provider.key.as_pem(private=False)

    def sign(claims: dict[str, Any]) -> str:
        signed = _text(b'{"alg":"HS256","kid":"one"}', json.dumps(claims).encode())
        return f"{signed}.{_text(hmac.digest(public, signed.encode(), 'sha256'))}"

    return sign


def _by_another_key(_provider: SmallProvider) -> Callable[[dict[str, Any]], str]:
    other = ECKey.generate_key("P-256", {"kid": "one"})
    return lambda claims: jwt.encode({"alg": "ES256", "kid": "one"}, claims, other, algorithms=["ES256"])


@pytest.mark.parametrize("sign", [_none, _by_the_public_key, _by_another_key])
async def test_a_token_that_the_provider_did_not_sign_is_refused(
    house: House, sign: Callable[[SmallProvider], Callable[[dict[str, Any]], str]]
) -> None:
    house.provider.sign = sign(house.provider)

    assert (await house.sign_in()).status_code == 401
    assert (await house.browser.get(f"{house.url}/desk")).status_code == 401


async def test_a_provider_that_changed_its_key_is_asked_for_it_again(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.runtime.web.provider._ANEW_SECONDS", 0.0)
    await house.sign_in()
    house.provider.key = ECKey.generate_key("P-256", {"kid": "one"})

    assert (await house.sign_in()).status_code == 200


async def test_an_answer_to_a_question_of_another_browser_is_refused(house: House) -> None:
    """Breaks when the state is not bound to the browser: somebody would work in an attacker's session."""
    there = await house.browser.get(f"{house.url}/desk/oidc")
    back = await house.browser.get(there.headers["location"])

    async with httpx.AsyncClient() as stranger:
        assert (await stranger.get(back.headers["location"])).status_code == 401


async def test_an_answer_serves_once(house: House) -> None:
    there = await house.browser.get(f"{house.url}/desk/oidc")
    back = (await house.browser.get(there.headers["location"])).headers["location"]
    kept = dict(house.browser.cookies)

    assert (await house.browser.get(back)).status_code == 200
    async with httpx.AsyncClient(cookies=kept) as again:
        assert (await again.get(back)).status_code == 401


async def test_the_way_back_leads_to_our_own_pages_only(house: House) -> None:
    """Breaks when `next` is taken as it comes: an open redirect under our name."""
    for wanted in ("https://evil.example", "//evil.example", "/\\evil.example", "/deskevil", "/review"):
        there = await house.browser.get(f"{house.url}/desk/oidc", params={"next": wanted})
        back = await house.browser.get(there.headers["location"])
        answer = await house.browser.get(back.headers["location"])

        assert 'url=/desk"' in answer.text, wanted


async def test_a_provider_that_is_away_lets_nobody_in_and_says_so(house: House) -> None:
    house.provider.url = "http://127.0.0.1:9"  # it now describes another issuer than the one we trust

    assert (await house.browser.get(f"{house.url}/desk/oidc")).status_code == 401


async def test_the_question_names_us_and_carries_no_secret(house: House) -> None:
    there = (await house.browser.get(f"{house.url}/desk/oidc")).headers["location"]

    assert f"{house.provider.url}/authorize" == there.partition("?")[0]
    assert "client_id=phoihop" in urlsplit(there).query
    assert "code_challenge=" in there
    assert "verifier" not in there
