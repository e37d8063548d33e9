"""Where a service is asked to handle once more what it parked, and where it says what came of it.

No question names where its answer goes: nobody can have a service answer where the asker may not publish.
"""

from typing import Final

ALL_RETRIES: Final = "retry.*.*"
ALL_RETRIED: Final = "retried.*.*"
LARGEST_NUMBER: Final = 2**63 - 1
"""Of a message in a stream."""


def retry(stream: str, consumer: str) -> str:
    """Where whoever works through one consumer hears numbers of parked messages to try again."""
    return f"retry.{stream}.{consumer}"


def retried(stream: str, consumer: str) -> str:
    """What came of it, by number; heard by whoever listens, stored nowhere."""
    return f"retried.{stream}.{consumer}"
