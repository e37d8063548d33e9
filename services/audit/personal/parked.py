"""Lists what was sealed to the vault and could not be taken, why, and whether a key here opens it; hands it in again.

Nothing of its content is shown. Handing in again is done first and the parked copy overwritten after it, so a crash in
between hands it in twice: the vault keeps each value once, and intake knows a report again.
"""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from nats.aio.client import Client

from contracts import subjects
from contracts.identifiers import derived_id
from contracts.streams import PARKED, SEALED, THE_CUSTODIANS
from services.audit.personal.vault_keys import DestroyedVaultError, VaultKeys
from services.runtime import sealing
from services.runtime.failures import REASON, SUBJECT
from services.runtime.jetstream import Stored, api, erase, read_subject
from services.runtime.publishing import Publisher
from services.runtime.sealing import NotSealedError, OtherVaultError, key_id_of

_VALUES: Final = subjects.ALL_SEALED.partition("*")[0]
_WAITING: Final = "waiting in SEALED"


class Opens(StrEnum):
    """Whether a key that lies here opens it."""

    YES = "yes"
    OTHER_KEY = "other_key"
    """Sealed to a key that is not here. Next: put that key back, as `keys/vault.key` or beside it."""
    KEY_DESTROYED = "key_destroyed"
    CHANGED = "changed"
    """Not sealed for this purpose, or changed since."""


class Retried(StrEnum):
    """What handing in again came to."""

    VALUES = "values"
    """Back in SEALED: the audit takes it now."""
    SUBMISSION = "submission"
    """Back in INBOX, in the name of its sender: intake decides again."""
    KEPT = "kept"
    """No key here opens it; it stays where it is."""


@dataclass(frozen=True, slots=True)
class SealedAway:
    """One message that was sealed to the vault and could not be taken."""

    stream: str
    sequence: int
    at: datetime
    subject: str
    """What it was sent under: the purpose of sealed values, the sender of a submission."""
    reason: str
    key_id: bytes
    opens: Opens
    body: bytes
    """As it was sealed."""

    @property
    def is_submission(self) -> bool:
        """Whether it is what a unit handed in, parked by intake; else the values of one report."""
        return not self.subject.startswith(_VALUES)


async def sealed_away(client: Client, keys: VaultKeys) -> list[SealedAway]:
    """Parked submissions, parked values, and values in SEALED that no key here opens, oldest first in each stream.

    Raises `BusUnavailableError`, `JetStreamRefusedError` where a stream is missing, `UnusableSecretError`.
    """
    return [one async for one in _all(client, keys)]


async def key_ids_in_use(client: Client) -> frozenset[bytes]:
    """What every message that may be sealed was sealed to. Raises as `sealed_away` does."""
    found = set()
    for stream, wanted in ((SEALED, subjects.ALL_SEALED), *((PARKED, one) for one in _PARKED)):
        await api(client, f"STREAM.INFO.{stream.name}")
        found |= {key_id_of(one.body) async for one in read_subject(client, stream.name, wanted)}
    return frozenset(found)


async def hand_in_again(client: Client, keys: VaultKeys, one: SealedAway) -> Retried:
    """Give it back to whoever takes such messages, then overwrite the parked copy. Raises as `sealed_away` does."""
    if one.opens is not Opens.YES or one.stream != PARKED.name:
        return Retried.KEPT
    publisher = Publisher(client)
    if one.is_submission:
        again = derived_id("submission", PARKED.name, str(one.sequence), one.subject)
        await publisher.submit(one.subject, keys.open(one.body, sealing.PARKED), again)
    else:
        await publisher.hand_over(one.subject, one.body)
    await erase(client, PARKED.name, one.sequence)
    return Retried.SUBMISSION if one.is_submission else Retried.VALUES


async def _all(client: Client, keys: VaultKeys) -> AsyncIterator[SealedAway]:
    await api(client, f"STREAM.INFO.{PARKED.name}")
    for wanted in _PARKED:
        async for stored in read_subject(client, PARKED.name, wanted):
            headers: Mapping[str, str] = stored.headers
            yield _of(PARKED.name, stored, headers.get(SUBJECT, ""), headers.get(REASON, ""), keys)
    async for stored in read_subject(client, SEALED.name, subjects.ALL_SEALED):
        if (one := _of(SEALED.name, stored, stored.subject, _WAITING, keys)).opens is not Opens.YES:
            yield one


def _of(stream: str, stored: Stored, subject: str, reason: str, keys: VaultKeys) -> SealedAway:
    values = subject.startswith(_VALUES)
    opens = _opens(keys, stored.body, subject if values else sealing.PARKED)
    key_id = key_id_of(stored.body)
    return SealedAway(stream, stored.sequence, stored.stored_at, subject, reason, key_id, opens, stored.body)


def _opens(keys: VaultKeys, body: bytes, purpose: str) -> Opens:
    try:
        keys.open(body, purpose)
    except OtherVaultError:
        return Opens.OTHER_KEY
    except DestroyedVaultError:
        return Opens.KEY_DESTROYED
    except NotSealedError:
        return Opens.CHANGED
    return Opens.YES


_PARKED: Final = tuple(subjects.parked(one.stream, one.durable) for one in THE_CUSTODIANS)
