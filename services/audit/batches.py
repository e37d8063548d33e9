"""Makes the rows of many messages at once, in a few passes over long bytes: what `entries` says of each, and faster.

What it is not sure of it leaves to `entries`, the whole piece: both give the same bytes.
"""

import re
from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache
from hashlib import sha256
from itertools import chain
from struct import Struct
from typing import Final, NamedTuple

from services.audit.copying import YEAR_2000, encode
from services.audit.entries import Received, entry_of, microseconds

PLAIN: Final = rb"[ !#-\[\]-~]*+"
"""What JSON writes as it stands."""
QUOTED: Final = rb'"%b"' % PLAIN
OF_AGENCY: Final = rb"[a-z]++\.(?:report|action|incident\.[ !#-\-/-\[\]-~]++\.dispatch)\."
AGENCY: Final = rb"[a-z0-9][a-z0-9-]{0,31}+"
MINUTE: Final = 60_000_000
_SUBJECT: Final = re.compile(
    rb"(?:%(of)b(%(agency)b)\.|(?!%(of)b%(agency)b\.))%(plain)b"
    % {b"agency": AGENCY, b"of": OF_AGENCY, b"plain": PLAIN}
)
_EVENT: Final = re.compile(
    rb'(?s)\{"specversion":"1\.0","id":"(.{36})","source":%(quoted)b,"type":"(phoihop\.[A-Za-z]++\.v[0-9]++)",'
    rb'"subject":%(quoted)b,"time":"(.{14})([0-5][0-9]:[0-5][0-9]\.[0-9]{6})Z","datacontenttype":%(quoted)b,'
    rb'"dataschema":%(quoted)b(?:,"incidentid":"(.{36})")?,"correlationid":%(quoted)b,"causationid":%(quoted)b,"data":'
    % {b"quoted": QUOTED}
)
"""The head of a body as `contracts.envelope` writes it."""
_HEAD: Final = Struct(">hiqiqiqiqiqi16si32s")
_COLUMNS: Final = 12
_LENGTH: Final = Struct(">i")
_NULL: Final = b"\xff\xff\xff\xff"
_HOUR: Final = re.compile(rb"[0-9]{4}-[0-9]{2}-[0-9]{2}T(?:[01][0-9]|2[0-3]):")
_LEAF: Final = b'\x00{"recorded_at":%d,"stored_at":%d,"stream_seq":%d,"subject":"%b","v":1}\n%b'
_ID_SIZE: Final = 16


class Made(NamedTuple):
    """The rows as COPY wants them, and their leaves."""

    data: bytes
    leaves: Sequence[bytes]


def made(first: int, messages: Sequence[Received], recorded_at: int) -> Made:
    """The rows of these messages, the first at place `first`; `recorded_at` in microseconds."""
    return _made(first, messages, recorded_at) or _one_by_one(first, messages, recorded_at)


def _one_by_one(first: int, messages: Sequence[Received], recorded_at: int) -> Made:
    entries = [entry_of(idx, message, recorded_at) for idx, message in enumerate(messages, first)]
    return Made(encode(entries), [entry.leaf_hash for entry in entries])


def _made(first: int, messages: Sequence[Received], recorded_at: int) -> Made | None:
    sequences, names, bodies, moments = zip(*messages, strict=True)
    subjects = [name.encode() for name in names]
    count = len(messages)
    named = [match[1] or b"" for subject in subjects if (match := _SUBJECT.fullmatch(subject))]
    said = [match.groups(b"") for body in bodies if (match := _EVENT.match(body))]
    if not len(named) == len(said) == count:
        return None
    event_texts, types, hours, rests, incident_texts = zip(*said, strict=True)
    try:
        starts = {hour: start_of(hour) for hour in set(hours)}
        events, incidents = _ids(event_texts), iter(_ids([text for text in incident_texts if text]))
    except ValueError:
        return None
    stored = [microseconds(moment) for moment in moments]
    leaves = leaves_of([recorded_at] * count, stored, sequences, subjects, bodies)
    recorded, pack, size = recorded_at - YEAR_2000, _HEAD.pack, _LENGTH.pack
    heads = [
        pack(_COLUMNS, 8, idx, 8, seq, 8, starts[hour] + rest, 8, at - YEAR_2000, 8, recorded, 16, event, 32, leaf)
        for idx, seq, hour, rest, at, event, leaf in zip(
            range(first, first + count), sequences, hours, _within_hours(rests), stored, events, leaves, strict=True
        )
    ]
    framed = {text: size(len(text)) + text for text in {*types, *named}} | {b"": _NULL}
    columns = (
        *(heads, [b"\0\0\0\x10" + next(incidents) if text else _NULL for text in incident_texts]),
        *([framed[text] for text in types], [framed[text] for text in named]),
        *(map(size, map(len, subjects)), subjects, map(size, map(len, bodies)), bodies),
    )
    return Made(b"".join(chain.from_iterable(zip(*columns, strict=True))), leaves)


def leaves_of(
    recorded: Sequence[int],
    stored: Sequence[int],
    sequences: Sequence[int],
    subjects: Sequence[bytes],
    bodies: Sequence[bytes],
) -> list[bytes]:
    """`entries.leaf_of` of rows whose subjects JSON writes as they stand."""
    rows = zip(recorded, stored, sequences, subjects, bodies, strict=True)
    return [sha256(_LEAF % row).digest() for row in rows]


def are_ids(ids: bytes, texts: bytes) -> bool:
    """Whether the texts are these ids in lower case, with their dashes in place and nowhere else."""
    dashes = b"-" * (len(ids) // _ID_SIZE)
    return ids.hex().encode() == texts.replace(b"-", b"") and all(texts[at::36] == dashes for at in (8, 13, 18, 23))


@lru_cache(maxsize=1024)
def start_of(hour: bytes) -> int:
    """Microseconds since 2000 of an hour such as 2026-11-22T09: in UTC. Raises `ValueError` where it is none."""
    if not _HOUR.fullmatch(hour):
        raise ValueError(hour)
    return microseconds(datetime.fromisoformat(f"{hour.decode()}00:00Z")) - YEAR_2000


def _within_hours(texts: Sequence[bytes]) -> list[int]:
    """Microseconds of texts such as 09:22.000000."""
    digits = b"".join(texts).translate(None, b":.")
    numbers = [divmod(int(digits[at : at + 10]), 100_000_000) for at in range(0, len(digits), 10)]
    return [minutes * MINUTE + rest for minutes, rest in numbers]


def _ids(texts: Sequence[bytes]) -> list[bytes]:
    """Raises `ValueError` unless all are ids in lower case."""
    joined = b"".join(texts)
    ids = bytes.fromhex(joined.replace(b"-", b"").decode())
    if not are_ids(ids, joined):
        raise ValueError(joined)
    return [ids[at : at + _ID_SIZE] for at in range(0, len(ids), _ID_SIZE)]
