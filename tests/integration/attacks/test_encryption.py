"""Who speaks in plain text, an older TLS, or with a certificate that is none of ours; and who poses as the server."""

import asyncio
import contextlib
import json
import ssl
import urllib.error
import urllib.request
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from nats.aio.client import Client
from nats.errors import Error as NatsError

from services.runtime.clock import now
from services.runtime.credentials import credentials, key_file, read_seed
from services.runtime.embedded.nats import Durability, NatsServer, start_nats
from services.runtime.encryption import encryption
from services.runtime.jetstream import BusUnavailableError
from services.runtime.sending import connection
from services.stack.identity.certificates import Issued, for_party, for_server, new_authority
from services.stack.identity.keeping import Keeping
from services.stack.identity.telling import reload_process
from tests.integration.attacks.arena import DESK, UNIT, Arena, let_go
from tests.integration.http.hub import running_hub

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(autouse=True, loop_scope="module")
async def _as_it_was(arena: Arena) -> AsyncIterator[None]:
    yield
    arena.keeping.renew(retire=True)
    await reload_process(arena.server.pid, arena.home / "nats")


def _authority(keeping: Keeping) -> Issued:
    folder = keeping.home / "identity" / "tls"
    newest, end, _ = (folder / "authorities.crt").read_text().partition("-----END CERTIFICATE-----\n")
    return Issued(newest + end, (folder / "authority.key").read_text())


def _key_file(arena: Arena, path: Path, pem: str) -> Path:
    """The key of a unit that is enrolled, behind other certificates than its own."""
    seed, _ = read_seed(key_file(arena.home, UNIT))
    path.write_text(f"{seed.decode()}\n{pem}")
    path.chmod(0o600)
    return path


def _kept(arena: Arena) -> Path:
    return key_file(arena.home, DESK)


def _of_another_authority(arena: Arena, path: Path) -> dict[str, Any]:
    stranger = for_party(new_authority(now()), UNIT.name, now(), None)
    return credentials(_key_file(arena, path, stranger.pem + _authority(arena.keeping).certificate)).options


def _expired(arena: Arena, path: Path) -> dict[str, Any]:
    past = now() - timedelta(days=2)
    ours = _authority(arena.keeping)
    ended = for_party(ours, UNIT.name, past, past + timedelta(days=1))
    return credentials(_key_file(arena, path, ended.pem + ours.certificate)).options


def _without_certificate(arena: Arena, path: Path) -> dict[str, Any]:
    return credentials(_key_file(arena, path, _authority(arena.keeping).certificate)).options


def _older(arena: Arena, _path: Path) -> dict[str, Any]:
    options = credentials(key_file(arena.home, UNIT)).options
    context: ssl.SSLContext = options["tls"]
    context.minimum_version = context.maximum_version = ssl.TLSVersion.TLSv1_2
    return options


def _plain(arena: Arena, _path: Path) -> dict[str, Any]:
    proof = credentials(key_file(arena.home, UNIT)).options
    return {name: value for name, value in proof.items() if not name.startswith("tls")}


REFUSED: dict[str, Callable[[Arena, Path], dict[str, Any]]] = {
    "in-plain-text": _plain,
    "by-tls-1.2": _older,
    "without-a-certificate": _without_certificate,
    "with-a-certificate-of-another-authority": _of_another_authority,
    "with-a-certificate-that-expired": _expired,
}


@pytest.mark.parametrize("options", REFUSED.values(), ids=list(REFUSED))
async def test_even_a_true_key_does_not_get_in(
    arena: Arena, tmp_path: Path, options: Callable[[Arena, Path], dict[str, Any]]
) -> None:
    """Whoever sits on the network could read, alter or carry on what passes; a stolen seed alone would be enough."""
    client = Client()
    proof = options(arena, tmp_path / "key.nk")

    with contextlib.suppress(NatsError, OSError, TimeoutError):
        await client.connect(arena.server.url, allow_reconnect=False, connect_timeout=1, error_cb=_quiet, **proof)
        await client.flush(timeout=2)

    assert not client.is_connected
    await let_go(client)
    await (await arena.line(UNIT)).client.flush()


