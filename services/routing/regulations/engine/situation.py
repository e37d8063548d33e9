"""What the facts mean on the map: which extent, which kinds of area, which provinces. It decides nothing."""

from typing import Final, NamedTuple

from contracts.codes import Severity, UrgencyMark
from contracts.taxonomy import Category
from services.routing.regulations.engine.discern import Seen
from services.routing.regulations.engine.resolve import RegisterDay, Site
from services.routing.regulations.rules.hazards import Raised
from services.routing.regulations.rules.when import AreaRelation

_LINE: Final = 200


def line(text: str) -> str:
    """The text cut to what one line of a trace may hold."""
    return text if len(text) <= _LINE else text[: _LINE - 1] + "…"


class Case(NamedTuple):
    """All of the facts that a decision can depend on, its two days as periods: equal cases are decided alike."""

    category: Category
    severity: Severity
    urgency_mark: UrgencyMark
    disaster_risk: int | Raised | None
    civil_defence: int | None
    forest_fire_danger: int | None
    river_alert: int | None
    areas: tuple[str, ...]
    communes: tuple[str, ...]
    position_unknown: bool
    casualties: bool
    first_reporter: str
    seen: Seen
    """Who is present, when in the year and how long it has lasted, as far as the set can tell these apart."""
    in_force: int
    """The period of the set in which it happened."""
    then: RegisterDay
    """The register as it was when it happened: what lies where."""
    now: RegisterDay
    """The register as it is when it is decided: who covers what and commands whom."""


class Outlook(NamedTuple):
    """The part of a case that conditions are held against; many places share one."""

    category: Category
    in_force: int
    severity: Severity
    disaster_risk: int | Raised | None
    civil_defence: int | None
    forest_fire_danger: int | None
    river_alert: int | None
    area: frozenset[AreaRelation]
    casualties: bool
    present: frozenset[str]
    calendar: tuple[int, bool]
    lasting: int


class Situation(NamedTuple):
    """The part of a case on which depends whom a rule means, and by when each must answer."""

    site: Site
    now: RegisterDay
    """Who covers what and commands whom."""
    urgency_mark: UrgencyMark
    reporter: str
    """The agency that reported first; empty where it does not matter who that was."""

    def unchanged(self, area: str) -> bool:
        """Whether the code still stands for the same area; after a reform the same code may name another place."""
        then = self.site.then
        return then is self.now or self.now.areas.get(area) is then.areas.get(area)


def survey(case: Case) -> Site:
    """The place of a case, by the event's day."""
    return case.then.site(case.areas, case.communes, case.position_unknown)


def outlook(case: Case, site: Site) -> Outlook:
    """What the conditions are held against."""
    return Outlook(
        case.category,
        case.in_force,
        case.severity,
        case.disaster_risk,
        case.civil_defence,
        case.forest_fire_danger,
        case.river_alert,
        site.relations,
        case.casualties,
        *case.seen,
    )
