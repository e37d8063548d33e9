"""A short run of `python -m benchmarks.chaos` with a seed of its own: every part broken under load, nothing lost."""

import json
import logging
import random
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

LOG = logging.getLogger("chaos")
ROOT = Path(__file__).parents[2]
SECONDS = 35
RATE = 20
LONGEST = 840
"""With the start of all processes, their restarts, and the quiet after it, on a machine that is busy."""


@pytest.mark.long
@pytest.mark.timeout(LONGEST + 20)
def test_nothing_is_lost_repeated_or_forgotten_in_a_short_run_of_chaos(tmp_path: Path) -> None:
    """Broken when any order of crashes, freezes, cut connections and deployments makes a promise false."""
    seed = random.SystemRandom().randrange(2**32)
    LOG.info("chaos with seed %d", seed)
    told = ("--seconds", str(SECONDS), "--rate", str(RATE), "--seed", str(seed), "--json", str(tmp_path / "verdict"))
    command = (sys.executable, "-m", "benchmarks.chaos", *told)
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=LONGEST, check=False)
    assert run.returncode == 0, f"seed {seed}\n{run.stdout}\n{run.stderr}"
    verdict: dict[str, Any] = json.loads((tmp_path / "verdict").read_text())
    assert (verdict["sound"], verdict["flaws"], verdict["seed"]) == (True, [], seed)
    _the_run_was_worth_it(verdict)


def _the_run_was_worth_it(verdict: dict[str, Any]) -> None:
    """A check over nothing proves nothing."""
    assert len(verdict["faults"]) >= 3
    assert verdict["reports_sent"] > SECONDS * RATE / 2
    assert verdict["receipts"] >= verdict["reports_sent"]
    assert verdict["entries"] == verdict["facts"] > verdict["reports_sent"]
