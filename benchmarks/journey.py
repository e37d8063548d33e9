"""How many reports a second go all the way, at what cost, how near to the limits: filed, decided, dispatched, recorded.

Closed loop: a fixed number of reports wait for their receipt at any time. A round counts only when every report has its
receipt, every fact of it is in the ledger, and every dispatch came out of the stream. The limits, and on demand the
peers, are measured in every round as well, while this system is up and idle.
"""

import asyncio
import os
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

from benchmarks.beside.compared import HEAD, told
from benchmarks.beside.compared import Round as PeersRound
from benchmarks.beside.equal import UnequalError
from benchmarks.beside.material import recorded
from benchmarks.beside.running import Beside, beside
from benchmarks.light import Limits, Shape, parts, reports_per_second
from benchmarks.limits import Alone, alone, limits_of
from benchmarks.loading import Loaded, field_of, loaded
from benchmarks.measuring import figure, machine, table, write
from benchmarks.profiling import profiled
from benchmarks.results_tables import text_at
from benchmarks.whole import SERVICES, Whole, reports, whole
from tests.system.load import Units

Shares = dict[str, dict[str, float]]
PEER_FAILED: Final = (AssertionError, OSError, RuntimeError, TimeoutError, UnequalError)
LEAST_FOR_PEERS: Final = 600
"""Reports from which the peers' job is made."""


@dataclass(frozen=True, slots=True)
class Light:
    """One round beside the speed of light of that round."""

    parts: dict[str, float]
    reports_per_second: float
    share: float
    """Of the reports a second."""
    share_of_cpu: float
    """Of the processor time spent, what the limits need: it does not depend on who else uses the machine."""


def light(limits: Limits, one: Loaded, cores: int) -> Light:
    """How near one load came to what the limits of its round allow."""
    spent = parts(limits, one.shape)
    fastest = reports_per_second(spent, cores)
    return Light(spent, fastest, one.reports_per_second / fastest, sum(spent.values()) / one.together)


def run(  # noqa: PLR0913 - one parameter for each option
    json: Path,
    rounds: int,
    offline: bool,  # noqa: FBT001
    *,
    count: int = 3000,
    flight: int = 256,
    peers: bool = False,
    profile: bool = False,
) -> None:
    """Starts the system once and loads it again and again; the first round warms up and is not counted."""
    journey = Journey(json, rounds, count, flight)
    asyncio.run(journey.run(peers=peers and not offline, profile=profile))


@dataclass(frozen=True, slots=True)
class Journey:
    """One run of the benchmark."""

    json: Path
    rounds: int
    count: int
    flight: int

    async def run(self, *, peers: bool, profile: bool) -> None:
        """Everything, then the tables and the figures."""
        async with AsyncExitStack() as opened:
            system = await opened.enter_async_context(whole())
            at = await opened.enter_async_context(alone())
            units = await field_of(system)
            before = (await system.client.jetstream().stream_info("EVENTS")).state.last_seq
            first = reports(units, max(LEAST_FOR_PEERS, self.count // 4))
            await loaded(system, units, first, self.flight)
            beside_us = None
            if peers:
                beside_us = await opened.enter_async_context(beside(await recorded(system.client, first, before)))
            found = await self._rounds(system, units, at, beside_us)
            held = system.megabytes()
            shares = await self._profile(system, units) if profile else {}
        self._tell(found, held, beside_us, shares)

    async def _rounds(self, system: Whole, units: Units, at: Alone, peers: Beside | None) -> "Found":
        found = Found([], [], {name: [] for name in peers.ready} if peers else {}, {})
        for _ in range(self.rounds):
            limits = limits_of(await at.needed())
            one = await loaded(system, units, reports(units, self.count), self.flight)
            found.ours.append(one)
            found.lights.append(light(limits, one, os.cpu_count() or 1))
            for name, run_peer in peers.ready.items() if peers else ():
                await found.add(name, run_peer)
        return found

    async def _profile(self, system: Whole, units: Units) -> Shares:
        """Where each process is while it is loaded once more; that load is in no other figure."""
        pids = {name: pid for name, pid in system.processes.items() if name in SERVICES}
        async with profiled(pids) as shares:
            await loaded(system, units, reports(units, self.count), self.flight)
        return shares

    def _tell(self, found: "Found", held: dict[str, float], peers: Beside | None, shares: Shares) -> None:
        figures = found.figures() | {"reports": self.count, "in_flight": self.flight, "megabytes": held}
        _print(figures, held)
        for process, where in shares.items():
            print(f"{process}: " + "; ".join(f"{name} {100 * share:.0f} %" for name, share in where.items()))
        if peers:
            rates = [one.reports_per_second for one in found.ours]
            compared = told(rates, found.peers, {**peers.missing, **found.failed})
            table("The same job", HEAD, compared.rows)
            figures["peers"] = compared.json
        if shares:
            figures["profile"] = shares
        unit = "reports a second of wall clock; CPU microseconds a report; megabytes"
        write(self.json, {"machine": machine(("faststream", "nats-py", "asyncpg")) | {"unit": unit}, **figures})


@dataclass(frozen=True, slots=True)
class Found:
    """All rounds."""

    ours: list[Loaded]
    lights: list[Light]
    peers: dict[str, list[PeersRound]]
    failed: dict[str, str]
    """Of peers: why their rounds count nowhere."""

    async def add(self, peer: str, one_round: Callable[[], Awaitable[PeersRound]]) -> None:
        """One more round of a peer; once it failed it is left out."""
        if peer in self.failed:
            return
        try:
            self.peers[peer].append(await one_round())
        except PEER_FAILED as error:
            self.failed[peer] = f"failed: {error!r}"[:200]
            del self.peers[peer]

    def figures(self) -> dict[str, Any]:
        """As they are written."""
        spent = {name: [one.cpu_microseconds[name] for one in self.ours] for name in self.ours[0].cpu_microseconds}
        spent["together"] = [one.together for one in self.ours]
        names = ("receipts_per_second", "reports_per_second", "facts_per_report")
        lit = ("reports_per_second", "share", "share_of_cpu")
        return {
            **{name: _figure([getattr(one, name) for one in self.ours]) for name in names},
            "cpu_microseconds_per_report": {name: _figure(each) for name, each in spent.items()},
            "light": {
                **{name: _figure([getattr(one, name) for one in self.lights]) for name in lit},
                "parts": {name: _figure([one.parts[name] for one in self.lights]) for name in self.lights[0].parts},
                "shape": {name: _figure([asdict(one.shape)[name] for one in self.ours]) for name in Shape.__slots__},
            },
        }


def _figure(values: Sequence[float]) -> dict[str, float]:
    return figure(values)._asdict()


def _print(figures: dict[str, Any], held: dict[str, float]) -> None:
    shown = {
        "receipts a second": ("receipts_per_second",),
        "reports a second, all of it in the ledger": ("reports_per_second",),
        "facts a report": ("facts_per_report",),
        "speed of light, reports a second": ("light", "reports_per_second"),
        "share of it": ("light", "share"),
        "share of the processor time": ("light", "share_of_cpu"),
    }
    rows = [(name, text_at(figures, *path, digits=2)) for name, path in shown.items()]
    table("The journey of a report", ("", "median [least..most]"), rows)
    spent = figures["cpu_microseconds_per_report"]
    costs = [(name, text_at(spent, name, digits=0), f"{held.get(name, 0):,.0f}") for name in spent]
    table("What a report costs", ("process", "CPU µs", "MB at the end"), costs)
    lit = figures["light"]["parts"]
    table("What the limits need", ("", "CPU µs"), [(name, text_at(lit, name, digits=0)) for name in lit])
