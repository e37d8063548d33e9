"""One run of a scenario: its system, its chances and its time, and what is looked for afterwards beside the usual."""

import asyncio
import random
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from time import monotonic
from typing import Final

from benchmarks.chaos.plan import Kind
from benchmarks.chaos.stage import Stage
from tests.system.checker import Flaw
from tests.system.evidence import Evidence

LULL: Final = (3.0, 6.0)
"""Seconds of load between one thing and the next."""


@dataclass(slots=True)
class Play:
    """What the functions of a scenario are given."""

    stage: Stage
    chance: random.Random
    began: float
    looks: list[Callable[[Evidence], Iterable[Flaw]]] = field(default_factory=list)

    def afterwards(self, evidence: Evidence) -> list[Flaw]:
        """Flaws that only this scenario looks for."""
        return [flaw for look in self.looks for flaw in look(evidence)]

    async def lull(self, least: float = LULL[0], most: float = LULL[1]) -> None:
        """A while in which nothing more is done to the system."""
        await asyncio.sleep(self.chance.uniform(least, most))

    def now(self) -> float:
        """Seconds since the load began."""
        return monotonic() - self.began

    @asynccontextmanager
    async def act(self, kind: Kind, target: str) -> AsyncIterator[list[str]]:
        """One thing done to the system; what is put into the list is printed behind it."""
        at, notes = self.now(), list[str]()
        yield notes
        self.stage.saboteur.said(kind, target, (at, self.now()), "; ".join(notes))
