"""Decides for which sizes of a log each of its keys counts: a key announces its successor, and ends where that begins.

A rotation is a signed note (c2sp.org/signed-note) whose text is

    <origin>
    key-rotation/v1
    <vkey of the old key>
    <vkey of the new key>
    <size of the tree at the change>
    <its root, base64>

signed by both keys. Its second line is no number, so no program can take it for a checkpoint. Up to that size only the
old key counts, from it on only the new one; at that very size both do. Sizes stand in for time, for a log signs none:
whoever steals a retired key can re-sign nothing that is newer, and what is older is in everybody's hands.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final, Self

from services.audit.tlog.checkpoints import read_hash, read_number
from services.audit.tlog.notes import LogSigner, MalformedNoteError, Note, Verified, VerifierKey, encode64, verify

_KIND: Final = "key-rotation/v1"
_LINES: Final = 6


@dataclass(frozen=True, slots=True)
class Term:
    """The sizes a key may sign, both ends included; without a last one for as long as it announces no successor."""

    first: int = 0
    last: int | None = None

    def holds(self, size: int) -> bool:
        """Whether the key counts for a checkpoint of this size."""
        return self.first <= size and (self.last is None or size <= self.last)


@dataclass(frozen=True, slots=True)
class Rotation:
    """One change of keys."""

    origin: str
    old: VerifierKey
    new: VerifierKey
    size: int
    root: bytes

    @property
    def text(self) -> str:
        """The text of the note."""
        lines = (self.origin, _KIND, self.old, self.new, self.size, encode64(self.root))
        return "".join(f"{line}\n" for line in lines)

    @classmethod
    def of(cls, note: Note) -> Self:
        """The rotation a note says, signed or not. Raises `MalformedNoteError`."""
        origin, *lines = note.text.removesuffix("\n").split("\n")
        if len(lines) != _LINES - 1 or lines[0] != _KIND:
            raise MalformedNoteError("not a key rotation")
        old, new = map(VerifierKey.parse, lines[1:3])
        if {old.name, new.name} != {origin} or old.public == new.public:
            raise MalformedNoteError("a rotation leads from one key of a log to another one")
        return cls(origin, old, new, read_number(lines[3]), read_hash(lines[4]))


@dataclass(frozen=True, slots=True)
class KeyBook:
    """Which keys count, and for which sizes."""

    terms: Mapping[VerifierKey, Term] = field(default_factory=dict)
    disputed: tuple[VerifierKey, ...] = ()
    """Keys that announced two different successors: stolen, or used twice. None of their successors is believed."""

    @property
    def current(self) -> tuple[VerifierKey, ...]:
        """The keys that announced nobody."""
        return tuple(key for key, term in self.terms.items() if term.last is None)


def announce(rotation: Rotation, old: LogSigner, new: LogSigner) -> Note:
    """The note of a change of keys. Raises `ValueError` where these are not its keys."""
    if (old.verifier, new.verifier) != (rotation.old, rotation.new):
        raise ValueError("these are not the keys of this rotation")
    return Note(rotation.text).signed(old.sign(rotation.text), new.sign(rotation.text))


def key_book(trusted: Iterable[VerifierKey], notes: Iterable[Note]) -> KeyBook:
    """What follows from the keys somebody trusts and the rotations he was shown, in whatever order.

    Notes that are no rotation, or that lack a signature, say nothing.
    """
    terms = {key: Term() for key in trusted}
    announced: dict[VerifierKey, dict[str, Rotation]] = {}
    for note in notes:
        if rotation := believable(note):
            announced.setdefault(rotation.old, {})[rotation.text] = rotation
    disputed, waiting = [], list(terms)
    while waiting:
        old = waiting.pop()
        successors = list(announced.pop(old, {}).values())
        if not successors:
            continue
        terms[old] = Term(terms[old].first, min(each.size for each in successors))
        if len(successors) > 1:
            disputed.append(old)
            continue
        (only,) = successors
        terms[only.new] = Term(only.size, terms.get(only.new, Term()).last)
        waiting.append(only.new)
    return KeyBook(terms, tuple(disputed))


def believable(note: Note) -> Rotation | None:
    """The rotation a note says, if both its keys signed it. Whether anybody should believe the old one is not asked."""
    try:
        rotation = Rotation.of(note)
    except MalformedNoteError:
        return None
    verdict = verify(note, (rotation.old, rotation.new))
    return rotation if isinstance(verdict, Verified) and len(verdict.by) == len((rotation.old, rotation.new)) else None
