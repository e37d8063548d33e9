"""Two whole systems in one run, loaded in turn: what one of them does differently shows in each pair of loads."""

import os
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any, Final

from benchmarks.loading import HERE, Field, Loaded, field_of, loaded
from benchmarks.measuring import figure, ratios, table
from benchmarks.whole import SERVICES, Whole, reports, whole

FLIGHT: Final = 256
TOGETHER: Final = "together"


@asynccontextmanager
async def opened(sides: Mapping[str, Path | None], **told: str) -> AsyncIterator[dict[str, tuple[Whole, Field]]]:
    """A system of each name, whose Python looks into that folder first. `told` are settings that all of them get."""
    async with AsyncExitStack() as stack:
        systems: dict[str, tuple[Whole, Field]] = {}
        for name, folder in sides.items():
            with seen_first(folder):
                system = await stack.enter_async_context(whole(SERVICES, None, **told))
            systems[name] = system, await field_of(system)
        yield systems


async def in_turn(systems: Mapping[str, tuple[Whole, Field]], rounds: int, count: int) -> dict[str, list[Loaded]]:
    """Every system in every round; which one is first changes. The first round warms up and is not told."""
    found: dict[str, list[Loaded]] = {name: [] for name in systems}
    for number in range(-1, rounds):
        for name in systems if number % 2 else reversed(list(systems)):
            system, units = systems[name]
            one = await loaded(system, units, reports(units, count), FLIGHT)
            found[name] += [one] if number >= 0 else []
    return found


@contextmanager
def seen_first(folder: Path | None) -> Iterator[None]:
    """What is started meanwhile looks into this folder before all others."""
    before = os.environ.get("PYTHONPATH")
    if folder is not None:
        os.environ["PYTHONPATH"] = os.pathsep.join([str(folder), *([before] if before else [])])
    try:
        yield
    finally:
        os.environ.pop("PYTHONPATH", None)
        if before is not None:
            os.environ["PYTHONPATH"] = before


def compared(
    found: Mapping[str, Sequence[Loaded]], base: str, other: str, groups: Mapping[str, Sequence[str]] | None = None
) -> dict[str, Any]:
    """Prints what a report costs each process, each group of them and all, and what of it `other` needs; as JSON."""
    names = [name for name in found[base][0].cpu_microseconds if name != HERE]
    parts = {name: [name] for name in names} | dict(groups or {}) | {TOGETHER: names}
    spent = {side: {part: _sums(found[side], of) for part, of in parts.items()} for side in (base, other)}
    share = {part: ratios(spent[other][part], spent[base][part]) for part in parts}
    rows = [(part, *(figure(spent[side][part]).text(0) for side in spent), share[part].text(2)) for part in parts]
    table("CPU µs a report", ("", *spent, f"{other} ÷ {base}"), rows)
    rates = {side: [one.reports_per_second for one in found[side]] for side in spent}
    times = ratios(rates[other], rates[base])
    print(f"\nreports a second, {other} ÷ {base}: {times.text(2)}")
    costs = {side: {part: figure(values)._asdict() for part, values in of.items()} for side, of in spent.items()}
    return {
        "cpu_microseconds_per_report": costs,
        "cpu_share": {part: one._asdict() for part, one in share.items()},
        "reports_per_second_times": times._asdict(),
    }


def _sums(loads: Sequence[Loaded], names: Sequence[str]) -> list[float]:
    return [sum(one.cpu_microseconds[name] for name in names) for one in loads]
