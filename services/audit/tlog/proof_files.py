"""Reads and writes C2SP tlog-proofs: one file with the inclusion proof of one entry and the cosigned checkpoint.

It implements c2sp.org/tlog-proof@v1, so that other people's verifiers can read our evidence; what the leaf is they
learn from `services.audit.entries`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Self

from services.audit.tlog.checkpoints import Checkpoint, read_hash, read_number
from services.audit.tlog.merkle import leaf_hash
from services.audit.tlog.notes import MalformedNoteError, Note, decode64, encode64
from services.audit.tlog.proofs import Proved, Refuted, verify_inclusion

SUFFIX: Final = ".tlog-proof"
_HEADER: Final = "c2sp.org/tlog-proof@v1"


@dataclass(frozen=True, slots=True)
class ProofFile:
    """The place of one entry, its inclusion proof, and the note that carries the checkpoint."""

    index: int
    proof: Sequence[bytes]
    note: Note
    extra: bytes = b""
    """Proved by nothing; we write none."""

    def to_bytes(self) -> bytes:
        """The file. An empty `extra` is left out."""
        extra = (f"extra {encode64(self.extra)}",) if self.extra else ()
        lines = (_HEADER, *extra, f"index {self.index}", *map(encode64, self.proof), "")
        return "\n".join(lines).encode() + b"\n" + self.note.to_bytes()

    @classmethod
    def parse(cls, data: bytes) -> Self:
        """A proof from its file. Raises `MalformedNoteError`."""
        head, separator, note = data.partition(b"\n\n")
        try:
            header, *lines = head.decode().split("\n")
        except UnicodeDecodeError as error:
            raise MalformedNoteError("a proof is UTF-8") from error
        if header != _HEADER or not separator:
            raise MalformedNoteError(f"not a {_HEADER}")
        extra = decode64(lines.pop(0).removeprefix("extra ")) if lines and lines[0].startswith("extra ") else b""
        if not lines or not lines[0].startswith("index "):
            raise MalformedNoteError("a proof names the index of its entry")
        index = read_number(lines[0].removeprefix("index "))
        return cls(index, tuple(map(read_hash, lines[1:])), Note.parse(note), extra)

    def verify(self, leaf_input: bytes) -> Proved | Refuted:
        """Whether this leaf input is in the tree of the checkpoint. Whose checkpoint it is, is a second question."""
        checkpoint = Checkpoint.of(self.note)
        return verify_inclusion(leaf_hash(leaf_input), self.index, checkpoint.size, self.proof, checkpoint.root)
