"""Writes entries as JSONL, CSV or Parquet, piece by piece out of one snapshot; memory stays flat. It proves nothing.

Every format carries the stored columns. Parquet holds body and leaf hash as the bytes they are. JSONL and CSV hold the
body as text where it begins like a JSON object, exactly as recorded, and in base64 under `body_base64` otherwise: so
nothing in a cell can be taken for a formula.
"""

import base64
import csv
import json
import os
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Any, Final, TextIO
from uuid import UUID

from services.audit.evidence.trail import trail
from services.audit.notary.anchor_folder import UnusableFileError
from services.audit.notary.checkpointing import snapshot

CHUNK: Final = 2000
COLUMNS: Final = (
    "idx",
    "stream_seq",
    "occurred_at",
    "stored_at",
    "recorded_at",
    "event_id",
    "incident_id",
    "event_type",
    "agency",
    "subject",
    "leaf_hash",
    "body",
)
_SELECTED: Final = f"""
    SELECT {", ".join(COLUMNS)} FROM audit.entry
    WHERE ($1::timestamptz IS NULL OR occurred_at >= $1) AND ($2::timestamptz IS NULL OR occurred_at < $2)
      AND ($3::text IS NULL OR agency = $3)
    ORDER BY idx
"""  # noqa: S608 - our own names

Row = Mapping[str, Any]
Write = Callable[[Sequence[Row]], None]


class ExportFormat(StrEnum):
    """How the rows are written; the ending of the file's name says which."""

    JSONL = "jsonl"
    CSV = "csv"
    PARQUET = "parquet"


@dataclass(frozen=True, slots=True)
class Selection:
    """Which entries: those of an incident with the reports that led to it, or those of a time and an agency."""

    incident: UUID | None = None
    since: datetime | None = None
    until: datetime | None = None
    agency: str | None = None


class ParquetMissingError(Exception):
    """Parquet needs the package pyarrow. Next: pip install 'phoihop[parquet]', or write .jsonl or .csv."""


async def export(dsn: str, selection: Selection, to: Path) -> int:
    """Write the entries to a new file that only its owner may read; how many there were.

    Raises `UnusableFileError` where the file is there or its ending names no format, `ParquetMissingError`,
    `LedgerUnavailableError`; what was written until then is removed.
    """
    try:
        form = ExportFormat(to.suffix.removeprefix(".").lower())
    except ValueError as error:
        raise UnusableFileError(f"{to}: {' · '.join(f'.{each}' for each in ExportFormat)}") from error
    try:
        os.close(os.open(to, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    except OSError as error:
        raise UnusableFileError(str(error)) from error
    try:
        written = 0
        with _WRITERS[form](to) as write:
            async for rows in _pieces(dsn, selection):
                write(rows)
                written += len(rows)
    except BaseException as error:
        to.unlink(missing_ok=True)  # noqa: ASYNC240 - a command writes one file and does nothing beside
        if isinstance(error, OSError) and not isinstance(error, ConnectionError):
            raise UnusableFileError(str(error)) from error
        raise
    return written


async def _pieces(dsn: str, selection: Selection) -> AsyncIterator[Sequence[Row]]:
    if selection.incident is not None:
        yield [entry.model_dump() for entry in await trail(dsn, selection.incident)]
        return
    async with snapshot(dsn) as connection:
        cursor = await connection.cursor(_SELECTED, selection.since, selection.until, selection.agency)
        while rows := await cursor.fetch(CHUNK):
            yield [dict(row) for row in rows]


def _as_text(row: Row) -> dict[str, Any]:
    """The row in words: bytes in hexadecimal or base64, times in ISO 8601, nothing a sheet would compute."""
    told: dict[str, Any] = {name: row[name] for name in COLUMNS[:-2]}
    for name in ("occurred_at", "stored_at", "recorded_at"):
        told[name] = row[name].isoformat()
    for name in ("event_id", "incident_id"):
        told[name] = row[name] and str(row[name])
    body = bytes(row["body"])
    text = _object_text(body)
    encoded = None if text is not None else base64.b64encode(body).decode()
    return {**told, "leaf_hash": bytes(row["leaf_hash"]).hex(), "body": text, "body_base64": encoded}


def _object_text(body: bytes) -> str | None:
    try:
        return body.decode() if body.startswith(b"{") else None
    except UnicodeDecodeError:
        return None


@contextmanager
def _jsonl(to: Path) -> Iterator[Write]:
    with _text_file(to) as file:

        def write(rows: Sequence[Row]) -> None:
            file.writelines(json.dumps(_as_text(row), ensure_ascii=False) + "\n" for row in rows)

        yield write


@contextmanager
def _csv(to: Path) -> Iterator[Write]:
    with _text_file(to) as file:
        writer = csv.DictWriter(file, (*COLUMNS, "body_base64"), lineterminator="\n")
        writer.writeheader()

        def write(rows: Sequence[Row]) -> None:
            writer.writerows(map(_as_text, rows))

        yield write


def _text_file(to: Path) -> TextIO:
    return to.open("w", encoding="utf-8", newline="")


@contextmanager
def _parquet(to: Path) -> Iterator[Write]:
    try:
        import pyarrow as pa  # noqa: PLC0415 - 45 MB that only this format needs
        from pyarrow import parquet  # noqa: PLC0415
    except ImportError as error:
        raise ParquetMissingError(ParquetMissingError.__doc__) from error
    moment, text = pa.timestamp("us", tz="UTC"), pa.string()
    kinds = (pa.int64(), pa.int64(), moment, moment, moment, *(text,) * 5, pa.binary(), pa.binary())
    schema = pa.schema(list(zip(COLUMNS, kinds, strict=True)))

    with parquet.ParquetWriter(to, schema, compression="zstd") as writer:

        def write(rows: Sequence[Row]) -> None:
            columns = [[_plain(row[name]) for row in rows] for name in COLUMNS]
            writer.write_batch(pa.record_batch(columns, schema=schema))

        yield write


def _plain(value: object) -> object:
    return str(value) if isinstance(value, UUID) else value


_WRITERS: Final[dict[ExportFormat, Callable[[Path], AbstractContextManager[Write]]]] = {
    ExportFormat.JSONL: _jsonl,
    ExportFormat.CSV: _csv,
    ExportFormat.PARQUET: _parquet,
}
