"""Stores locked personal values beside the ledger: the writer may only add them, the keeper may only read them."""

import asyncio
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, ClassVar, Final
from uuid import UUID

from sqlalchemy import CheckConstraint, Column, DateTime, LargeBinary
from sqlmodel import Field

from contracts.personal import Openings
from services.audit.connecting import CONNECT_SECONDS, Connection, connect
from services.audit.failures import unavailable
from services.audit.personal.keys import KeyRing, lock
from services.audit.roles import WRITER
from services.audit.tables import LedgerTable

KEEPER: Final = "phoihop_personal_keeper"
"""May select personal values, and become the reader. Destroying keys needs the key files, which no role gives."""

_COMMAND_SECONDS: Final = 30.0
_KEEP: Final = "INSERT INTO audit.personal_value VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING"
_READ: Final = "SELECT commitment, locked FROM audit.personal_value WHERE event_id = ANY($1)"

Row = tuple[bytes, UUID, datetime, bytes]


class PersonalValue(LedgerTable, table=True):
    """One value that some report's fact commits to, locked with that report's key. Rows are only ever added."""

    __tablename__: ClassVar[Any] = "personal_value"
    __table_args__ = (CheckConstraint("octet_length(commitment) = 32", "commitment"),)

    commitment: bytes = Field(sa_column=Column(LargeBinary, primary_key=True))
    event_id: UUID = Field(index=True)
    """The `ReportAccepted` that holds the commitment. There is nothing else here to search by, on purpose."""
    kept_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    locked: bytes = Field(sa_type=LargeBinary)


class PersonalValues:
    """The one writer's view. What `keep` has returned for is on disk, key first; a crash before that repeats it."""

    def __init__(self, dsn: str, ring: KeyRing) -> None:
        self._dsn = dsn
        self._ring = ring
        self._connection: Connection | None = None

    async def keep(self, batch: Sequence[Openings], kept_at: datetime) -> None:
        """Every value under its report's key, once; those of a report whose key was destroyed are dropped.

        Raises `LedgerUnavailableError`, `UnusableSecretError`.
        """
        rows = await asyncio.to_thread(lambda: list(self._rows(batch, kept_at)))
        with unavailable():
            try:
                connection = await self._connected()
                async with connection.transaction():
                    await connection.executemany(_KEEP, rows)
            except BaseException:  # also a cancelled call: what the server did with it is unknown
                self._forget()
                raise

    async def close(self) -> None:
        """Let the connection go."""
        if self._connection is not None:
            with unavailable():
                await self._connection.close(timeout=CONNECT_SECONDS)
        self._forget()

    def _rows(self, batch: Iterable[Openings], kept_at: datetime) -> Iterator[Row]:
        for values in batch:
            if (key := self._ring.to_lock(values.event)) is None:
                continue
            for opening in values.openings:
                commitment = bytes.fromhex(opening.sealed.commitment)
                yield commitment, values.event, kept_at, lock(key, opening.to_bytes(), commitment, values.event)

    async def _connected(self) -> Connection:
        if self._connection is None or self._connection.is_closed():
            self._connection = await connect(self._dsn, WRITER, command_seconds=_COMMAND_SECONDS)
        return self._connection

    def _forget(self) -> None:
        if self._connection is not None:
            self._connection.terminate()
        self._connection = None


async def locked_values(dsn: str, events: Sequence[UUID]) -> Mapping[str, bytes]:
    """Commitment → locked value of these reports, read as the keeper. Raises `LedgerUnavailableError`."""
    with unavailable():
        connection = await connect(dsn, KEEPER, command_seconds=_COMMAND_SECONDS)
        try:
            rows = await connection.fetch(_READ, list(events))
        finally:
            await connection.close(timeout=CONNECT_SECONDS)
    return {row["commitment"].hex(): row["locked"] for row in rows}
