"""Decides who takes more of the bus than any work needs, and how long they are left out of it. Pure: looks are given.

The server bounds what a connection may send and to where, not how often: what it refuses costs it as much as what it
takes, and everybody else waits for it.
"""

from collections import Counter, deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from pydantic import AwareDatetime

from contracts.frozen import Contract
from services.stack.identity.scheme import CONNECTIONS_PER_POINT, FIELD

WITHIN: Final = 10.0
"""Seconds over which messages and bytes are summed."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """What one key may send within that time, and hold."""

    messages: int
    bytes: int
    connections: int = 2 * CONNECTIONS_PER_POINT
    """Twice what its work needs, as an old connection counts until the server has missed it."""


UNITS: Final = Bounds(messages=1_500, bytes=64 * 1024 * 1024)
"""The inbox takes 300 reports of one unit at once, intake 30 a second: an outbox sent twice, its ladders asked for."""
OTHERS: Final = Bounds(messages=100_000, bytes=1024 * 1024 * 1024)
"""A desk acknowledges each dispatch that it reads, thousands in a row when it comes back."""
FIRST: Final = timedelta(minutes=1)
LONGEST: Final = timedelta(hours=1)
FORGIVEN: Final = timedelta(days=1)
"""Who kept within bounds for so long is left out no longer than the first time."""


class Excess(StrEnum):
    """What was too much."""

    MESSAGES = "messages"
    BYTES = "bytes"
    CONNECTIONS = "connections"


class Suspension(Contract):
    """A key that admits nobody for a while."""

    excess: Excess
    until: AwareDatetime
    lasts: timedelta


@dataclass(frozen=True, slots=True)
class Line:
    """One connection, as the server tells of it."""

    number: int
    key: str
    account: str
    messages: int
    """From the client, since it connected."""
    bytes: int


class Pace:
    """What was seen of one running server lately."""

    def __init__(self) -> None:
        self._looks: deque[tuple[float, dict[int, Line]]] = deque()

    def look(self, at: float, lines: Iterable[Line]) -> dict[str, Excess]:
        """Who is beyond a bound now, by public key. `at` are seconds on a clock that only runs forward."""
        now = {line.number: line for line in lines}
        before = self._looks[0][1] if self._looks else now
        self._remember(at, now)
        messages, size, held = Counter[str](), Counter[str](), Counter[str]()
        for line in now.values():
            old = before.get(line.number)
            messages[line.key] += line.messages - (old.messages if old else 0)
            size[line.key] += line.bytes - (old.bytes if old else 0)
            held[line.key] += 1
        bounds = {line.key: UNITS if line.account == FIELD else OTHERS for line in now.values()}
        return (
            {key: Excess.CONNECTIONS for key, most in bounds.items() if held[key] > most.connections}
            | {key: Excess.BYTES for key, most in bounds.items() if size[key] > most.bytes}
            | {key: Excess.MESSAGES for key, most in bounds.items() if messages[key] > most.messages}
        )

    def _remember(self, at: float, now: dict[int, Line]) -> None:
        """About one look a second, and one that is as old as what is summed."""
        if not self._looks or at - self._looks[-1][0] >= 1:
            self._looks.append((at, now))
        while len(self._looks) > 1 and at - self._looks[1][0] >= WITHIN:
            self._looks.popleft()


def suspension(excess: Excess, earlier: Suspension | None, at: datetime) -> Suspension:
    """Twice as long each time."""
    again = earlier is not None and at - earlier.until < FORGIVEN
    lasts = min(2 * earlier.lasts, LONGEST) if earlier and again else FIRST
    return Suspension(excess=excess, until=at + lasts, lasts=lasts)


def remembered(suspended: Mapping[str, Suspension], at: datetime) -> dict[str, Suspension]:
    """Those that still count."""
    return {key: one for key, one in suspended.items() if at - one.until < FORGIVEN}
