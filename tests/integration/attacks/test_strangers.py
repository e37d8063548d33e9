"""Who has no key, a wrong one, or one that ended; and how much one connection may take."""

import asyncio
import contextlib
import json
import os
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import nkeys
import pytest
import pytest_asyncio
from nats.aio.client import Client
from nats.errors import Error as NatsError

from contracts import subjects
from contracts.codes import Space
from contracts.desk_doors import desk_durable
from contracts.identity import desk, unit
from services.runtime.credentials import credentials, key_file
from services.runtime.secret_files import UnusableSecretError
from services.runtime.sending import NotAdmittedError, connection
from services.stack.identity.scheme import CONNECTIONS_PER_POINT, SUBSCRIPTIONS
from services.stack.identity.telling import reload_process
from tests.integration.attacks.arena import (
    DESK,
    NEXT_DESK,
    OTHER_DESK,
    OTHER_UNIT,
    SETTLE_SECONDS,
    UNIT,
    Arena,
    Line,
    let_go,
)

pytestmark = pytest.mark.asyncio(loop_scope="module")

LATE = unit("gamma", "u3")
MINE = subjects.report_inbox("alpha", "u1")


@pytest_asyncio.fixture(autouse=True, loop_scope="module")
async def _server_goes_by_the_book(arena: Arena) -> AsyncIterator[None]:
    yield
    arena.keeping.complete((UNIT, DESK, OTHER_UNIT))
    await _reload(arena)


async def _reload(arena: Arena) -> None:
    await reload_process(arena.server.pid, arena.home / "nats")


def _fresh_seed(arena: Arena, path: Path) -> Path:
    """A key that nobody admitted, behind a certificate that the server takes."""
    _, begins, certificates = key_file(arena.home, UNIT).read_text().partition("-----BEGIN")
    path.write_text(f"{nkeys.encode_seed(os.urandom(32), nkeys.PREFIX_BYTE_USER).decode()}\n{begins}{certificates}")
    path.chmod(0o600)
    return path


def _with(arena: Arena, options: dict[str, Any]) -> dict[str, Any]:
    """These beside what encrypts the connection, so that the server comes to asking who somebody is."""
    return {**arena.encryption(UNIT), **options}


def _signed_by_another(arena: Arena, path: Path) -> dict[str, Any]:
    """A connection under somebody's public key, with a signature of one's own."""

    class Impostor(Client):
        def _setup_nkeys_connect(self) -> None:
            super()._setup_nkeys_connect()
            self._public_nkey = arena.key(DESK)

    return credentials(_fresh_seed(arena, path)).options | {"client": Impostor}


STRANGERS: dict[str, Callable[[Arena, Path], dict[str, Any]]] = {
    "without-anything": lambda arena, _folder: _with(arena, {}),
    "with-a-key-nobody-knows": lambda arena, folder: credentials(_fresh_seed(arena, folder / "other.nk")).options,
    "with-a-password": lambda arena, _folder: _with(arena, {"user": "service.routing", "password": "routing"}),
    "with-a-public-key-as-password": lambda arena, _folder: _with(arena, {"user": arena.key(UNIT), "password": ""}),
    "with-a-token": lambda arena, _folder: _with(arena, {"token": "letmein"}),
    "with-anothers-public-key": lambda arena, folder: _signed_by_another(arena, folder / "s.nk"),
}


@pytest.mark.parametrize("stranger", STRANGERS.values(), ids=list(STRANGERS))
async def test_a_stranger_is_not_let_in(
    arena: Arena, tmp_path: Path, stranger: Callable[[Arena, Path], dict[str, Any]]
) -> None:
    """Whoever reaches the port of the server would be somebody, and could send or hear something."""
    options = stranger(arena, tmp_path)
    client = options.pop("client", Client)()
    refused: list[str] = []

    async def note(error: Exception) -> None:
        refused.append(str(error).lower())

    with contextlib.suppress(NatsError, OSError):
        await client.connect(arena.server.url, allow_reconnect=False, error_cb=note, **options)
        await client.flush(timeout=2)
    assert not client.is_connected
    assert any("authorization" in error for error in refused)
    await let_go(client)


async def test_a_command_says_in_words_that_the_server_does_not_admit_it(arena: Arena, tmp_path: Path) -> None:
    with pytest.raises(NotAdmittedError, match="phoihop identity create"):
        async with connection(arena.server.url, _fresh_seed(arena, tmp_path / "other.nk")):
            pass


@pytest.mark.parametrize(("content", "mode"), [(None, 0o644), (b"SU", 0o600), (b"", 0o600), (b"\xff", 0o600)])
async def test_a_key_that_others_may_read_or_that_is_none_is_not_used(
    arena: Arena, tmp_path: Path, content: bytes | None, mode: int
) -> None:
    """A seed that leaked through its file's mode would be used for years without anybody noticing."""
    path = tmp_path / "key.nk"
    path.write_bytes(key_file(arena.home, UNIT).read_bytes() if content is None else content)
    path.chmod(mode)

    with pytest.raises(UnusableSecretError) as refused:
        credentials(path)

    assert "SU" not in str(refused.value).replace(str(path), "")


async def test_seeds_and_book_are_for_their_owner_only(arena: Arena) -> None:
    """Anybody with an account on the machine would be every unit and desk of the hub."""
    files = [path for path in (arena.home / "identity").rglob("*") if path.is_file() and path.suffix != ".lock"]
    assert {path.stat().st_mode & 0o777 for path in (*files, arena.keeping.accounts)} == {0o600}
    assert {path.stat().st_mode & 0o777 for path in (arena.home / "identity", arena.home / "identity/keys")} == {0o700}
    assert "SU" not in {word[:2] for word in arena.keeping.accounts.read_text().split()}


