"""Every scenario is told of and run: by the list of benchmarks, and by the nightly script."""

import re
from pathlib import Path

from benchmarks.chaos.scenarios import TEXTS

ROOT = Path(__file__).parents[3]


def test_the_nightly_script_plays_every_scenario() -> None:
    """Broken when a disaster is only ever played by who wrote it."""
    (played,) = re.findall(r"for name in (.+); do", (ROOT / ".ci" / "nightly").read_text())

    assert set(played.split()) == set(TEXTS)


def test_every_scenario_says_what_it_expects() -> None:
    told = re.findall(r"^\| `([a-z-]+)` \|.*\|.*\|.*\|$", (ROOT / "benchmarks" / "README.md").read_text(), re.MULTILINE)

    assert set(TEXTS) <= set(told)
