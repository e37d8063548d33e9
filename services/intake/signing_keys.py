"""Reads from EVENTS whose key signs what: asked anew for every batch that holds a signature, so that ended keys end."""

from contracts import subjects
from contracts.envelope import read
from contracts.identity import IdentityChanged
from contracts.streams import EVENTS
from services.intake.signers import Signers
from services.runtime.broker import Bus
from services.runtime.jetstream import read_subject


class SigningKeys:
    """What EVENTS holds about the keys of units and desks."""

    def __init__(self, bus: Bus, *, required: bool = False) -> None:
        self.required = required
        self._bus = bus
        self._signers = Signers()
        self._next = 1

    async def newest(self) -> Signers:
        """With everything that is on record now. Raises `BusUnavailableError`."""
        found = read_subject(self._bus.client, EVENTS.name, subjects.ALL_IDENTITIES, self._next)
        async for stored in found:
            event = read(stored.body)
            if isinstance(event.data, IdentityChanged):
                self._signers.learn(event.data)
            self._next = stored.sequence + 1
        return self._signers
