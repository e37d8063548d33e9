"""What uvloop would save: two whole systems in one run, one on it and one on asyncio's own loop, loaded in turn.

It is installed for the run and removed after it; the services know nothing of it and are given it as a policy.
"""

import asyncio
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import AsyncExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from benchmarks.loading import HERE, Field, Loaded, field_of, loaded
from benchmarks.measuring import figure, machine, ratios, table, write
from benchmarks.whole import Whole, reports, whole

WHEEL: Final = "uvloop==0.23.0"
PLAIN: Final = "asyncio"
FASTER: Final = "uvloop"
FLIGHT: Final = 256
_POLICY: Final = """\
import asyncio
import sys

import uvloop

if "serve" in sys.orig_argv:
    asyncio.set_event_loop_policy(uvloop.EventLoopPolicy())
"""


def run(json: Path, rounds: int, _offline: bool, *, count: int = 1000) -> None:  # noqa: FBT001
    """Both systems in every round; which one is first changes."""
    with TemporaryDirectory(prefix="phoihop-loops-") as folder:
        _install(Path(folder))
        found = asyncio.run(_measured(Path(folder), rounds, count))
    _tell(json, found)


def _install(folder: Path) -> None:
    """The wheel, and beside it what has every service that sees this folder use it."""
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--only-binary", ":all:", "--target", str(folder)]
    done = subprocess.run([*command, WHEEL], check=False, capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(f"uvloop could not be installed:\n{done.stderr}")
    (folder / "sitecustomize.py").write_text(_POLICY, encoding="utf-8")


async def _measured(folder: Path, rounds: int, count: int) -> dict[str, list[Loaded]]:
    async with AsyncExitStack() as opened:
        systems: dict[str, tuple[Whole, Field]] = {}
        for name in (PLAIN, FASTER):
            with _seen(folder if name == FASTER else None):
                system = await opened.enter_async_context(whole())
            systems[name] = system, await field_of(system)
            assert _loads_it(system.processes["routing"]) is (name == FASTER)
        found: dict[str, list[Loaded]] = {name: [] for name in systems}
        for number in range(-1, rounds):
            for name in (PLAIN, FASTER) if number % 2 else (FASTER, PLAIN):
                system, units = systems[name]
                one = await loaded(system, units, reports(units, count), FLIGHT)
                found[name] += [one] if number >= 0 else []  # the first warms up
        return found


def _loads_it(pid: int) -> bool:
    return FASTER in Path(f"/proc/{pid}/maps").read_text()


@contextmanager
def _seen(folder: Path | None) -> Iterator[None]:
    """What is started meanwhile looks into this folder first."""
    before = os.environ.pop("PYTHONPATH", None)
    if folder is not None:
        os.environ["PYTHONPATH"] = str(folder)
    try:
        yield
    finally:
        os.environ.pop("PYTHONPATH", None)
        if before is not None:
            os.environ["PYTHONPATH"] = before


def _tell(json: Path, found: dict[str, list[Loaded]]) -> None:
    names = [name for name in found[PLAIN][0].cpu_microseconds if name != HERE]
    spent = {side: {n: [one.cpu_microseconds[n] for one in each] for n in names} for side, each in found.items()}
    for each in spent.values():
        each["together"] = [sum(values) for values in zip(*each.values(), strict=True)]
    share = {name: ratios(spent[FASTER][name], spent[PLAIN][name]) for name in spent[PLAIN]}
    sides = {name: [figure(spent[side][name]).text(0) for side in (PLAIN, FASTER)] for name in share}
    rows = [(name, *sides[name], one.text(2)) for name, one in share.items()]
    table("CPU µs a report", ("", PLAIN, FASTER, f"{FASTER} ÷ {PLAIN}"), rows)
    rates = {side: [one.reports_per_second for one in each] for side, each in found.items()}
    faster = ratios(rates[FASTER], rates[PLAIN])
    print(f"\nreports a second, {FASTER} ÷ {PLAIN}: {faster.text(2)}")
    costs = {side: {n: figure(values)._asdict() for n, values in each.items()} for side, each in spent.items()}
    figures = {"cpu_microseconds_per_report": costs, "cpu_share": {n: one._asdict() for n, one in share.items()}}
    told = {"unit": "CPU microseconds a report; ratios pair by pair"}
    write(json, {"machine": machine(("nats-py",)) | told, **figures, "reports_per_second_times": faster._asdict()})
