"""The supervisor with real child processes that need no network."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import pytest_asyncio

from services.runtime.embedded.local_stack import Phase
from services.runtime.embedded.process import Child, ServerUnavailableError, spawn
from services.stack.parts import run_step
from services.stack.supervisor import LONGEST_PAUSE, Supervisor, pause_before


@dataclass(slots=True)
class Sleeper:
    """A process that does nothing; `failing` starts of it fail after the first."""

    name: str
    log: Path
    stopped: list[str]
    failing: int = 0
    started: list[int] = field(default_factory=list)
    url: str | None = None
    hangs: asyncio.Event = field(default_factory=asyncio.Event)

    async def start(self) -> Child:
        if self.started and self.failing:
            self.failing -= 1
            raise ServerUnavailableError(f"{self.name} cannot start now")
        child = spawn(["sleep", "60"], log=self.log)
        self.started.append(child.pid)
        return child

    async def stuck(self, child: Child) -> str:
        await self.hangs.wait()
        self.hangs.clear()
        return f"{child.pid} says nothing"

    async def stop(self, child: Child) -> None:
        self.stopped.append(self.name)
        await child.stop(seconds=2)


@pytest_asyncio.fixture
async def supervisor() -> AsyncIterator[Supervisor]:
    supervisor = Supervisor(lambda: None)
    yield supervisor
    await supervisor.stop()


async def _until_restarted(supervisor: Supervisor, restarts: int) -> None:
    async with asyncio.timeout(40):
        while sum(process.restarts for process in supervisor.processes()) < restarts:  # noqa: ASYNC110
            await asyncio.sleep(0.01)


async def test_a_process_killed_with_sigkill_comes_back(supervisor: Supervisor, tmp_path: Path) -> None:
    """Broken when a crash of one process is left for a person to repair."""
    part = Sleeper("intake", tmp_path / "log", [])
    await supervisor.start(part)

    os.kill(part.started[0], signal.SIGKILL)
    await _until_restarted(supervisor, 1)

    (process,) = supervisor.processes()
    assert (process.phase, process.pid, process.restarts) == (Phase.READY, part.started[1], 1)
    assert part.started[0] != part.started[1]


async def test_a_process_that_cannot_start_again_at_once_is_tried_until_it_can(
    supervisor: Supervisor, tmp_path: Path
) -> None:
    part = Sleeper("audit", tmp_path / "log", [], failing=2)
    await supervisor.start(part)

    os.kill(part.started[0], signal.SIGKILL)
    await _until_restarted(supervisor, 1)

    assert part.failing == 0
    assert len(part.started) == 2


async def test_a_process_that_runs_but_is_stuck_is_ended_and_comes_back(
    supervisor: Supervisor, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Broken when a stopped process, which no polite signal reaches, holds its messages until a person looks."""
    part = Sleeper("routing", tmp_path / "log", [])
    await supervisor.start(part)

    os.kill(part.started[0], signal.SIGSTOP)
    part.hangs.set()
    await _until_restarted(supervisor, 1)

    (process,) = supervisor.processes()
    assert (process.pid, process.restarts, process.stuck) == (part.started[1], 1, 1)
    with pytest.raises(ProcessLookupError):
        os.kill(part.started[0], 0)
    told = capsys.readouterr()
    assert f"{part.started[0]} says nothing" in told.out + told.err


async def test_the_others_keep_running_while_one_is_restarted(supervisor: Supervisor, tmp_path: Path) -> None:
    intake, routing = (Sleeper(name, tmp_path / name, []) for name in ("intake", "routing"))
    for part in (intake, routing):
        await supervisor.start(part)

    os.kill(intake.started[0], signal.SIGKILL)
    await _until_restarted(supervisor, 1)

    assert len(routing.started) == 1
    os.kill(routing.started[0], 0)


async def test_parts_stop_in_reverse_and_stay_stopped(tmp_path: Path) -> None:
    """Broken when a service outlives the servers it needs, or when stopping counts as a crash to repair."""
    stopped: list[str] = []
    supervisor = Supervisor(lambda: None)
    parts = [Sleeper(name, tmp_path / name, stopped) for name in ("nats", "postgres", "intake")]
    for part in parts:
        await supervisor.start(part)

    await supervisor.stop()

    assert stopped == ["intake", "postgres", "nats"]
    assert all(len(part.started) == 1 for part in parts)
    for part in parts:
        with pytest.raises(ProcessLookupError):
            os.kill(part.started[0], 0)


def test_pauses_between_restarts_double_up_to_a_limit() -> None:
    assert [pause_before(failures) for failures in range(4)] == [0.1, 0.2, 0.4, 0.8]
    assert pause_before(1000) == LONGEST_PAUSE


async def test_children_have_a_process_group_of_their_own(tmp_path: Path) -> None:
    """Broken when Ctrl-C in a terminal reaches services before their supervisor can order the stop."""
    child = spawn(["sleep", "60"], log=tmp_path / "log")
    try:
        assert os.getpgid(child.pid) != os.getpgid(0)
    finally:
        await child.kill()


async def test_a_process_that_ignores_the_polite_signal_is_killed(tmp_path: Path) -> None:
    child = spawn(["sh", "-c", "trap '' TERM; echo deaf; while :; do sleep 0.05; done"], log=tmp_path / "log")
    async with asyncio.timeout(40):
        while "deaf" not in child.output():  # noqa: ASYNC110
            await asyncio.sleep(0.01)

    assert await child.stop(seconds=0.2) == -signal.SIGKILL


async def test_a_failed_step_quotes_its_own_output_and_not_that_of_earlier_runs(tmp_path: Path) -> None:
    log = tmp_path / "topology-apply.log"
    await run_step("topology apply", ["echo", "the run before"], {}, log)

    with pytest.raises(ServerUnavailableError) as failure:
        await run_step("topology apply", ["sh", "-c", "echo the stream differs; exit 1"], dict(os.environ), log)

    assert "topology apply failed (exit code 1)" in str(failure.value)
    assert "the stream differs" in str(failure.value)
    assert "the run before" not in str(failure.value)
