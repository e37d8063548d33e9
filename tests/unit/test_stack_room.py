"""A server that does not see that its disk has room again is told from one whose disk is full."""

import asyncio
from pathlib import Path
from typing import NamedTuple

import pytest

from services.stack import room
from services.stack.room import ENOUGH_BYTES, until_it_should_write

SAID = "[7] [ERR] JetStream failed to store a msg on stream 'CORE > EVENTS': write 1.blk: no space left on device\n"


class Usage(NamedTuple):
    """What the operating system says of a disk."""

    total: int
    used: int
    free: int


@pytest.fixture
def free(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The free bytes of every disk, in a list of one."""
    now = [0]
    monkeypatch.setattr("shutil.disk_usage", lambda _: Usage(2**40, 0, now[0]))
    monkeypatch.setattr(room, "LOOK_SECONDS", 0.02)
    return now


async def _says_for(log: Path, seconds: float) -> None:
    async with asyncio.timeout(seconds):
        while True:
            with log.open("a") as file:
                file.write(SAID)
            await asyncio.sleep(0.005)


async def test_one_that_goes_on_refusing_although_there_is_room_is_found_out(tmp_path: Path, free: list[int]) -> None:
    """Broken when nothing can be stored any more until a person restarts the server."""
    looked = asyncio.create_task(until_it_should_write(tmp_path / "log", tmp_path))
    with pytest.raises(TimeoutError):
        await _says_for(tmp_path / "log", 0.2)
    assert not looked.done(), "the disk was full"

    free[0] = ENOUGH_BYTES
    with pytest.raises(TimeoutError):
        await _says_for(tmp_path / "log", 0.2)

    assert "there is room" in await asyncio.wait_for(looked, 1)


async def test_one_that_refused_while_its_disk_was_full_is_let_be(tmp_path: Path, free: list[int]) -> None:
    (tmp_path / "log").write_text(SAID)
    looked = asyncio.create_task(until_it_should_write(tmp_path / "log", tmp_path))
    with pytest.raises(TimeoutError):
        await _says_for(tmp_path / "log", 0.1)
    await asyncio.sleep(0.1)

    free[0] = ENOUGH_BYTES
    await asyncio.sleep(0.2)

    assert not looked.done()
    looked.cancel()
