"""Sends a page its live events: a beat every two seconds, and always the sequence by which to go on after a break.

What the events are and who may see them is the section's; a browser too slow to take them is cut off and comes again.
"""

import json
from collections.abc import AsyncIterable, Mapping
from datetime import UTC
from typing import Any, Final

from sse_starlette import EventSourceResponse, ServerSentEvent
from starlette.requests import Request

from services.runtime import clock

BEAT_SECONDS: Final = 2
SEND_SECONDS: Final = 10.0
RETRY_MILLISECONDS: Final = 1000


def after(request: Request) -> int:
    """The last sequence the page has; 0 where it names none. A browser's own reconnection wins over the address."""
    for named in (request.headers.get("last-event-id", ""), request.query_params.get("after", "")):
        if named.isascii() and named.isdigit():
            return int(named)
    return 0


def event(kind: str, document: Mapping[str, Any], sequence: int | None = None) -> ServerSentEvent:
    """One event; a sequence makes it a place to resume after."""
    told = json.dumps(document, ensure_ascii=False, separators=(",", ":"), default=str)
    return ServerSentEvent(data=told, event=kind, id=None if sequence is None else str(sequence))


def stream(events: AsyncIterable[ServerSentEvent]) -> EventSourceResponse:
    """The answer that stays open; the first beat goes out at once, so that a quiet page is known to be live."""
    return EventSourceResponse(
        _opened(events),
        ping=BEAT_SECONDS,
        ping_message_factory=_beat,
        send_timeout=SEND_SECONDS,
        headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
    )


async def _opened(events: AsyncIterable[ServerSentEvent]) -> AsyncIterable[ServerSentEvent]:
    beat = _beat()
    beat.retry = RETRY_MILLISECONDS
    yield beat
    async for one in events:
        yield one


def _beat() -> ServerSentEvent:
    return event("beat", {"now": clock.now().astimezone(UTC).isoformat()})
