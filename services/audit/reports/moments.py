"""Reads the days and times people type, as those of Việt Nam unless they say otherwise. It reads no clock."""

from datetime import datetime

from services.runtime.terminal import VIETNAM


def moment(text: str) -> datetime:
    """`2026-11-22`, `2026-11-22T08:30` or with an offset; a day is its beginning. Raises `ValueError`."""
    read = datetime.fromisoformat(text)
    return read if read.tzinfo else read.replace(tzinfo=VIETNAM)


def period_of(at: datetime) -> str:
    """The month in Việt Nam, as `2026-11`."""
    return at.astimezone(VIETNAM).strftime("%Y-%m")
