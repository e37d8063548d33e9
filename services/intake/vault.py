"""Hands personal values to the vault, sealed before they leave this process, and has their clear bytes overwritten."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from contracts.personal import Openings
from contracts.streams import INBOX
from services.runtime.broker import Bus
from services.runtime.failures import RetryLaterError
from services.runtime.jetstream import erase
from services.runtime.sealing import PARKED, VaultLock
from services.runtime.secret_files import UnusableSecretError

AT_ONCE: Final = 32


@dataclass(frozen=True, slots=True)
class HandOver:
    """The values of one report and the subject they travel under."""

    subject: str
    values: Openings


class Vault:
    """The vault as intake sees it: a public key and a stream. Only its holder can read what is handed over."""

    def __init__(self, bus: Bus, lock: Path) -> None:
        self._bus = bus
        self._path = lock

    async def hand_over(self, batch: Sequence[HandOver]) -> None:
        """All of them are on disk when it returns; a crash before the facts are recorded leaves values nobody names.

        Raises `RetryLaterError` while the vault's public key is not there.
        """
        for start in range(0, len(batch), AT_ONCE):
            await asyncio.gather(*(self._hand_over(one) for one in batch[start : start + AT_ONCE]))

    async def is_there(self) -> str | None:
        """None when values can be sealed, otherwise what is missing: one report that names people would stop all."""
        try:
            self._public()
        except RetryLaterError as error:
            return f"{error}. The audit makes it when it starts; on another machine put a copy there"
        return None

    async def overwrite(self, sequences: Sequence[int]) -> None:
        """Takes these submissions out of INBOX and overwrites their bytes on the server's disk."""
        for start in range(0, len(sequences), AT_ONCE):
            wanted = sequences[start : start + AT_ONCE]
            await asyncio.gather(*(erase(self._bus.client, INBOX.name, sequence) for sequence in wanted))

    def conceal(self, body: bytes) -> bytes:
        """What a parked copy of a submission holds. Raises `RetryLaterError`."""
        return self._public().seal(body, PARKED)

    async def _hand_over(self, one: HandOver) -> None:
        sealed = self._public().seal(one.values.model_dump_json().encode(), one.subject)
        await self._bus.publisher.hand_over(one.subject, sealed)

    def _public(self) -> VaultLock:
        """Read anew each time: the vault may change its key, and on a new hub the audit may still be making it."""
        try:
            return VaultLock.read(self._path)
        except UnusableSecretError as error:
            raise RetryLaterError(f"the vault's public key cannot be used: {error}") from error
