"""What uvloop would save: two whole systems in one run, one on it and one on asyncio's own loop, loaded in turn.

It is installed for the run and removed after it; the services know nothing of it and are given it as a policy.
"""

import asyncio
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from benchmarks.loading import Loaded
from benchmarks.measuring import machine, write
from benchmarks.pairs import compared, in_turn, opened

WHEEL: Final = "uvloop==0.23.0"
PLAIN: Final = "asyncio"
FASTER: Final = "uvloop"
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
    told = {"unit": "CPU microseconds a report; ratios pair by pair"}
    write(json, {"machine": machine(("nats-py",)) | told, **compared(found, PLAIN, FASTER)})


def _install(folder: Path) -> None:
    """The wheel, and beside it what has every service that sees this folder use it."""
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--only-binary", ":all:", "--target", str(folder)]
    done = subprocess.run([*command, WHEEL], check=False, capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(f"uvloop could not be installed:\n{done.stderr}")
    (folder / "sitecustomize.py").write_text(_POLICY, encoding="utf-8")


async def _measured(folder: Path, rounds: int, count: int) -> dict[str, list[Loaded]]:
    async with opened({PLAIN: None, FASTER: folder}) as systems:
        for name, (system, _) in systems.items():
            assert _loads_it(system.processes["routing"]) is (name == FASTER)
        return await in_turn(systems, rounds, count)


def _loads_it(pid: int) -> bool:
    return FASTER in Path(f"/proc/{pid}/maps").read_text()
