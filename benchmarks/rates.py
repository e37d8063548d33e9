"""How long a report takes to its receipt and to a desk at a steady rate: p50, p99 and p99.9, every report counted.

Open loop: reports are sent when they are due, however slow the answers, and waiting is counted from that moment.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from time import monotonic
from typing import Final

from benchmarks.measuring import Figure, figure, machine, table, write
from benchmarks.whole import Whole, accepted, whole
from tests.system.load import Sent, Units

RATES: Final = (10, 100, 500, 1000)
SECONDS: Final = 8.0
SHARES: Final = (0.5, 0.99, 0.999)


@dataclass(frozen=True, slots=True)
class Waits:
    """Milliseconds at the shares asked for, of one window."""

    receipt: tuple[float, ...]
    desk: tuple[float, ...]
    """Until the first dispatch of the report came out of the stream; reports that joined an incident have none."""
    reached: float
    """Reports a second that were answered, from the first sending to the last receipt."""


def run(json: Path, rounds: int, _offline: bool, rates: Sequence[int] = RATES) -> None:  # noqa: FBT001
    """All rates in every round, one after the other, with a rest between."""
    asyncio.run(_run(json, rounds, rates))


async def _run(json: Path, rounds: int, rates: Sequence[int]) -> None:
    found: dict[int, list[Waits]] = {rate: [] for rate in rates}
    async with whole() as system:
        units = Units(system.client, seed=2)
        await units.listen()
        await system.watch()
        await _window(system, units, 100, 3.0)
        for _ in range(rounds):
            for rate in rates:
                found[rate].append(await _window(system, units, rate, SECONDS))
                await system.all_done()
    _print(found)
    told = {"unit": "milliseconds from the moment a report was due to be sent; median, least and most of the rounds"}
    each = {str(rate): [asdict(one) for one in waits] for rate, waits in found.items()}
    write(json, {"machine": machine(("faststream", "nats-py")) | told, "seconds": SECONDS, "rates": each})


async def _window(system: Whole, units: Units, rate: int, seconds: float) -> Waits:
    due: list[tuple[float, Sent]] = []
    began = monotonic()
    async with asyncio.TaskGroup() as tasks:
        for number in range(int(rate * seconds)):
            at = began + number / rate
            if (wait := at - monotonic()) > 0:
                await asyncio.sleep(wait)
            due.append((at, one := units.fresh()))
            tasks.create_task(units.send(one))
    took = monotonic() - began
    await asyncio.sleep(0.5)  # the last dispatches are on their way
    receipts = [one.began + (one.waited or 0) - at for at, one in due]
    desks = [min(shown) - at for at, one in due if (shown := system.shown.get(accepted(one)))]
    assert desks, "no report led to a dispatch"
    return Waits(_shares(receipts), _shares(desks), len(due) / took)


def _shares(waits: Sequence[float]) -> tuple[float, ...]:
    ordered = sorted(waits)
    return tuple(round(ordered[min(len(ordered) - 1, int(share * len(ordered)))] * 1000, 2) for share in SHARES)


def _print(found: dict[int, list[Waits]]) -> None:
    head = ("reports/s", "reached", *(f"{to} p{100 * share:g} ms" for to in ("receipt", "desk") for share in SHARES))
    rows = [
        (str(rate), figure([one.reached for one in each]).text(0), *(one.text(1) for one in _columns(each)))
        for rate, each in found.items()
    ]
    table("Waiting at a steady rate", head, rows)


def _columns(each: Sequence[Waits]) -> list[Figure]:
    receipts = [figure([one.receipt[i] for one in each]) for i in range(len(SHARES))]
    return receipts + [figure([one.desk[i] for one in each]) for i in range(len(SHARES))]