async def test_revoking_cuts_a_live_connection_with_the_reload_and_nobody_elses(
    arena: Arena,
) -> None:
    """A stolen device would keep sending until it happens to reconnect."""
    stolen, other, desk = await arena.line(UNIT), await arena.line(OTHER_UNIT), await arena.line(DESK)
    await other.hear(inbox := other.client.new_inbox())
    arena.keeping.revoke(UNIT, "stolen")

    await _reload(arena)
    await asyncio.sleep(SETTLE_SECONDS)

    assert not stolen.client.is_connected
    assert other.client.is_connected
    assert desk.client.is_connected
    await other.client.publish(inbox, b"")
    await other.settled()
    assert (other.client.stats["reconnects"], desk.client.stats["reconnects"]) == (0, 0)
    assert not key_file(arena.home, UNIT).exists()


async def test_a_revoked_key_that_was_copied_admits_nobody(arena: Arena, tmp_path: Path) -> None:
    """Whoever copied the key of a device would come back with it."""
    copied = tmp_path / "copied.nk"
    copied.write_bytes(key_file(arena.home, UNIT).read_bytes())
    copied.chmod(0o600)
    arena.keeping.revoke(UNIT, None)
    await _reload(arena)

    with pytest.raises(NotAdmittedError):
        async with connection(arena.server.url, copied):
            pass


async def test_a_rotated_identity_gets_in_with_its_new_key_only(arena: Arena, tmp_path: Path) -> None:
    """An old key would live on in a backup."""
    old = tmp_path / "old.nk"
    old.write_bytes(key_file(arena.home, OTHER_UNIT).read_bytes())
    old.chmod(0o600)
    arena.keeping.rotate(OTHER_UNIT)
    await _reload(arena)

    async with connection(arena.server.url, key_file(arena.home, OTHER_UNIT)) as client:
        await client.flush()
    with pytest.raises(NotAdmittedError):
        async with connection(arena.server.url, old):
            pass


async def test_somebody_new_is_let_in_without_anybody_being_disturbed(arena: Arena) -> None:
    desk = await arena.line(DESK)
    arena.keeping.create(LATE)
    await _reload(arena)

    late = await arena.line(LATE)
    await late.client.request(subjects.report_inbox("gamma", "u3"), b"{}")

    assert desk.client.is_connected
    assert desk.client.stats["reconnects"] == 0


async def test_a_desk_of_an_agency_that_is_new_on_the_server_reaches_the_hub_at_once_and_old_ones_still_do(
    arena: Arena,
) -> None:
    """Its agency could not work until somebody happened to reload the server once more."""
    new = desk("gamma", "d3")
    arena.keeping.create(new)
    await _reload(arena)

    for who in (new, DESK, OTHER_DESK):
        line = await arena.line(who)
        door = desk_durable(Space.ACTUAL, who.agency or "", who.point)
        answer = json.loads((await line.client.request(door, b"", timeout=2)).data)
        assert ("error" in answer) is (who is new)  # the door answers; the register of these tests lacks gamma
        assert line.violations == []


async def test_too_many_connections_of_one_agency_keep_nobody_else_out(arena: Arena) -> None:
    """One desk's broken or hostile software would take every place on the server."""
    most = 2 * CONNECTIONS_PER_POINT
    for _ in range(most):
        await arena.line(DESK)

    with pytest.raises((NatsError, OSError)):
        await (await arena.line(NEXT_DESK)).client.flush(timeout=2)

    other = await arena.line(OTHER_DESK)
    await other.client.flush()


async def test_too_many_subscriptions_are_refused(arena: Arena) -> None:
    """One connection could fill the server's memory with what it wants to hear."""
    unit_line = await arena.line(UNIT)
    for _ in range(SUBSCRIPTIONS + 5):
        await unit_line.client.subscribe(unit_line.client.new_inbox())
    await asyncio.sleep(0.2)

    assert not unit_line.client.is_connected
    assert "maximum subscriptions exceeded" in arena.server.child.output()


@pytest.mark.parametrize("size", [64 * 1024 + 1, 300 * 1024], ids=["for-its-account", "for-the-server"])
async def test_an_oversized_payload_is_not_stored_and_ends_the_connection(arena: Arena, size: int) -> None:
    """A handful of huge messages would fill INBOX for everybody."""
    unit_line = await arena.line(UNIT)
    before = await arena.world()

    await _raw(unit_line, f"PUB {MINE} {size}\r\n".encode() + b"x" * size + b"\r\n")
    await asyncio.sleep(0.2)

    assert await arena.world() == before
    assert not unit_line.client.is_connected
    assert f"maximum payload exceeded: {size} vs" in arena.server.child.output()


async def test_a_flood_of_one_unit_stops_at_its_own_bound_and_another_is_stored(arena: Arena) -> None:
    """One unit's loop would fill the inbox of everybody."""
    flooding, other = await arena.line(UNIT), await arena.line(OTHER_UNIT)
    for _ in range(2300):
        await flooding.client.publish(MINE, b"x")
    await flooding.settled()

    refused = await flooding.client.request(MINE, b"x")
    stored = await other.client.request(subjects.report_inbox("beta", "u2"), b"{}")

    assert b"error" in refused.data
    assert b"error" not in stored.data


async def _raw(line: Line, sent: bytes) -> None:
    """Past the client library, which would refuse by itself."""
    transport = line.client._transport
    assert transport is not None
    with contextlib.suppress(OSError, NatsError):
        transport.write(sent)
        await asyncio.sleep(0)
