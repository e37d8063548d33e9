"""How many reports a second go all the way: filed, decided, dispatched, in the ledger; and what that costs.

Closed loop: a fixed number of reports wait for their receipt at any time. A round counts only when every report has its
receipt, every fact of it is in the ledger, and every dispatch came out of the stream.
"""

import asyncio
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

from benchmarks.measuring import figure, machine, table, write
from benchmarks.whole import Whole, accepted, in_flight, reports, whole
from tests.system.load import Units


@dataclass(frozen=True, slots=True)
class Round:
    """One load, from the first report to the last entry of the ledger."""

    receipts_per_second: float
    reports_per_second: float
    facts_per_report: float
    cpu_microseconds: dict[str, float]
    """For one report, by process; the sender, which is this process, is not in it."""


def run(json: Path, rounds: int, _offline: bool, count: int = 4000, flight: int = 256) -> None:  # noqa: FBT001
    """Starts the system once and loads it again and again; the first round warms up and is not counted."""
    asyncio.run(_run(json, rounds, count, flight))


async def _run(json: Path, rounds: int, count: int, flight: int) -> None:
    async with whole() as system:
        units = Units(system.client, seed=1)
        await units.listen()
        await system.watch()
        await _one(system, units, count // 4, flight)
        found = [await _one(system, units, count, flight) for _ in range(rounds)]
        held = system.megabytes()
    _print(found, held)
    told = {
        "unit": "reports a second of wall clock; CPU microseconds a report; one report is about as many facts as shown"
    }
    write(
        json,
        {
            "machine": machine(("faststream", "nats-py", "asyncpg")) | told,
            "reports": count,
            "in_flight": flight,
            "receipts_per_second": figure([one.receipts_per_second for one in found]),
            "reports_per_second": figure([one.reports_per_second for one in found]),
            "facts_per_report": figure([one.facts_per_report for one in found]),
            "cpu_microseconds_per_report": {name: figure(each) for name, each in _by_process(found).items()},
            "megabytes": held,
        },
    )


async def _one(system: Whole, units: Units, count: int, flight: int) -> Round:
    bodies = reports(units, count)
    stream = system.client.jetstream().stream_info
    before, spent, began = (await stream("EVENTS")).state.last_seq, system.cpu_seconds(), perf_counter()
    await in_flight(units, bodies, flight)
    answered = perf_counter() - began
    await system.all_done()
    took = perf_counter() - began
    facts = (await stream("EVENTS")).state.last_seq - before
    for one in bodies:
        accepted(one)
    cpu = {name: (now - spent[name]) / count * 1e6 for name, now in system.cpu_seconds().items()}
    return Round(count / answered, count / took, facts / count, cpu)


def _by_process(found: list[Round]) -> dict[str, list[float]]:
    names = found[0].cpu_microseconds
    return {name: [one.cpu_microseconds[name] for one in found] for name in names} | {
        "together": [sum(one.cpu_microseconds.values()) for one in found]
    }


def _print(found: list[Round], held: dict[str, float]) -> None:
    rows = [
        ("receipts a second", figure([one.receipts_per_second for one in found]).text(0)),
        ("reports a second, all of it in the ledger", figure([one.reports_per_second for one in found]).text(0)),
        ("facts a report", figure([one.facts_per_report for one in found]).text(2)),
    ]
    table("The journey of a report", ("", "median [least..most]"), rows)
    costs = [(name, figure(each).text(0), f"{held.get(name, 0):,.0f}") for name, each in _by_process(found).items()]
    table("What a report costs", ("process", "CPU µs", "MB at the end"), costs)
