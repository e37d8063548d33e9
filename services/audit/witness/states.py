"""Keeps what a witness cosigned for each log, and the log's changes of keys, in SQLite: on disk before it returns.

Several processes may share the file. A crash at any point leaves the state before or the state after, never less; who
puts an older copy of the file in its place makes the witness forget, so no backup of it may ever be restored.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Final

from services.audit.tlog.checkpoints import Checkpoint
from services.audit.tlog.notes import MalformedNoteError, Note
from services.audit.tlog.witnessing import Seen

_BUSY_SECONDS: Final = 30.0
_SCHEMA: Final = """
    CREATE TABLE IF NOT EXISTS seen (origin TEXT PRIMARY KEY, size INTEGER NOT NULL, note BLOB NOT NULL) STRICT;
    CREATE TABLE IF NOT EXISTS rotation (
        origin TEXT NOT NULL, text TEXT NOT NULL, note BLOB NOT NULL, PRIMARY KEY (origin, text)
    ) STRICT;
"""
_READ: Final = "SELECT note FROM seen WHERE origin = ?"
_FIRST: Final = "INSERT INTO seen (origin, size, note) VALUES (?, ?, ?) ON CONFLICT DO NOTHING"
_ROTATIONS: Final = "SELECT note FROM rotation WHERE origin = ? ORDER BY rowid"
_BELIEVE: Final = """
    INSERT INTO rotation (origin, text, note) SELECT ?1, ?2, ?3
    WHERE (SELECT note FROM seen WHERE origin = ?1) IS ?4 ON CONFLICT DO NOTHING
"""
_BELIEVED: Final = "SELECT count(*) FROM rotation WHERE origin = ? AND text = ?"
_NEXT: Final = "UPDATE seen SET size = ?, note = ? WHERE origin = ? AND note = ? AND size <= ?"


class WitnessStateError(Exception):
    """The file with what this witness cosigned cannot be used. It signs nothing until somebody looks into it."""


class States:
    """The states of one witness."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def prepare(self) -> None:
        """Make the file, readable by its owner only, where there is none. Raises `WitnessStateError`."""
        with self._open() as database:
            database.executescript(_SCHEMA)

    def read(self, origin: str) -> Seen | None:
        """What was cosigned last for a log. Raises `WitnessStateError`."""
        with self._open() as database:
            row = database.execute(_READ, (origin,)).fetchone()
        try:
            note = Note.parse(row[0]) if row else None
            return Seen(Checkpoint.of(note), note) if note else None
        except MalformedNoteError as error:
            raise WitnessStateError(f"{self._path}: {origin}: {error}") from error

    def replace(self, origin: str, previous: Seen | None, seen: Seen) -> bool:
        """Put `seen` in the place of `previous`, durably; False where the state is another one by now.

        Raises `WitnessStateError`; whether a replacement that failed so has happened, the next read tells.
        """
        size, note = seen.checkpoint.size, seen.note.to_bytes()
        with self._open() as database:
            if previous is None:
                done = database.execute(_FIRST, (origin, size, note))
            else:
                done = database.execute(_NEXT, (size, note, origin, previous.note.to_bytes(), size))
            return done.rowcount == 1

    def rotations(self, origin: str) -> tuple[Note, ...]:
        """The changes of a log's keys that were let in, in that order. Raises `WitnessStateError`."""
        with self._open() as database:
            rows = database.execute(_ROTATIONS, (origin,)).fetchall()
        try:
            return tuple(Note.parse(row[0]) for row in rows)
        except MalformedNoteError as error:
            raise WitnessStateError(f"{self._path}: {origin}: {error}") from error

    def believe(self, origin: str, previous: Seen | None, rotation: Note) -> bool:
        """Add a change of keys, durably; False where the state is not `previous` any more, and nothing was added.

        Raises `WitnessStateError`.
        """
        before = previous.note.to_bytes() if previous else None
        with self._open() as database:
            database.execute(_BELIEVE, (origin, rotation.text, rotation.to_bytes(), before))
            (there,) = database.execute(_BELIEVED, (origin, rotation.text)).fetchone()
            return bool(there)

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        """A connection for one statement, so that threads and processes need not know of each other."""
        try:
            self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._path.touch(mode=0o600, exist_ok=True)
            with closing(sqlite3.connect(self._path, timeout=_BUSY_SECONDS, isolation_level=None)) as database:
                database.execute("PRAGMA synchronous = EXTRA")  # the journal's folder too, before a commit returns
                yield database
        except (sqlite3.Error, OSError) as error:
            raise WitnessStateError(f"{self._path}: {error}") from error
