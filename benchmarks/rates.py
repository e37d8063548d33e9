"""How long a report takes to its receipt and to a desk at a steady rate: p50, p99 and p99.9, every report counted.

Open loop: reports are sent when they are due, however slow the answers, and waiting is counted from that moment. A rate
that the system cannot keep up with shows as waiting that grows through the window.
"""

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from time import monotonic
from typing import Final

from benchmarks.beside.delivery import delivery
from benchmarks.beside.material import recorded
from benchmarks.journey import PEER_FAILED
from benchmarks.loading import field_of
from benchmarks.measuring import Figure, figure, machine, ratios, table, write
from benchmarks.whole import Whole, accepted, whole
from tests.system.load import Sent, Units

RATES: Final = (10, 100, 500, 1000)
SAMPLES: Final = 100
"""Of a slow rate at least so many, however long they take."""
SECONDS: Final = 4.0
"""Of a window, unless that is too few samples."""
WARM_SECONDS: Final = 7.0
"""At 100 a second before anything counts; the peer is given these reports."""
SHARES: Final = {"p50": 0.5, "p99": 0.99, "p99.9": 0.999}
SLOW: Final = "100"
FAST: Final = "1000"


@dataclass(frozen=True, slots=True)
class Waits:
    """Milliseconds at the shares asked for, of one window."""

    receipt: Mapping[str, float]
    desk: Mapping[str, float]
    """Until the first dispatch of the report came out of the stream; reports that joined an incident have none."""
    reached: float
    """Reports a second, from the first sending to the last receipt."""

    @property
    def columns(self) -> dict[str, float]:
        """Under the names of the table."""
        each = {"receipt": self.receipt, "desk": self.desk}
        told = {f"{to} {share}": wait for to, waits in each.items() for share, wait in waits.items()}
        return {"reached": self.reached, **told}


def run(
    json: Path,
    rounds: int,
    offline: bool,  # noqa: FBT001
    *,
    rates: Sequence[int] = RATES,
    peers: bool = False,
) -> None:
    """All rates in every round, one after the other, each only when the system has done the one before."""
    asyncio.run(_run(json, rounds, rates, peers=peers and not offline))


async def _run(json: Path, rounds: int, rates: Sequence[int], *, peers: bool) -> None:
    found: dict[str, list[Waits]] = {str(rate): [] for rate in rates}
    theirs: list[dict[str, float]] = []
    async with AsyncExitStack() as opened:
        system = await opened.enter_async_context(whole())
        units, last = await field_of(system, seed=2), await _last(system)
        await _window(system, units, 100, WARM_SECONDS)
        alertmanager = None
        if peers:
            job = await recorded(system.client, units.sent, last)
            alertmanager = await opened.enter_async_context(delivery(job))
        for _ in range(rounds):
            for rate in rates:
                found[str(rate)].append(await _window(system, units, rate, seconds(rate)))
                if alertmanager is None or str(rate) != SLOW:
                    continue
                try:
                    theirs.append(dict(zip(SHARES, await alertmanager(rate, seconds(rate)), strict=True)))
                except PEER_FAILED as error:
                    print(f"Alertmanager is left out: {error!r}"[:300])
                    alertmanager = None
                    theirs.clear()
    _tell(json, found, theirs)


async def _last(system: Whole) -> int:
    last: int = (await system.client.jetstream().stream_info("EVENTS")).state.last_seq
    return last


def seconds(rate: float) -> float:
    """How long a window of this rate is."""
    return max(SECONDS, SAMPLES / rate)


async def _window(system: Whole, units: Units, rate: int, length: float) -> Waits:
    due: list[tuple[float, Sent]] = []
    began = monotonic()
    async with asyncio.TaskGroup() as tasks:
        for number in range(int(rate * length)):
            at = began + number / rate
            if (wait := at - monotonic()) > 0:
                await asyncio.sleep(wait)
            due.append((at, one := units.fresh()))
            one.began = monotonic()
            tasks.create_task(units.send(one))
    took = monotonic() - began
    await system.all_done()  # also the dispatches that came late
    receipts = [one.began + (one.waited or 0) - at for at, one in due]
    desks = [min(shown) - at for at, one in due if (shown := system.shown.get(accepted(one)))]
    assert desks, "no report led to a dispatch"
    return Waits(at_shares(receipts), at_shares(desks), len(due) / took)


def at_shares(waits: Sequence[float]) -> dict[str, float]:
    """Milliseconds, of seconds."""
    ordered = sorted(waits)
    last = len(ordered) - 1
    return {name: round(ordered[min(last, int(share * len(ordered)))] * 1000, 2) for name, share in SHARES.items()}


def _tell(json: Path, found: dict[str, list[Waits]], theirs: Sequence[Mapping[str, float]]) -> None:
    shown = {rate: _figures(each) for rate, each in found.items()}
    head = list(next(iter(shown.values())))
    rows = [
        (rate, *(one.text(0 if name == "reached" else 1) for name, one in each.items())) for rate, each in shown.items()
    ]
    table("Waiting at a steady rate, milliseconds", ("reports/s", *head), rows)
    written = {rate: {name: one._asdict() for name, one in each.items()} for rate, each in shown.items()}
    told = {"unit": "milliseconds from the moment a report was due to be sent; median, least and most of the rounds"}
    beside = {share: figure([one[share] for one in theirs]) for share in SHARES} if theirs else {}
    print("\nAlertmanager at 100/s: " + (", ".join(f"{n} {f.text()} ms" for n, f in beside.items()) or "not run"))
    times = {name: one._asdict() for name, one in _ratios(found, [one["p99"] for one in theirs]).items()}
    alertmanager = {share: one._asdict() for share, one in beside.items()}
    write(
        json,
        {
            "machine": machine(("faststream", "nats-py")) | told,
            "figures": written,
            "alertmanager": alertmanager,
            "ratios": times,
        },
    )


def _figures(each: Sequence[Waits]) -> dict[str, Figure]:
    columns = [one.columns for one in each]
    return {name: figure([one[name] for one in columns]) for name in columns[0]}


def _ratios(found: Mapping[str, Sequence[Waits]], theirs: Sequence[float]) -> dict[str, Figure]:
    """Of the waiting to a desk, p99, round by round."""
    p99 = {rate: [one.desk["p99"] for one in each] for rate, each in found.items()}
    told = {f"{FAST} / {SLOW}": ratios(p99[FAST], p99[SLOW])} if {FAST, SLOW} <= p99.keys() else {}
    return told | ({f"{SLOW} / Alertmanager": ratios(p99[SLOW], theirs)} if theirs else {})
