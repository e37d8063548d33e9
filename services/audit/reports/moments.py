"""Reads the days and times people type, as those of Việt Nam unless they say otherwise. It reads no clock."""

from datetime import datetime, timedelta
from typing import Final

from services.runtime.terminal import VIETNAM

_FIRST_YEAR: Final = 2000
_LAST_YEAR: Final = 3000


def moment(text: str) -> datetime:
    """`2026-11-22`, `2026-11-22T08:30` or with an offset; a day is its beginning. Raises `ValueError`."""
    read = datetime.fromisoformat(text)
    return read if read.tzinfo else read.replace(tzinfo=VIETNAM)


def period_of(at: datetime) -> str:
    """The month in Việt Nam, as `2026-11`."""
    return at.astimezone(VIETNAM).strftime("%Y-%m")


def month(text: str) -> tuple[datetime, datetime]:
    """The beginning of `2026-11` in Việt Nam and of the month after. Raises `ValueError`."""
    first = datetime.strptime(text, "%Y-%m").replace(tzinfo=VIETNAM)
    if not _FIRST_YEAR <= first.year < _LAST_YEAR:
        raise ValueError(text)
    return first, (first + timedelta(days=31)).replace(day=1)
