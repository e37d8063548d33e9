"""The local stack with real servers; the services are a small program, since only their start and death matter here."""

import asyncio
import contextlib
import json
import os
import signal
import sys
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import asyncpg
import pytest

from services.runtime.embedded.local_stack import Phase, StackRunningError, StackState, running_stack
from services.runtime.embedded.nats import NatsServer
from services.runtime.embedded.process import ServerUnavailableError
from services.runtime.terminal import Language
from services.stack.doctor import examine
from services.stack.inspection import NothingRunsError, inspect
from services.stack.parts import is_ready
from services.stack.passfile import by_file
from services.stack.running import stop_running
from services.stack.settings import StackSettings
from services.stack.stack import EXTERNAL, SERVICES, LocalStack
from tests.testers import admit_tester, connected_tester

PROGRAM = """
import http.server, json, os, pathlib, sys

told = {key: value for key, value in os.environ.items() if key.startswith("PHOIHOP_")}
with (pathlib.Path(told["PHOIHOP_HOME"]) / "calls.jsonl").open("a") as calls:
    calls.write(json.dumps([sys.argv[1:], told]) + "\\n")
if sys.argv[1] == "serve":
    class Door(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200 if self.path == "/readyz" else 404)
            self.end_headers()
    http.server.HTTPServer(("127.0.0.1", int(told["PHOIHOP_HTTP_PORT"])), Door).serve_forever()
elif sys.argv[1:] == os.environ.get("FAILING_STEP", "").split():
    sys.exit("this step cannot work")
"""


@contextlib.asynccontextmanager
async def _running(stack: LocalStack) -> AsyncIterator[StackState]:
    stop = asyncio.Event()
    running = asyncio.create_task(stack.run(stop))
    try:
        yield await _state(stack.home, lambda state: state.phase is Phase.READY, running)
    finally:
        stop.set()
        await running


async def _state(home: Path, wanted: Callable[[StackState], bool], work: "asyncio.Task[None]") -> StackState:
    async with asyncio.timeout(30):
        while True:
            state = running_stack(home)
            if state is not None and wanted(state):
                return state
            if work.done():
                work.result()
            await asyncio.sleep(0.02)


@pytest.fixture
def settings(server_folder: Path, monkeypatch: pytest.MonkeyPatch) -> StackSettings:
    for name in [name for name in os.environ if name.startswith("PHOIHOP_")]:
        monkeypatch.delenv(name)
    return StackSettings(home=server_folder / "home", reference=server_folder)


@pytest.fixture
def command(server_folder: Path) -> tuple[str, ...]:
    program = server_folder / "program.py"
    program.write_text(PROGRAM)
    return (sys.executable, str(program))


def _stack(settings: StackSettings, command: tuple[str, ...], seen: list[str] | None = None) -> LocalStack:
    return LocalStack(settings, observe=(seen if seen is not None else []).append, command=command)


def _calls(settings: StackSettings) -> list[tuple[list[str], dict[str, str]]]:
    return [json.loads(line) for line in (settings.home / "calls.jsonl").read_text().splitlines()]


async def test_servers_then_schema_then_services_come_up_and_are_told_where_everything_is(
    settings: StackSettings, command: tuple[str, ...]
) -> None:
    seen: list[str] = []
    async with _running(_stack(settings, command, seen)) as state:
        assert seen[:2] == ["nats", "postgres"]
        assert set(seen[2:4]) == {"topology apply", "ledger migrate"}
        assert set(seen[4:]) == set(SERVICES)
        for _, told in _calls(settings):
            assert told["PHOIHOP_NATS_URL"] == state.nats_url
            assert told["PHOIHOP_POSTGRES_DSN"] == by_file(state.postgres_dsn, settings.home / "postgres.pgpass")
            assert told["PHOIHOP_REFERENCE"] == str(settings.reference)
        connection = await asyncpg.connect(state.postgres_dsn)
        assert await connection.fetchval("SELECT current_database()") == "phoihop"
        await connection.close()

    assert running_stack(settings.home) is None
    for process in state.processes:
        assert process.pid is not None
        with pytest.raises(ProcessLookupError):
            os.kill(process.pid, 0)


@pytest.mark.parametrize("name", ["nats", "postgres", *SERVICES])
async def test_every_process_of_the_stack_comes_back_after_sigkill(
    name: str, settings: StackSettings, command: tuple[str, ...]
) -> None:
    """Broken when a crash needs a person, or when a server comes back elsewhere so that its clients cannot find it."""
    stack = _stack(settings, command)
    async with _running(stack) as before:
        killed = before.process(name)
        assert killed is not None
        assert killed.pid is not None
        os.kill(killed.pid, signal.SIGKILL)

        stop = asyncio.create_task(asyncio.sleep(30))
        after = await _state(stack.home, lambda state: sum(one.restarts for one in state.processes) == 1, stop)
        stop.cancel()

        again = after.process(name)
        assert again is not None
        assert again.pid != killed.pid
        assert again.url == killed.url
        assert (after.nats_url, after.postgres_dsn) == (before.nats_url, before.postgres_dsn)
        status = await inspect(settings)
        assert status.healthy
        assert again.url is None or name == "nats" or await is_ready(again.url)


