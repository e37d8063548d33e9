"""Which rows of a board an officer asked to see, in which order, and what is left to do. Pure: shows, never decides."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final
from urllib.parse import urlencode

from contracts.code_words import Words
from contracts.codes import Role, Severity
from contracts.taxonomy import CATEGORIES, FAMILIES
from contracts.text import fold
from services.desk.board import urgency
from services.desk.row import Row
from services.desk.words import SHOUTED_ROLES

PRIORITIES: Final = {
    Severity.EXTREME: 1,
    Severity.SEVERE: 2,
    Severity.MODERATE: 3,
    Severity.UNKNOWN: 3,
    Severity.MINOR: 4,
}
"""Few, each with a meaning: 1 and 2 sound until somebody has them, 3 sounds once, 4 is read when there is time."""
LOUDEST: Final = 2
LONGEST_SEARCH: Final = 80
_LATEST: Final = 9_999_999_999.0
_ZERO: Final = 10**11


class Show(StrEnum):
    """How much of the board is shown."""

    OPEN = "open"
    """What is not over for this desk."""
    WAITING = "waiting"
    """What nobody has acknowledged."""
    OVERDUE = "overdue"
    ALL = "all"


SHOWS: Final[dict[Show, Words]] = {
    Show.OPEN: ("việc đang mở", "open dispatches"),
    Show.WAITING: ("việc chưa ai xác nhận", "dispatches nobody has acknowledged"),
    Show.OVERDUE: ("việc quá hạn", "overdue dispatches"),
    Show.ALL: ("mọi việc, cả đã xong", "every dispatch, also what is done"),
}


@dataclass(frozen=True, slots=True)
class Filter:
    """What the address of the page asks for."""

    show: Show = Show.OPEN
    role: Role | None = None
    family: str | None = None
    """The first three letters of a category."""
    words: str = ""

    @classmethod
    def read(cls, asked: Mapping[str, str]) -> "Filter":
        """From the query of an address; what means nothing is left out, so that an old bookmark still opens."""
        show, role, family = asked.get("show"), asked.get("role"), asked.get("family")
        return cls(
            Show(show) if show in set(Show) else Show.OPEN,
            Role(role) if role in set(Role) else None,
            family if family in FAMILIES else None,
            " ".join(asked.get("q", "").split())[:LONGEST_SEARCH],
        )

    @property
    def query(self) -> str:
        """The same as a query; empty for the usual view."""
        show = None if self.show is Show.OPEN else self.show.value
        told = {"show": show, "role": self.role and self.role.value, "family": self.family, "q": self.words}
        return urlencode({name: value for name, value in told.items() if value})

    def matches(self, row: Row, now: datetime) -> bool:
        """Whether the row is among what was asked for."""
        issued = row.issued
        return (
            self._shows(row, now)
            and (self.role is None or issued.role is self.role)
            and (self.family is None or issued.category.family == self.family)
            and (not self.words or fold(self.words) in _searched(row))
        )

    def said(self) -> Words:
        """One sentence that tells what is shown."""
        return self._said(0), self._said(1)

    def _shows(self, row: Row, now: datetime) -> bool:
        match self.show:
            case Show.OPEN:
                return active(row)
            case Show.WAITING:
                return row.waits
            case Show.OVERDUE:
                return row.overdue(now)
            case Show.ALL:
                return True

    def _said(self, language: int) -> str:
        parts = [(("Đang hiện ", "Showing ")[language]) + SHOWS[self.show][language]]
        if self.role is not None:
            parts.append((("vai trò ", "role ")[language]) + SHOUTED_ROLES[self.role][language])
        if self.family is not None:
            parts.append((("nhóm ", "group ")[language]) + FAMILIES[self.family][language])
        if self.words:
            parts.append((("có chữ ", "containing ")[language]) + f"“{self.words}”")
        return ", ".join(parts) + "."


@dataclass(frozen=True, slots=True)
class Tally:
    """What is left to do at a desk, whatever is shown."""

    open: int
    waiting: int
    overdue: int
    ringing: int
    """How many sound until somebody acknowledges them."""
    next_due: datetime | None


def shown(rows: Iterable[Row], wanted: Filter, now: datetime) -> tuple[Row, ...]:
    """The rows asked for, most pressing first."""
    return tuple(sorted((row for row in rows if wanted.matches(row, now)), key=lambda row: urgency(row, now)))


def tally(rows: Iterable[Row], now: datetime) -> Tally:
    """The counts of a whole board."""
    mine = [row for row in rows if active(row)]
    return Tally(
        open=len(mine),
        waiting=sum(row.waits for row in mine),
        overdue=sum(row.overdue(now) for row in mine),
        ringing=sum(rings(row) for row in mine),
        next_due=min((due for row in mine if (due := row.due) is not None and due >= now), default=None),
    )


def active(row: Row) -> bool:
    """Whether it stays on the screen: what is in hand does though nothing is owed now; what was only told does not."""
    return row.open or (not row.over and row.issued.role is not Role.INFORM)


def priority(row: Row) -> int:
    """1 is the highest of four."""
    return PRIORITIES[row.severity]


def rings(row: Row) -> bool:
    """Whether it sounds again and again: something grave is asked of the desk and nobody has it yet."""
    return row.waits and row.issued.role is not Role.INFORM and priority(row) <= LOUDEST


def next_waiting(rows: Iterable[Row], done: Row, now: datetime) -> Row | None:
    """What an officer looks at after acknowledging one: the most pressing that still waits."""
    waiting = [row for row in rows if row.waits and row.issued.dispatch != done.issued.dispatch]
    return min(waiting, key=lambda row: urgency(row, now), default=None)


def place_in_order(row: Row, now: datetime) -> str:
    """The row's place as text that sorts like the board, so that a browser can put one row where it belongs."""
    waits, overdue, is_open, gravity, due, newest, dispatch = urgency(row, now)
    return f"{waits:d}{overdue:d}{is_open:d}{gravity}{min(due, _LATEST):014.3f}{_ZERO + newest:016.3f}{dispatch}"


def _searched(row: Row) -> str:
    issued = row.issued
    named = CATEGORIES[issued.category]
    return fold(f"{issued.headline} {issued.place} {named.vi} {named.en} {issued.category.value} {issued.dispatch}")
