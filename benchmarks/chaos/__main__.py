"""`python -m benchmarks.chaos`: one seeded run, one scenario, or the negative control; exit code 1 on any flaw."""

import argparse
import asyncio
import json
import logging
import secrets
import signal
import sys
from collections.abc import Coroutine
from pathlib import Path
from typing import Any, Final

from benchmarks.chaos.control import Control, control
from benchmarks.chaos.flipping import Flipped
from benchmarks.chaos.running import chaos
from benchmarks.chaos.scenarios import TEXTS, scenario
from benchmarks.chaos.verdict import Verdict
from benchmarks.chaos.volume import NotHereError
from benchmarks.measuring import Start, machine

PACKAGES: Final = ("faststream", "nats-py", "asyncpg")


def main() -> None:
    """Parses the command line, runs, prints the verdict as JSON and ends with it."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.chaos", description=__doc__)
    parser.add_argument("--seconds", type=float, default=120.0, help="how long things are broken (default 120)")
    parser.add_argument("--seed", type=int, help="what is broken when; without it a new one, which is printed")
    parser.add_argument("--rate", type=float, default=40.0, help="reports a second (default 40)")
    parser.add_argument("--json", type=Path, help="where the verdict is written as well")
    parser.add_argument(
        "--control", action="store_true", help="the same against a careless program; 0 when it is caught, as expected"
    )
    scenarios = "; ".join(f"{name}: {text}" for name, text in TEXTS.items())
    parser.add_argument("--scenario", choices=TEXTS, help=f"one disaster instead of many faults. {scenarios}")
    told = parser.parse_args()
    seed = secrets.randbelow(2**32) if told.seed is None else told.seed
    print(f"seed {seed}", flush=True)
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # told to end, it still takes down what it has put up
    logging.getLogger("nats").setLevel(logging.CRITICAL)  # lost connections are what this is about
    start = Start.now()
    try:
        found = asyncio.run(_run(told, seed))
    except NotHereError as error:
        sys.exit(f"not run, this machine cannot: {error}")
    text = json.dumps(found.as_json(), ensure_ascii=False, indent=2)
    print(text)
    if told.json is not None:
        taken = {"machine": machine(PACKAGES) | {"unit": "counts"}, "run": start.told(_command(told, seed))}
        told.json.write_text(json.dumps(found.as_json() | taken, ensure_ascii=False, indent=2) + "\n")
    sys.exit(found.sound is told.control)


def _command(told: argparse.Namespace, seed: int) -> str:
    """What to type for the same plan again."""
    kind = ["--control"] if told.control else ["--scenario", told.scenario] if told.scenario else []
    words = ["python -m benchmarks.chaos", *kind, f"--seconds {told.seconds:g} --seed {seed} --rate {told.rate:g}"]
    return " ".join(words)


def _run(told: argparse.Namespace, seed: int) -> Coroutine[Any, Any, Verdict | Control | Flipped]:
    if told.scenario:
        return scenario(told.scenario, seed, told.rate)
    return (control if told.control else chaos)(seed, told.seconds, told.rate)


if __name__ == "__main__":
    main()
