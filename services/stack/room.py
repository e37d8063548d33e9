"""Says when nats-server still takes its disk for full although there is room again. It ends nothing.

2.15.1 goes on refusing every message of a stream that once could not be written, until it is started again.
"""

import asyncio
import shutil
from pathlib import Path
from typing import Final

LOOK_SECONDS: Final = 2.0
ENOUGH_BYTES: Final = 64 * 1024 * 1024
"""Less than this may be gone again before anything is stored."""
REFUSED: Final = b"no space left on device"


async def until_it_should_write(log: Path, store: Path) -> str:
    """Returns, with the reason, once it complained of a full disk between two looks that both found room on it."""
    at, had_room = _size(log), False
    while True:
        await asyncio.sleep(LOOK_SECONDS)
        at, complained = await asyncio.to_thread(_complained, log, at)
        room = shutil.disk_usage(store).free >= ENOUGH_BYTES
        if room and had_room and complained:
            return "it takes its disk for full, and there is room"
        had_room = room


def _complained(log: Path, at: int) -> tuple[int, bool]:
    """Where the log ends now, and whether it speaks of a full disk behind this place."""
    try:
        with log.open("rb") as file:
            file.seek(at)
            said = file.read()
    except OSError:
        return at, False
    return at + len(said), REFUSED in said


def _size(log: Path) -> int:
    return log.stat().st_size if log.exists() else 0
