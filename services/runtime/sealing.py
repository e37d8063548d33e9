"""Encrypts to the vault, so that whoever carries or stores the message in between cannot read it (RFC 9180, HPKE).

Base mode with X25519, HKDF-SHA256 and ChaCha20-Poly1305 as `cryptography` implements it. What is sealed says which key
opens it; who sealed it is not said: only intake may publish where the vault listens.
"""

import base64
import binascii
from pathlib import Path
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite

from contracts.canonical import sha256_hex
from services.runtime.secret_files import UnusableSecretError, appear, secret

KEY_ID_BYTES: Final = 8
PARKED: Final = "parked"
"""What the parked copy of a submission is sealed for."""
_SUITE: Final = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.CHACHA20_POLY1305)
_INFO: Final = b"phoihop vault v1\n"


def key_id_of(sealed: bytes) -> bytes:
    """Which key opens these bytes, if they were sealed at all."""
    return sealed[:KEY_ID_BYTES]


class OtherVaultError(Exception):
    """It was sealed to another key than this vault's. Next: put that key back, or the public half where intake is."""


class NotSealedError(ValueError):
    """These bytes were never sealed to this vault for this purpose, or were changed since."""


class VaultLock:
    """The public half: seals, and opens nothing."""

    def __init__(self, public: bytes) -> None:
        self._key = X25519PublicKey.from_public_bytes(public)
        self.key_id = bytes.fromhex(sha256_hex(public))[:KEY_ID_BYTES]

    @classmethod
    def read(cls, path: Path) -> "VaultLock":
        """The lock in a file. Raises `UnusableSecretError`, also where there is none yet."""
        try:
            return cls(base64.b64decode(path.read_bytes().strip(), validate=True))
        except (OSError, ValueError, binascii.Error) as error:
            reason = error.strerror if isinstance(error, OSError) else "not a public key of a vault"
            raise UnusableSecretError(f"{path}: {reason}") from error

    def to_bytes(self) -> bytes:
        """What stands in its file."""
        return base64.b64encode(self._key.public_bytes_raw()) + b"\n"

    def seal(self, content: bytes, purpose: str) -> bytes:
        """The content for the vault alone; it opens under the same purpose only."""
        return self.key_id + _SUITE.encrypt(content, self._key, _INFO + purpose.encode())


class VaultKey:
    """The private half: opens."""

    def __init__(self, private: bytes) -> None:
        self._key = X25519PrivateKey.from_private_bytes(private)
        self.lock = VaultLock(self._key.public_key().public_bytes_raw())

    @classmethod
    def of(cls, path: Path, public: Path) -> "VaultKey":
        """The key in a file, made where there is none, with its public half beside it. Raises `UnusableSecretError`."""
        key = cls(secret(path, lambda: X25519PrivateKey.generate().private_bytes_raw()))
        try:
            public.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            appear(public, key.lock.to_bytes(), 0o644)
        except OSError as error:
            raise UnusableSecretError(f"{public}: {error.strerror}") from error
        if VaultLock.read(public).key_id != key.lock.key_id:
            raise UnusableSecretError(f"{public}: not the public half of {path}")
        return key

    def open(self, sealed: bytes, purpose: str) -> bytes:
        """What was sealed. Raises `OtherVaultError`, `NotSealedError`."""
        if key_id_of(sealed) != self.lock.key_id:
            raise OtherVaultError(f"sealed to {key_id_of(sealed).hex()}, this vault is {self.lock.key_id.hex()}")
        try:
            return _SUITE.decrypt(sealed[KEY_ID_BYTES:], self._key, _INFO + purpose.encode())
        except (InvalidTag, ValueError) as error:
            raise NotSealedError("changed, or sealed for another purpose") from error
