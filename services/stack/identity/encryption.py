"""Keeps what encrypts the bus of one home: the authority, the server's certificate, and the text the server includes.

An authority that was replaced stays believed until it is retired, so that nobody is cut off between the two.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from services.runtime.credentials import identity_folder
from services.runtime.secret_files import replace
from services.stack.identity.certificates import Issued, ends, for_party, for_server, issued_by, new_authority

ENCRYPTION: Final = "encryption.conf"
"""In the server's own folder; its configuration includes it."""
SOON: Final = timedelta(days=30)
"""What ends within this time is renewed where it can be, and warned of where it cannot."""
HERE: Final = ("localhost", "127.0.0.1", "::1")
_END: Final = "-----END CERTIFICATE-----\n"


@dataclass(frozen=True, slots=True)
class Encryption:
    """The certificates of one home. Callers hold the lock of its identities."""

    home: Path

    @property
    def authorities(self) -> Path:
        """Who is believed, the one that issues first."""
        return identity_folder(self.home) / "tls" / "authorities.crt"

    @property
    def server(self) -> Path:
        """The server's certificate and key."""
        return self.home / "nats" / "server.pem"

    def complete(self, at: datetime) -> bool:
        """Makes what is missing or ends soon; whether the server has something new to read."""
        if not self.authorities.exists():
            self._found(at)
        kept = self.server.read_text() if self.server.exists() else ""
        there = (self.home / "nats" / ENCRYPTION).exists()
        believed = any(issued_by(kept, authority) for authority in self._believed())
        if there and believed and ends(kept) - at > SOON:
            return False
        self._write_server(at)
        return True

    def party(self, name: str, at: datetime, until: datetime | None) -> str:
        """What follows the seed in the file of an identity: its certificate and key, and whom it believes."""
        return for_party(self._authority(), name, at, until).pem + self.authorities.read_text()

    def is_fresh(self, key_file_text: str, at: datetime) -> bool:
        """Whether the certificates in the file of an identity need not be made anew."""
        _, begins, certificates = key_file_text.partition("-----BEGIN CERTIFICATE-----")
        if not begins or not certificates.endswith(self.authorities.read_text()):
            return False
        own = begins + certificates
        return issued_by(own, self._authority().certificate) and ends(own) - at > SOON

    def name(self, names: Iterable[str], at: datetime) -> None:
        """The server is reached under these names from now on, and under those of this machine alone."""
        self.complete(at)
        replace(self._names, json.dumps([*HERE, *names]).encode())
        self._write_server(at)

    def succeed(self, at: datetime) -> None:
        """A new authority issues from now on. The ones before are still believed, and the server stays with them:

        who has not been handed a new file yet would not believe it otherwise.
        """
        self.complete(at)
        self._found(at)
        self._write_beside_server()

    def retire(self, at: datetime) -> int:
        """Believes the newest authority alone; how many it gave up."""
        first, *older = self._believed()
        replace(self.authorities, first.encode())
        self._write_server(at)
        return len(older)

    def endings(self) -> dict[str, datetime]:
        """What ends when, by what it is; empty where nothing is encrypted."""
        if not self.authorities.exists():
            return {}
        said = {f"authority {place}": ends(text) for place, text in enumerate(self._believed(), start=1)}
        return said | ({"nats-server": ends(self.server.read_text())} if self.server.exists() else {})

    def _found(self, at: datetime) -> None:
        issued = new_authority(at)
        self.authorities.parent.mkdir(mode=0o700, exist_ok=True)
        older = self.authorities.read_text() if self.authorities.exists() else ""
        replace(self._key, issued.key.encode())
        replace(self.authorities, (issued.certificate + older).encode())

    def issuer(self) -> Issued:
        """Who issues, with its key. Once `complete` was called."""
        return self._authority()

    def _authority(self) -> Issued:
        return Issued(self._believed()[0], self._key.read_text())

    def _believed(self) -> list[str]:
        return [f"{one}{_END}" for one in self.authorities.read_text().split(_END) if one]

    def _write_server(self, at: datetime) -> None:
        names = json.loads(self._names.read_text()) if self._names.exists() else HERE
        self.server.parent.mkdir(parents=True, exist_ok=True)
        replace(self.server, for_server(self._authority(), names, at).pem.encode())
        self._write_beside_server()

    def _write_beside_server(self) -> None:
        folder = self.server.parent
        replace(folder / "authorities.crt", self.authorities.read_bytes())
        replace(folder / ENCRYPTION, configured(folder).encode())

    @property
    def _key(self) -> Path:
        return identity_folder(self.home) / "tls" / "authority.key"

    @property
    def _names(self) -> Path:
        return identity_folder(self.home) / "tls" / "names.json"


def configured(folder: Path) -> str:
    """What the server is told: TLS 1.3 from the first byte, and nobody without a certificate of our authority."""
    server, authorities = (json.dumps(str(folder / name), ensure_ascii=False) for name in _FILES)
    return f"""\
tls {{
  cert_file: {server}
  key_file: {server}
  ca_file: {authorities}
  verify: true
  min_version: "1.3"
  handshake_first: true
  timeout: 5
}}
"""


_FILES: Final = ("server.pem", "authorities.crt")
