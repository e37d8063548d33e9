"""The ledger's tables as SQLModel sees them; the migrations make them, and a test holds the two together."""

from datetime import datetime
from typing import Any, ClassVar, Final
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    DateTime,
    Index,
    LargeBinary,
    MetaData,
    SmallInteger,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import registry
from sqlmodel import Field, SQLModel

from services.audit.roles import SCHEMA

_NAMES: Final = {
    "pk": "%(table_name)s_pkey",
    "uq": "%(table_name)s_%(column_0_N_name)s_key",
    "ix": "%(table_name)s_%(column_0_N_name)s_idx",
    "ck": "%(table_name)s_%(constraint_name)s_check",
}


class LedgerTable(SQLModel, registry=registry(metadata=MetaData(schema=SCHEMA, naming_convention=_NAMES))):
    """What the ledger's tables share: their schema and the names of their constraints."""


class Entry(LedgerTable, table=True):
    """One message of EVENTS, partitioned by the month it occurred in. Rows are only ever added."""

    __tablename__: ClassVar[Any] = "entry"
    __table_args__ = (
        # One transaction inserts a position and its entries, and positions cannot overlap: so `idx` is unique over all
        # partitions. The same event has the same time, so a repetition meets this constraint within one partition.
        UniqueConstraint("occurred_at", "event_id"),
        CheckConstraint("idx >= 0", "idx"),
        CheckConstraint("stream_seq > 0", "stream_seq"),
        CheckConstraint("octet_length(leaf_hash) = 32", "leaf_hash"),
        Index(None, "incident_id", postgresql_where="incident_id IS NOT NULL"),
        Index("entry_span_agency_idx", text("(idx >> 11)"), "agency", postgresql_where="agency IS NOT NULL"),
        {"postgresql_partition_by": "RANGE (occurred_at)"},
    )

    idx: int = Field(sa_column=Column(BigInteger, primary_key=True, autoincrement=False))
    """Position in the tree, from 0, without holes."""
    stream_seq: int = Field(sa_column=Column(BigInteger, nullable=False))
    occurred_at: datetime = Field(sa_column=Column(DateTime(timezone=True), primary_key=True))
    """The event's own time, that is the hub's clock; the stream's clock where the body is unreadable."""
    stored_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    """The stream's clock."""
    recorded_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    """The ledger's clock."""
    event_id: UUID
    incident_id: UUID | None
    event_type: str = Field(sa_type=Text)
    agency: str | None = Field(sa_type=Text)
    subject: str = Field(sa_type=Text)
    leaf_hash: bytes = Field(sa_type=LargeBinary)
    body: bytes = Field(sa_type=LargeBinary)
    """Exactly as received."""


class Position(LedgerTable, table=True):
    """Where the ledger stood after one batch, written in the batch's transaction. The newest row is the head."""

    __tablename__: ClassVar[Any] = "position"
    __table_args__ = (
        UniqueConstraint("size"),
        CheckConstraint("first_idx >= 0 AND size > first_idx", "size"),
        CheckConstraint("octet_length(root) = 32", "root"),
        CheckConstraint("octet_length(nodes) > 0 AND octet_length(nodes) % 32 = 0", "nodes"),
    )

    first_idx: int = Field(sa_column=Column(BigInteger, primary_key=True, autoincrement=False))
    """The size before the batch. Unique, so of two writers at the same head only one commits."""
    size: int = Field(sa_column=Column(BigInteger, nullable=False))
    stream_seq: int = Field(sa_column=Column(BigInteger, nullable=False))
    """The last sequence of EVENTS in the ledger."""
    recorded_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    root: bytes = Field(sa_type=LargeBinary)
    nodes: bytes = Field(sa_type=LargeBinary)
    """The compact range, so that a restart reads one row."""


class Tile(LedgerTable, table=True):
    """The root of one full tile (`services.audit.tlog.tiles`), written in the transaction of the batch that filled it.

    It is one hash of the tile a level above. The hashes of the lowest tiles are the entries' leaf hashes, so nothing is
    stored twice: a row for every 256 entries. Verification compares it and never uses it.
    """

    __tablename__: ClassVar[Any] = "tile"
    __table_args__ = (
        CheckConstraint("level BETWEEN 0 AND 6", "level"),
        CheckConstraint("index >= 0", "index"),
        CheckConstraint("octet_length(root) = 32", "root"),
    )

    level: int = Field(sa_column=Column(SmallInteger, primary_key=True, autoincrement=False))
    index: int = Field(sa_column=Column(BigInteger, primary_key=True, autoincrement=False))
    root: bytes = Field(sa_type=LargeBinary)
