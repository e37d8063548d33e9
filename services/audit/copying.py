"""Writes and reads entries in the binary form of Postgres' COPY. It connects to nothing.

The driver's own encoders cost more than hashing, and rows that are made here can travel while the next are hashed.
"""

import struct
from collections.abc import Iterable, Sequence
from typing import Final

from services.audit.entries import Entry
from services.audit.tlog.merkle import HASH_SIZE

COLUMNS: Final = Entry._fields
"""The order of the columns, in both directions."""
START: Final = b"PGCOPY\n\xff\r\n\0" + bytes(8)
END: Final = b"\xff\xff"

SELECTED: Final = (
    "idx, coalesce(stream_seq, 0), occurred_at, coalesce(stored_at, 'epoch'), coalesce(recorded_at, 'epoch'), "
    "coalesce(event_id, '00000000-0000-0000-0000-000000000000'), coalesce(leaf_hash, ''), incident_id, "
    "coalesce(event_type, ''), agency, coalesce(subject, ''), coalesce(body, '')"
)
"""`COLUMNS` as `Decoder` can read them even where a superuser took a NOT NULL away."""

_FIELDS: Final = len(COLUMNS)
_FIXED: Final = struct.Struct(">hiqiqiqiqiqi16si")
"""The columns of fixed width, each behind its width, and the length of the next one."""
_USUAL: Final = struct.Struct(">hiqiqiqiqiqi16si32si16si")
"""Of a row with a whole hash and an incident everything up to its type, and the type's length, in one call."""
_ID_SIZE: Final = 16
_LENGTH: Final = struct.Struct(">i")
_NULL: Final = b"\xff\xff\xff\xff"
YEAR_2000: Final = 946_684_800_000_000
"""Postgres counts microseconds from here."""


class MalformedCopyError(ValueError):
    """What the server sent is no COPY of these columns."""


def encode(entries: Iterable[Entry]) -> bytes:
    """These rows, between `START` and `END`."""
    return b"".join(map(_encoded, entries))


class Decoder:
    """Takes what the server sends, cut anywhere, and gives the rows that are complete."""

    def __init__(self) -> None:
        self._waiting = b""
        self._started = False

    def feed(self, data: bytes) -> Sequence[Entry]:
        """The rows that these bytes complete. Raises `MalformedCopyError`."""
        data = self._waiting + data
        start = 0
        if not self._started:
            if len(data) < len(START):
                self._waiting = data
                return ()
            if not data.startswith(START):
                raise MalformedCopyError("a COPY in another form")
            self._started, start = True, len(START)
        rows, end = _decoded(data, start)
        self._waiting = data[end:]
        return rows

    def left(self) -> bytes:
        """The bytes of the row that is not complete, for somebody else to go on with."""
        left, self._waiting = self._waiting, b""
        return left

    def finish(self) -> None:
        """Nothing follows. Raises `MalformedCopyError` if something should."""
        if self._waiting != END:
            raise MalformedCopyError("a COPY that ends within a row")


def _encoded(entry: Entry) -> bytes:
    idx, seq, occurred_at, stored_at, recorded_at, event_id, leaf, incident_id, event_type, agency, subject, body = (
        entry
    )
    times = (8, occurred_at - YEAR_2000, 8, stored_at - YEAR_2000, 8, recorded_at - YEAR_2000)
    kind, where = event_type.encode(), subject.encode()
    whose = _NULL if agency is None else _LENGTH.pack(len(encoded := agency.encode())) + encoded
    incident = _NULL if incident_id is None else b"\0\0\0\x10" + incident_id
    return b"%b%b%b%b%b%b%b%b%b%b" % (
        _FIXED.pack(_FIELDS, 8, idx, 8, seq, *times, 16, event_id, len(leaf)),
        *(leaf, incident, _LENGTH.pack(len(kind)), kind, whose),
        *(_LENGTH.pack(len(where)), where, _LENGTH.pack(len(body)), body),
    )


def _decoded(data: bytes, at: int) -> tuple[list[Entry], int]:
    """The complete rows from `at` on, and where the first incomplete one starts."""
    rows: list[Entry] = []
    make, usual, length, shift, size = Entry._make, _USUAL.unpack_from, _LENGTH.unpack_from, YEAR_2000, len(data)
    step, last = _USUAL.size, size - _USUAL.size
    try:
        while True:
            count, *fields, wide = usual(data, at) if at <= last else (0, 0)
            if count == _FIELDS and fields[12] == HASH_SIZE and fields[14] == _ID_SIZE:
                _, idx, _, seq, _, occurred, _, stored, _, recorded, _, event, _, leaf, _, incident = fields
                first = at + step
            else:
                idx, seq, occurred, stored, recorded, event, leaf, incident, wide, first = _unusual(data, at)
            kind, (wide,), first = data[first : first + wide], length(data, first + wide), first + wide + 4
            agency, end = (None, first) if wide < 0 else (data[first : first + wide], first + wide)
            (wide,), first = length(data, end), end + 4
            where, (wide,), first = data[first : first + wide], length(data, first + wide), first + wide + 4
            if (end := first + wide) > size:
                break
            times = (occurred + shift, stored + shift, recorded + shift)
            text = (kind.decode(), None if agency is None else agency.decode(), where.decode())
            rows.append(make((idx, seq, *times, event, leaf, incident, *text, data[first:end])))
            at = end
    except struct.error:  # the rest of the row, or the end, is still on its way
        pass
    return rows, at


def _unusual(data: bytes, at: int) -> tuple[int, int, int, int, int, bytes, bytes, bytes | None, int, int]:
    """The head of any row: its fixed columns, leaf, incident, and the length and place of its type."""
    count, _, idx, _, seq, _, occurred, _, stored, _, recorded, _, event, wide = _FIXED.unpack_from(data, at)
    if count != _FIELDS:
        raise MalformedCopyError(f"{count} columns")
    first = at + _FIXED.size
    end = first + wide
    leaf, (wide,), first = data[first:end], _LENGTH.unpack_from(data, end), end + 4
    incident, end = (None, first) if wide < 0 else (data[first : first + _ID_SIZE], first + _ID_SIZE)
    (wide,) = _LENGTH.unpack_from(data, end)
    return idx, seq, occurred, stored, recorded, event, leaf, incident, wide, end + 4