async def test_the_server_says_nothing_at_all_in_plain_text(arena: Arena) -> None:
    """Its version, its name and the nonce to sign would be read, and altered, by whoever sits between."""
    reader, writer = await asyncio.open_connection("127.0.0.1", arena.server.port)
    writer.write(b"CONNECT {}\r\nPING\r\n")
    try:
        async with asyncio.timeout(40):
            answered = await reader.read(4096)
    except ConnectionError:
        answered = b""
    writer.close()
    with contextlib.suppress(ConnectionError):
        await writer.wait_closed()

    assert b"INFO" not in answered
    assert b"PONG" not in answered


async def test_a_program_does_not_talk_to_a_server_that_does_not_encrypt(arena: Arena, tmp_path: Path) -> None:
    """Who takes the server's place could talk a program into plain text, and pass its signature on."""
    impostor = await start_nats(tmp_path / "nats", durability=Durability.RELAXED)
    try:
        with pytest.raises(BusUnavailableError):
            async with connection(impostor.url, key_file(arena.home, UNIT)):
                pass
    finally:
        await impostor.stop()


@pytest.mark.parametrize("whose", ["another-authority", "a-unit", "another-name"])
async def test_a_program_does_not_talk_to_a_server_with_a_wrong_certificate(
    arena: Arena, tmp_path: Path, whose: str
) -> None:
    """A unit with a true certificate of its own could pose as the hub and take in everybody's reports."""
    ours = _authority(arena.keeping)
    shown = {
        "another-authority": for_server(new_authority(now()), ("127.0.0.1",), now()),
        "a-unit": for_party(ours, "127.0.0.1", now(), None),
        "another-name": for_server(ours, ("hub.example",), now()),
    }[whose]
    folder = tmp_path / "nats"
    folder.mkdir()
    (folder / "server.pem").write_text(shown.pem)
    (folder / "tls.conf").write_text(f'tls {{ cert_file: "{folder}/server.pem", key_file: "{folder}/server.pem" }}\n')
    impostor = await start_nats(folder, durability=Durability.RELAXED, further=("tls.conf",))
    try:
        with pytest.raises(BusUnavailableError):
            async with connection(impostor.url, key_file(arena.home, UNIT)):
                pass
    finally:
        await impostor.stop()


async def test_both_authorities_are_believed_between_a_renewal_and_the_retirement_of_the_old(
    arena: Arena, tmp_path: Path
) -> None:
    """Otherwise a renewal would cut off every unit at once, or an authority whose key leaked could never be ended."""
    (before := tmp_path / "before.nk").write_bytes(key_file(arena.home, DESK).read_bytes())
    before.chmod(0o600)
    connected = await arena.line(DESK)

    arena.keeping.renew(authority=True)
    await reload_process(arena.server.pid, arena.home / "nats")
    async with connection(arena.server.url, before) as old, connection(arena.server.url, _kept(arena)) as new:
        await old.flush()
        await new.flush()
    assert connected.client.is_connected

    arena.keeping.renew(retire=True)
    await reload_process(arena.server.pid, arena.home / "nats")
    async with connection(arena.server.url, _kept(arena)) as client:
        await client.flush()
    with pytest.raises(BusUnavailableError):
        async with connection(arena.server.url, before):
            pass


