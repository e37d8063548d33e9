"""Keeps checkpoints and keys in files outside the database, and reads them back; what they prove is decided elsewhere.

Nothing here is ever overwritten: a file appears whole under its name or not at all.
"""

import os
import stat
from pathlib import Path
from typing import Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from services.audit.anchors import NOTHING_KEPT, Anchor
from services.audit.checkpoints import Checkpoint
from services.audit.notes import LogSigner, MalformedNoteError, Note, VerifierKey

_OTHERS: Final = stat.S_IRWXG | stat.S_IRWXO


class UnusableFileError(ValueError):
    """A key or checkpoint file that was named cannot be used; the text says which and why."""


def kept(path: Path) -> tuple[Anchor, ...]:
    """The checkpoints of a folder, or the one in a file. Raises `UnusableFileError` where there is nothing to read.

    In a folder a file that is no checkpoint is kept as such, for whoever spoils a file must not make it unseen; a file
    named by itself that is none is refused. Names that begin with a dot are files still being written.
    """
    try:
        if path.is_dir():
            return tuple(_anchor(file) for file in sorted(path.iterdir()) if not file.name.startswith("."))
        anchor = _anchor(path)
    except OSError as error:
        raise UnusableFileError(str(error)) from error
    if anchor.checkpoint is None:
        raise UnusableFileError(f"{path}: not a c2sp.org/tlog-checkpoint")
    return (anchor,)


def kept_so_far(folder: Path) -> tuple[Anchor, ...]:
    """The checkpoints of a folder that is made with the first of them. Raises `UnusableFileError`."""
    return kept(folder) if folder.exists() else NOTHING_KEPT


def keep(folder: Path, note: Note) -> tuple[Path, Note]:
    """Put the checkpoint into the folder under its size; the note that is kept there now.

    One with the same text that is there already stays: it may carry cosignatures.
    """
    path = folder / str(Checkpoint.of(note).size)
    folder.mkdir(parents=True, exist_ok=True)
    if not _appear(path, note.to_bytes(), 0o644) and (there := _anchor(path).note) and there.text == note.text:
        return path, there
    return path, note


def log_signer(path: Path, origin: str) -> LogSigner:
    """The log's key from its file, which is made, readable by its owner only, where there is none.

    Raises `UnusableFileError`, which never shows the key.
    """
    try:
        if not path.exists():
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            made = LogSigner(origin, Ed25519PrivateKey.generate().private_bytes_raw())
            _appear(path, f"{made.secret()}\n".encode(), 0o600)  # of two at once one wins, and both read that one
        if path.stat().st_mode & _OTHERS:
            raise UnusableFileError(f"{path}: others may read this key; chmod 600")
        signer = LogSigner.parse(path.read_text(encoding="utf-8").strip())
    except (OSError, MalformedNoteError, UnicodeDecodeError) as error:
        raise UnusableFileError(f"{path}: {error}") from error
    if signer.name != origin:
        raise UnusableFileError(f"{path}: a key of {signer.name}, not of {origin} (PHOIHOP_LEDGER_ORIGIN)")
    return signer


def trusted_keys(path: Path) -> tuple[VerifierKey, ...]:
    """The public keys in a file, one a line; none where there is no file. Raises `UnusableFileError`."""
    try:
        lines = path.read_text(encoding="utf-8").split("\n") if path.exists() else []
        return tuple(VerifierKey.parse(line.strip()) for line in lines if line.strip())
    except (OSError, MalformedNoteError, UnicodeDecodeError) as error:
        raise UnusableFileError(f"{path}: {error}") from error


def trust(path: Path, key: VerifierKey) -> tuple[VerifierKey, ...]:
    """Remember the public half of a key that signs here, beside those of earlier keys; all of them."""
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


def _anchor(path: Path) -> Anchor:
    try:
        return Anchor(str(path), Note.parse(path.read_bytes()))
    except (MalformedNoteError, IsADirectoryError):
        return Anchor(str(path), None)


def _appear(path: Path, content: bytes, mode: int) -> bool:
    """Whether the file was made; False where one of this name is there."""
    partial = path.with_name(f".{path.name}.{os.getpid()}")
    descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.link(partial, path)  # a rename would replace a key or a checkpoint that another process put there
    except FileExistsError:
        return False
    finally:
        partial.unlink()
    return True
