"""One load of the whole system, from the first report to the last entry of the ledger, and what it came to.

Reports come from every unit of the reference register, about places in every commune, so that no unit is slowed down
by what intake allows it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from time import perf_counter, process_time
from typing import Final

from nats.aio.client import Client

from benchmarks.light import Shape
from benchmarks.spreading import communes, enough, may_report
from benchmarks.whole import REFERENCE, Whole, accepted, in_flight
from contracts.streams import CONSUMERS
from services.runtime.jetstream import api
from services.runtime.register.loading import load_register
from tests.system.load import Sent, Units

MOST_PER_SECOND: Final = 5000.0
"""What the units of the register must have room for."""
RECORDED: Final = ("EVENTS", "DEADLINES", "LADDERS", "SEALED")
HERE: Final = "units and desks (this benchmark)"


class Field(Units):
    """All units of the register, each as likely as the others, about all communes."""

    def __init__(self, client: Client, seed: int) -> None:
        register, day = load_register(REFERENCE / "register.yaml"), datetime.now(UTC).date()
        super().__init__(client, seed, enough(may_report(register, day), MOST_PER_SECOND))
        self._places = [{"kind": "area", "code": c, "valid_on": day.isoformat()} for c in communes(register, day)]

    def fresh(self, **changes: object) -> Sent:
        """One more new report, of any unit, about any commune."""
        return super().fresh(**{"places": [self._random.choice(self._places)]} | changes)


@dataclass(frozen=True, slots=True)
class Seen:
    """How far everything is at one moment."""

    stored: Mapping[str, int]
    """Stream -> messages it ever stored."""
    delivered: int
    """By all consumers."""
    shown: int
    """Dispatches seen as desks see them."""
    cpu_seconds: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Loaded:
    """What one load came to."""

    receipts_per_second: float
    reports_per_second: float
    """All of it in the ledger."""
    facts_per_report: float
    cpu_microseconds: Mapping[str, float]
    """For one report, by process; the sender is one of them."""
    shape: Shape

    @property
    def together(self) -> float:
        """CPU microseconds of one report, wherever they were spent."""
        return sum(self.cpu_microseconds.values())


async def field_of(system: Whole, seed: int = 1) -> Field:
    """The units, listening; and the desks, watching."""
    field = Field(system.client, seed)
    await field.listen()
    await system.watch()
    return field


async def loaded(system: Whole, units: Units, bodies: Sequence[Sent], flight: int) -> Loaded:
    """Sends all of them, so many without a receipt at a time, and waits until the last entry is in the ledger."""
    before, began = await _seen(system), perf_counter()
    await in_flight(units, bodies, flight)
    answered = perf_counter() - began
    await system.all_done()
    took, after, count = perf_counter() - began, await _seen(system), len(bodies)
    for one in bodies:
        accepted(one)
    stored = {name: (after.stored[name] - before.stored[name]) / count for name in after.stored}
    spent = {name: (now - before.cpu_seconds[name]) / count * 1e6 for name, now in after.cpu_seconds.items()}
    seen = (after.delivered - before.delivered + after.shown - before.shown) / count
    shape = Shape(
        handed_in=stored.pop("INBOX"),
        recorded=sum(stored.values()),
        delivered=seen + 1,  # the receipt
        rows=stored["EVENTS"],
    )
    return Loaded(count / answered, count / took, stored["EVENTS"], spent, shape)


async def _seen(system: Whole) -> Seen:
    stored = {name: (await system.client.jetstream().stream_info(name)).state.last_seq for name in ("INBOX", *RECORDED)}
    told = [await api(system.client, f"CONSUMER.INFO.{one.stream}.{one.durable}") for one in CONSUMERS]
    return Seen(
        stored,
        sum(one["delivered"]["consumer_seq"] for one in told),
        sum(map(len, system.shown.values())),
        {**system.cpu_seconds(), HERE: process_time()},
    )
