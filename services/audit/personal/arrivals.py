"""The edge of the vault: opens what intake sealed, has it kept under the report's own key, overwrites it on the bus."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from nats.aio.msg import Msg
from pydantic import ValidationError

from contracts.personal import Openings
from contracts.streams import AUDIT_SEALED
from services.audit.failures import LedgerUnavailableError
from services.audit.personal.vault_keys import VaultKeys
from services.runtime import clock, topology
from services.runtime.broker import Bus
from services.runtime.failures import RetryLaterError
from services.runtime.jetstream import erase
from services.runtime.messages import sequence
from services.runtime.sealing import NotSealedError, OtherVaultError
from services.runtime.secret_files import UnusableSecretError


class ValueKeeper(Protocol):
    """What keeps the values; `personal_values.PersonalValues` is the real one."""

    async def keep(self, batch: Sequence[Openings], kept_at: datetime) -> None:
        """Every value, once."""

    async def close(self) -> None:
        """Lets the connection go."""


class PersonalArrivals:
    """Takes sealed values. They are acknowledged after the commit, so a crash repeats them and loses nothing."""

    def __init__(self, bus: Bus, values: ValueKeeper, keys: VaultKeys) -> None:
        self._bus = bus
        self._values = values
        self._keys = keys

    async def start(self) -> None:
        """Makes the vault's key on a new hub; what an earlier process had in hand is delivered at once.

        Raises `UnusableSecretError`: without its key the vault must not start, for it could open nothing.
        """
        self._keys.prepare()
        await topology.rewind(self._bus.client, AUDIT_SEALED)

    async def on_sealed(self, messages: Sequence[Msg]) -> None:
        """Personal values of accepted reports: each kept under a key of its report, then overwritten on the bus."""
        batch = [self._opened(message) for message in messages]
        try:
            await self._values.keep(batch, clock.now())
        except (LedgerUnavailableError, UnusableSecretError) as error:
            raise RetryLaterError(str(error)) from error
        for message in messages:
            await erase(self._bus.client, AUDIT_SEALED.stream, sequence(message))

    async def stop(self) -> None:
        """Lets the database go after the last batch."""
        await self._values.close()

    def _opened(self, message: Msg) -> Openings:
        """Raises `RetryLaterError` for another vault's: put aside, it would be forgotten there. `NotSealedError`."""
        try:
            opened = self._keys.open(message.data, message.subject)
            self._keys.arrived(message.data)
            return Openings.model_validate_json(opened)
        except (OtherVaultError, UnusableSecretError) as error:
            raise RetryLaterError(str(error)) from error
        except ValidationError:
            raise NotSealedError("no values of a report") from None  # its words would repeat the values
