"""Keeps checkpoints in files outside the database, and reads them back; what they prove is decided elsewhere.

A file appears whole under its name or not at all, and a kept checkpoint is never replaced by another one: only
cosignatures are added to it. Whoever signs or adds holds the folder's lock meanwhile, also against other processes.
"""

import asyncio
import fcntl
import os
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import BinaryIO, Final

from services.audit.tlog.anchors import NOTHING_KEPT, Anchor
from services.audit.tlog.checkpoints import Checkpoint
from services.audit.tlog.notes import MalformedNoteError, Note
from services.audit.tlog.printed import from_line

ROTATIONS: Final = "rotations"
"""The folder, inside that of the checkpoints, where keys announce their successors."""
_LOCK_SECONDS: Final = 30.0
_POLL_SECONDS: Final = 0.02


class UnusableFileError(ValueError):
    """A key or checkpoint file that was named cannot be used; the text says which and why."""


def kept(path: Path) -> tuple[Anchor, ...]:
    """The checkpoints of a folder, or the one in a file. Raises `UnusableFileError` where there is nothing to read.

    In a folder a file that is no checkpoint is kept as such, for whoever spoils a file must not make it unseen; a file
    named by itself that is none is refused. Names that begin with a dot are files still being written.
    """
    try:
        if path.is_dir():
            files = (file for file in sorted(path.iterdir()) if not file.name.startswith("."))
            return tuple(_anchor(file) for file in files if file.name != ROTATIONS)
        anchors = handed_in(path.read_text(encoding="utf-8"), str(path))
    except (OSError, UnicodeDecodeError) as error:
        raise UnusableFileError(str(error)) from error
    return anchors


def handed_in(text: str, name: str) -> tuple[Anchor, ...]:
    """Checkpoints as people hand them in: a signed note, or printed lines, with the name they are to go by.

    A line without any signature is taken on the word of whoever brings it. Raises `UnusableFileError`.
    """
    try:
        anchors = [Anchor(name, Note.parse(text.encode()))]
    except MalformedNoteError:
        try:
            notes = [from_line(line) for line in text.splitlines() if line.strip()]
        except MalformedNoteError as error:
            raise UnusableFileError(f"{name}: neither a c2sp.org/tlog-checkpoint nor printed lines: {error}") from error
        anchors = [Anchor(name, note, vouched=not note.signatures) for note in notes]
    if not anchors or any(anchor.checkpoint is None for anchor in anchors):
        raise UnusableFileError(f"{name}: not a c2sp.org/tlog-checkpoint")
    return tuple(anchors)


def kept_so_far(folder: Path) -> tuple[Anchor, ...]:
    """The checkpoints of a folder that is made with the first of them. Raises `UnusableFileError`."""
    return kept(folder) if folder.exists() else NOTHING_KEPT


def keep(folder: Path, note: Note) -> tuple[Path, Note]:
    """Put the checkpoint into the folder under its size; the note that is kept there now.

    One with the same text that is there already stays, and gets what signatures it lacks. One with another text stays
    too, untouched: whoever signs compares with it first, and refuses. Hold `locked` around it.
    """
    path = folder / str(Checkpoint.of(note).size)
    folder.mkdir(parents=True, exist_ok=True)
    if appear(path, note.to_bytes(), 0o644) or (there := _anchor(path).note) is None or there.text != note.text:
        return path, note
    if (richer := there.signed(*note.signatures)) != there:
        _written(path, richer.to_bytes(), 0o644).replace(path)
    return path, richer


@asynccontextmanager
async def locked(folder: Path) -> AsyncIterator[None]:
    """The folder to oneself: of all who sign for one log at once, one after the other does. Raises `UnusableFileError`.

    The kernel lets go of it when its holder dies.
    """
    with _lock_of(folder) as lock:
        await _hold(lock.fileno(), folder)
        yield


def rotations(folder: Path) -> tuple[Note, ...]:
    """The changes of keys that are kept beside the checkpoints; what is no signed note is passed over."""
    below = folder / ROTATIONS
    try:
        files = sorted(below.iterdir()) if below.is_dir() else []
        return tuple(note for file in files if not file.name.startswith(".") and (note := _anchor(file).note))
    except OSError as error:
        raise UnusableFileError(str(error)) from error


def appear(path: Path, content: bytes, mode: int) -> bool:
    """Whether the file was made, whole and on disk; False where one of this name is there."""
    partial = _written(path, content, mode)
    try:
        os.link(partial, path)  # a rename would replace a key or a checkpoint that another process put there
    except FileExistsError:
        return False
    finally:
        partial.unlink()
    return True


def _written(path: Path, content: bytes, mode: int) -> Path:
    """A file of its own beside the path, on disk: threads and processes may be writing the same one at once."""
    descriptor, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    with os.fdopen(descriptor, "wb") as file:
        os.fchmod(descriptor, mode)
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    return Path(name)


async def _hold(descriptor: int, folder: Path) -> None:
    try:
        async with asyncio.timeout(_LOCK_SECONDS):
            while not _held(descriptor):  # noqa: ASYNC110 - held by another process, no asyncio.Event
                await asyncio.sleep(_POLL_SECONDS)
    except TimeoutError as error:
        raise UnusableFileError(f"{folder}: somebody else has been signing here for too long") from error


def _lock_of(folder: Path) -> BinaryIO:
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        return folder.with_name(f".{folder.name}.lock").open("ab")  # beside it: the folder holds evidence only
    except OSError as error:
        raise UnusableFileError(str(error)) from error


def _held(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _anchor(path: Path) -> Anchor:
    try:
        return Anchor(str(path), Note.parse(path.read_bytes()))
    except (MalformedNoteError, IsADirectoryError):
        return Anchor(str(path), None)
