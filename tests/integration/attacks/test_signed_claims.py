"""The server goes by what an operator signed: the attacks on it, on those claims themselves, and on their end."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
import pytest_asyncio
from nats.aio.client import Client
from nats.errors import Error as NatsError

from contracts import subjects
from contracts.codes import Space
from contracts.desk_doors import desk_durable
from contracts.identity import Identity, desk, unit
from services.runtime.clock import now
from services.runtime.credentials import credentials
from services.runtime.jetstream import BusUnavailableError
from services.runtime.sending import NotAdmittedError, connection
from services.stack.identity import claims
from services.stack.identity.grants import Grant
from services.stack.identity.minting import Minting, NotTakenError
from services.stack.identity.scheme import CONNECTIONS_PER_POINT, SUBSCRIPTIONS, Limits, User
from tests.integration.attacks.arena import DESK, NEXT_DESK, OTHER_DESK, OTHER_UNIT, UNIT, Arena, let_go
from tests.integration.attacks.table import DESK_ATTACKS, UNIT_ATTACKS, Attack
from tests.integration.attacks.test_single_shots import refused
from tests.testers import admit_tester

pytestmark = pytest.mark.asyncio(loop_scope="module")
FORMS = ("signed",)
ATTACKS = (*UNIT_ATTACKS, *DESK_ATTACKS)
MINE = subjects.report_inbox("alpha", "u1")
CUT_SECONDS = 1.0


@pytest_asyncio.fixture(autouse=True, loop_scope="module")
async def _the_server_goes_by_the_book(arena: Arena) -> AsyncIterator[None]:
    before = arena.keeping.book().keys
    yield
    if arena.keeping.book().keys != before:
        arena.keeping.complete((UNIT, DESK, OTHER_UNIT))
        await arena.told()


def _minting(arena: Arena) -> Minting:
    assert arena.minting is not None
    return arena.minting


def _copied(arena: Arena, who: Identity, path: Path) -> Path:
    path.write_bytes(arena.proof(who).read_bytes())
    path.chmod(0o600)
    return path


async def _cut(client: Client) -> float:
    """Seconds until the server has cut it."""
    started = time.monotonic()
    async with asyncio.timeout(40):
        while client.is_connected:  # noqa: ASYNC110 - nothing wakes us
            await asyncio.sleep(0.01)
    return time.monotonic() - started


@pytest.mark.parametrize("attack", ATTACKS, ids=[attack.name for attack in ATTACKS])
async def test_the_server_refuses_by_signed_claims_what_it_refuses_by_written_accounts(
    arena: Arena, attack: Attack
) -> None:
    """A right too many in one of the two forms would be found by nobody who looks at the other."""
    await refused(arena, attack)


async def test_revoking_cuts_a_live_connection_within_a_second_and_nobody_elses(arena: Arena, tmp_path: Path) -> None:
    """A stolen device would keep sending, or come back with a copy of its signed file."""
    copied = _copied(arena, UNIT, tmp_path / "copied.creds")
    stolen, other, watching = await arena.line(UNIT), await arena.line(OTHER_UNIT), await arena.line(DESK)

    arena.keeping.revoke(UNIT, "stolen")
    await arena.told()

    assert await _cut(stolen.client) < CUT_SECONDS
    for line in (other, watching):
        await line.settled()
        assert line.client.is_connected
        assert line.client.stats["reconnects"] == 0
    with pytest.raises(NotAdmittedError):
        async with connection(arena.server.url, copied):
            pass


async def test_a_rotated_identity_gets_in_with_its_new_file_only(arena: Arena, tmp_path: Path) -> None:
    """An old signed file would live on in a backup, until its own date."""
    old = _copied(arena, OTHER_UNIT, tmp_path / "old.creds")
    arena.keeping.rotate(OTHER_UNIT)
    await arena.told()

    await (await arena.line(OTHER_UNIT)).client.flush()
    with pytest.raises(NotAdmittedError):
        async with connection(arena.server.url, old):
            pass


async def test_a_unit_is_enrolled_without_the_server_being_told(arena: Arena) -> None:
    """Otherwise an operator would have to be at the server for each new unit."""
    late = unit("gamma", "u3")
    arena.keeping.create(late)
    _minting(arena).mint(late)

    line = await arena.line(late)
    answer = await line.client.request(subjects.report_inbox("gamma", "u3"), b"{}")
    await line.client.publish(MINE, b"{}")
    await line.settled()

    assert b"error" not in answer.data
    assert len(line.violations) == 1


async def test_a_desk_of_a_new_agency_reaches_the_hub_once_its_account_was_pushed(arena: Arena) -> None:
    new = desk("gamma", "d3")
    arena.keeping.create(new)
    await arena.told()

    for who in (new, DESK):
        line = await arena.line(who)
        answer = await line.client.request(desk_durable(Space.ACTUAL, who.agency or "", who.point), b"", timeout=2)
        assert answer.data
        assert line.violations == []


async def test_a_signed_file_ends_at_its_date_and_with_it_the_connection(arena: Arena, tmp_path: Path) -> None:
    """A key lent for an operation would go on working for years, with nobody who remembers it."""
    short = unit("gamma", "u4")
    arena.keeping.create(short, now() + timedelta(seconds=6))
    _minting(arena).mint(short)
    copied = _copied(arena, short, tmp_path / "short.creds")
    line = await arena.line(short)

    await _cut(line.client)

    with pytest.raises(BusUnavailableError):
        async with connection(arena.server.url, copied):
            pass


@pytest.mark.parametrize("forged", ["signed-by-itself", "of-another", "altered"])
async def test_claims_that_no_account_of_ours_signed_for_this_key_let_nobody_in(
    arena: Arena, tmp_path: Path, forged: str
) -> None:
    """A unit would write itself every right there is, or use the claims that it saw of another."""
    lines = arena.proof(UNIT).read_text().split("\n")
    wide = claims.user(User("wide", arena.key(UNIT), Grant((">",), (">",))), Limits())
    if forged == "of-another":
        lines[1] = arena.proof(DESK).read_text().split("\n")[1]
    elif forged == "signed-by-itself":
        lines[1] = claims.token(
            Minting(arena.keeping)._signer("stranger"), arena.key(UNIT), wide, now(), now() + timedelta(days=1)
        )
    else:
        head, _, signature = lines[1].split(".")
        signed = claims.token(_minting(arena)._signer("FIELD"), arena.key(UNIT), wide, now())
        lines[1] = ".".join((head, signed.split(".")[1], signature))
    (path := tmp_path / "forged.creds").write_text("\n".join(lines))
    path.chmod(0o600)

    with pytest.raises(NotAdmittedError):
        async with connection(arena.server.url, path):
            pass


async def test_accounts_and_users_that_another_operator_signed_are_not_believed(
    arena: Arena, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who stole the key that pushes accounts would open every account with it."""
    async with connection(arena.server.url, _minting(arena).pusher) as client:
        monkeypatch.setattr(Minting, "_folder", tmp_path)
        with contextlib.suppress(NotTakenError):  # the server may keep them; it does not go by them
            await _minting(arena).push(client)
    foreign = _minting(arena).mint(UNIT)
    monkeypatch.undo()
    admit_tester(monkeypatch)

    with pytest.raises(NotAdmittedError):
        async with connection(arena.server.url, foreign):
            pass
    await (await arena.line(UNIT)).client.flush()


