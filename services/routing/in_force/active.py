"""Decides nothing itself: holds the sets and registers on record, and gives the ones that decide at a moment.

The stream is read before every batch, so a set put in force decides without a restart. What decides depends only on
when the report was stored: a redelivered one, and another instance, decide by the very same texts.
"""

from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Final, TypeVar

from contracts.activation import TextKind
from services.routing.deciding import Regulator
from services.routing.in_force.boundaries import boundaries_in
from services.routing.in_force.recorded import Record
from services.routing.in_force.reference import Reference, load_reference
from services.routing.regulations.engine.facts import Locates
from services.routing.regulations.engine.match import RuleIndex
from services.routing.regulations.engine.resolve import RegisterIndex
from services.routing.regulations.record.steps import install, unusable
from services.routing.regulations.rules.texts import (
    BrokenTextError,
    TextKey,
    register_in,
    set_in,
    text_of_register,
    text_of_set,
)
from services.runtime import clock
from services.runtime.broker import Bus
from services.runtime.documents import DocumentError
from services.runtime.failures import RetryLaterError
from services.runtime.logs import logger
from services.runtime.publishing import Stale

IndexT = TypeVar("IndexT")

_KEPT: Final = 4
"""Sets and registers kept ready: those that decide now, those before, and those about to."""


class NothingDecidesError(RuntimeError):
    """No usable set and register is on record, and the reference folder has none. Next: phoihop regulations check."""


class ActiveRegulations:
    """What decides, by the time a report was stored."""

    def __init__(self, bus: Bus, folder: Path, time_scale: float = 1.0, boundaries: Path | None = None) -> None:
        self._bus = bus
        self._folder = folder
        self._boundary_file = boundaries
        self._boundaries: Locates | None = None
        self._time_scale = time_scale
        self._record = Record()
        self._sets: dict[TextKey, RuleIndex] = {}
        self._registers: dict[TextKey, RegisterIndex] = {}
        self._wanted: set[TextKey] = set()
        self._unusable: dict[str, str] = {}

    async def load(self) -> None:
        """Before the first message: what decides is on record, and read from there wherever it differs."""
        reference = self._reference()
        while True:
            await self._record.catch_up(self._bus.client)
            if reference is None or await self._installed(reference):
                break
        await self._prepare()
        if self._record.book.in_force(clock.now(), self._unusable) is None:
            raise NothingDecidesError(f"nothing usable on record nor in {self._folder}")
        self._boundaries = boundaries_in(self._boundary_file, self.at(clock.now()).register.register)

    async def catch_up(self) -> None:
        """Reads what was recorded since, and gets ready what it puts in force. Runs before every batch."""
        if await self._record.catch_up(self._bus.client) or self._wanted:
            await self._prepare()

    def at(self, moment: datetime) -> Regulator:
        """The set in force and the register known when a report was stored.

        Raises `RetryLaterError` where its texts are not at hand: the next look at the stream gets them.
        """
        switch = self._record.book.in_force(moment, self._unusable)
        register = self._record.book.register_at(moment)
        if switch is None or register is None:
            raise RetryLaterError("no regulation set is on record")
        rules, who = self._sets.get(switch.key), self._registers.get(register)
        if rules is None or who is None:
            self._wanted |= {switch.key, register}
            raise RetryLaterError(f"{switch.key.version} with {register.version} is being read")
        return Regulator(rules, who, self._time_scale, self._boundaries)

    def _reference(self) -> Reference | None:
        try:
            return load_reference(self._folder)
        except DocumentError as error:
            logger().error("reference_unusable", folder=str(self._folder), faults=[str(f) for f in error.findings[:20]])
            return None

    async def _installed(self, reference: Reference) -> bool:
        """Puts the folder's texts on record where they belong there; False when somebody else was first."""
        register = text_of_register(reference.register.register)
        regulations = text_of_set(reference.regulations.regulation_set)
        now = clock.now()
        installed = install(self._record.book, register, regulations, now)
        for ignored in installed.ignored:
            logger().error("reference_ignored", reason=ignored)
        if installed.facts and isinstance(await self._record.add(self._bus.publisher, installed.facts, now), Stale):
            return False
        await self._record.catch_up(self._bus.client)
        texts = self._record.book.texts
        if (known := texts.get(regulations.key)) and known.sha256 == regulations.sha256:
            self._sets[regulations.key] = reference.regulations
        if (known := texts.get(register.key)) and known.sha256 == register.sha256:
            self._registers[register.key] = reference.register
        return True

    async def _prepare(self) -> None:
        """Reads and indexes the texts that decide or are asked for; a set that cannot be used is left out, and said."""
        self._wanted |= self._deciding()
        while self._wanted:
            key = next(iter(self._wanted))
            await self._read(key)
            self._wanted.discard(key)
            self._wanted |= self._deciding()
        _forget(self._sets)
        _forget(self._registers)

    def _deciding(self) -> set[TextKey]:
        """The texts of the last two switches and of the register known now, as far as they are not at hand."""
        book = self._record.book
        usable = [switch for switch in book.switches if switch.activated.sha256 not in self._unusable]
        keys = {switch.key for switch in usable[-2:]} | {key for key in (book.register_at(clock.now()),) if key}
        return keys - self._sets.keys() - self._registers.keys()

    async def _read(self, key: TextKey) -> None:
        if key in self._sets or key in self._registers:
            return
        try:
            text = await self._record.text(self._bus.client, key)
            if key.kind is TextKind.REGISTER:
                self._registers[key] = RegisterIndex(register_in(text))
            else:
                self._sets[key] = RuleIndex(set_in(text))
        except BrokenTextError as error:
            await self._leave_out(key, str(error))
        else:
            logger().info("text_ready", kind=key.kind.value, code=key.code, version=key.version, sha256=text.sha256)

    async def _leave_out(self, key: TextKey, why: str) -> None:
        """A bad set never replaces a good one; without its register nothing is decided until somebody looks."""
        logger().error("text_unusable", kind=key.kind.value, version=key.version, reason=why)
        if key.kind is TextKind.REGISTER:
            raise RetryLaterError(f"register {key.version} cannot be used: {why}")
        book = self._record.book
        self._unusable[book.texts[key].sha256] = why
        for switch in book.switches:
            if switch.key == key and switch.activated.proposal not in book.refused:
                await self._record.add(self._bus.publisher, [unusable(switch, why)], clock.now())


def _forget(kept: dict[TextKey, IndexT]) -> None:
    """The oldest beyond the most that are kept; what is needed again is read again."""
    for key in list(islice(kept, max(0, len(kept) - _KEPT))):
        del kept[key]