async def test_a_leaf_server_is_let_in_with_a_certificate_of_ours_and_no_other(arena: Arena, tmp_path: Path) -> None:
    """A leaf carries everything of its agency: in plain text, or to anybody, it would be a second door left open."""
    ours, alien = _authority(arena.keeping), new_authority(now())
    shown = _tls(tmp_path, "hub", for_server(ours, ("127.0.0.1",), now()), ours)
    hub = await _with_leaves(tmp_path / "hub", f'listen: "127.0.0.1:-1"\n{shown}')
    try:
        port = hub.child.output().partition("leafnode connections on 127.0.0.1:")[2].split()[0]
        for name, authority, joined in (("ours", ours, 1), ("alien", alien, 0)):
            shown = _tls(tmp_path, name, for_server(authority, ("127.0.0.1",), now()), ours)
            leaf = await _with_leaves(tmp_path / name, f'remotes: [ {{ url: "tls://127.0.0.1:{port}"\n{shown} }} ]')
            await asyncio.sleep(1.5)
            async with asyncio.timeout(40):
                while (found := await asyncio.to_thread(_leaves, hub.monitor_url)) < joined:  # noqa: ASYNC110  # another process
                    await asyncio.sleep(0.2)
            assert found == joined
            await leaf.stop()
    finally:
        await hub.stop()


async def test_an_http_door_with_a_certificate_speaks_tls_1_3_and_nothing_else(server_folder: Path) -> None:
    """What units submit over HTTP, and their tokens, would be read on the way."""
    authority = new_authority(now())
    made = for_server(authority, ("127.0.0.1",), now())
    (server_folder / "door.crt").write_text(made.certificate)
    (server_folder / "door.key").write_text(made.key)
    (server_folder / "door.key").chmod(0o600)
    told = {"http_cert": str(server_folder / "door.crt"), "http_key": str(server_folder / "door.key")}
    async with running_hub(server_folder) as hub:
        port = (await hub.serve("intake", ready=False, **told)).rpartition(":")[2]
        newest = ssl.create_default_context(cadata=authority.certificate)
        older = ssl.create_default_context(cadata=authority.certificate)
        older.maximum_version = ssl.TLSVersion.TLSv1_2
        stranger = ssl.create_default_context()

        assert await _alive(f"https://127.0.0.1:{port}/livez", newest) == 200
        for url, context in (
            (f"https://127.0.0.1:{port}/livez", older),
            (f"https://127.0.0.1:{port}/livez", stranger),
            (f"http://127.0.0.1:{port}/livez", None),
        ):
            with pytest.raises(OSError, match=r"(?i)ssl|closed|reset"):
                await asyncio.to_thread(_status, url, context)


async def test_a_key_file_whose_certificates_are_damaged_is_told_without_its_key(arena: Arena, tmp_path: Path) -> None:
    path = _key_file(arena, tmp_path / "key.nk", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n")

    with pytest.raises(Exception, match="its certificates cannot be used"):
        encryption(path)


async def _quiet(_error: Exception) -> None:
    """What the library would print is what these tests are about."""


def _tls(folder: Path, name: str, shown: Issued, believed: Issued) -> str:
    (folder / f"{name}.pem").write_text(shown.pem)
    (folder / f"{name}.ca").write_text(believed.certificate)
    pem, authority = folder / f"{name}.pem", folder / f"{name}.ca"
    files = f'cert_file: "{pem}"\nkey_file: "{pem}"\nca_file: "{authority}"'
    return f'tls {{\n{files}\nverify: true\nmin_version: "1.3"\n}}'


async def _with_leaves(home: Path, leaves: str) -> NatsServer:
    _written(home / "leaves.conf", f"leafnodes {{\n{leaves}\n}}\n")
    return await start_nats(home, durability=Durability.RELAXED, further=("leaves.conf",))


def _written(path: Path, text: str) -> None:
    path.parent.mkdir()
    path.write_text(text)


def _leaves(monitor: str) -> int:
    with urllib.request.urlopen(f"{monitor}/leafz", timeout=30) as answer:  # noqa: S310  # our own
        return int(json.load(answer)["leafnodes"])


def _status(url: str, context: ssl.SSLContext | None) -> int:
    with urllib.request.urlopen(url, timeout=30, context=context) as answer:  # noqa: S310  # our own
        status: int = answer.status
        return status


async def _alive(url: str, context: ssl.SSLContext) -> int:
    """The status of the first answer; a service takes a while to listen."""
    async with asyncio.timeout(60):
        while True:
            with contextlib.suppress(OSError):
                return await asyncio.to_thread(_status, url, context)
            await asyncio.sleep(0.2)
