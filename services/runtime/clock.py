"""The only reader of clocks. Decisions never read one: they get the stream's timestamp as an argument."""

import time
from datetime import UTC, datetime


def now() -> datetime:
    """The wall clock, aware, in UTC."""
    return datetime.now(UTC)


def monotonic() -> float:
    """Seconds on a clock that only runs forward; for durations."""
    return time.monotonic()
