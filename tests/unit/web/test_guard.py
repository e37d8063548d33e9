"""A section's guard over a book in memory: what is believed without the bus, cookies, names, counted addresses."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from nats.aio.client import Client
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from contracts.access import Holder, Offered, Role
from contracts.identity import IdentityKind
from services.runtime import clock
from services.runtime.broker import NotConnectedError
from services.runtime.jetstream import BusUnavailableError
from services.runtime.web import access
from services.runtime.web.access import Access, Book
from services.runtime.web.development import by_name
from services.runtime.web.guard import Guard
from services.runtime.web.settings import DEMONSTRATION, WebSettings
from services.runtime.web.visitor import Visitor
from tests.visitors import SAME_ORIGIN, BookInMemory, signed_in, visitor

OFFICER = Holder(role=Role.OFFICER, agency="alpha", point="d1", name="Trực ban 1")


@asynccontextmanager
async def _section(
    settings: WebSettings, book: Book, development: tuple[Visitor, ...] = (), base: str = "http://localhost"
) -> AsyncIterator[httpx.AsyncClient]:
    guard = Guard(settings, "desk", {Role.OFFICER}, book, development=development)

    async def show(request: Request) -> Response:
        return PlainTextResponse(str(guard.visitor(request)))

    app = Starlette(routes=[Route("/desk", show), *guard.routes], middleware=list(guard.middleware))
    transport = httpx.ASGITransport(app, client=("127.0.0.1", 5))
    async with httpx.AsyncClient(transport=transport, base_url=base, headers=SAME_ORIGIN) as client:
        yield client


def _offer(book: BookInMemory, **changes: Any) -> str:
    until = clock.now() + timedelta(minutes=5)
    return book.offer(Offered.model_validate({"holder": OFFICER, "expires_at": until, "by": "op"} | changes))


class BookOutOfReach(BookInMemory):
    """As while the bus is away."""

    async def over(self, session: str) -> bool:
        raise BusUnavailableError(session)


async def test_nobody_is_let_in_on_a_session_that_nothing_is_known_of(tmp_path: Path) -> None:
    """Breaks when an outage of the bus revives sessions that were ended."""
    settings = WebSettings(home=tmp_path)
    async with _section(settings, BookOutOfReach()) as client:
        client.cookies.update(signed_in(visitor(Role.OFFICER, "alpha/d1"), settings))
        answer = await client.get("/desk")

    assert (answer.status_code, answer.headers["retry-after"]) == (503, "2")


async def test_what_was_known_to_hold_goes_on_for_a_while_without_the_bus(monkeypatch: pytest.MonkeyPatch) -> None:
    """A desk in the middle of an incident keeps what it sees; after ten minutes it must be asked again."""
    moment, there = 1000.0, [True]

    async def newest(_client: Client, _stream: str, _subject: str) -> None:
        if not there[0]:
            raise BusUnavailableError("away")

    monkeypatch.setattr(access, "monotonic", lambda: moment)
    monkeypatch.setattr(access, "last_on_subject", newest)
    book = Access("desk", Client)
    assert not await book.over("a" * 32)
    there[0] = False

    moment += access.WITHOUT_WORD.total_seconds() - 1
    assert not await book.over("a" * 32)
    with pytest.raises(BusUnavailableError):
        await book.over("b" * 32)
    moment += 2
    with pytest.raises(BusUnavailableError):
        await book.over("a" * 32)


async def test_a_book_that_was_never_connected_lets_nobody_in() -> None:
    def nobody() -> Client:
        raise NotConnectedError

    with pytest.raises(BusUnavailableError):
        await Access("desk", nobody).over("a" * 32)


@pytest.mark.parametrize(
    ("settings", "base", "secure"),
    [
        ({}, "http://localhost", False),
        ({}, "http://192.0.2.7", True),
        ({"public_origin": "https://phoihop.example.vn"}, "http://localhost", True),
        ({"behind_proxy": True}, "http://localhost", True),
    ],
)
async def test_a_cookie_crosses_the_network_encrypted_only(
    tmp_path: Path, settings: dict[str, Any], base: str, *, secure: bool
) -> None:
    book = BookInMemory()
    async with _section(WebSettings.model_validate({"home": tmp_path} | settings), book, base=base) as client:
        said = {"X-Forwarded-Proto": "https", "Sec-Fetch-Site": "same-origin"}
        answer = await client.post("/desk/sign-in", data={"code": _offer(book)}, headers=said)

    assert answer.status_code == 303
    assert ("; secure" in answer.headers["set-cookie"].lower()) is secure


async def test_the_demonstration_lets_in_by_the_names_of_whose_keys_it_holds(tmp_path: Path) -> None:
    keys = tmp_path / "identity" / "keys"
    keys.mkdir(parents=True)
    for name in ("desk.alpha.d1.nk", "desk.beta.d2.nk", "unit.alpha.u1.nk", "service.desk.nk"):
        (keys / name).touch()
    (tmp_path / DEMONSTRATION).touch()
    settings = WebSettings(home=tmp_path, development_logins=True)
    named = by_name(settings, Role.OFFICER, IdentityKind.DESK)

    async with _section(settings, BookInMemory(), named) as client:
        good = await client.post("/desk/sign-in", data={"login": "alpha/d1"})
        who = (await client.get("/desk")).text
        bad = await client.post("/desk/sign-in", data={"login": "alpha/u1"})

    assert [one.name for one in named] == ["alpha/d1", "beta/d2"]
    assert (good.status_code, bad.status_code) == (303, 401)
    assert "agency='alpha', point='d1'" in who


async def test_names_let_nobody_in_where_the_setting_is_off(tmp_path: Path) -> None:
    settings = WebSettings(home=tmp_path)
    assert by_name(settings, Role.OFFICER, IdentityKind.DESK) == ()

    async with _section(settings, BookInMemory(), (Visitor.of(OFFICER, ""),)) as client:
        answer = await client.post("/desk/sign-in", data={"login": "Trực ban 1"})

    assert answer.status_code == 401


async def test_behind_our_own_proxy_each_client_is_counted_by_itself(tmp_path: Path) -> None:
    """Breaks when one guesser behind the proxy locks everybody out, or dodges the count by what it says itself."""
    settings = WebSettings(home=tmp_path, behind_proxy=True, tries_per_minute=2)
    async with _section(settings, BookInMemory()) as client:

        async def try_from(*addresses: str) -> int:
            said = {"X-Forwarded-For": ", ".join(addresses)}
            return (await client.post("/desk/sign-in", data={"code": "x"}, headers=said)).status_code

        guesser = [await try_from(f"10.0.0.{number}", "203.0.113.9") for number in range(3)]
        somebody_else = await try_from("203.0.113.10")

    assert (guesser, somebody_else) == ([401, 401, 429], 401)


async def test_a_form_with_thousands_of_fields_is_unreadable_and_breaks_nothing(tmp_path: Path) -> None:
    async with _section(WebSettings(home=tmp_path), BookInMemory()) as client:
        answer = await client.post("/desk/sign-in", content="a=1&" * 9000)

    assert answer.status_code == 401
