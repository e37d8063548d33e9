"""Proves in bulk that rows are as our writers make them: a few comparisons of long bytes instead of many for each row.

It says so only of rows in which `checking` would find nothing. Rows that are merely unusual it leaves to `checking`,
together with their neighbours.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, repeat
from struct import Struct, unpack
from typing import Final

from services.audit.batches import AGENCY, MINUTE, OF_AGENCY, PLAIN, QUOTED, are_ids, leaves_of, start_of
from services.audit.copying import START, YEAR_2000, Decoder
from services.audit.entries import Entry

PIECE: Final = 1 << 18
"""Bytes that are looked at together."""
_MARK: Final = b"\0\x0c\0\0\0\x08"
"""How a row starts. Found elsewhere, too, it makes a cut in a wrong place, and the piece is no run."""
_ROW: Final = re.compile(
    rb"(?s)\0\x0c"
    rb"(%(number)b%(number)b%(number)b%(number)b%(number)b\0\0\0\x10.{16}\0\0\0\x20.{32})"
    rb"(?:\0\0\0\x10(?P<incident>.{16})|\xff\xff\xff\xff)"
    rb"(\0...)(?P<type>phoihop\.[A-Za-z]++\.v[0-9]++)"
    rb"(?:\0\0\0(.)(?P<agency>%(agency)b)|\xff\xff\xff\xff)"
    rb"(\0...)((?(agency)%(of)b(?P=agency)\.|(?!%(of)b%(agency)b\.))%(plain)b)"
    rb'(\0...)(\{"specversion":"1\.0","id":"(.{36})","source":%(quoted)b,"type":"(?P=type)","subject":%(quoted)b,'
    rb'"time":"(.{14})(.{12})Z","datacontenttype":%(quoted)b,"dataschema":%(quoted)b'
    rb'(?(incident),"incidentid":"(.{36})"),"correlationid":%(quoted)b,"causationid":%(quoted)b,"data":[^\0]*+)'
    % {b"number": rb"\0\0\0\x08.{8}", b"agency": AGENCY, b"of": OF_AGENCY, b"plain": PLAIN, b"quoted": QUOTED}
)
"""One row of COPY as our writers make it: what `services.audit.entries` reads off the body stands in the columns.

A body of JSON holds no NUL, so it ends where the next row starts. What fits here is compared further by `_is_said`.
"""
_HEAD: Final = Struct(">4xq4xq4xq4xq4xq4x16s4x32s")
_ROW_SIZE: Final = 2 + _HEAD.size + 4 * 5
"""Of a row without incident, agency and text."""


@dataclass(frozen=True, slots=True)
class Run:
    """Rows one after the other, by place and by sequence, whose leaves and columns are what their bodies give."""

    first: int
    stream_seq: int
    """Of the first row."""
    leaves: Sequence[bytes]
    _data: bytes
    _end: int

    def entries(self) -> Sequence[Entry]:
        """The rows one by one, for whoever has to say what is wrong with their place."""
        decoder = Decoder()
        decoder.feed(START)
        return decoder.feed(self._data[: self._end])


class Sieve:
    """Takes what the server sends, cut anywhere, and gives runs and, where there is something to look at, rows."""

    def __init__(self) -> None:
        self._decoder = Decoder()
        self._waiting: list[bytes] = []
        self._size = 0
        self._started = False

    def feed(self, data: bytes) -> Iterator[Run | Sequence[Entry]]:
        """What these bytes complete, sooner or later. Raises `MalformedCopyError`."""
        self._waiting.append(data)
        self._size += len(data)
        if self._size >= PIECE:
            yield from self._sift()

    def finish(self) -> Iterator[Run | Sequence[Entry]]:
        """The rest; nothing follows. Raises `MalformedCopyError` if something should."""
        yield from self._sift()
        yield self._decoder.feed(b"".join(self._waiting))
        self._decoder.finish()

    def _sift(self) -> Iterator[Run | Sequence[Entry]]:
        data = b"".join(self._waiting)
        if not self._started:
            start, data = data[: len(START)], data[len(START) :]
            self._decoder.feed(start)
            self._started = True
        cut = data.rfind(_MARK)
        if cut > 0 and (run := usual(data, cut)):
            yield run
            rest = data[cut:]
        else:
            yield self._decoder.feed(data)
            rest = self._decoder.left()
        self._waiting, self._size = [rest], len(rest)


def usual(data: bytes, end: int) -> Run | None:
    """The complete rows before `end` as a run; None if one of them has to be looked at."""
    if not (rows := _ROW.findall(data, 0, end)):
        return None
    heads, incidents, type_sizes, types, agency_sizes, agencies, subject_sizes, subjects, *rest = zip(
        *rows, strict=True
    )
    body_sizes, bodies, *said = rest
    texts = (*types, *subjects, *bodies)
    sizes = tuple(map(len, texts))
    agency_bytes = bytes(map(len, filter(None, agencies)))
    ids = b"".join(incidents)
    # what fits the pattern does not overlap: only if it is as long as all of the data, nothing lies between or before
    whole = _ROW_SIZE * len(rows) + sum(sizes) + sum(agency_bytes) + len(ids)
    if (
        whole != end
        or unpack(f">{len(texts)}i", b"".join((*type_sizes, *subject_sizes, *body_sizes))) != sizes
        or b"".join(agency_sizes) != agency_bytes
    ):
        return None
    idx, sequences, occurred, stored, recorded, events, leaves = zip(*_HEAD.iter_unpack(b"".join(heads)), strict=True)
    if (
        idx != tuple(range(idx[0], idx[0] + len(idx)))
        or sequences != tuple(range(sequences[0], sequences[0] + len(idx)))
        or not _is_said(b"".join(events), ids, occurred, said)
        or _leaves(stored, recorded, sequences, subjects, bodies) != leaves
    ):
        return None
    return Run(idx[0], sequences[0], leaves, data, end)


def _leaves(
    stored: Sequence[int],
    recorded: Sequence[int],
    sequences: Sequence[int],
    subjects: Sequence[bytes],
    bodies: Sequence[bytes],
) -> tuple[bytes, ...]:
    """The leaves that these columns and bodies give; times since 2000."""
    recorded, stored = [each + YEAR_2000 for each in recorded], [each + YEAR_2000 for each in stored]
    return tuple(leaves_of(recorded, stored, sequences, subjects, bodies))


def _is_said(events: bytes, incidents: bytes, occurred: Sequence[int], said: Sequence[Sequence[bytes]]) -> bool:
    """Whether the columns hold the ids and the times that the bodies say."""
    event_texts, hours, rest, incident_texts = said
    return (
        are_ids(events, b"".join(event_texts))
        and are_ids(incidents, b"".join(incident_texts))
        and _are_times(occurred, hours, b"".join(rest))
    )


def _are_times(times: Sequence[int], hours: Sequence[bytes], rest: bytes) -> bool:
    """Whether times since 2000 are these hours and, as 00:00.000000, what follows them, one after the other."""
    try:
        starts = {hour: start_of(hour) for hour in set(hours)}
    except ValueError:
        return False
    within = [time - starts[hour] for time, hour in zip(times, hours, strict=True)]
    count = len(within)
    return (
        min(within) >= 0
        and max(within) < 60 * MINUTE
        and b"%02d:%08d" * count % tuple(chain.from_iterable(map(divmod, within, repeat(MINUTE))))
        == rest.replace(b".", b"")
        and rest[5::12] == b"." * count
    )
