"""Judges what was found and arranges it for the operators' page. Pure, and without the bodies of reports."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, NamedTuple

from services.runtime.web.catalogues import translatable as _
from services.stack.console.looking import Look
from services.stack.inspection import Disk, ServerHealth, ServiceHealth, Status, StreamHealth
from services.stack.parking import Again, Parked

DISK_LOW: Final = (20, 8)
"""Per cent free below which somebody should look, and must."""
STREAM_FULL: Final = (80, 95)
"""Per cent of a stream's room."""
LAG_LONG: Final = (200, 5000)
"""Messages a service has not finished."""
ENDS_SOON: Final = (timedelta(days=30), timedelta(days=3))


class State(StrEnum):
    """How a line looks; each has its word beside its colour."""

    DONE = "done"
    DUE = "due"
    OVERDUE = "overdue"
    QUIET = "quiet"


_WORDS: Final = {
    State.DONE: _("all right"),
    State.DUE: _("look at it"),
    State.OVERDUE: _("act now"),
    State.QUIET: _("nothing to say"),
}
_GRAVITY: Final = (State.QUIET, State.DONE, State.DUE, State.OVERDUE)


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a table: a name, its judgement, and what was measured."""

    name: str
    state: State
    word: str
    """A message id."""
    figures: tuple[int | str | None, ...] = ()


class Waiting(NamedTuple):
    """A message that was parked; what it says stays where it is."""

    number: int
    since: datetime
    by: str
    subject: str
    reason: str
    again: Again


@dataclass(frozen=True, slots=True)
class Overview:
    """Everything the page shows, judged."""

    at: datetime
    state: State
    word: str
    servers: tuple[Row, ...] = ()
    """Name, version or problem, restarts."""
    streams: tuple[Row, ...] = ()
    """Messages, last sequence, per cent of the room."""
    lags: tuple[Row, ...] = ()
    """Messages not finished."""
    parked: tuple[Waiting, ...] = ()
    parked_count: int = 0
    deadlines: int | None = None
    """Deadlines that still run; none where the stream is not there."""
    endings: tuple[tuple[str, datetime, State], ...] = ()
    disk: Disk | None = None
    disk_state: State = State.QUIET
    warnings: tuple[str, ...] = ()
    """Message ids."""


def overview(look: Look) -> Overview:
    """The page's content. Nothing to ask is nothing to say, which is no good news either."""
    if (status := look.status) is None:
        return Overview(look.at, State.QUIET, _("no stack runs and no server is named"))
    named = [("NATS", status.nats), ("Postgres", status.postgres)]
    servers = (*(_server(*one) for one in named if one[1].address), *map(_service, status.services))
    streams, lags = tuple(map(_stream, status.streams)), tuple(_lag(*one) for one in status.lag.items())
    endings = tuple((name, end, ending_state(end - look.at)) for name, end in look.endings)
    disk = _below(status.disk.free_percent, *DISK_LOW)
    waiting = State.DUE if status.parked else State.DONE
    worst = gravest([row.state for row in (*servers, *streams, *lags)] + [one[2] for one in endings] + [disk, waiting])
    return Overview(
        look.at,
        worst,
        _WORDS[worst],
        servers,
        streams,
        lags,
        tuple(map(_waiting, look.parked)),
        status.parked,
        next((stream.messages for stream in status.streams if stream.name == "DEADLINES"), None),
        endings,
        status.disk,
        disk,
        tuple(_warnings(status)),
    )


def gravest(states: Iterable[State]) -> State:
    """The one that needs somebody most."""
    return max(states, key=_GRAVITY.index, default=State.QUIET)


def ending_state(left: timedelta) -> State:
    """How soon a key or certificate ends."""
    soon, now = ENDS_SOON
    return State.OVERDUE if left < now else State.DUE if left < soon else State.DONE


def _server(name: str, health: ServerHealth) -> Row:
    state = State.DONE if health.ok else State.OVERDUE
    word = _("answers") if health.ok else _("does not answer")
    return Row(name, state, word, (health.version or health.problem, health.restarts, health.address))


def _service(health: ServiceHealth) -> Row:
    state = State.DONE if health.ready else State.OVERDUE
    word = _("ready") if health.ready else _("not ready")
    return Row(health.name, state, word, (None, health.restarts, health.url))


def _stream(stream: StreamHealth) -> Row:
    used = 100 * stream.bytes // stream.max_bytes if stream.max_bytes > 0 else 0
    state = _above(used, *STREAM_FULL)
    return Row(stream.name, state, _WORDS[state], (stream.messages, stream.last_sequence, used))


def _lag(name: str, waiting: int) -> Row:
    state = _above(waiting, *LAG_LONG)
    return Row(name, state, _WORDS[state], (waiting,))


def _waiting(one: Parked) -> Waiting:
    return Waiting(
        one.sequence, datetime.fromisoformat(one.parked_at), one.consumer, one.subject, one.reason, one.again
    )


def _above(figure: int, look: int, act: int) -> State:
    return State.OVERDUE if figure >= act else State.DUE if figure >= look else State.DONE


def _below(figure: int, look: int, act: int) -> State:
    return State.OVERDUE if figure <= act else State.DUE if figure <= look else State.DONE


def _warnings(status: Status) -> Iterable[str]:
    if status.durability == "relaxed":
        yield _("The server acknowledges before writing to disk; for tests only.")
    if status.time_scale < 1:
        yield _("Every acknowledgement time is shortened; for demonstrations only.")
