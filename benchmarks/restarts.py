"""Whether anything stands still after a restart: servers and services end again and again while reports trickle in.

Counted is how long after the moment when everything was ready again a message that was there had its effect: from
INBOX to the fact of its acceptance, and from there to the first fact about an incident, by the stream's own times.
"""

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, NamedTuple

from benchmarks.loading import field_of
from benchmarks.measuring import figure, machine, table, write
from benchmarks.whole import SERVICES, Whole, accepted, whole
from contracts import subjects
from contracts.envelope import read
from services.runtime.jetstream import read_subject
from services.stack.parts import is_ready
from tests.system.load import Sent, Units

RESTARTS: Final = 20
PER_SECOND: Final = 5
REST: Final = 1.5
"""Seconds between two restarts, in which things must go as if nothing had been."""
GIVE_UP: Final = 120.0
ENDS: Final = (signal.SIGTERM, signal.SIGKILL)
SHARES: Final = {"median": 0.5, "p99": 0.99, "longest": 1.0}
PARTS: Final = ("nats", *SERVICES)


class Outage(NamedTuple):
    """From the signal until everything is ready again."""

    began: datetime
    ended: datetime


class Step(NamedTuple):
    """What was there, and when it had its effect."""

    there: datetime
    done: datetime


def late(step: Step, outages: Iterable[Outage]) -> float:
    """Seconds from when it could be done; what is done while something else is still away is not late."""
    possible = max([step.there, *(one.ended for one in outages if one.began <= step.done)])
    return max(0.0, (step.done - possible).total_seconds())


def run(json: Path, _rounds: int, _offline: bool, *, count: int = RESTARTS) -> None:  # noqa: FBT001
    """So many restarts, each part in turn, by SIGTERM and by SIGKILL."""
    asyncio.run(_run(json, count))


async def _run(json: Path, count: int) -> None:
    outages: list[Outage] = []
    async with whole() as system:
        units = await field_of(system, seed=3)
        async with _trickle(units):
            for number in range(count):
                await asyncio.sleep(REST)
                part, how = PARTS[number % len(PARTS)], ENDS[number // len(PARTS) % len(ENDS)]
                outages.append(await _restart(system, part, how))
                print(f"{part} {how.name}: {(outages[-1].ended - outages[-1].began).total_seconds():.1f} s", flush=True)
            await asyncio.sleep(REST)
        await system.all_done()
        steps = await _steps(system, units.sent)
    _tell(json, steps, outages)


@asynccontextmanager
async def _trickle(units: Units) -> AsyncIterator[None]:
    """Reports come in during the block; at its end each has its receipt."""
    going = True
    sending = asyncio.create_task(units.send_while(lambda _: going, PER_SECOND))
    try:
        yield
    finally:
        going = False
        await sending


async def _restart(system: Whole, part: str, how: signal.Signals) -> Outage:
    pid, began = system.processes[part], datetime.now(UTC)
    os.kill(pid, how)
    async with asyncio.timeout(GIVE_UP):
        while system.processes.get(part, pid) == pid or not await _all_ready(system):  # noqa: ASYNC110 - other processes
            await asyncio.sleep(0.05)
    return Outage(began, datetime.now(UTC))


async def _all_ready(system: Whole) -> bool:
    urls = [one.url for one in system.state.processes if one.url is not None and one.name in SERVICES]
    return len(urls) == len(SERVICES) and all(await asyncio.gather(*map(is_ready, urls)))


async def _steps(system: Whole, sent: Sequence[Sent]) -> dict[str, list[Step]]:
    """Of every report that was accepted: from INBOX to its acceptance, from there to the first fact it led to."""
    events = {accepted(one) for one in sent if one.told and one.told[0]["outcome"] == "accepted"}
    taken: dict[str, Step] = {}
    led: dict[str, Step] = {}
    async for stored in read_subject(system.client, "EVENTS", subjects.EVERYTHING):
        event = read(stored.body)
        cause = str(event.causationid)
        if str(event.id) in events:
            taken[str(event.id)] = Step(event.time, stored.stored_at)
        elif cause in taken and cause not in led:
            led[cause] = Step(taken[cause].done, stored.stored_at)
    assert led.keys() == taken.keys(), "a report led to nothing"
    return {"from INBOX to accepted": [*taken.values()], "from accepted to the incident": [*led.values()]}


def _tell(json: Path, steps: Mapping[str, Sequence[Step]], outages: Sequence[Outage]) -> None:
    waits = {name: sorted(late(one, outages) for one in each) for name, each in steps.items()}
    shown = {name: {told: _at(each, share) for told, share in SHARES.items()} for name, each in waits.items()}
    rows = [(name, *(f"{one:.3f}" for one in each.values()), f"{len(waits[name])}") for name, each in shown.items()]
    table("Seconds once all was ready again", ("", *SHARES, "reports"), rows)
    lengths = figure([(one.ended - one.began).total_seconds() for one in outages])
    print(f"\n{len(outages)} restarts, ready again after {lengths.text(1)} s")
    told: dict[str, Any] = {
        "machine": machine(("faststream", "nats-py")) | {"unit": "seconds, by the stream's own times"},
        "restarts": len(outages),
        "outage_seconds": lengths._asdict(),
        "longest_seconds": max(each[-1] for each in waits.values()),
        "late_seconds": shown,
        "reports": {name: len(each) for name, each in waits.items()},
    }
    write(json, told)


def _at(ordered: Sequence[float], share: float) -> float:
    return round(ordered[min(len(ordered) - 1, int(share * len(ordered)))], 4)
