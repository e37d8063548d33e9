"""Keeps a log's signing key in a file outside the database, and changes it; which key counts, `keybook` decides.

Of the signing key only its owner may read the file. A change that a crash cuts off at any point is completed by asking
for it again: the new key is on disk before it is announced, and announced before it takes the old one's place.
"""

import stat
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeVar

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from services.audit.notary.anchor_folder import ROTATIONS, UnusableFileError, appear, rotations
from services.audit.tlog.anchors import Trust
from services.audit.tlog.checkpoints import Checkpoint
from services.audit.tlog.keybook import KeyBook, Rotation, announce, key_book
from services.audit.tlog.notes import LogSigner, MalformedNoteError, Note, VerifierKey, WitnessSigner

_OTHERS: Final = stat.S_IRWXG | stat.S_IRWXO
SignerT = TypeVar("SignerT", LogSigner, WitnessSigner)


@dataclass(frozen=True, slots=True)
class LogKeys:
    """Where the key of a log, the first keys to trust for it and its checkpoints lie."""

    origin: str
    key: Path
    """Made, readable by its owner only, where there is none."""
    trusted: Path
    """The public halves to start from, one a line; the rest follows from the announcements."""
    folder: Path
    """Checkpoints, and beside them the changes of keys."""

    def book(self) -> KeyBook:
        """Every key that counts here. Raises `UnusableFileError`."""
        return key_book(trusted_keys(self.trusted), rotations(self.folder))

    def current(self) -> tuple[LogSigner, Trust]:
        """The key to sign with now, and whom to trust: read anew each time, for it may have been changed.

        The very first key is trusted because it is the first. Raises `UnusableFileError`, never showing the key.
        """
        signer = signer_of(self.key, self.origin, LogSigner)
        if not trusted_keys(self.trusted):
            trust(self.trusted, signer.verifier)
        book = self.book()
        if book.disputed:
            raise UnusableFileError(f"{self.folder / ROTATIONS}: {book.disputed[0]} announced two successors")
        if signer.verifier not in book.current:
            raise UnusableFileError(
                f"{self.key}: {signer.verifier} does not sign for this ledger: it was never announced, or "
                "announced its successor. Next: phoihop ledger key rotate"
            )
        return signer, Trust.by(self.origin, book)


def change_key(keys: LogKeys, at: Checkpoint) -> Note:
    """Announce a new key from this checkpoint on and put it into the old one's place; the announcement.

    The old key stays beside it under another name; destroy it. Hold the folder's lock. Raises `UnusableFileError`.
    """
    old, following = signer_of(keys.key, keys.origin, LogSigner), _beside(keys.key, "next")
    new = signer_of(following, keys.origin, LogSigner)
    note = _announced(keys, old, new) or announce(
        Rotation(keys.origin, old.verifier, new.verifier, at.size, at.root), old, new
    )
    try:
        folder = keys.folder / ROTATIONS
        folder.mkdir(parents=True, exist_ok=True)
        rotation = Rotation.of(note)
        appear(folder / f"{rotation.size}-{new.verifier.key_id.hex()}", note.to_bytes(), 0o644)
        retired = _beside(keys.key, f"retired-{old.verifier.key_id.hex()}")
        if not retired.exists():
            retired.hardlink_to(keys.key)
        following.replace(keys.key)
    except OSError as error:
        raise UnusableFileError(str(error)) from error
    return note


def is_changing(keys: LogKeys) -> bool:
    """Whether a change of keys was cut off: announced, and the old key still in its place."""
    return keys.key.exists() and signer_of(keys.key, keys.origin, LogSigner).verifier not in keys.book().current


def signer_of(path: Path, name: str, kind: type[SignerT]) -> SignerT:
    """The secret key in a file, which is made where there is none.

    Raises `UnusableFileError`, which never shows the key.
    """
    try:
        if not path.exists():
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            made = kind(name, Ed25519PrivateKey.generate().private_bytes_raw())
            appear(path, f"{made.secret()}\n".encode(), 0o600)  # of two at once one wins, and both read that one
        if path.stat().st_mode & _OTHERS:
            raise UnusableFileError(f"{path}: others may read this key; chmod 600")
        signer = kind.parse(path.read_text(encoding="utf-8").strip())
    except (OSError, MalformedNoteError, UnicodeDecodeError) as error:
        raise UnusableFileError(f"{path}: {error}") from error
    if signer.name != name:
        raise UnusableFileError(f"{path}: a key of {signer.name}, not of {name}")
    return signer


def trusted_keys(path: Path) -> tuple[VerifierKey, ...]:
    """The public keys in a file, one a line; none where there is no file. Raises `UnusableFileError`."""
    try:
        lines = path.read_text(encoding="utf-8").split("\n") if path.exists() else []
        return tuple(VerifierKey.parse(line.strip()) for line in lines if line.strip())
    except (OSError, MalformedNoteError, UnicodeDecodeError) as error:
        raise UnusableFileError(f"{path}: {error}") from error


def trust(path: Path, key: VerifierKey) -> tuple[VerifierKey, ...]:
    """Remember a public key beside those that are trusted already; all of them."""
    known = trusted_keys(path)
    if key in known:
        return known
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with path.open("a", encoding="utf-8") as file:
            file.write(f"{key}\n")
    except OSError as error:
        raise UnusableFileError(str(error)) from error
    return (*known, key)


def _announced(keys: LogKeys, old: LogSigner, new: LogSigner) -> Note | None:
    """The announcement of this very change, where a crash left the change half done."""
    for note in rotations(keys.folder):
        try:
            rotation = Rotation.of(note)
        except MalformedNoteError:
            continue
        if (rotation.old, rotation.new) == (old.verifier, new.verifier):
            return note
    return None


def _beside(path: Path, ending: str) -> Path:
    return path.with_name(f"{path.name}.{ending}")
