"""Larger registers have more of everything, and lead to the same answers."""

from datetime import date
from pathlib import Path

from benchmarks.scale import larger
from benchmarks.whole import REFERENCE
from contracts.register import Register
from services.routing.regulations.rules.agency_types import AgencyType
from services.runtime.register.loading import load_register

DAY = date(2026, 11, 22)


def test_a_register_ten_times_as_large_is_sound_and_no_rule_names_what_was_added(tmp_path: Path) -> None:
    """Else larger registers would have more desks told of each report, and cost more for that reason."""
    before, after = _agencies(REFERENCE), _agencies(larger(tmp_path / "larger", 10))
    assert abs(len(after) / len(before) - 10) < 0.1
    added = {code: kind for code, kind in after.items() if code not in before}
    assert set(added.values()).isdisjoint(AgencyType)
    assert before.items() <= after.items()


def _agencies(reference: Path) -> dict[str, str]:
    register: Register = load_register(reference / "register.yaml")
    return {agency.code: agency.type for agency in register.agencies if agency.holds_on(DAY)}
