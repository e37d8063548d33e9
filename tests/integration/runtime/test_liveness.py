"""What a service manager is told, heard on a real socket: started, alive while the loop turns, stopping."""

import asyncio
import socket
import time
from pathlib import Path

import pytest

from services.runtime.liveness import beat, tell
from services.runtime.settings import ServiceManager, service_manager


def _ear(at: str) -> socket.socket:
    ear = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    ear.bind(at)
    ear.settimeout(2)
    return ear


def _heard(ear: socket.socket) -> list[bytes]:
    ear.settimeout(0)
    words = []
    while True:
        try:
            words.append(ear.recv(100))
        except BlockingIOError:
            return words


async def test_a_loop_that_turns_says_so_often_enough_and_one_that_is_blocked_does_not(tmp_path: Path) -> None:
    """Broken when systemd ends a healthy service, or never ends a stuck one."""
    with _ear(str(tmp_path / "notify")) as ear:
        beating = asyncio.create_task(beat(ServiceManager(str(tmp_path / "notify"), 0.2)))
        await asyncio.sleep(0.5)
        alive = _heard(ear)
        time.sleep(0.5)  # noqa: ASYNC251  # it is what the test is about
        blocked = _heard(ear)
        beating.cancel()
        await asyncio.wait({beating})
        stopping = _heard(ear)

    assert alive[0] == b"READY=1"
    assert 4 <= alive.count(b"WATCHDOG=1") == len(alive) - 1
    assert blocked == []
    assert stopping[-1] == b"STOPPING=1"


async def test_without_a_watchdog_only_start_and_stop_are_told(tmp_path: Path) -> None:
    with _ear(str(tmp_path / "notify")) as ear:
        beating = asyncio.create_task(beat(ServiceManager(str(tmp_path / "notify"), None)))
        await asyncio.sleep(0.1)
        beating.cancel()
        await asyncio.wait({beating})

        assert _heard(ear) == [b"READY=1", b"STOPPING=1"]


def test_a_manager_on_an_abstract_socket_is_told_too() -> None:
    name = f"@phoihop-test-{time.monotonic_ns()}"
    with _ear(f"\0{name[1:]}") as ear:
        tell(ServiceManager(name, None), b"READY=1")

        assert ear.recv(100) == b"READY=1"


def test_a_manager_that_has_gone_is_no_reason_to_end(tmp_path: Path) -> None:
    tell(ServiceManager(str(tmp_path / "nobody"), 1.0), b"WATCHDOG=1")

    assert not (tmp_path / "nobody").exists()


def test_what_the_manager_asks_is_read_from_what_it_told_this_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NOTIFY_SOCKET", raising=False)
    assert service_manager() is None
    monkeypatch.setenv("NOTIFY_SOCKET", "/run/systemd/notify")
    monkeypatch.setenv("WATCHDOG_USEC", "30000000")
    monkeypatch.setenv("WATCHDOG_PID", "1")
    assert service_manager() == ServiceManager("/run/systemd/notify", None)
    monkeypatch.delenv("WATCHDOG_PID")
    assert service_manager() == ServiceManager("/run/systemd/notify", 30.0)
