"""An instance of routing inside the test: the real reading, deciding and recording, without a process of its own."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from contracts import subjects
from contracts.envelope import read
from services.routing.draft import Draft
from services.routing.drafting import Accepted, Drafting
from services.routing.in_force.active import ActiveRegulations
from services.routing.store import Incidents
from services.runtime.broker import Bus
from services.runtime.failures import RetryLaterError
from services.runtime.settings import RuntimeSettings
from tests.integration.http.hub import REFERENCE, Hub


@dataclass(frozen=True, slots=True)
class Instance:
    """One instance, connected and loaded."""

    hub: Hub
    regulations: ActiveRegulations
    incidents: Incidents

    async def decide(self, *, record: bool = True) -> list[bytes]:
        """Decides on every report of the stream that this instance has not, as its handler does; the first facts."""
        firsts = []
        for stored in await self.hub.facts(subjects.ALL_REPORTS):
            draft = await self._drafted((read(stored.body), stored.stored_at))
            firsts += [event.to_bytes() for event in draft.events[:1]]
            if record:
                await self.incidents.commit(draft)
        return firsts

    async def _drafted(self, accepted: Accepted) -> Draft:
        """As the failure policy does: texts that are not at hand are read, and the same is decided again."""
        while True:
            draft = await self.incidents.start()
            try:
                Drafting(self.incidents, self.regulations).report(draft, accepted)
            except RetryLaterError:
                continue
            return draft


@asynccontextmanager
async def instance(
    hub: Hub, reference: Path = REFERENCE, *, know: bool = True, certain: Callable[[], bool] | None = None
) -> AsyncIterator[Instance]:
    """Starts an instance; not `know`: it takes every report for a new one, as before anything was recorded.

    `certain`: there are others, and whether this one is sure to be the one that decides.
    """
    bus = Bus(RuntimeSettings(nats_url=hub.nats.url))
    await bus.connect()
    try:
        regulations = ActiveRegulations(bus, reference)
        await regulations.load()
        incidents = Incidents(bus, regulations.catch_up, certain)
        if know:
            await incidents.load()
        yield Instance(hub, regulations, incidents)
    finally:
        bus.stopping = True  # a closed connection otherwise ends the process
        await bus.client.close()
