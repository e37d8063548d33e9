"""Reads the file by which a program proves who it is to the bus; knows where a local stack keeps such files.

A file holds the seed of an nkey, alone or within a credentials file beside its JWT. Only its path is ever passed on.
"""

import stat
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import nkeys
from faststream.nats.security import NatsCredentials, NatsNKey

from contracts.identity import Identity
from contracts.server_api import inbox_prefix
from services.runtime.secret_files import UnusableSecretError

_OTHERS: Final = stat.S_IRWXG | stat.S_IRWXO
_SEED_BEGINS: Final = "BEGIN USER NKEY SEED"


@dataclass(frozen=True, slots=True)
class Credentials:
    """A usable file, and what follows from its key."""

    path: Path
    key: str
    """The public key."""
    with_jwt: bool

    @property
    def inbox_prefix(self) -> str:
        """Where answers come, and where nobody else may listen."""
        return inbox_prefix(self.key)

    @property
    def options(self) -> dict[str, Any]:
        """What the client library is to be told."""
        return {
            "user_credentials" if self.with_jwt else "nkeys_seed": str(self.path),
            "inbox_prefix": self.inbox_prefix,
        }

    @property
    def security(self) -> NatsNKey | NatsCredentials:
        """The same for FastStream's broker, which takes the prefix apart."""
        return (NatsCredentials if self.with_jwt else NatsNKey).from_file(self.path)


def credentials(path: Path) -> Credentials:
    """What the file proves. Raises `UnusableSecretError`; its text never shows the seed."""
    seed, with_jwt = read_seed(path)
    return Credentials(path, public_key(seed, path), with_jwt)


def read_seed(path: Path) -> tuple[bytes, bool]:
    """The seed in the file, and whether a JWT stands beside it. Raises as `credentials` does."""
    try:
        if path.stat().st_mode & _OTHERS:
            raise UnusableSecretError(f"{path}: others may read this key; chmod 600")
        lines = path.read_text(encoding="ascii").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise UnusableSecretError(f"{path}: {getattr(error, 'strerror', None) or 'no seed of an nkey'}") from error
    begins = next((number for number, line in enumerate(lines) if _SEED_BEGINS in line), -1)
    return next(iter(lines[begins + 1 :]), "").strip().encode(), begins >= 0


def public_key(seed: bytes, named: Path) -> str:
    """The public key of a user's seed. Raises `UnusableSecretError` naming the file it is from."""
    try:
        pair = nkeys.from_seed(bytearray(seed))
        key = bytes(pair.public_key).decode()
    except (nkeys.NkeysError, ValueError) as error:
        raise UnusableSecretError(f"{named}: no seed of an nkey") from error
    if not key.startswith("U"):
        raise UnusableSecretError(f"{named}: not the key of a user")
    return key


def identity_folder(home: Path) -> Path:
    """Where a local stack keeps who may connect."""
    return home / "identity"


def key_file(home: Path, who: Identity) -> Path:
    """Where a local stack keeps the seed of one identity."""
    return identity_folder(home) / "keys" / f"{who.name}.nk"
