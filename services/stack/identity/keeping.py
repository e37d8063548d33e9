"""Keeps who may connect in a folder: the book, one file per identity that only its owner can read, and the accounts.

Seed, book, accounts: in this order a crash can only leave somebody out, who is then enrolled or rotated again.
"""

import fcntl
import getpass
import os
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

import nkeys
from pydantic import ValidationError

from contracts.identity import Identity, IdentityChanged
from services.runtime.clock import now
from services.runtime.credentials import identity_folder, key_file, public_key, read_seed
from services.runtime.secret_files import replace
from services.stack.identity.certificates import ends
from services.stack.identity.conf import rendered
from services.stack.identity.encryption import Encryption
from services.stack.identity.membership import (
    Book,
    EnrolledAlreadyError,
    NewKey,
    NotEnrolledError,
    created,
    revoked,
    rotated,
    suspended,
)
from services.stack.identity.pace import Excess
from services.stack.identity.scheme import scheme

ACCOUNTS: Final = "accounts.conf"
"""In the server's own folder; its configuration includes it."""
EXPIRED: Final = "hết hạn / expired"
"""Why somebody was revoked whose time was over."""
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

    @property
    def encryption(self) -> Encryption:
        """What encrypts the bus of this home."""
        return Encryption(self.home)

    def create(self, who: Identity, until: datetime | None = None) -> None:
        """Enrols it, perhaps until a given time only. Raises `EnrolledAlreadyError`."""
        with self._locked():
            if self.book().member(who):
                raise EnrolledAlreadyError(who.name)
            self._enrol((who,), until)

    def complete(self, wanted: Iterable[Identity]) -> bool:
        """Enrols those that are not; whether there were any. Their certificates, and nobody else's, are looked at."""
        with self._locked():
            self.encryption.complete(now())
            known, wanted = self.book().keys, frozenset(wanted)
            missing = sorted(wanted - known.keys(), key=lambda who: who.name)
            if missing or not self.accounts.exists():
                self._enrol(missing, None)
            self._certify(wanted - frozenset(missing))
        return bool(missing)

    def rotate(self, who: Identity, until: datetime | None = None) -> None:
        """Gives it another key. Raises `NotEnrolledError`."""
        with self._locked():
            book = self.book()
            if book.member(who) is None:
                raise NotEnrolledError(who.name)
            self._save(rotated(book, who, self._fresh_key(who, until), now(), _account()))

    def revoke(self, who: Identity, reason: str | None) -> None:
        """Takes its key away. Raises `NotEnrolledError`."""
        with self._locked():
            self._save(revoked(self.book(), who, now(), _account(), reason))
            self.seed_file(who).unlink(missing_ok=True)

    def end_expired(self) -> tuple[Identity, ...]:
        """Revokes everybody whose time is over; who they were."""
        with self._locked():
            book, at = self.book(), now()
            if over := book.ended(at):
                for who in over:
                    book = revoked(book, who, at, _account(), EXPIRED)
                self._save(book)
                for who in over:
                    self.seed_file(who).unlink(missing_ok=True)
        return over

    def suspend(self, over: Mapping[str, Excess]) -> tuple[Identity, ...]:
        """Leaves out for a while, by public key, who took too much of the bus; who they were."""
        with self._locked():
            book, who = suspended(self.book(), over, now())
            if who:
                self._save(book)
        return who

    def lift(self) -> bool:
        """Admits again whose suspension is over; whether there were any."""
        with self._locked():
            stale = self.accounts.exists() and self.accounts.read_text() != self._rendered(self.book())
            if stale:
                self._save(self.book())
        return stale

    def renew(self, names: Iterable[str] = (), *, authority: bool = False, retire: bool = False) -> bool:
        """Everybody's certificates that end soon anew, and at wish: under further names of the server, of a new

        authority, or without the old ones. Whether the server has a new certificate of its own to read.
        """
        with self._locked():
            encryption, at = self.encryption, now()
            renewed = encryption.complete(at)
            if names := tuple(names):
                encryption.name(names, at)
            if authority:
                encryption.succeed(at)
            if retire:
                encryption.retire(at)
            self._certify(self.book().keys)
        return renewed or bool(names) or authority or retire

    def recorded(self, changes: Iterable[IdentityChanged]) -> None:
        """These changes are on record and need not be told again."""
        with self._locked():
            self._save(self.book().recorded(tuple(changes)))

    def _enrol(self, missing: Iterable[Identity], until: datetime | None) -> None:
        book = self.book()
        for who in missing:
            book = created(book, who, self._fresh_key(who, until), now(), _account())
        self._save(book)

    def _certify(self, those: Collection[Identity]) -> None:
        """Whose file lies here gets a certificate that holds; whoever took it along is rotated instead."""
        book = before = self.book()
        for member in (one for one in book.members if one.identity in those):
            path = self.seed_file(member.identity)
            if path.exists() and not self.encryption.is_fresh(path.read_text(), now()):
                seed, _ = read_seed(path)
                book = book.certified(member.identity, self._write_key(member.identity, seed, member.until))
        if book != before:
            self._save(book)

    def _save(self, book: Book) -> None:
        replace(identity_folder(self.home) / _BOOK, book.model_dump_json(indent=2, exclude_none=True).encode())
        self.accounts.parent.mkdir(parents=True, exist_ok=True)
        replace(self.accounts, self._rendered(book).encode())

    def _rendered(self, book: Book) -> str:
        return rendered(scheme(book.admitted(now())))

    def _fresh_key(self, who: Identity, until: datetime | None) -> NewKey:
        """Puts a new seed into the identity's file, over any before it."""
        path = self.seed_file(who)
        path.parent.mkdir(mode=0o700, exist_ok=True)
        self.encryption.complete(now())
        seed = nkeys.encode_seed(os.urandom(32), nkeys.PREFIX_BYTE_USER)
        return NewKey(public_key(seed, path), until, self._write_key(who, seed, until))

    def _write_key(self, who: Identity, seed: bytes, until: datetime | None) -> datetime:
        pem = self.encryption.party(who.name, now(), until)
        replace(self.seed_file(who), seed + b"\n" + pem.encode())
        return ends(pem)

    @contextmanager
    def _locked(self) -> Iterator[None]:
        folder = identity_folder(self.home)
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with (folder / _LOCK).open("ab") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield


def _account() -> str:
    """Who works on this machine, as the record names it."""
    return getpass.getuser()
