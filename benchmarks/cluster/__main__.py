"""`python -m benchmarks.cluster`: one seeded run on three hosts of one machine; needs root; exit code 1 on any flaw."""

import argparse
import asyncio
import json
import logging
import secrets
import sys
from pathlib import Path
from typing import Final

from benchmarks.cluster.network import NoNetworkError
from benchmarks.cluster.running import Gap, cluster
from benchmarks.measuring import Start, machine

PACKAGES: Final = ("faststream", "nats-py", "asyncpg")
RESULT: Final = Path(__file__).parents[1] / "results" / "cluster.json"


def main() -> None:
    """Parses the command line, runs, prints gaps and verdict and ends with it."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.cluster", description=__doc__)
    parser.add_argument("--seconds", type=float, default=100.0, help="how long new faults are begun (default 100)")
    parser.add_argument("--seed", type=int, help="what is broken when; without it a new one, which is printed")
    parser.add_argument("--rate", type=float, default=10.0, help="reports a second (default 10)")
    parser.add_argument("--json", type=Path, default=RESULT, help="where the verdict is written")
    told = parser.parse_args()
    seed = secrets.randbelow(2**32) if told.seed is None else told.seed
    print(f"seed {seed}", flush=True)
    logging.getLogger("nats").setLevel(logging.CRITICAL)  # lost connections are what this is about
    start = Start.now()
    try:
        found = asyncio.run(cluster(seed, told.seconds, told.rate))
    except NoNetworkError as error:
        sys.exit(str(error))
    command = f"python -m benchmarks.cluster --seconds {told.seconds:g} --seed {seed} --rate {told.rate:g}"
    taken = {"machine": machine(PACKAGES) | {"unit": "counts, and seconds"}, "run": start.told(command)}
    told.json.write_text(json.dumps(found.as_json() | taken, ensure_ascii=False, indent=2) + "\n")
    print(_table(found.gaps))
    print(json.dumps({k: v for k, v in found.as_json().items() if k != "faults"}, ensure_ascii=False, indent=2))
    sys.exit(not found.verdict.sound)


def _table(gaps: tuple[Gap, ...]) -> str:
    rows = [f"{'no receipt':>10}  {'no dispatch':>11}  {'well after':>10}  fault"]
    rows += [f"{gap.no_receipt:8.1f} s  {gap.no_dispatch:9.1f} s  {gap.well_after:8.1f} s  {gap.fault}" for gap in gaps]
    return "\n".join(rows)


if __name__ == "__main__":
    main()
