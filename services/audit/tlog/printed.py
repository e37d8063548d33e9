"""Writes a checkpoint as one line, for paper, telephone and QR code, and reads it back; it verifies nothing.

The line is `origin size root` and, for each signature, `name signature`, all separated by single spaces: the note's own
words, so that a program that knows signed notes can rebuild the note from it.
"""

import io
from typing import Final

import segno

from services.audit.tlog.checkpoints import Checkpoint
from services.audit.tlog.notes import MalformedNoteError, Note, Signature

_HEAD: Final = 3


def to_line(note: Note) -> str:
    """The line of a checkpoint. Raises `MalformedNoteError` where its origin holds spaces, or for extension lines."""
    checkpoint = Checkpoint.of(note)
    if checkpoint.extensions or any(letter.isspace() for letter in checkpoint.origin):
        raise MalformedNoteError("only an origin without spaces, a size and a root fit one line")
    words = note.text.split("\n")[:_HEAD]
    for signature in note.signatures:
        words += str(signature).removeprefix("— ").rstrip("\n").split(" ")
    return " ".join(words)


def from_line(line: str) -> Note:
    """The note of a line, which may have been typed in: spaces at its ends and doubled ones do not count.

    Raises `MalformedNoteError`.
    """
    words = line.split()
    head, signatures = words[:_HEAD], words[_HEAD:]
    if len(head) < _HEAD or len(signatures) % 2:
        raise MalformedNoteError("a printed checkpoint is origin, size, root and pairs of name and signature")
    pairs = zip(signatures[::2], signatures[1::2], strict=True)
    note = Note("".join(f"{word}\n" for word in head)).signed(*(Signature.parse(f"— {n} {s}") for n, s in pairs))
    Checkpoint.of(note)
    return note


def terminal_code(line: str) -> str:
    """The line as a QR code of block characters, with the quiet zone that readers need."""
    out = io.StringIO()
    segno.make_qr(line, error="m").terminal(out=out, compact=True)
    return out.getvalue()


def svg_code(line: str) -> bytes:
    """The line as a QR code to print."""
    out = io.BytesIO()
    segno.make_qr(line, error="m").save(out, kind="svg", scale=4, title=line)
    return out.getvalue()
