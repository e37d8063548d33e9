"""Writes and reads entries in the binary form of Postgres' COPY. It connects to nothing.

The driver's own encoders cost more than hashing, and rows that are made here can travel while the next are hashed.
"""

import struct
from collections.abc import Iterable, Sequence
from typing import Final

from services.audit.entries import Entry, StoredEntry, microseconds

COLUMNS: Final = StoredEntry._fields
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
_VARYING: Final = 6
"""How many columns follow those, each behind its length."""
_LENGTH: Final = struct.Struct(">i")
_NULL: Final = b"\xff\xff\xff\xff"
_YEAR_2000: Final = 946_684_800_000_000
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

    def feed(self, data: bytes) -> Sequence[StoredEntry]:
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

    def finish(self) -> None:
        """Nothing follows. Raises `MalformedCopyError` if something should."""
        if self._waiting != END:
            raise MalformedCopyError("a COPY that ends within a row")


def _encoded(entry: Entry) -> bytes:
    idx, stream_seq, occurred_at, stored_at, recorded_at, event_id, incident_id, *_ = entry
    event_type, subject = entry.event_type.encode(), entry.subject.encode()
    return b"%b%b%b%b%b%b%b%b%b%b" % (
        _FIXED.pack(
            *(_FIELDS, 8, idx, 8, stream_seq),
            *(8, microseconds(occurred_at) - _YEAR_2000),
            *(8, microseconds(stored_at) - _YEAR_2000),
            *(8, microseconds(recorded_at) - _YEAR_2000),
            *(16, bytes.fromhex(event_id.replace("-", "")), len(entry.leaf_hash)),
        ),
        entry.leaf_hash,
        b"\0\0\0\x10" + bytes.fromhex(incident_id.replace("-", "")) if incident_id else _NULL,
        _LENGTH.pack(len(event_type)),
        event_type,
        _optional(entry.agency),
        _LENGTH.pack(len(subject)),
        subject,
        _LENGTH.pack(len(entry.body)),
        entry.body,
    )


def _optional(text: str | None) -> bytes:
    if text is None:
        return _NULL
    encoded = text.encode()
    return _LENGTH.pack(len(encoded)) + encoded


def _text(value: bytes | None) -> str:
    return value.decode() if value else ""


def _decoded(data: bytes, at: int) -> tuple[list[StoredEntry], int]:
    """The complete rows from `at` on, and where the first incomplete one starts."""
    rows: list[StoredEntry] = []
    make, fixed, length = StoredEntry._make, _FIXED.unpack_from, _LENGTH.unpack_from
    try:
        while True:
            count, _, idx, _, seq, _, occurred_at, _, stored_at, _, recorded_at, _, event_id, size = fixed(data, at)
            if count != _FIELDS:
                raise MalformedCopyError(f"{count} columns")
            values: list[bytes | None] = []
            start = at + _FIXED.size
            for _ in range(_VARYING - 1):
                end = start if size < 0 else start + size
                values.append(None if size < 0 else data[start:end])
                (size,) = length(data, end)
                start = end + _LENGTH.size
            leaf, incident_id, event_type, agency, subject = values
            if (end := start + size) > len(data):
                break
            times = (occurred_at + _YEAR_2000, stored_at + _YEAR_2000, recorded_at + _YEAR_2000)
            text = (_text(event_type), None if agency is None else _text(agency), _text(subject))
            rows.append(make((idx, seq, *times, event_id, leaf, incident_id, *text, data[start:end])))
            at = end
    except struct.error:  # the rest of the row, or the end, is still on its way
        pass
    return rows, at
