"""Has parked messages tried again for the operators' page, and remembers for a while what came of it."""

from collections import deque
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from contracts.retrying import RetryAnswer, RetryOutcome
from services.runtime import clock
from services.runtime.broker import Bus, NotConnectedError
from services.runtime.jetstream import BusUnavailableError, JetStreamRefusedError
from services.runtime.web.catalogues import translatable as _
from services.stack.console.overview import State
from services.stack.parking import parked_as
from services.stack.retrying import nothing_there, try_again

MOST_SHOWN: Final = 5
SHOWN_FOR: Final = timedelta(minutes=10)
_WORDS: Final = {
    RetryOutcome.DONE: _("handled"),
    RetryOutcome.FAILED: _("still fails"),
    RetryOutcome.GONE: _("nothing is parked under this number"),
    RetryOutcome.NOT_OURS: _("cannot be tried again in this way"),
    RetryOutcome.LATER: _("not now, try later"),
}


@dataclass(frozen=True, slots=True)
class Tried:
    """What came of one more try."""

    at: datetime
    answer: RetryAnswer

    @property
    def word(self) -> str:
        """A message id."""
        return _WORDS[self.answer.outcome]

    @property
    def state(self) -> State:
        """How its line looks."""
        return State.DONE if self.answer.outcome is RetryOutcome.DONE else State.DUE


class Trying:
    """For every operator of this process: whoever looks sees what another has just tried. A crash forgets it."""

    def __init__(self, bus: Bus) -> None:
        self._bus = bus
        self._tried: deque[Tried] = deque(maxlen=MOST_SHOWN)

    async def once_more(self, number: int) -> None:
        """Whoever parked it is asked; what came of it, also where nobody answered, is told by `lately`."""
        try:
            row = await parked_as(self._bus.client, number)
            (answer,) = await try_again(self._bus.client, [row]) if row else [nothing_there(number)]
        except (NotConnectedError, BusUnavailableError, JetStreamRefusedError) as error:
            answer = RetryAnswer(sequence=number, outcome=RetryOutcome.LATER, reason=str(error))
        self._tried.append(Tried(clock.now(), answer))

    def lately(self) -> tuple[Tried, ...]:
        """The last few of the last minutes, newest first."""
        now = clock.now()
        return tuple(one for one in reversed(self._tried) if now - one.at < SHOWN_FOR)
