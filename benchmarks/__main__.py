"""`python -m benchmarks NAME …`: runs benchmarks one after the other, each prints its table and writes its figures.

Each runs in a process of its own, so that neither memory nor what a program remembers passes from one to the next.
"""

import argparse
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from benchmarks.catalogue import BENCHMARKS, OPTIONS, RESULTS
from benchmarks.results import render


def parser() -> argparse.ArgumentParser:
    """The command line."""
    made = argparse.ArgumentParser(
        prog="python -m benchmarks",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        epilog="\n".join(f"  {name:13} {text}" for name, text in BENCHMARKS.items()),
    )
    made.add_argument("names", nargs="+", choices=(*BENCHMARKS, RESULTS), metavar="NAME", help="see below; or results")
    made.add_argument("--json", type=Path, help="where the figures are written (default benchmarks/results/NAME.json)")
    made.add_argument("--rounds", type=int, default=5, help="interleaved rounds; the median is shown (default 5)")
    made.add_argument("--offline", action="store_true", help="without what would be installed from PyPI")
    for name, told in OPTIONS.items():
        made.add_argument(f"--{name}", default=None, **told)
    return made


def main() -> None:
    """Runs what is named and renders all results anew; ends with 1 where a benchmark failed."""
    parsing = parser()
    given = parsing.parse_args()
    names = [name for name in given.names if name != RESULTS]
    if given.json and len(names) != 1:
        parsing.error("--json is for one benchmark")
    failed = [name for name in names if _run_alone(name, _told(given))]
    if not given.json:
        print(f"\nwritten to {render()}")
    if failed:
        sys.exit(f"failed: {', '.join(failed)}")


def _told(given: argparse.Namespace) -> list[str]:
    """The options that were given, as words again."""
    told = ["--rounds", str(given.rounds), *(["--offline"] if given.offline else [])]
    told += ["--json", str(given.json)] if given.json else []
    for name in OPTIONS:
        told += _words(name, getattr(given, name))
    return told


def _words(name: str, value: object) -> list[str]:
    match value:
        case None:
            return []
        case True:
            return [f"--{name}"]
        case list():
            return [f"--{name}", *map(str, value)]
        case _:
            return [f"--{name}", str(value)]


def _run_alone(name: str, told: Sequence[str]) -> int:
    print(f"\n=== {name}", flush=True)
    return subprocess.run([sys.executable, "-m", "benchmarks.running", name, *told], check=False).returncode


if __name__ == "__main__":
    main()
