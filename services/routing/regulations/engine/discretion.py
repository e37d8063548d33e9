"""Decides who is not shown exactly where an incident is, by the first rule of protection that holds for it. Pure."""

from contracts.decisions import Discretion, Facts
from services.routing.regulations.engine.resolve import RegisterDay, RegisterIndex, day_of
from services.routing.regulations.rules.model import RegulationSet
from services.routing.regulations.rules.protection import Protection


def discretion(facts: Facts, regulation_set: RegulationSet, register: RegisterIndex) -> Discretion | None:
    """What the decision says of it; None where everybody sees what the dispatch says of the place."""
    happened = day_of(facts.occurred_at)
    day = register.on(happened)
    holding = (one for one in regulation_set.protected if one.holds_on(happened) and _covers(one, facts, day))
    if (found := next(holding, None)) is None:
        return None
    return Discretion(
        rule=found.code,
        exact_for=found.exact_for,
        others_see=found.others_see,
        place=place_name(facts, day),
        names=found.names,
        reason_vi=found.reason_vi,
        reason_en=found.reason_en,
        citation=found.citation,
    )


def place_name(facts: Facts, day: RegisterDay) -> str | None:
    """Where it is, in the register's words; None when no area is known."""
    names = [day.areas[code].name_vi for code in (facts.communes or facts.areas[:1]) if code in day.areas]
    return ", ".join(names)[:200] or None


def _covers(one: Protection, facts: Facts, day: RegisterDay) -> bool:
    around = {area for code in (*facts.areas, *facts.communes) for area in (code, *day.surroundings(code))}
    return (not one.categories or facts.category in one.categories) and (
        not one.areas or not around.isdisjoint(one.areas)
    )
