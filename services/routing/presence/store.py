"""Holds which desks are there, as the stream has it, and records what is decided about them, all or nothing."""

from contracts import subjects
from contracts.codes import Space
from contracts.decisions import Addressee
from services.routing.followed import Followed
from services.routing.presence.signs import NEVER_SEEN, Attendance, Key, after
from services.runtime.broker import Bus


class Attendances(Followed[Key, Attendance]):
    """All desks."""

    def __init__(self, bus: Bus) -> None:
        super().__init__(
            bus,
            subjects.ALL_DESKS,
            lambda data: (data.space, data.desk),
            lambda known, event: after(known or NEVER_SEEN, event),
        )

    def of(self, space: Space, desk: Addressee) -> Attendance:
        """One desk."""
        return self.all.get((space, desk), NEVER_SEEN)
