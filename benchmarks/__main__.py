"""`python -m benchmarks NAME`: runs one benchmark, prints its table and writes its figures as JSON."""

import argparse
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Final

BENCHMARKS: Final = {
    "deadlines": "thousands of obligations due at one instant, and some at rest, on a real server and a real routing",
    "desk": "from a dispatch on record to its row in a browser, at 50 a second",
    "decide": "one routing decision, by size of the set and beside other rule engines",
    "journey": "how many reports a second go all the way into the ledger, and what a report costs each process",
    "rates": "how long a report takes to its receipt and to a desk at 10, 100, 500 and 1000 reports a second",
    "restart": "all facts of all incidents read again, beside reading one message at a time",
    "flooding": "how far one unit that sends as fast as it can delays another, on a real server and a real intake",
    "ledger": "recording, verifying and asking the ledger, beside a bare COPY and beside SQLModel",
}
FURTHER: Final = {"rows", "dsn", "count", "lead", "facts", "flight", "rates"}
"""What some benchmarks take beside what all take."""
RESULTS: Final = Path(__file__).parent / "results"


def main() -> None:
    """Parses the command line and runs the benchmark named."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    names = parser.add_subparsers(dest="name", required=True)
    for name, text in BENCHMARKS.items():
        one = names.add_parser(name, help=text, description=text)
        one.add_argument("--json", type=Path, default=RESULTS / f"{name}.json", help="where the figures are written")
        one.add_argument("--rounds", type=int, default=7, help="interleaved rounds; the median is shown (default 7)")
        one.add_argument("--offline", action="store_true", help="without the peers, which are installed from PyPI")
        if name == "deadlines":
            one.add_argument("--count", type=int, default=20_000, help="due at one instant (default 20,000)")
            one.add_argument(
                "--lead",
                type=float,
                default=240,
                help="seconds from the start of filling until they are due (default 240)",
            )
        if name == "journey":
            one.add_argument("--count", type=int, default=4000, help="reports in a round (default 4,000)")
            one.add_argument("--flight", type=int, default=256, help="without a receipt at any time (default 256)")
        if name == "rates":
            one.add_argument("--rates", type=int, nargs="+", default=[10, 100, 500, 1000], help="reports a second")
        if name == "flooding":
            one.add_argument(
                "--niceness",
                type=int,
                default=0,
                help="of the hostile unit's process: 19 takes away what it costs this machine (default 0)",
            )
        if name == "restart":
            one.add_argument("--facts", type=int, default=60_000, help="in the stream, about (default 60,000)")
        if name == "ledger":
            one.add_argument("--rows", type=int, default=200_000, help="entries to load first (default 200,000)")
            one.add_argument("--dsn", help="a ledger of so many rows that was loaded before, as superuser")
    given = parser.parse_args()
    run: Callable[..., None] = import_module(f"benchmarks.{given.name}").run
    further = {name: value for name, value in vars(given).items() if name in FURTHER}
    run(given.json, given.rounds, given.offline, **further)


if __name__ == "__main__":
    main()
