"""Two systems are loaded in turn, and their ratios are of pairs."""

import os
from pathlib import Path
from typing import Any

import pytest

from benchmarks import pairs
from benchmarks.light import Shape
from benchmarks.loading import HERE, Loaded
from benchmarks.pairs import TOGETHER, compared, in_turn, seen_first


def load(**cpu: float) -> Loaded:
    return Loaded(100, 50, 8, {**cpu, HERE: 5000}, Shape(1, 1, 1, 1))


def test_ratios_are_of_pairs_and_the_sender_is_in_none() -> None:
    found = {
        "plain": [load(nats=10, intake=10, audit=30), load(nats=10, intake=20, audit=60)],
        "other": [load(nats=10, intake=20, audit=30), load(nats=10, intake=20, audit=20)],
    }
    told = compared(found, "plain", "other", {"services": ("intake", "audit")})
    assert list(told["cpu_share"]) == ["nats", "intake", "audit", "services", TOGETHER]
    assert told["cpu_share"]["services"] == {"median": 0.875, "least": 0.5, "most": 1.25}
    assert told["cpu_microseconds_per_report"]["other"][TOGETHER] == {"median": 55, "least": 50, "most": 60}
    assert list(told["cpu_microseconds_per_report"]) == ["plain", "other"]
    assert told["reports_per_second_times"]["median"] == 1


async def test_which_one_is_first_changes_and_the_first_round_is_not_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever was always second would find the machine as the other left it."""
    order: list[str] = []

    async def _loaded(system: str, *_: object) -> Loaded:
        order.append(system)
        return load()

    monkeypatch.setattr(pairs, "loaded", _loaded)
    monkeypatch.setattr(pairs, "reports", lambda *_: [])
    systems: Any = {"a": ("a", None), "b": ("b", None)}
    found = await in_turn(systems, 2, 1)
    assert order == ["a", "b", "b", "a", "a", "b"]
    assert {name: len(each) for name, each in found.items()} == {"a": 2, "b": 2}


@pytest.mark.parametrize("before", [None, "/elsewhere"])
def test_a_folder_is_first_on_the_path_and_only_for_the_block(
    before: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PYTHONPATH", raising=False)
    if before is not None:
        monkeypatch.setenv("PYTHONPATH", before)
    with seen_first(tmp_path):
        assert os.environ["PYTHONPATH"].split(os.pathsep) == [str(tmp_path), *([before] if before else [])]
    assert os.environ.get("PYTHONPATH") == before
    with seen_first(None):
        assert os.environ.get("PYTHONPATH") == before
