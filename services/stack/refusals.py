"""Counts what nats-server refused, from its own log: the server tells of permission violations nowhere else.

Who was refused stands in the log; here are numbers by kind alone, as an attacker must not be able to make series.
"""

import asyncio
from collections import Counter
from collections.abc import Callable, Iterable
from enum import StrEnum
from pathlib import Path
from typing import IO, Final

from services.runtime.telemetry import BUS_REFUSED

LOOK_SECONDS: Final = 1.0
NEWEST_BYTES: Final = 4 * 1024 * 1024


class Denial(StrEnum):
    """What the server would not let pass."""

    PUBLISH = "publish"
    SUBSCRIBE = "subscribe"
    AUTHENTICATION = "authentication"
    EXPIRY = "expiry"
    ENCRYPTION = "encryption"
    LIMIT = "limit"


_SIGNS: Final = (
    (" - Publish Violation - ", Denial.PUBLISH),
    (" - Subscription Violation - ", Denial.SUBSCRIBE),
    ("authentication error", Denial.AUTHENTICATION),
    ("Authentication Expired", Denial.EXPIRY),
    ("TLS handshake error", Denial.ENCRYPTION),
    ("maximum ", Denial.LIMIT),
)


def denial_in(line: str) -> Denial | None:
    """What this line of the log says was refused; None where it says something else."""
    level, _, said = line.partition(" [ERR] ")
    if not said or not level.startswith("["):
        return None
    said = f" - {said.partition(' - ')[2]}"
    return next((denial for sign, denial in _SIGNS if _told(sign, said)), None)


def tally(lines: Iterable[str]) -> dict[str, int]:
    """How often each kind was refused, by its name; only those that were."""
    found = Counter(denial.value for denial in map(denial_in, lines) if denial is not None)
    return dict(sorted(found.items()))


def refused(log: Path) -> dict[str, int]:
    """The same for the newest part of a server's log; empty where there is none to read."""
    try:
        with log.open("rb") as file:
            file.seek(max(0, log.stat().st_size - NEWEST_BYTES))
            return tally(file.read().decode(errors="replace").splitlines())
    except OSError:
        return {}


def following(log: Path) -> Callable[[Callable[[], bool]], "asyncio.Future[None]"]:
    """A background task that keeps `phoihop_bus_refused_total` by this log, from its beginning on."""

    async def follow(running: Callable[[], bool]) -> None:
        at = 0
        while running():
            at = await asyncio.to_thread(_count, log, at)
            await asyncio.sleep(LOOK_SECONDS)

    return lambda running: asyncio.ensure_future(follow(running))


def _count(log: Path, at: int) -> int:
    """Counts the whole lines behind this place; where the next look begins."""
    try:
        if log.stat().st_size < at:
            at = 0  # another log of the same name
        with log.open("rb") as file:
            file.seek(at)
            return at + sum(_counted(line) for line in _whole(file))
    except OSError:
        return at


def _whole(file: IO[bytes]) -> Iterable[bytes]:
    """Only lines that the server has finished."""
    return iter(lambda: line if (line := file.readline()).endswith(b"\n") else b"", b"")


def _counted(line: bytes) -> int:
    if (denial := denial_in(line.decode(errors="replace"))) is not None:
        BUS_REFUSED.labels(denial.value).inc()
    return len(line)


def _told(sign: str, said: str) -> bool:
    """What a client names itself stands in quotes, so only the server's own words are looked at."""
    own = said.split('"')[::2]
    return any(sign in part for part in own)
