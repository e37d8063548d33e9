"""How fast routing knows its incidents again after a restart: every fact read from a real server, parsed and folded.

Beside it, in the same rounds, the same reading as it is usually written: one message at a time, each body parsed twice.
"""

import asyncio
import json as json_text
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import perf_counter, process_time
from typing import Final

from pydantic_core import from_json

from benchmarks.deadlines import REFERENCE, Hub, hub
from benchmarks.deadlines_facts import Silence, record
from benchmarks.measuring import Figure, figure, machine, table, write
from contracts import subjects
from contracts.envelope import read
from services.routing.correlation.open_incidents import OpenIncidents
from services.routing.draft import NOTHING, Held, Key
from services.routing.incident.evolve import evolve
from services.routing.store import EVENTS, Incidents
from services.runtime.broker import Bus
from services.runtime.jetstream import PAGE

LONG_BEFORE: Final = timedelta(hours=20)
"""Nothing may fall due meanwhile."""
FACTS_PER_OBLIGATION: Final = 5 / 3
"""Of the incidents made here: an opening and nine dispatches, six of which owe something."""

Spent = tuple[float, float]
"""Seconds of CPU time and of wall clock."""


def run(json: Path, rounds: int, _offline: bool, facts: int = 60_000) -> None:  # noqa: FBT001
    """Fills a server once, then loads it again and again."""
    asyncio.run(_run(json, rounds, facts))


async def _run(json: Path, rounds: int, facts: int) -> None:
    async with hub() as at:
        due = datetime.now(UTC) + LONG_BEFORE
        await record(Incidents(at.bus), Silence(REFERENCE).burst(round(facts / FACTS_PER_OBLIGATION), due))
        sides: dict[str, Callable[[Bus], Awaitable[int]]] = {"routing": _ours, "one message at a time": _one_at_a_time}
        found: dict[str, list[Spent]] = {name: [] for name in sides}
        for _ in range(rounds):
            for name, load in sides.items():
                found[name].append(await _measured(at, load))
        figures = {name: _figures(await at.last_sequence(), each) for name, each in found.items()}
        _print(await at.last_sequence(), figures)
        told = {"unit": "facts a second, of CPU time of this process and of wall clock; median, least, most"}
        write(json, {"machine": machine(("nats-py",)) | told, "facts": await at.last_sequence(), "sides": figures})


async def _measured(at: Hub, load: Callable[[Bus], Awaitable[int]]) -> Spent:
    cpu, wall = process_time(), perf_counter()
    incidents = await load(at.bus)
    spent = process_time() - cpu, perf_counter() - wall
    assert incidents, "nothing was loaded"
    return spent


async def _ours(bus: Bus) -> int:
    incidents = Incidents(bus)
    await incidents.load()
    return sum(1 for _ in incidents.all())


async def _one_at_a_time(bus: Bus) -> int:
    """The multi-message direct get as well, but a wait for each message, and the type looked up before the parsing."""
    held: dict[Key, Held] = {}
    index, first, pending = OpenIncidents(), 1, 1
    while pending:
        subscription = await bus.client.subscribe(inbox := bus.client.new_inbox())
        ask = {"seq": first, "next_by_subj": subjects.ALL_INCIDENTS, "batch": PAGE}
        await bus.client.publish(f"$JS.API.DIRECT.GET.{EVENTS}", json_text.dumps(ask).encode(), reply=inbox)
        while "Nats-Sequence" in (headers := (answer := await subscription.next_msg(timeout=30)).headers or {}):
            from_json(answer.data)["type"]
            event, first = read(answer.data), int(headers["Nats-Sequence"]) + 1
            key = subjects.space_of_fact(event.subject), event.data.incident
            held[key] = Held(evolve(held.get(key, NOTHING).state, event), first - 1)
            index.apply(event)
            pending = int(headers["Nats-Num-Pending"])
        await subscription.unsubscribe()
    return len(held)


def _figures(facts: int, spent: list[Spent]) -> dict[str, Figure]:
    return {"cpu": figure([facts / cpu for cpu, _ in spent]), "wall": figure([facts / wall for _, wall in spent])}


def _print(facts: int, figures: dict[str, dict[str, Figure]]) -> None:
    rows = [(name, each["cpu"].text(0), each["wall"].text(0)) for name, each in figures.items()]
    table(f"{facts:,} facts loaded", ("", "facts/s of CPU", "facts/s of wall clock"), rows)
