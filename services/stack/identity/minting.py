"""Keeps the keys of the hub as an operator and signs with them who may connect, for servers that are told by JWT.

Whoever holds a signed file gets in although the server was never told of that user; a server is told of accounts only.
"""

import json
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Final

import nkeys
from nats.aio.client import Client

from contracts.identity import Identity
from contracts.server_api import CLAIMS_UPDATE
from services.runtime.clock import now
from services.runtime.credentials import identity_folder, read_seed
from services.runtime.jetstream import REQUEST_TIMEOUT
from services.runtime.secret_files import replace
from services.stack.identity import claims
from services.stack.identity.claims import Signer
from services.stack.identity.grants import Grant
from services.stack.identity.keeping import Keeping
from services.stack.identity.membership import NotEnrolledError
from services.stack.identity.scheme import SYS, Account, Limits, User, account_of, scheme

OPERATED: Final = "operator.conf"
"""In the server's own folder; its configuration includes it in place of the written accounts."""
DAYS: Final = 397
"""The longest that a signed file is good for; then another is signed."""
MAX_LINE: Final = "32KB"
"""A client says all its claims in one line; those of routing are the longest, some 6 KB."""
_PUSHER: Final = "pusher"


class NotTakenError(Exception):
    """The server did not take an account. Next: look into its log."""


@dataclass(frozen=True, slots=True)
class Minting:
    """The operator of one home."""

    keeping: Keeping

    @property
    def pusher(self) -> Path:
        """What lets a command tell running servers of accounts; it can do nothing else."""
        return self._folder / f"{_PUSHER}.creds"

    def creds_file(self, who: Identity) -> Path:
        """Where the signed file of an identity lies."""
        return self._folder / "creds" / f"{who.name}.creds"

    def write(self) -> Path:
        """Signs everything anew: accounts, users whose seed lies here, and the server's file, which it returns."""
        accounts = self.accounts()
        for member in self.keeping.book().members:
            if self.keeping.seed_file(member.identity).exists():
                self.mint(member.identity)
        self._write_pusher()
        path = self.keeping.accounts.with_name(OPERATED)
        replace(path, self._configured(accounts).encode())
        return path

    def accounts(self) -> dict[str, str]:
        """Public key -> signed claims of every account, from who is enrolled now."""
        made, at, ended = self._scheme(), now(), self.keeping.book().ended_keys
        keys = {one.name: self._signer(one.name).key for one in made}
        operator = self._signer("operator")
        return {
            keys[one.name]: claims.token(operator, keys[one.name], claims.account(one, keys, ended), at) for one in made
        }

    def mint(self, who: Identity) -> Path:
        """The file that lets this identity in; only a server's word on its account can end it before its time.

        Raises `NotEnrolledError`.
        """
        member = self.keeping.book().member(who)
        if member is None or not self.keeping.seed_file(who).exists():
            raise NotEnrolledError(who.name)
        account = next(one for one in self._scheme() if one.name == account_of(who))
        user = next(one for one in account.users if one.name == who.name)
        at = now()
        latest = at + timedelta(days=DAYS)
        until = min(member.until, latest) if member.until else latest
        signed = claims.token(self._signer(account.name), user.key, claims.user(user, account.limits), at, until)
        seed, _ = read_seed(self.keeping.seed_file(who))
        _, begins, certificates = self.keeping.seed_file(who).read_text().partition("-----BEGIN CERTIFICATE")
        return self._write(self.creds_file(who), signed, seed, begins + certificates)

    async def push(self, client: Client) -> int:
        """Tells the running servers of every account, revocations included; how many. Raises `NotTakenError`."""
        signed = self.accounts()
        for one in signed.values():
            answer = await client.request(CLAIMS_UPDATE, one.encode(), timeout=REQUEST_TIMEOUT)
            if "error" in (told := json.loads(answer.data)):
                raise NotTakenError(str(told["error"].get("description", told["error"])))
        return len(signed)

    @property
    def _folder(self) -> Path:
        return identity_folder(self.keeping.home) / "jwt"

    def _scheme(self) -> tuple[Account, ...]:
        return scheme(self.keeping.book().keys)

    def _signer(self, name: str) -> Signer:
        """The key of the operator or of an account, made at its first use."""
        path = self._folder / f"{name}.nk"
        if not path.exists():
            self._folder.mkdir(mode=0o700, exist_ok=True)
            kind = nkeys.PREFIX_BYTE_OPERATOR if name == "operator" else nkeys.PREFIX_BYTE_ACCOUNT
            replace(path, nkeys.encode_seed(os.urandom(32), kind))
        pair = nkeys.from_seed(bytearray(path.read_bytes().strip()))
        return Signer(bytes(pair.public_key).decode(), lambda text: bytes(pair.sign(text)))

    def _write_pusher(self) -> None:
        seed = nkeys.encode_seed(os.urandom(32), nkeys.PREFIX_BYTE_USER)
        key = bytes(nkeys.from_seed(bytearray(seed)).public_key).decode()
        user = User(_PUSHER, key, Grant(publish=(CLAIMS_UPDATE,)))
        at = now()
        signed = claims.token(self._signer(SYS), key, claims.user(user, Limits()), at, at + timedelta(days=DAYS))
        self._write(self.pusher, signed, seed, self.keeping.encryption.party(_PUSHER, at, None))

    def _write(self, path: Path, signed: str, seed: bytes, certificates: str) -> Path:
        path.parent.mkdir(mode=0o700, exist_ok=True)
        replace(path, "\n".join(_lines(signed, seed.decode(), certificates)).encode())
        return path

    def _configured(self, accounts: Mapping[str, str]) -> str:
        signer = self._signer("operator")
        system = self._signer(SYS).key
        operator = claims.token(signer, signer.key, claims.operator(system), now())
        store = json.dumps(str(self.keeping.accounts.with_name("jwt")), ensure_ascii=False)
        return "\n".join(
            (
                f"operator: {operator}",
                f"system_account: {system}",
                f"max_control_line: {MAX_LINE}",
                f'resolver {{\n  type: full\n  dir: {store}\n  allow_delete: false\n  interval: "2m"\n}}',
                "resolver_preload {",
                *(f"  {key}: {signed}" for key, signed in accounts.items()),
                "}\n",
            )
        )


def _lines(signed: str, seed: str, certificates: str) -> Iterable[str]:
    """Four hyphens: what reads such files takes three or more, and OpenSSL would take five for PEM of its own."""
    yield from ("----BEGIN NATS USER JWT----", signed, "----END NATS USER JWT----", "")
    yield from ("----BEGIN USER NKEY SEED----", seed, "----END USER NKEY SEED----", "")
    yield certificates
