"""Keeps one secret a day, from which the salts of that day's personal values are derived, and destroys it in time."""

import asyncio
import os
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Final

from services.runtime import clock
from services.runtime.logs import logger
from services.runtime.secret_files import SECRET_BYTES, UnusableSecretError, overwrite, secret

_SUFFIX: Final = ".salt"
_HOUR: Final = 3600.0
_NAP: Final = 1.0


class DayKeys:
    """The secrets of the last days, each in a file of its own, named by its UTC date."""

    def __init__(self, folder: Path, days: int) -> None:
        self._folder = folder
        self._days = days
        self._known: dict[date, bytes] = {}

    def at(self, received_at: datetime) -> tuple[bytes, ...]:
        """The secret of the day a submission was received, made where there is none, then those of the other days kept.

        Raises `UnusableSecretError`. The day is the hub's, so a redelivery of any later day finds the same secret.
        """
        day = received_at.astimezone(UTC).date()
        days = (day, *sorted(self._kept() - {day}, reverse=True))
        return tuple(self._secret(one) for one in days)

    def forget(self, today: date) -> int:
        """Destroys every secret older than the days they are kept; how many. Raises `UnusableSecretError`."""
        old = {day for day in self._kept() if day < today - timedelta(days=self._days)}
        for day in old:
            self._known.pop(day, None)
            try:
                overwrite(self._file(day))
                self._file(day).unlink()
            except OSError as error:
                raise UnusableSecretError(f"{self._file(day)}: {error.strerror}") from error
        return len(old)

    async def forget_in_time(self, running: Callable[[], bool]) -> None:
        """Every hour. Not at once at the start: what an outage left in INBOX is handled under its own day's secret."""
        next_time = clock.monotonic() + _HOUR
        while running():
            await asyncio.sleep(_NAP)
            if clock.monotonic() >= next_time:
                next_time = clock.monotonic() + _HOUR
                try:
                    self.forget(clock.now().date())
                except UnusableSecretError as error:
                    logger().error("salt_not_destroyed", reason=str(error))

    def _secret(self, day: date) -> bytes:
        if day not in self._known:
            found = secret(self._file(day), _fresh)
            if not found:  # a crash came between overwriting and removing it
                self._file(day).unlink(missing_ok=True)
                found = secret(self._file(day), _fresh)
            self._known[day] = found
        return self._known[day]

    def _kept(self) -> set[date]:
        try:
            return {date.fromisoformat(file.stem) for file in self._folder.glob(f"[0-9]*{_SUFFIX}")}
        except (OSError, ValueError) as error:
            raise UnusableSecretError(f"{self._folder}: {error}") from error

    def _file(self, day: date) -> Path:
        return self._folder / f"{day.isoformat()}{_SUFFIX}"


def _fresh() -> bytes:
    return os.urandom(SECRET_BYTES)