@pytest.mark.parametrize("subject", [">", "$SYS.>", "inbox.>", "$SYS.ACCOUNT.*.CONNECT"])
async def test_the_key_that_pushes_accounts_hears_nothing(arena: Arena, subject: str) -> None:
    """It lies where commands run, and would see who is connected from where."""
    errors: list[str] = []

    async def note(error: Exception) -> None:
        errors.append(str(error).lower())

    client = Client()
    await client.connect(arena.server.url, error_cb=note, **credentials(_minting(arena).pusher).options)
    await client.subscribe(subject)
    await client.flush()
    await asyncio.sleep(0.05)
    await let_go(client)

    assert any("permissions violation" in error for error in errors)


async def test_too_many_connections_of_one_agency_keep_nobody_else_out(arena: Arena) -> None:
    """One desk's broken or hostile software would take every place on the server."""
    for _ in range(2 * CONNECTIONS_PER_POINT):
        await arena.line(DESK)

    with pytest.raises((NatsError, OSError)):
        await (await arena.line(NEXT_DESK)).client.flush(timeout=2)

    await (await arena.line(OTHER_DESK)).client.flush()


async def test_too_many_subscriptions_are_refused(arena: Arena) -> None:
    """One connection could fill the server's memory with what it wants to hear."""
    line = await arena.line(UNIT)
    for _ in range(SUBSCRIPTIONS + 5):
        await line.client.subscribe(line.client.new_inbox())
    await asyncio.sleep(0.2)

    assert not line.client.is_connected or "maximum subscriptions exceeded" in " ".join(line.errors)


async def test_an_oversized_payload_is_not_stored_and_ends_the_connection(arena: Arena) -> None:
    """A handful of huge messages would fill INBOX for everybody."""
    line, size = await arena.line(UNIT), 64 * 1024 + 1
    before = await arena.world()

    transport = line.client._transport
    assert transport is not None
    with contextlib.suppress(OSError, NatsError):
        transport.write(f"PUB {MINE} {size}\r\n".encode() + b"x" * size + b"\r\n")
        await asyncio.sleep(0.2)

    assert await arena.world() == before
    assert not line.client.is_connected
