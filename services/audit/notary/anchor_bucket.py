"""Keeps the newest checkpoint of each ledger in the key-value bucket CHECKPOINTS on NATS, and reads its history back.

The newest is replaced by compare-and-set on its revision, and only by one that can follow it: larger, or the same with
more signatures. The bucket forgets nothing of a ledger but the oldest checkpoints beyond its bound.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

from nats.aio.client import Client

from contracts import subjects
from contracts.streams import CHECKPOINTS
from services.audit.tlog.anchors import Anchor
from services.audit.tlog.checkpoints import Checkpoint
from services.audit.tlog.notes import MalformedNoteError, Note
from services.runtime.jetstream import BusUnavailableError, JetStreamRefusedError, last_on_subject, read_subject
from services.runtime.publishing import Expectation, Publisher, Stale
from services.runtime.sending import connection

_TRIES: Final = 10


class BucketContradictsError(Exception):
    """The bucket holds a larger tree of this ledger than the one to keep, or another root for the same size."""

    def __init__(self, kept: Note) -> None:
        self.kept = kept
        super().__init__(kept.text)


class Bucket:
    """The bucket, on one connection."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._publisher = Publisher(client)

    async def keep(self, note: Note) -> Note:
        """Make this the newest checkpoint of its ledger; the note that is kept now, with all its signatures.

        Raises `BucketContradictsError`, and `BusUnavailableError` where the bus or the bucket is away.
        """
        key = subjects.kept_checkpoint(Checkpoint.of(note).origin)
        for _ in range(_TRIES):
            with_revision = await last_on_subject(self._client, CHECKPOINTS.name, key)
            there = _note(with_revision.body) if with_revision else None
            merged = _following(there, note) if there else note
            if merged == there:
                return merged
            revision = with_revision.sequence if with_revision else 0
            try:
                stored = await self._publisher.keep(merged.to_bytes(), Expectation(key, revision))
            except JetStreamRefusedError as error:
                raise BusUnavailableError(str(error)) from error
            if not isinstance(stored, Stale):
                return merged
        raise BusUnavailableError("others keep moving the newest checkpoint")

    async def history(self, origin: str) -> tuple[Anchor, ...]:
        """Every checkpoint of a ledger that the bucket still holds, each under its revision; spoiled ones too."""
        stored = read_subject(self._client, CHECKPOINTS.name, subjects.kept_checkpoint(origin))
        return tuple([Anchor(f"nats:CHECKPOINTS#{one.sequence}", _note(one.body)) async for one in stored])


@asynccontextmanager
async def bucket(url: str, creds: Path | None) -> AsyncIterator[Bucket]:
    """The bucket for one command. Raises `BusUnavailableError`."""
    async with connection(url, creds) as client:
        yield Bucket(client)


def _following(there: Note, note: Note) -> Note:
    """What is to be kept after `there`. Raises `BucketContradictsError`."""
    if there.text == note.text:
        return there.signed(*note.signatures)
    try:
        kept = Checkpoint.of(there)
    except MalformedNoteError:
        return note  # spoiled; its revision stays in the history for verification to name
    if kept.size >= Checkpoint.of(note).size:
        raise BucketContradictsError(there)
    return note


def _note(value: bytes) -> Note | None:
    try:
        return Note.parse(value)
    except MalformedNoteError:
        return None
