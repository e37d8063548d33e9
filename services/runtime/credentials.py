"""Reads the file by which a program proves who it is to the bus; knows where a local stack keeps such files.

A file holds the seed of an nkey, alone or within a credentials file beside its JWT; certificates may follow.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import nkeys
from faststream.nats.security import NatsCredentials, NatsNKey

from contracts.identity import Identity
from contracts.server_api import inbox_prefix
from services.runtime.encryption import encryption
from services.runtime.secret_files import UnusableSecretError, open_to_others

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
        """What the client library is to be told. Raises `UnusableSecretError`."""
        proof = {"user_credentials": str(self.path)} if self.with_jwt else {"nkeys_seed_str": self._seed()}
        context = encryption(self.path)
        safely = {"tls": context, "tls_handshake_first": True} if context else {}
        return {**proof, **safely, "inbox_prefix": self.inbox_prefix}

    @property
    def security(self) -> NatsNKey | NatsCredentials:
        """The same for FastStream's broker, which takes the prefix apart."""
        context = encryption(self.path)
        safely: dict[str, Any] = {"ssl_context": context, "use_ssl": True, "tls_handshake_first": True}
        if self.with_jwt:
            return NatsCredentials.from_file(self.path, **(safely if context else {}))
        return NatsNKey.from_seed(self._seed(), **(safely if context else {}))

    def _seed(self) -> str:
        return read_seed(self.path)[0].decode()


def credentials(path: Path) -> Credentials:
    """What the file proves. Raises `UnusableSecretError`; its text never shows the seed."""
    seed, with_jwt = read_seed(path)
    return Credentials(path, public_key(seed, path), with_jwt)


def read_seed(path: Path) -> tuple[bytes, bool]:
    """The seed in the file, and whether a JWT stands beside it. Raises as `credentials` does."""
    try:
        if open_to_others(path):
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
