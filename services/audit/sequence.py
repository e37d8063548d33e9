"""Decides whether a batch continues the ledger: contiguous stream sequences, or a named reason to write nothing."""

from collections.abc import Iterable
from dataclasses import dataclass

from services.audit.entries import Head, Received


@dataclass(frozen=True, slots=True)
class InOrder:
    """The batch connects: `known` sequences are in the ledger already, `new` ones follow its end without a hole."""

    known: tuple[Received, ...]
    new: tuple[Received, ...]


@dataclass(frozen=True, slots=True)
class Appended:
    """The batch is in the ledger, on disk."""

    head: Head
    written: int
    skipped: int
    """Redelivered messages that were in the ledger already, with the same content."""
    repeated: tuple[int, ...] = ()
    """Stream sequences of new messages whose event id was recorded before; recorded as `repeated`, worth an alarm."""


@dataclass(frozen=True, slots=True)
class Gap:
    """Messages are missing before `got`; nothing was written. Ingestion must stop: the record would not be complete."""

    expected: int
    got: int


@dataclass(frozen=True, slots=True)
class Rewound:
    """The stream holds other content at a sequence the ledger knows; nothing was written. The stream lost its tail."""

    stream_seq: int


def arrange(batch: Iterable[Received], last_seq: int) -> InOrder | Gap | Rewound:
    """The batch in stream order and without redeliveries inside it, split at the ledger's last sequence."""
    batch = tuple(batch)
    if [message.stream_seq for message in batch] == list(range(last_seq + 1, last_seq + 1 + len(batch))):
        return InOrder((), batch)
    ordered: dict[int, Received] = {}
    for message in sorted(batch, key=lambda received: received.stream_seq):
        if ordered.setdefault(message.stream_seq, message) != message:
            return Rewound(message.stream_seq)
    known = tuple(message for seq, message in ordered.items() if seq <= last_seq)
    new = tuple(message for seq, message in ordered.items() if seq > last_seq)
    for expected, message in enumerate(new, last_seq + 1):
        if message.stream_seq != expected:
            return Gap(expected, message.stream_seq)
    return InOrder(known, new)
