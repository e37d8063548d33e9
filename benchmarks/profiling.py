"""Where running processes spend their time, by py-spy, which is installed for the run and removed after it.

Self time, by where the innermost frame's code is; what sleeps does not count.
"""

import asyncio
import re
import shutil
import signal
import subprocess
import sys
import sysconfig
from collections import Counter
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from services.runtime.embedded.process import Child, spawn

WHEEL: Final = "py-spy==0.4.3"
A_SECOND: Final = 200
MOST_SECONDS: Final = 60
SHOWN: Final = 9
"""Places named for each process; the rest is told together."""
REST: Final = "elsewhere"
_WAITING: Final = re.compile(r"select \(.*selectors\.py:")
_STANDARD: Final = Path(sysconfig.get_path("stdlib"))


@asynccontextmanager
async def profiled(pids: Mapping[str, int]) -> AsyncIterator[dict[str, dict[str, float]]]:
    """Watches these processes during the block; afterwards what it gave holds each one's shares, largest first."""
    found: dict[str, dict[str, float]] = {}
    with TemporaryDirectory(prefix="phoihop-profile-") as folder:
        spy = await asyncio.to_thread(_installed, Path(folder))
        watching = {name: _watch(spy, pid, Path(folder) / f"{name}.txt") for name, pid in pids.items()}
        try:
            yield found
        finally:
            for child in watching.values():
                await child.stop(signal.SIGINT)  # which has it write what it saw
        found |= {name: shares((Path(folder) / f"{name}.txt").read_text().splitlines()) for name in pids}


def _installed(folder: Path) -> Path:
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--only-binary", ":all:", "--target", str(folder)]
    done = subprocess.run([*command, WHEEL], check=False, capture_output=True, text=True)
    spy = shutil.which("py-spy", path=str(folder / "bin"))
    if done.returncode or spy is None:
        raise SystemExit(f"py-spy could not be installed (leave out --profile):\n{done.stderr}")
    return Path(spy)


def _watch(spy: Path, pid: int, output: Path) -> Child:
    how = ["--rate", str(A_SECOND), "--duration", str(MOST_SECONDS), "--format", "raw", "--full-filenames"]
    return spawn([str(spy), "record", "--pid", str(pid), *how, "--output", str(output)], log=output.with_suffix(".log"))


def shares(stacks: Iterable[str]) -> dict[str, float]:
    """Of folded stacks, `frame;frame count`: the share of each place in the innermost frames, largest first."""
    counted: Counter[str] = Counter()
    for line in stacks:
        stack, _, count = line.rpartition(" ")
        innermost = stack.rpartition(";")[2]
        if not _WAITING.match(innermost):
            counted[place(innermost)] += int(count)
    total = counted.total()
    first = dict(counted.most_common(SHOWN))
    rest = total - sum(first.values())
    return {name: count / total for name, count in first.items()} | ({REST: rest / total} if rest else {})


def place(frame: str) -> str:
    """Where the code of a frame is: a part of ours, a package, or the standard library's module."""
    path = frame.rpartition("(")[2].rpartition(":")[0]
    before, _, within = path.rpartition("site-packages/")
    if before:
        return within.split("/")[0].removesuffix(".py")
    parts = Path(path).parts
    for root in ("services", "contracts"):
        if root in parts:
            at = len(parts) - 1 - parts[::-1].index(root)
            return "/".join(parts[at : at + (3 if root == "services" else 1)]).removesuffix(".py")
    if path.startswith(str(_STANDARD)):
        return Path(path).relative_to(_STANDARD).parts[0].removesuffix(".py")
    return path or "native"
