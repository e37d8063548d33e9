"""Keeps who may connect in a folder: the book, one seed per identity that only its owner can read, and the accounts.

Seed, book, accounts: in this order a crash can only leave somebody out, who is then enrolled or rotated again.
"""

import fcntl
import getpass
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import nkeys
from pydantic import ValidationError

from contracts.identity import Identity, IdentityChanged
from services.runtime.clock import now
from services.runtime.credentials import identity_folder, key_file, public_key
from services.stack.identity.conf import rendered
from services.stack.identity.membership import Book, EnrolledAlreadyError, NotEnrolledError, created, revoked, rotated
from services.stack.identity.scheme import scheme

ACCOUNTS: Final = "accounts.conf"
"""In the server's own folder; its configuration includes it."""
_BOOK: Final = "identities.json"
_LOCK: Final = "identities.lock"


class BrokenBookError(ValueError):
    """The list of identities cannot be read. Restore it, or remove it to enrol everybody anew."""


@dataclass(frozen=True, slots=True)
class Keeping:
    """The identities of one home."""

    home: Path

    @property
    def accounts(self) -> Path:
        """What the server reads."""
        return self.home / "nats" / ACCOUNTS

    def book(self) -> Book:
        """Who is enrolled. Raises `BrokenBookError`."""
        path = identity_folder(self.home) / _BOOK
        try:
            return Book.model_validate_json(path.read_bytes())
        except FileNotFoundError:
            return Book()
        except (OSError, ValidationError) as error:
            raise BrokenBookError(f"{path}: {error}") from error

    def seed_file(self, who: Identity) -> Path:
        """Where the seed of this identity lies."""
        return key_file(self.home, who)

    def create(self, who: Identity) -> None:
        """Enrols it. Raises `EnrolledAlreadyError`."""
        with self._locked():
            if self.book().member(who):
                raise EnrolledAlreadyError(who.name)
            self._enrol((who,))

    def complete(self, wanted: Iterable[Identity]) -> bool:
        """Enrols those that are not; whether there were any."""
        with self._locked():
            known = self.book().keys
            missing = sorted({who for who in wanted if who not in known}, key=lambda who: who.name)
            if missing or not self.accounts.exists():
                self._enrol(missing)
        return bool(missing)

    def rotate(self, who: Identity) -> None:
        """Gives it another key. Raises `NotEnrolledError`."""
        with self._locked():
            book = self.book()
            if book.member(who) is None:
                raise NotEnrolledError(who.name)
            self._save(rotated(book, who, self._fresh_seed(who), now(), _account()))

    def revoke(self, who: Identity, reason: str | None) -> None:
        """Takes its key away. Raises `NotEnrolledError`."""
        with self._locked():
            self._save(revoked(self.book(), who, now(), _account(), reason))
            self.seed_file(who).unlink(missing_ok=True)

    def recorded(self, changes: Iterable[IdentityChanged]) -> None:
        """These changes are on record and need not be told again."""
        with self._locked():
            self._save(self.book().recorded(tuple(changes)))

    def _enrol(self, missing: Iterable[Identity]) -> None:
        book = self.book()
        for who in missing:
            book = created(book, who, self._fresh_seed(who), now(), _account())
        self._save(book)

    def _save(self, book: Book) -> None:
        _replace(identity_folder(self.home) / _BOOK, book.model_dump_json(indent=2, exclude_none=True).encode())
        self.accounts.parent.mkdir(parents=True, exist_ok=True)
        _replace(self.accounts, rendered(scheme(book.keys)).encode())

    def _fresh_seed(self, who: Identity) -> str:
        """Puts a new seed into the identity's file, over any before it; its public key."""
        path = self.seed_file(who)
        path.parent.mkdir(mode=0o700, exist_ok=True)
        seed = nkeys.encode_seed(os.urandom(32), nkeys.PREFIX_BYTE_USER)
        _replace(path, seed + b"\n")
        return public_key(seed, path)

    @contextmanager
    def _locked(self) -> Iterator[None]:
        folder = identity_folder(self.home)
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with (folder / _LOCK).open("ab") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield


def _replace(path: Path, content: bytes) -> None:
    """Whole or not at all, and for its owner only."""
    fresh = path.with_name(f".{path.name}.new")
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)


def _account() -> str:
    """Who works on this machine, as the record names it."""
    return getpass.getuser()
