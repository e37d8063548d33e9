"""Keeps secrets in files that only their owner may read: made whole or not at all, and destroyed for good."""

import os
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Final

from services.runtime.settings import handed_over_folder

SECRET_BYTES: Final = 32

_OTHERS: Final = stat.S_IRWXG | stat.S_IRWXO
_NOT_THE_UNIT: Final = stat.S_IWGRP | stat.S_IRWXO
"""What is too much even for a credential that systemd handed over."""


class UnusableSecretError(Exception):
    """A secret file cannot be used; the text says which and why, and never shows the secret."""


def open_to_others(path: Path) -> bool:
    """Whether others than its owner may read or change the file. Raises `OSError`.

    systemd 254 and later lays credentials down as 0440, in a folder that only the unit's own account can enter.
    """
    mode = path.stat().st_mode
    folder = handed_over_folder()
    if folder is None or path.parent.resolve() != folder.resolve() or folder.stat().st_mode & _NOT_THE_UNIT:
        return bool(mode & _OTHERS)
    return bool(mode & _NOT_THE_UNIT)


def secret(path: Path, make: Callable[[], bytes] | None = None) -> bytes:
    """The 32 bytes in the file; without `make` there must be one. Empty where the secret was destroyed.

    Raises `UnusableSecretError`.
    """
    try:
        if make is not None and not path.exists():
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            appear(path, make())  # of two at once one wins, and both read that one
        if open_to_others(path):
            raise UnusableSecretError(f"{path}: others may read this key; chmod 600")
        found = path.read_bytes()
    except OSError as error:
        raise UnusableSecretError(f"{path}: {error.strerror}") from error
    if len(found) not in (0, SECRET_BYTES):
        raise UnusableSecretError(f"{path}: not a key of {SECRET_BYTES} bytes")
    return found


def appear(path: Path, content: bytes, mode: int = 0o600) -> bool:
    """Whether the file was made, whole and on disk; False where one of this name is there."""
    partial = path.with_name(f".{path.name}.{os.getpid()}")
    descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.link(partial, path)  # a rename would replace a key that another process put there
    except FileExistsError:
        return False
    finally:
        partial.unlink()
    _sync_folder(path.parent)
    return True


def replace(path: Path, content: bytes) -> None:
    """Puts the content there, over any before it: whole or not at all, and for its owner only."""
    fresh = path.with_name(f".{path.name}.new")
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)


def overwrite(path: Path) -> None:
    """Make the secret unreadable in its own place, then leave the file empty. Raises `OSError`.

    What a copy-on-write file system, a flash controller or a backup keeps of the old blocks is out of reach from here.
    """
    with path.open("r+b") as file:
        for content in (os.urandom(SECRET_BYTES), b"\x00" * SECRET_BYTES):
            file.seek(0)
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        file.truncate(0)
        os.fsync(file.fileno())


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
