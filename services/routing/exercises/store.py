"""Holds planned exercises as the stream has them, and records what is decided about them, all or nothing."""

from uuid import UUID

from contracts import subjects
from services.routing.exercises.planning import Drill, after
from services.routing.followed import Followed
from services.runtime.broker import Bus


class Drills(Followed[UUID, Drill]):
    """All exercises."""

    def __init__(self, bus: Bus) -> None:
        super().__init__(
            bus, subjects.ALL_DRILLS, lambda data: data.drill, lambda drill, event: after(drill, event.data)
        )
