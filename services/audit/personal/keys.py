"""Keeps one key per report, in a file outside the database, and destroys it: that is how personal values are erased.

No table, dump, replica or write-ahead log of the database ever holds such a key, so no restored database brings an
erased value back. A destroyed key leaves an empty file, which refuses to become a key again.
"""

import os
from pathlib import Path
from typing import Final
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

from services.runtime.secret_files import SECRET_BYTES, UnusableSecretError, appear, overwrite, secret

_NONCE_BYTES: Final = 12


class KeyRing:
    """The keys of all reports with personal values, each in a file named by the `ReportAccepted` it belongs to."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def to_lock(self, event: UUID) -> bytes | None:
        """The report's key, made and on disk where there is none; None where it was destroyed.

        Raises `UnusableSecretError`.
        """
        return secret(self._file(event), lambda: os.urandom(SECRET_BYTES)) or None

    def to_unlock(self, event: UUID) -> bytes | None:
        """The report's key; None where there is none, destroyed or never made. Raises `UnusableSecretError`."""
        file = self._file(event)
        return secret(file) or None if file.exists() else None

    def destroy(self, event: UUID) -> bool:
        """Whether there was a key. Afterwards there is none, and none can be made. Raises `UnusableSecretError`."""
        file = self._file(event)
        try:
            file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            if appear(file, b""):
                return False  # the values may still be on their way: they will find no key
            if file.stat().st_size == 0:
                return False
            overwrite(file)
        except OSError as error:
            raise UnusableSecretError(f"{file}: {error.strerror}") from error
        return True

    def _file(self, event: UUID) -> Path:
        return self._folder / event.hex[:2] / f"{event}.key"


def lock(key: bytes, opened: bytes, commitment: bytes, event: UUID) -> bytes:
    """The opened text, readable only with the key and only in its place (ChaCha20-Poly1305, nonce in front)."""
    nonce = os.urandom(_NONCE_BYTES)
    return nonce + ChaCha20Poly1305(key).encrypt(nonce, opened, event.bytes + commitment)


def unlock(key: bytes, locked: bytes, commitment: bytes, event: UUID) -> bytes | None:
    """The opened text; None where the bytes were changed, moved, or locked with another key."""
    try:
        return ChaCha20Poly1305(key).decrypt(locked[:_NONCE_BYTES], locked[_NONCE_BYTES:], event.bytes + commitment)
    except (InvalidTag, ValueError):
        return None
