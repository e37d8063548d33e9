"""Messages that wait to be handled: in the order received, or senders in turn so that no crowd keeps another waiting.

Turns alone are not enough: a crowd that is worked off without a pause leaves no processor to whoever comes next. So a
sender that goes on and on is given a steady pace, and the rest of its messages wait where they are.
"""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from nats.aio.msg import Msg

from services.runtime.clock import monotonic

LONGEST_PAUSE = 1.0


@dataclass(frozen=True, slots=True)
class Turns:
    """What one sender gets of a service, where each message's subject names its sender."""

    share: int
    """At most so many messages in one batch."""
    burst: int
    """So many at once without being slowed down."""
    per_second: float
    """Beyond them."""


@dataclass(slots=True)
class _Allowance:
    left: float
    at: float


class Waiting:
    """Takes messages in and gives them out in batches. Messages of one sender always keep their order."""

    def __init__(self, turns: Turns | None = None, clock: Callable[[], float] = monotonic) -> None:
        self._turns = turns
        self._clock = clock
        self._lines: dict[str, deque[Msg]] = {}
        """Sender -> what waits of it; who was served last stands last."""
        self._allowances: dict[str, _Allowance] = {}
        """Only of senders that used some of theirs lately."""
        self._count = 0

    def __len__(self) -> int:
        return self._count

    def append(self, message: Msg) -> None:
        """Behind everything else of its sender."""
        self._lines.setdefault(message.subject if self._turns else "", deque()).append(message)
        self._count += 1

    def take(self, limit: int) -> list[Msg]:
        """At most so many: whose turn it is comes first. Empty also while all who wait are to be slowed down."""
        taken: list[Msg] = []
        self._refill()
        for sender in list(self._lines):
            if len(taken) >= limit:
                break
            line = self._lines[sender]
            if wanted := self._turn(sender, min(len(line), limit - len(taken))):
                del self._lines[sender]
                taken += (line.popleft() for _ in range(wanted))
                if line:
                    self._lines[sender] = line
        self._count -= len(taken)
        return taken

    def pause(self) -> float:
        """Seconds after which somebody who waits may have a turn, if nothing else comes."""
        if self._turns is None or not self._lines:
            return LONGEST_PAUSE
        return self._turns.share / self._turns.per_second

    def clear(self) -> None:
        """Forgets all of them."""
        self._lines.clear()
        self._count = 0

    def _turn(self, sender: str, there: int) -> int:
        """How many of the sender's messages are taken now. A whole share or nothing, so that batches stay few."""
        if self._turns is None:
            return there
        wanted = min(there, self._turns.share)
        allowance = self._allowances.get(sender) or _Allowance(self._turns.burst, self._clock())
        if allowance.left < wanted:
            return 0
        allowance.left -= wanted
        self._allowances[sender] = allowance
        return wanted

    def _refill(self) -> None:
        if self._turns is None:
            return
        now = self._clock()
        for sender, allowance in list(self._allowances.items()):
            allowance.left += (now - allowance.at) * self._turns.per_second
            allowance.at = now
            if allowance.left >= self._turns.burst:
                del self._allowances[sender]
