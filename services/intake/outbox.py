"""The sender's outbox: a report stays in it, on the sender's disk, until its receipt is here."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from contracts.signatures import Detached

_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS submission (
    id INTEGER PRIMARY KEY,
    agency TEXT NOT NULL,
    unit TEXT NOT NULL,
    file TEXT NOT NULL,
    media_type TEXT,
    body BLOB NOT NULL,
    receipt TEXT,
    signature TEXT
)
"""


class UnusableOutboxError(OSError):
    """The outbox file cannot be used; nothing was sent. Name another file, or free the disk it lies on."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """One submission without a receipt."""

    number: int
    agency: str
    unit: str
    file: str
    media_type: str | None
    body: bytes
    signature: Detached | None = None


class Outbox:
    """One SQLite file; a crash at any point leaves every report in it or settled, never gone."""

    def __init__(self, path: Path) -> None:
        self._path = path
        with self._open() as database:
            database.execute(_SCHEMA)
            if "signature" not in {name for _, name, *_ in database.execute("PRAGMA table_info(submission)")}:
                database.execute("ALTER TABLE submission ADD COLUMN signature TEXT")  # made before there were any

    def put(self, one: Waiting) -> int:
        """Keeps a submission, on disk before it returns; its number here."""
        signature = one.signature.model_dump_json() if one.signature else None
        with self._open() as database:
            row = database.execute(
                "INSERT INTO submission (agency, unit, file, media_type, body, signature) VALUES (?, ?, ?, ?, ?, ?)",
                (one.agency, one.unit, one.file, one.media_type, one.body, signature),
            )
            return int(row.lastrowid or 0)

    def waiting(self) -> list[Waiting]:
        """What still has no receipt, oldest first."""
        with self._open() as database:
            rows = database.execute(
                "SELECT id, agency, unit, file, media_type, body, signature"
                " FROM submission WHERE receipt IS NULL ORDER BY id"
            ).fetchall()
        return [_waiting(row) for row in rows]

    def settle(self, number: int, receipt: str) -> None:
        """The receipt is here; the submission stays as proof of what was sent."""
        with self._open() as database:
            database.execute("UPDATE submission SET receipt = ? WHERE id = ?", (receipt, number))

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        try:
            with closing(sqlite3.connect(self._path)) as database:
                database.execute("PRAGMA synchronous = FULL")
                with database:
                    yield database
        except sqlite3.Error as error:
            raise UnusableOutboxError(f"{self._path}: {error}") from error


def _waiting(row: tuple[Any, ...]) -> Waiting:
    """A row as it was put."""
    waiting = Waiting(*row[:6])
    return replace(waiting, signature=Detached.model_validate_json(row[6])) if row[6] else waiting
