"""The sender's outbox: a report stays in it, on the sender's disk, until its receipt is here."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS submission (
    id INTEGER PRIMARY KEY,
    agency TEXT NOT NULL,
    unit TEXT NOT NULL,
    file TEXT NOT NULL,
    media_type TEXT,
    body BLOB NOT NULL,
    receipt TEXT
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


class Outbox:
    """One SQLite file; a crash at any point leaves every report in it or settled, never gone."""

    def __init__(self, path: Path) -> None:
        self._path = path
        with self._open() as database:
            database.execute(_SCHEMA)

    def put(self, agency: str, unit: str, file: str, media_type: str | None, body: bytes) -> int:
        """Keeps a submission, on disk before it returns."""
        with self._open() as database:
            row = database.execute(
                "INSERT INTO submission (agency, unit, file, media_type, body) VALUES (?, ?, ?, ?, ?)",
                (agency, unit, file, media_type, body),
            )
            return int(row.lastrowid or 0)

    def waiting(self) -> list[Waiting]:
        """What still has no receipt, oldest first."""
        with self._open() as database:
            rows = database.execute(
                "SELECT id, agency, unit, file, media_type, body FROM submission WHERE receipt IS NULL ORDER BY id"
            ).fetchall()
        return [Waiting(*row) for row in rows]

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
