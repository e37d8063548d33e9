"""Gets ready the sets that the pages show, with the register that decides now: those on record, drafts of a folder."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from nats.aio.client import Client

from contracts.activation import TextKind
from services.routing.commands.regulation_files import Regulations, Source, load_rules
from services.routing.in_force.recorded import Record
from services.routing.in_force.standing import NothingStandsError
from services.routing.regulations.engine.resolve import RegisterIndex
from services.routing.regulations.record.activation import Book
from services.routing.regulations.rules.texts import BrokenTextError, Text, TextKey, register_in, set_in
from services.runtime import clock

ACTIVE: Final = "active"
_DRAFT: Final = "draft:"
_VERSION: Final = "version:"
_KEPT: Final = 4


class UnknownSetError(LookupError):
    """There is no such draft, and no such version on record; the message is its name."""


@dataclass(slots=True)
class Shelf:
    """Sets with the register that decides now, indexed once each."""

    client: Callable[[], Client]
    drafts: Path
    record: Record = field(default_factory=Record)
    _registers: dict[TextKey, RegisterIndex] = field(default_factory=dict)
    _sets: dict[tuple[TextKey, TextKey], Regulations] = field(default_factory=dict)
    _turn: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def book(self) -> Book:
        """What is on record now."""
        async with self._turn:
            await self.record.catch_up(self.client())
        return self.record.book

    async def named(self, name: str) -> Regulations:
        """`active`, `version:CODE/VERSION` or `draft:FOLDER`.

        Raises `UnknownSetError`, `standing.NothingStandsError`, `documents.DocumentError` for a draft with faults.
        """
        book = await self.book()
        now = clock.now()
        switch, register = book.in_force(now), book.register_at(now)
        if switch is None or register is None:
            raise NothingStandsError("no regulation set is in force in this hub")
        if name == ACTIVE:
            return await self._recorded(switch.key, register, "active")
        if name.startswith(_VERSION):
            code, _, version = name.removeprefix(_VERSION).partition("/")
            return await self._recorded(TextKey(TextKind.REGULATIONS, code, version), register, "given")
        folder = self.draft(name.removeprefix(_DRAFT)) if name.startswith(_DRAFT) else None
        if folder is None:
            raise UnknownSetError(name)
        who = await self._register(register)
        return await asyncio.to_thread(lambda: Regulations(load_rules(folder, who.register), who))

    def draft(self, name: str) -> Path:
        """The folder of a draft. Raises `UnknownSetError`: only what is listed can be named."""
        if name not in self.draft_names():
            raise UnknownSetError(name)
        return self.drafts / name

    def draft_names(self) -> list[str]:
        """Every draft there is."""
        if not self.drafts.is_dir():
            return []
        found = (path.name for path in self.drafts.iterdir() if path.is_dir())
        return sorted(name for name in found if not name.startswith("."))

    def versions(self, book: Book) -> list[TextKey]:
        """Every set whose whole text is on record, newest first."""
        sets = [(key, text) for key, text in book.texts.items() if key.kind is TextKind.REGULATIONS and text.complete]
        return [key for key, _ in sorted(sets, key=lambda each: each[1].at, reverse=True)]

    async def _recorded(self, key: TextKey, register: TextKey, source: Source) -> Regulations:
        """A set on record with this register; built beside the loop, for a register has megabytes."""
        if (key, register) not in self._sets:
            who = await self._register(register)
            text = await self._text(key)
            built = await asyncio.to_thread(lambda: Regulations(set_in(text), who, source=source))
            await asyncio.to_thread(lambda: built.regulator)
            self._sets[key, register] = built
            for old in list(self._sets)[:-_KEPT]:
                del self._sets[old]
        return self._sets[key, register]

    async def _register(self, key: TextKey) -> RegisterIndex:
        if key not in self._registers:
            text = await self._text(key)
            self._registers = {key: await asyncio.to_thread(lambda: RegisterIndex(register_in(text)))}
        return self._registers[key]

    async def _text(self, key: TextKey) -> Text:
        try:
            return await self.record.text(self.client(), key)
        except BrokenTextError as error:
            raise UnknownSetError(str(error)) from error
