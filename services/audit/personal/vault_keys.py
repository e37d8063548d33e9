"""The vault's private keys: the one intake seals to, and those given up that may still be needed; changes the one.

A change is four steps, each whole or not at all; cut off after any of them, whatever was sealed can be opened, and
asking again goes on from there. The new private key is in its place before anybody can learn the public one. A key
given up is destroyed when nothing sealed with it can arrive any more; an empty file remains, unlike for a stranger's.
"""

import fcntl
import os
from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Final

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from services.runtime.sealing import KEY_ID_BYTES, NotSealedError, OtherVaultError, VaultKey, VaultLock, key_id_of
from services.runtime.secret_files import UnusableSecretError, appear, overwrite, secret

GRACE: Final = timedelta(hours=1)
"""For how long after the first arrival under the new key an older message may still be on its way."""
_RETIRED: Final = "retired-"
_ARRIVED: Final = "arrived-"


class DestroyedVaultError(NotSealedError):
    """It was sealed to a key of this vault that is destroyed: nobody can open it any more."""


class Fate(StrEnum):
    """What became of a key that was given up."""

    DESTROYED = "destroyed"
    STILL_SEALED = "still_sealed"
    """Messages sealed with it wait in SEALED or PARKED."""
    NOT_FOLLOWED = "not_followed"
    """Nothing sealed with the present key has arrived yet: intake may not know it."""
    RECENT = "recent"
    """The first arrival under the present key is too recent."""


@dataclass(frozen=True, slots=True)
class Retired:
    """A key that was given up."""

    key_id: bytes
    fate: Fate


class VaultKeys:
    """The files of one vault; several processes may use them at once."""

    def __init__(self, key: Path, public: Path) -> None:
        self._path = key
        self._public = public
        self._kept: VaultKey | None = None
        """The present key and no other: a key given up is read when it is needed, so none outlives its file here."""
        self._arrived = False

    def prepare(self) -> VaultKey:
        """The present key, made on a new hub; a change that was cut off is completed. Raises `UnusableSecretError`."""
        with self._alone():
            self._complete()
            VaultKey.of(self._path, self._public)
        return self._refreshed()

    def open(self, sealed: bytes, purpose: str) -> bytes:
        """What was sealed, with whichever key it was; another process may have changed the key meanwhile.

        Raises `OtherVaultError`, `NotSealedError`, `DestroyedVaultError`, `UnusableSecretError`.
        """
        key_id = key_id_of(sealed)
        if key_id != self._present.lock.key_id and (key := self._refreshed()).lock.key_id != key_id:
            return self._given_up(key_id, key).open(sealed, purpose)
        return self._present.open(sealed, purpose)

    def arrived(self, sealed: bytes) -> None:
        """Notes, once for each key, that something sealed with the present one has arrived: intake follows it."""
        present = self._present.lock.key_id
        if not self._arrived and key_id_of(sealed) == present:
            with _explained(self._path):
                appear(self._beside(_ARRIVED, present), b"")
            self._arrived = True

    def rotate(self) -> VaultKey:
        """Put a new key into the present one's place; where a change was cut off, that one is completed instead."""
        with self._alone():
            if not self._complete():
                old = VaultKey(secret(self._path))
                following = self._path.with_name(f"{self._path.name}.next")
                secret(following, lambda: X25519PrivateKey.generate().private_bytes_raw())
                with _explained(self._path):
                    with suppress(FileExistsError):
                        self._beside(_RETIRED, old.lock.key_id).hardlink_to(self._path)
                    following.replace(self._path)
                    _sync(self._path.parent)
                self._complete()
            VaultKey.of(self._path, self._public)
        return self._refreshed()

    def destroy_retired(self, still_sealed: Collection[bytes], now: datetime, grace: timedelta) -> list[Retired]:
        """Destroy every key given up that can be spared; `still_sealed`: what waiting messages were sealed to.

        Raises `UnusableSecretError`.
        """
        with self._alone():
            self._complete()
            present = self._refreshed().lock.key_id
            since = self._since(present, now, grace)
            found = [Retired(each, self._fate(each, still_sealed, since)) for each in self._retired(present)]
            for one in found:
                if one.fate is Fate.DESTROYED and (file := self._beside(_RETIRED, one.key_id)).stat().st_size:
                    with _explained(file):
                        overwrite(file)
        return found

    def _fate(self, key_id: bytes, still_sealed: Collection[bytes], since: Fate) -> Fate:
        if not self._beside(_RETIRED, key_id).stat().st_size:
            return Fate.DESTROYED
        return Fate.STILL_SEALED if key_id in still_sealed else since

    def _since(self, present: bytes, now: datetime, grace: timedelta) -> Fate:
        mark = self._beside(_ARRIVED, present)
        if not mark.exists():
            return Fate.NOT_FOLLOWED
        first = datetime.fromtimestamp(mark.stat().st_mtime, UTC)
        return Fate.RECENT if now < first + grace else Fate.DESTROYED

    def _complete(self) -> bool:
        """Publish the present key where its predecessor's public half still stands; whether that was so."""
        with _explained(self._path):
            if not self._path.exists() or not self._public.exists():
                return False
            key = VaultKey(secret(self._path))
            known = VaultLock.read(self._public).key_id
            if known == key.lock.key_id or not self._beside(_RETIRED, known).exists():
                return False
            partial = self._public.with_name(f".{self._public.name}.new")
            partial.write_bytes(key.lock.to_bytes())
            partial.chmod(0o644)
            partial.replace(self._public)
            _sync(self._public.parent)
        return True

    def _retired(self, present: bytes) -> list[bytes]:
        """Without the present one, which has two names where a change was cut off."""
        pattern = f"{self._path.name}.{_RETIRED}{'[0-9a-f]' * 2 * KEY_ID_BYTES}"
        found = (bytes.fromhex(each.name.rpartition("-")[2]) for each in sorted(self._path.parent.glob(pattern)))
        return [key_id for key_id in found if key_id != present]

    @property
    def _present(self) -> VaultKey:
        return self._kept or self._refreshed()

    def _refreshed(self) -> VaultKey:
        key = VaultKey(secret(self._path))
        if self._kept is None or key.lock.key_id != self._kept.lock.key_id:
            self._kept, self._arrived = key, False
        return self._kept

    def _given_up(self, key_id: bytes, present: VaultKey) -> VaultKey:
        if not (file := self._beside(_RETIRED, key_id)).exists():
            raise OtherVaultError(f"sealed to {key_id.hex()}, this vault is {present.lock.key_id.hex()}")
        if not (content := secret(file)):
            raise DestroyedVaultError(f"sealed to {key_id.hex()}, which is destroyed")
        return VaultKey(content)

    def _beside(self, what: str, key_id: bytes) -> Path:
        return self._path.with_name(f"{self._path.name}.{what}{key_id.hex()}")

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Of all who change the files at once, one after the other does; the kernel lets go when its holder dies."""
        with _explained(self._path):
            self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            lock = self._path.with_name(f".{self._path.name}.lock").open("ab")
        with lock:
            fcntl.flock(lock.fileno(), fcntl.LOCK_EX)
            yield


@contextmanager
def _explained(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise UnusableSecretError(f"{path}: {error.strerror}") from error


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
