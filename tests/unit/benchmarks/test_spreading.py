"""The load of benchmarks is spread, so that intake slows no unit down."""

from datetime import date

import pytest

from benchmarks.spreading import TooFewUnitsError, communes, enough, may_report
from benchmarks.whole import REFERENCE
from contracts.subjects import Origin
from services.runtime.register.loading import load_register

DAY = date(2026, 11, 22)


def test_more_reports_than_chance_can_spread_are_refused() -> None:
    units = [Origin(f"a-{number}", "u") for number in range(10)]
    assert enough(units, 50, allowed=5) == tuple(units)
    with pytest.raises(TooFewUnitsError):
        enough(units, 51, allowed=5)


def test_only_those_report_who_are_there_that_day() -> None:
    register = load_register(REFERENCE / "register.yaml")
    found, places = may_report(register, DAY), communes(register, DAY)
    assert len(found) == len(set(found))
    valid = {a.code: {u.code for u in a.units if u.holds_on(DAY)} for a in register.agencies if a.holds_on(DAY)}
    assert all(unit.point in valid[unit.agency] for unit in found)
    assert len(found) > len(may_report(register, date(2000, 1, 1)))
    assert len(places) == len(set(places))
    assert len(places) < len(communes(register, date(2025, 6, 30)))


def test_the_reference_register_has_units_for_five_thousand_reports_a_second() -> None:
    enough(may_report(load_register(REFERENCE / "register.yaml"), DAY), 5000)
