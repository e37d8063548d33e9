"""Whether a report costs the same when there is more of everything: incidents, and agencies with their desks.

Systems with registers of three sizes are loaded in turn, and then one of them before and after it has many incidents.
Rules are the matter of `decide`, which goes to 100,000 of them.
"""

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from benchmarks.loading import HERE, Field, field_of, loaded
from benchmarks.measuring import Figure, figure, machine, ratios, table, write
from benchmarks.unhurried import unhurried
from benchmarks.whole import REFERENCE, Whole, reports, whole
from services.runtime.embedded.process import ServerUnavailableError
from services.runtime.register.loading import load_register

TIMES: Final = (1, 10, 100)
INCIDENTS: Final = 100
"""Times one."""
PIECE: Final = 1000
"""Reports sent at once while incidents are made, which nobody measures."""
FLIGHT: Final = 128
_TEMPLATE: Final = """\
  - per: commune
    provinces: ["24", "27", "46", "60", "67", "68"]
    type: FILLER
    code: "f{number}-{{short}}"
    name_vi: "Cơ quan {number}, {{unit_vi}}"
    name_en: "Agency {number} of {{unit_en}}"
    valid_from: 2025-07-01
    relations:
      - {{tree: administrative, superior: "ubnd-x-{{short}}"}}
    desks:
      - {{code: truc-ban, name_vi: "Trực ban", name_en: "Duty desk"}}
    units:
      - {{code: to-cong-tac, name_vi: "Tổ công tác", name_en: "Field team"}}
"""
"""An agency of each commune, of a type that no rule names: the same desks are told of a report at every size."""


@dataclass(frozen=True, slots=True)
class Cost:
    """Of one size, round by round."""

    cpu: dict[str, list[float]]
    megabytes: Mapping[str, float]

    @property
    def together(self) -> list[float]:
        """CPU microseconds of one report in all processes, the sender left out."""
        return [sum(each) for each in zip(*self.cpu.values(), strict=True)]


def run(json: Path, rounds: int, _offline: bool, *, count: int = 300) -> None:  # noqa: FBT001
    """Registers first, all sizes in every round; then incidents, size after size."""
    asyncio.run(_run(json, rounds, count))


async def _run(json: Path, rounds: int, count: int) -> None:
    with TemporaryDirectory(prefix="phoihop-scale-") as folder:
        agencies = await _registers(Path(folder), rounds, count)
    incidents = await _incidents(rounds, count)
    grown = {"agencies and desks": agencies, "open incidents": incidents}
    for what, sizes in grown.items():
        _print(what, sizes)
    unit = "CPU microseconds a report, megabytes at the end; the sender is not in it"
    written = {what: {size: _written(cost) for size, cost in sizes.items()} for what, sizes in grown.items()}
    times = {what: _times(sizes)._asdict() for what, sizes in grown.items()}
    figures = {"machine": machine(("faststream", "nats-py")) | {"unit": unit}, "reports": count}
    write(json, figures | {"grown": written, "largest_to_smallest": times})


async def _registers(folder: Path, rounds: int, count: int) -> dict[str, Cost]:
    async with AsyncExitStack() as opened:
        systems: dict[str, tuple[Whole, Field]] = {}
        for times in TIMES:
            reference = larger(folder / str(times), times)
            size = f"{_agencies(reference):,}"
            try:
                system = await opened.enter_async_context(whole(reference=reference))
            except ServerUnavailableError as error:
                print(f"{size} agencies: not started ({str(error).splitlines()[0]})")
                continue
            systems[size] = system, await field_of(system)
        for system, units in systems.values():
            await loaded(system, units, reports(units, count), FLIGHT)
        costs: dict[str, list[Mapping[str, float]]] = {size: [] for size in systems}
        for _ in range(rounds):
            for size, (system, units) in systems.items():
                costs[size].append(await _cost(system, units, count))
        return {size: Cost(_by_process(each), systems[size][0].megabytes()) for size, each in costs.items()}


async def _incidents(rounds: int, count: int) -> dict[str, Cost]:
    """One system; before each size as many reports as it takes, each of which opens an incident or joins one."""
    found: dict[str, Cost] = {}
    async with whole() as system:
        units = await field_of(system)
        await loaded(system, units, reports(units, count), FLIGHT)
        for times in TIMES:
            while len(units.sent) < times * INCIDENTS:
                missing = min(PIECE, times * INCIDENTS - len(units.sent))
                await loaded(system, units, reports(units, missing), FLIGHT)
            had = len(units.sent)
            each = [await _cost(system, units, count) for _ in range(rounds)]
            found[f"after {had:,} reports"] = Cost(_by_process(each), system.megabytes())
    return found


async def _cost(system: Whole, units: Field, count: int) -> Mapping[str, float]:
    spent = (await loaded(system, units, reports(units, count), FLIGHT)).cpu_microseconds
    return {name: each for name, each in spent.items() if name != HERE}


def _by_process(each: Sequence[Mapping[str, float]]) -> dict[str, list[float]]:
    return {name: [one[name] for one in each] for name in each[0]}


def larger(folder: Path, times: int) -> Path:
    """The reference with so many times as many agencies as are valid today, each further one with a desk and a unit."""
    unhurried(REFERENCE, folder)
    register = load_register(REFERENCE / "register.yaml")
    today = datetime.now(UTC).date()
    here = sum(agency.holds_on(today) for agency in register.agencies)
    communes = sum(agency.holds_on(today) and agency.type == "UBND-X" for agency in register.agencies)
    further = round(here * (times - 1) / communes)
    path = folder / "register.yaml"
    templates = "".join(_TEMPLATE.format(number=number) for number in range(further))
    text = path.read_text(encoding="utf-8").replace("templates:\n", f"templates:\n{templates}", 1)
    path.write_text(text, encoding="utf-8")
    return folder


def _agencies(reference: Path) -> int:
    today = datetime.now(UTC).date()
    return sum(agency.holds_on(today) for agency in load_register(reference / "register.yaml").agencies)


def _times(sizes: Mapping[str, Cost]) -> Figure:
    smallest, *_, largest = sizes.values()
    return ratios(largest.together, smallest.together)


def _written(cost: Cost) -> dict[str, Any]:
    spent = cost.cpu | {"together": cost.together}
    return {
        "cpu_microseconds": {name: figure(each)._asdict() for name, each in spent.items()},
        "megabytes": dict(cost.megabytes),
    }


def _print(what: str, sizes: Mapping[str, Cost]) -> None:
    names = [*next(iter(sizes.values())).cpu, "together"]
    rows = []
    for size, cost in sizes.items():
        spent = cost.cpu | {"together": cost.together}
        held = " ".join(f"{name} {each:,.0f}" for name, each in cost.megabytes.items())
        rows.append((size, *(figure(spent[name]).text(0) for name in names), held))
    rows.append(("largest / smallest", *("" for _ in names[:-1]), _times(sizes).text(2), ""))
    table(f"{what}: CPU µs a report", (what, *names, "MB"), rows)
