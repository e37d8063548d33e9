"""Gets the regulation set that decides now and the register it decides with, from the bus of this hub."""

from dataclasses import dataclass
from datetime import datetime

from nats.aio.client import Client

from contracts.activation import TextKind
from contracts.identity import AUDITOR
from services.routing.in_force.recorded import Record
from services.routing.regulations.engine.match import RuleIndex
from services.routing.regulations.engine.resolve import RegisterIndex
from services.routing.regulations.record.activation import Switch
from services.routing.regulations.rules.model import RegulationSet
from services.routing.regulations.rules.texts import BrokenTextError, Text, TextKey, register_in, set_in
from services.runtime import clock
from services.runtime.addresses import bus_creds, bus_url
from services.runtime.embedded.local_stack import running_stack
from services.runtime.sending import connection
from services.runtime.settings import RuntimeSettings


class NothingStandsError(LookupError):
    """No set decides in this hub yet: routing records one when it first starts. Next: phoihop up."""


@dataclass(frozen=True, slots=True)
class Standing:
    """What decides at a moment."""

    switch: Switch
    text: Text
    register: RegisterIndex

    @property
    def regulation_set(self) -> RegulationSet:
        """The set in force."""
        return set_in(self.text)


async def standing(client: Client, record: Record, at: datetime) -> Standing:
    """The set and register for what is stored at that moment. Raises `NothingStandsError`."""
    switch, register = record.book.in_force(at), record.book.register_at(at)
    if switch is None or register is None:
        raise NothingStandsError("no regulation set is in force in this hub")
    try:
        text = await record.text(client, switch.key)
        known = register_in(await record.text(client, register))
    except BrokenTextError as error:
        raise NothingStandsError(str(error)) from error
    return Standing(switch, text, RegisterIndex(known))


async def standing_now(settings: RuntimeSettings) -> Standing | None:
    """What decides now; None where no hub is named and none runs here. Raises `BusUnavailableError`."""
    if "nats_url" not in settings.model_fields_set and running_stack(settings.home) is None:
        return None
    async with connection(bus_url(settings), bus_creds(settings, AUDITOR)) as client:
        record = Record()
        await record.catch_up(client)
        return await standing(client, record, clock.now())


class Library:
    """Sets and registers of the record, indexed once each."""

    def __init__(self, client: Client, record: Record) -> None:
        self._client = client
        self._record = record
        self._sets: dict[TextKey, RuleIndex | None] = {}
        self._registers: dict[TextKey, RegisterIndex | None] = {}

    async def rules(self, code: str, version: str) -> RuleIndex | None:
        """A set by its name; None where its text is not on record or cannot be used."""
        key = TextKey(TextKind.REGULATIONS, code, version)
        if key not in self._sets:
            text = await self._text(key)
            self._sets[key] = None if text is None else RuleIndex(set_in(text))
        return self._sets[key]

    async def register(self, key: TextKey) -> RegisterIndex | None:
        """A register; None where its text is not on record."""
        if key not in self._registers:
            text = await self._text(key)
            self._registers[key] = None if text is None else RegisterIndex(register_in(text))
        return self._registers[key]

    async def _text(self, key: TextKey) -> Text | None:
        try:
            return await self._record.text(self._client, key)
        except BrokenTextError:
            return None
