"""Where nothing is to fall due during a measurement, the rules differ from the reference in nothing but minutes."""

import json
import re
from pathlib import Path

import pytest

from benchmarks.unhurried import patient, unhurried
from benchmarks.whole import REFERENCE
from services.routing.in_force.reference import load_reference

DURATION = re.compile(r'"P(?:[0-9]+D)?(?:T[0-9HMS]+)?"')


@pytest.mark.parametrize(
    ("said", "then"),
    [("within: PT5M", "within: PT5H"), ("PT24H", "PT24H"), ("PT1H30M", "PT1H30M"), ("XPT5M", "XPT5M")],
)
def test_only_whole_minutes_become_hours(said: str, then: str) -> None:
    assert patient(said) == then


def test_the_rules_are_those_of_the_reference_but_for_their_times(tmp_path: Path) -> None:
    """Another rule, or another desk, would make a report cheaper than it is."""
    before, after = _rules(REFERENCE), _rules(unhurried(REFERENCE, tmp_path / "reference"))
    assert re.search(r'"PT[0-9]+M"', before), "the reference gives minutes: else this changes nothing"
    assert not re.search(r'"PT[0-9]+M"', after), "something would still fall due"
    assert DURATION.sub("-", before) == DURATION.sub("-", after)


def _rules(reference: Path) -> str:
    return json.dumps(load_reference(reference).regulations.regulation_set.model_dump(mode="json"), sort_keys=True)
