"""Several benchmarks run one after the other, each told only what it takes."""

from argparse import Namespace
from pathlib import Path

import pytest

from benchmarks.__main__ import parser
from benchmarks.catalogue import BENCHMARKS, OPTIONS
from benchmarks.chaos import __main__ as chaos
from benchmarks.measuring import Start
from benchmarks.running import command, own_options


def _run(_json: Path, _rounds: int, _offline: bool, *, count: int = 3, peers: bool = False) -> None:  # noqa: FBT001
    """As a benchmark looks."""
    assert count
    assert not peers


def test_several_names_are_taken_in_order() -> None:
    given = parser().parse_args(["journey", "limits", "decide", "ledger", "--peers"])
    assert given.names == ["journey", "limits", "decide", "ledger"]
    assert given.peers


def test_a_benchmark_gets_what_was_said_and_it_knows() -> None:
    """An option for one of several must not end the others; one that was not given leaves the benchmark's own."""
    given = parser().parse_args(["journey", "ledger", "--peers", "--rows", "5"])
    assert own_options(_run, given) == {"peers": True}


def test_the_command_that_is_written_down_does_the_same_again() -> None:
    given = parser().parse_args(["rates", "--rounds", "3", "--rates", "10", "100"])
    told = command("rates", given, {"rates": given.rates, "peers": True})
    assert told == "python -m benchmarks rates --rounds 3 --rates 10 100 --peers"


def test_every_benchmark_and_every_option_is_told_of() -> None:
    text = parser().format_help()
    assert all(name in text for name in (*BENCHMARKS, *OPTIONS))


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"control": True, "scenario": None}, "--control --seconds 60 --seed 3 --rate 20"),
        ({"control": False, "scenario": "hang"}, "--scenario hang --seconds 60 --seed 3 --rate 20"),
        ({"control": False, "scenario": None}, "--seconds 60 --seed 3 --rate 20"),
    ],
)
def test_a_verdict_is_kept_with_the_command_that_breaks_the_same_again(given: dict[str, object], words: str) -> None:
    """A seed that nobody typed was drawn by the run, and must be in it all the same."""
    told = Namespace(seconds=60.0, rate=20.0, seed=None, **given)
    taken = Start.now().told(chaos._command(told, 3))
    assert taken["command"] == f"python -m benchmarks.chaos {words}"
    assert taken.keys() == {"command", "began_at", "took_seconds", "load_average_before", "stolen"}
