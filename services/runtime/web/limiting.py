"""Counts how often somebody comes within a minute; what too often means for whom is not decided here."""

import math
from typing import Final

from limits import RateLimitItemPerMinute
from limits.aio.storage import MemoryStorage
from limits.aio.strategies import MovingWindowRateLimiter

from services.runtime import clock

_LEAST_SECONDS: Final = 1


class Rate:
    """At most so many a minute for each key, counted in this process alone."""

    def __init__(self, per_minute: int) -> None:
        self._limiter = MovingWindowRateLimiter(MemoryStorage())
        self._limit = RateLimitItemPerMinute(per_minute)

    async def exceeded(self, *key: str) -> int | None:
        """Counts one; None while there is room, else in how many seconds there will be."""
        if await self._limiter.hit(self._limit, *key):
            return None
        window = await self._limiter.get_window_stats(self._limit, *key)
        return max(_LEAST_SECONDS, math.ceil(window.reset_time - clock.now().timestamp()))