async def test_a_failed_step_stops_what_had_started_and_says_why(
    settings: StackSettings, command: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FAILING_STEP", "ledger migrate")
    stack = _stack(settings, command)

    with pytest.raises(ServerUnavailableError, match=r"ledger migrate failed.*\n.*this step cannot work"):
        await stack.run(asyncio.Event())

    assert running_stack(settings.home) is None
    assert stack.supervisor.processes() == ()


async def test_stopping_while_starting_leaves_nothing_behind(settings: StackSettings, command: tuple[str, ...]) -> None:
    stop = asyncio.Event()
    stack = _stack(settings, command)
    stack.observe = lambda _name: stop.set()  # Ctrl-C as soon as the first server is up

    await stack.run(stop)

    assert running_stack(settings.home) is None
    assert not (settings.home / "calls.jsonl").exists()


async def test_a_home_holds_one_stack_only(settings: StackSettings, command: tuple[str, ...]) -> None:
    """Broken when two servers write one store."""
    async with _running(_stack(settings, command)):
        with pytest.raises(StackRunningError):
            await _stack(settings, command).run(asyncio.Event())

        assert (await inspect(settings)).healthy


@pytest.mark.timeout(150)
@pytest.mark.parametrize("told", ["", 'trap "" INT; '], ids=["in a terminal", "as a job that ignores Ctrl-C"])
async def test_a_killed_supervisor_leaves_nothing_running_and_the_next_start_works_at_once(
    told: str, settings: StackSettings, command: tuple[str, ...]
) -> None:
    """Broken when orphans keep the store or the data folder: the next start would fail or, worse, share the store."""
    program = (
        "import asyncio, json, sys\n"
        "from services.stack.stack import SERVICES, LocalStack\n"
        "from services.stack.settings import StackSettings\n"
        "home, *command = sys.argv[1:]\n"
        "stack = LocalStack(StackSettings(home=home, reference=home), observe=print, command=tuple(command))\n"
        "asyncio.run(stack.run(asyncio.Event()))\n"
    )
    arguments = ["sh", "-c", f'{told}exec "$0" "$@"', sys.executable, "-c", program, str(settings.home), *command]
    supervisor = await asyncio.create_subprocess_exec(*arguments, stdout=asyncio.subprocess.DEVNULL)
    waiting = asyncio.create_task(asyncio.sleep(30))
    orphans = await _state(settings.home, lambda state: state.phase is Phase.READY, waiting)
    waiting.cancel()
    supervisor.kill()
    await supervisor.wait()

    async with _running(_stack(settings, command)) as state:
        assert {process.pid for process in state.processes}.isdisjoint(process.pid for process in orphans.processes)
        assert (await inspect(settings)).healthy
        for process in orphans.processes:
            assert process.pid is not None
            assert await _gone(process.pid), f"{process.name} still runs"


async def _gone(pid: int) -> bool:
    status = Path(f"/proc/{pid}/stat")
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(40):
            while status.exists() and status.read_text().rpartition(")")[2].split()[0] != "Z":  # noqa: ASYNC110, ASYNC240
                await asyncio.sleep(0.02)
            return True
    return False


async def test_named_servers_are_used_and_none_is_started(
    nats_server: NatsServer,
    postgres_database: str,
    settings: StackSettings,
    command: tuple[str, ...],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("PHOIHOP_NATS_URL", nats_server.url)
    monkeypatch.setenv("PHOIHOP_POSTGRES_DSN", postgres_database)
    named = StackSettings(home=settings.home)

    async with _running(_stack(named, command)) as state:
        assert {process.name for process in state.processes} == set(SERVICES)
        assert (state.nats_url, state.postgres_dsn) == (nats_server.url, postgres_database)
        status = await inspect(named)

    assert status.durability == EXTERNAL
    assert (status.nats.ok, status.nats.embedded, status.postgres.ok) == (True, False, True)


async def test_status_shows_streams_disk_and_durability_but_no_password(
    settings: StackSettings, command: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    admit_tester(monkeypatch)
    async with _running(_stack(settings, command)) as state:
        async with connected_tester(state.nats_url, settings.home) as client:
            await client.jetstream().add_stream(name="PARKED", subjects=["parked.>"])
            await client.jetstream().publish("parked.one", b"")

        document = (await inspect(settings)).document()

        assert document["durability"] == "always"
        assert document["parked"] == 1
        assert [stream["name"] for stream in document["streams"]] == ["PARKED"]
        assert 0 <= document["disk"]["free_percent"] <= 100
        assert document["postgres"]["version"].startswith("18")
        password = state.postgres_dsn.partition("postgres:")[2].partition("@")[0]
        assert password
        assert password not in json.dumps(document, default=str)


async def test_status_where_nothing_runs_says_so(settings: StackSettings) -> None:
    with pytest.raises(NothingRunsError, match="phoihop up"):
        await inspect(settings)
    assert not await stop_running(settings.home)


async def test_status_of_a_dead_server_is_a_problem_and_not_a_crash(
    settings: StackSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PHOIHOP_NATS_URL", "nats://127.0.0.1:1")
    monkeypatch.setenv("PHOIHOP_POSTGRES_DSN", "postgresql://nobody@127.0.0.1:1/none")

    status = await inspect(StackSettings(home=settings.home))

    assert not status.reachable
    assert status.nats.problem
    assert status.postgres.problem


async def test_the_doctor_finds_a_healthy_machine_healthy_and_names_the_fix_of_what_is_not(
    settings: StackSettings,
) -> None:
    checks = {check.name: check for check in await examine(settings, Language.EN)}
    broken = StackSettings(home=settings.home, reference=settings.home / "absent")
    found = {check.name: check for check in await examine(broken, Language.EN)}

    assert all(check.ok and not check.fix for check in checks.values()), checks
    assert not found["reference"].ok
    assert "PHOIHOP_REFERENCE" in found["reference"].fix
