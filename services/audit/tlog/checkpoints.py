"""Reads and writes the text of a C2SP checkpoint: origin, size, root. Who signed it, `notes` decides.

It implements c2sp.org/tlog-checkpoint@v1.0.0. Size 0 is a checkpoint like any other; its root must be SHA-256 of
nothing (RFC 6962 §2.1): `is_possible` tells, and a witness cosigns no other.
"""

import re
from dataclasses import dataclass
from typing import Final, Self

from services.audit.tlog.merkle import EMPTY_ROOT, HASH_SIZE
from services.audit.tlog.notes import MalformedNoteError, Note, decode64, encode64

LARGEST_SIZE: Final = 2**63 - 1
_NUMBER: Final = re.compile(r"0|[1-9][0-9]{0,18}")
_FEWEST_LINES: Final = 3


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The head of a log's tree, as it is signed and cosigned."""

    origin: str
    """Which log: a URL without its scheme by recommendation, equal to the name of the log's key."""
    size: int
    root: bytes
    extensions: tuple[str, ...] = ()
    """Lines nobody vouches for. We write none."""

    def __post_init__(self) -> None:
        lines = (self.origin, *self.extensions)
        if any(not line or "\n" in line for line in lines):
            raise MalformedNoteError("a checkpoint has an origin, and no line of it is empty")
        if not 0 <= self.size <= LARGEST_SIZE or len(self.root) != HASH_SIZE:
            raise MalformedNoteError(f"{self.size} with a root of {len(self.root)} bytes is no tree head")

    @property
    def is_possible(self) -> bool:
        """Whether there can be a tree with this head: the empty tree has only one root."""
        return self.size > 0 or self.root == EMPTY_ROOT

    @property
    def text(self) -> str:
        """The text of the note."""
        return "".join(f"{line}\n" for line in (self.origin, self.size, encode64(self.root), *self.extensions))

    @classmethod
    def parse(cls, text: str) -> Self:
        """A checkpoint from the text of a note. Raises `MalformedNoteError`."""
        *lines, rest = text.split("\n")
        if rest or len(lines) < _FEWEST_LINES:
            raise MalformedNoteError("a checkpoint is at least three lines, each with its line feed")
        origin, size, root, *extensions = lines
        return cls(origin, read_number(size), decode64(root), tuple(extensions))

    @classmethod
    def of(cls, note: Note) -> Self:
        """The checkpoint a note carries, signed or not. Raises `MalformedNoteError`."""
        return cls.parse(note.text)


def read_number(text: str) -> int:
    """A size or an index in ASCII decimal without leading zeros. Raises `MalformedNoteError`."""
    if not _NUMBER.fullmatch(text):
        raise MalformedNoteError(f"{text[:20]!r} is no size")
    return int(text)


def read_hash(text: str) -> bytes:
    """A hash in base64. Raises `MalformedNoteError`."""
    if len(value := decode64(text)) != HASH_SIZE:
        raise MalformedNoteError("a hash has 32 bytes")
    return value
