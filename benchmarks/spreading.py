"""Spreads load over the units that may report: intake takes only so many a second from each of them."""

from collections.abc import Sequence
from datetime import date

from contracts.register import AreaKind, Register
from contracts.subjects import Origin
from services.intake.app import TURNS


class TooFewUnitsError(Exception):
    """The register has too few units for that many reports a second."""


def may_report(register: Register, day: date) -> tuple[Origin, ...]:
    """Every unit that is valid on the day, in the order of the register."""
    return tuple(
        Origin(agency.code, unit.code)
        for agency in register.agencies
        if agency.holds_on(day)
        for unit in agency.units
        if unit.holds_on(day)
    )


def enough(units: Sequence[Origin], per_second: float, allowed: float = TURNS.per_second / 4) -> tuple[Origin, ...]:
    """All of them, if chance gives none more than a quarter of what intake takes from it: else `TooFewUnitsError`."""
    if len(units) * allowed < per_second:
        raise TooFewUnitsError(f"{len(units)} units for {per_second:,.0f} reports a second, {allowed:g} for each")
    return tuple(units)


def communes(register: Register, day: date) -> tuple[str, ...]:
    """The code of every commune that there is on the day."""
    return tuple(area.code for area in register.areas if area.kind is AreaKind.COMMUNE and area.holds_on(day))
