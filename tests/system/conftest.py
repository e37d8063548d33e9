"""The whole system as real processes for one test: started, killed and looked at from outside."""

import asyncio
import contextlib
import http.client
import json
import os
import shutil
import signal
import sys
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from nats.aio.client import Client

from services.runtime.embedded.local_stack import Phase, ProcessState, StackState, running_stack
from services.stack.settings import StackSettings
from services.stack.stack import LocalStack
from tests.testers import admit_tester, connected_tester

REFERENCE = Path(__file__).parents[2] / "deploy" / "reference"
UNIT_HEADER = "X-Phoihop-Unit"
SERVICES = ("intake", "routing", "audit", "notary")
"""The doors for people have tests of their own."""
COME_BACK_SECONDS = 40.0


@dataclass(frozen=True, slots=True)
class System:
    """The running stack of one test."""

    home: Path

    @property
    def state(self) -> StackState:
        """What the state file says now."""
        state = running_stack(self.home)
        assert state is not None, "the stack has gone"
        return state

    def process(self, name: str) -> ProcessState:
        """One supervised process as it is now."""
        process = self.state.process(name)
        assert process is not None, f"no process {name}"
        return process

    def url(self, name: str) -> str:
        """The HTTP door of a service."""
        url = self.process(name).url
        assert url is not None
        return url

    def log(self, name: str) -> str:
        """Everything a process has written so far."""
        return (self.home / "logs" / f"{name}.log").read_text()

    async def kill(self, name: str) -> None:
        """SIGKILL, and wait until the supervisor has it back."""
        killed = self.process(name)
        assert killed.pid is not None, f"{name} was down already"
        os.kill(killed.pid, signal.SIGKILL)
        async with asyncio.timeout(COME_BACK_SECONDS):
            while True:
                now = self.process(name)
                if now.phase is Phase.READY and now.restarts > killed.restarts:
                    return
                await asyncio.sleep(0.02)

    @contextlib.asynccontextmanager
    async def client(self) -> AsyncIterator[Client]:
        """A connection that may do everything and survives a server that is away."""
        async with connected_tester(self.state.nats_url, self.home) as client:
            yield client


@dataclass(frozen=True, slots=True)
class Answer:
    """What an HTTP door answered."""

    status: int
    headers: Mapping[str, str]
    """Names in lower case."""
    body: bytes

    @property
    def json(self) -> Any:
        """The body, parsed."""
        return json.loads(self.body)


async def ask(url: str, method: str, path: str, body: bytes = b"", headers: Mapping[str, str] | None = None) -> Answer:
    """One HTTP request by the standard library."""

    def blocking() -> Answer:
        parts = urlsplit(url)
        connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=30)
        try:
            connection.request(method, path, body, dict(headers or {}))
            answer = connection.getresponse()
            named = {name.lower(): value for name, value in answer.getheaders()}
            return Answer(answer.status, named, answer.read())
        finally:
            connection.close()

    return await asyncio.to_thread(blocking)


async def put_report(url: str, unit: str, report: Mapping[str, Any]) -> Answer:
    """Files one report at intake's door as this unit."""
    headers = {UNIT_HEADER: unit, "Content-Type": "application/json"}
    return await ask(url, "PUT", f"/v1/reports/{report['report']}", json.dumps(report).encode(), headers)


async def ledger_verify(system: System) -> Mapping[str, Any]:
    """What `phoihop ledger verify` says; its exit code must agree."""
    told = os.environ | {"PHOIHOP_HOME": str(system.home), "PHOIHOP_POSTGRES_DSN": system.state.postgres_dsn}
    command = (sys.executable, "-m", "services.cli", "ledger", "verify", "--json")
    process = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE, env=told)
    output, _ = await process.communicate()
    found: Mapping[str, Any] = json.loads(output)
    assert process.returncode == (0 if found["verified"] else 1), found
    return found


StartSystem = Callable[..., "contextlib.AbstractAsyncContextManager[System]"]


@pytest.fixture
def system_folder() -> Iterator[Path]:
    """Not pytest's own folder: Postgres started by root runs as an account that may not enter that."""
    folder = Path(tempfile.mkdtemp(prefix="phoihop-system-"))
    folder.chmod(0o711)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture
def start_system(system_folder: Path, monkeypatch: pytest.MonkeyPatch) -> StartSystem:
    """Starts the whole system with further settings, ends it with the block."""
    for name in [name for name in os.environ if name.startswith("PHOIHOP_")]:
        monkeypatch.delenv(name)
    admit_tester(monkeypatch)

    @contextlib.asynccontextmanager
    async def start(**told: str) -> AsyncIterator[System]:
        for name, value in {"UNIT_HEADER": UNIT_HEADER, **told}.items():
            monkeypatch.setenv(f"PHOIHOP_{name}", value)
        settings = StackSettings(home=system_folder / "home", reference=REFERENCE)
        ready, stop = asyncio.Event(), asyncio.Event()
        stack = LocalStack(settings, observe=lambda _: None, ready=lambda _: ready.set(), services=SERVICES)
        running = asyncio.create_task(stack.run(stop))
        waiting = asyncio.create_task(ready.wait())
        await asyncio.wait({running, waiting}, return_when=asyncio.FIRST_COMPLETED)
        try:
            if ready.is_set():
                yield System(stack.home)
        finally:
            waiting.cancel()
            stop.set()
            await running

    return start
