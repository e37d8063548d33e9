"""The ground a proof walks: one set and one register, the days on which they change, and facts tried on them.

It asks `decide` and the rule model only, so the proof shares no shortcut with the engine.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property
from itertools import product
from typing import Final

from contracts.codes import Role, UrgencyMark
from contracts.decisions import Decision, Facts
from contracts.register import Agency
from contracts.taxonomy import Category
from services.routing.regulations.engine.decide import decide
from services.routing.regulations.engine.match import RuleIndex
from services.routing.regulations.engine.remember import trusted
from services.routing.regulations.engine.resolve import RegisterDay, RegisterIndex, day_of
from services.routing.regulations.proof.cutpoints import Choice
from services.routing.regulations.proof.places import Landscape, Place, Terrain, change_days
from services.routing.regulations.rules.agency_types import COMMUNE_LEVEL
from services.routing.regulations.rules.duties import Duty
from services.routing.regulations.rules.model import RegulationSet, Rule
from services.routing.regulations.rules.targets import CommonTarget, ReporterTarget, SuperiorTarget, TypeTarget
from services.routing.regulations.rules.when import CalendarCondition
from services.routing.regulations.rules.workdays import VIETNAM

_NOON: Final = time(5, tzinfo=UTC)
_ONE_DAY: Final = timedelta(days=1)
_ONE_YEAR: Final = timedelta(days=366)
_HALF_A_DAY: Final = timedelta(hours=11, minutes=30)
"""From noon until shortly before midnight, when nobody is at a desk by day."""


@dataclass(frozen=True, slots=True)
class Trial:
    """One tried case: what was chosen, and the facts it makes."""

    place: Place
    choice: Choice
    day: date
    facts: Facts

    @property
    def weight(self) -> int:
        """How much a reader must take in to understand it; the lightest trial is the best example."""
        return len(self.choice.stated()) + len(self.place.areas) + len(self.place.relations)


def noon(day: date) -> datetime:
    """Midday in Vietnam."""
    return datetime.combine(day, _NOON)


def leads(rule: Rule) -> tuple[Duty, ...]:
    """Whom the rule names as lead."""
    return tuple(duty for duty in rule.assign if duty.role is Role.LEAD)


class Ground:
    """A set and a register, ready to be tried."""

    def __init__(self, regulation_set: RegulationSet, register: RegisterIndex) -> None:
        self.set = regulation_set
        self.register = register
        self.leading = tuple(
            rule.model_copy(update={"assign": named}) for rule in regulation_set.rules if (named := leads(rule))
        )
        """The rules that give a lead, reduced to that: whom else they name does not change who leads."""
        self._register_days = frozenset(change_days(register, regulation_set.valid_from))
        self._terrains: dict[RegisterDay, Terrain] = {}
        """One for every stretch of time in which the register says the same."""
        self._landscapes: dict[tuple[object, ...], Landscape] = {}
        self._bystanders: dict[RegisterDay, str] = {}
        self._reporters: dict[date, tuple[str, ...]] = {}
        self._moments: dict[tuple[object, ...], tuple[datetime, ...]] = {}

    def indexed(self, rules: Iterable[Rule]) -> RuleIndex:
        """The same set with other rules."""
        return RuleIndex(self.set.model_copy(update={"rules": tuple(rules)}))

    @cached_property
    def whole(self) -> RuleIndex:
        """The set as it is."""
        return RuleIndex(self.set)

    def decide(self, facts: Facts, regulations: RuleIndex | None = None) -> Decision:
        """The decision at the moment it happened, by the whole set unless another is given."""
        return decide(facts, regulations or self.whole, self.register, facts.occurred_at)

    def days(self, rules: Iterable[Rule]) -> tuple[date, ...]:
        """The first day of every stretch of time within the set's force on which these rules or the register differ."""
        ends = (rule.valid_to + _ONE_DAY for rule in rules if rule.valid_to is not None and rule.valid_to < date.max)
        starts = (rule.valid_from for rule in rules)
        found = {self.set.valid_from, *ends, *starts, *self._register_days}
        return tuple(sorted(day for day in found if self.set.holds_on(day)))

    def places(self, rules: Iterable[Rule], day: date, *, all_duties: bool = False) -> tuple[Place, ...]:
        """The places worth trying for these rules, for their leads or for everyone they address."""
        used = tuple(rules)
        duties = [duty for rule in used for duty in (rule.assign if all_duties else leads(rule))]
        types = frozenset(name for duty in duties for name in _types(duty))
        kinds = frozenset(kind for rule in used for kind in rule.when.area)
        then = self.register.on(day)
        key = (then, types, kinds)
        if key not in self._landscapes:
            if then not in self._terrains:
                self._terrains[then] = Terrain(then, day)
            self._landscapes[key] = Landscape(self._terrains[then], types, kinds)
        return self._landscapes[key].places

    def reporters(self, rules: Iterable[Rule], day: date) -> tuple[str, ...]:
        """Agencies worth trying as first reporter: one for each way of having superiors, where a rule asks for them."""
        used = [target for rule in rules for duty in rule.assign for target in duty.everyone()]
        if not any(
            isinstance(to, ReporterTarget) or (isinstance(to, SuperiorTarget) and _by_reporter(to)) for to in used
        ):
            return (self.bystander(day),)
        if day not in self._reporters:
            self._reporters[day] = tuple(_apart_by_superiors(self.register.on(day).agencies.values(), day))
        return self._reporters[day]

    def bystander(self, day: date) -> str:
        """An agency that no rule puts forward as lead, so that reporting first decides nothing."""
        then = self.register.on(day)
        if then not in self._bystanders:
            named = {name for rule in self.leading for duty in rule.assign for name in _types(duty)}
            apart = (code for code, agency in then.agencies.items() if agency.type not in named and agency.units)
            anybody = next(iter(then.agencies), self.set.fallback.last_resort.agency)
            self._bystanders[then] = next(apart, anybody)
        return self._bystanders[then]

    def facts(self, category: Category, place: Place, choice: Choice, day: date, reporter: str) -> Facts:
        """Facts as a report of that day, or of that very moment, would give them."""
        moment = day if isinstance(day, datetime) else noon(day)
        return trusted(
            Facts,
            category=category,
            severity=choice.severity,
            urgency_mark=UrgencyMark.KHAN,
            scales=choice.scales,
            areas=place.areas,
            communes=place.communes,
            position_unknown=place.position_unknown,
            casualties=choice.casualties,
            occurred_at=moment,
            first_reporter=reporter,
            restricted_since=moment - choice.lasting if choice.lasting else None,
            present=choice.present,
            hazards=(),
            casualty_claims=(),
            retracted=(),
        )

    def trials(
        self, category: Category, rules: tuple[Rule, ...], choices: Iterable[Choice], *, all_duties: bool = False
    ) -> Iterator[Trial]:
        """Every case worth trying in one category, for rules that concern it."""
        given = tuple(choices)
        for day in self.days(rules):
            reporters = self.reporters(rules, day)
            places = self.places(rules, day, all_duties=all_duties)
            for place, choice, reporter, at in product(places, given, reporters, self.moments(rules, day)):
                yield Trial(place, choice, day, self.facts(category, place, choice, at, reporter))

    def moments(self, rules: tuple[Rule, ...], day: date) -> tuple[datetime, ...]:
        """Noon of that day, and the first later moment for every other answer of the rules' calendar conditions.

        Looked for until law or register change, and at most for a year: then the seasons have all been met.
        """
        asked = tuple(dict.fromkeys(r.when.calendar for r in rules if r.when.calendar is not None))
        if not asked:
            return (noon(day),)
        later = (other for other in self.days(rules) if other > day)
        end = min(next(later, date.max), self.set.valid_to or date.max, day + _ONE_YEAR)
        if (key := (day, end, asked)) not in self._moments:
            self._moments[key] = tuple(self._apart_by_calendar(asked, day, end))
        return self._moments[key]

    def _apart_by_calendar(self, asked: tuple[CalendarCondition, ...], day: date, end: date) -> Iterator[datetime]:
        seen: set[tuple[bool, ...]] = set()
        calendar = self.set.work_calendar
        while day < end:
            opening = () if calendar is None else (datetime.combine(day, calendar.hours[0].start, VIETNAM),)
            for moment in (noon(day), *opening, noon(day) + _HALF_A_DAY):
                working = calendar is not None and calendar.works_at(moment)
                truths = tuple(condition.holds(day_of(moment).month, working) for condition in asked)
                if truths not in seen:
                    seen.add(truths)
                    yield moment.astimezone(UTC)
            day += _ONE_DAY


def _apart_by_superiors(agencies: Iterable[Agency], day: date) -> Iterable[str]:
    known: dict[object, str] = {}
    for agency in agencies:
        desks = any(desk.holds_on(day) for desk in agency.desks)
        known.setdefault((desks, frozenset(r.tree for r in agency.relations if r.holds_on(day))), agency.code)
    return known.values()


def _by_reporter(target: SuperiorTarget) -> bool:
    return target.superior_of == "reporter"


def _types(duty: Duty) -> Iterator[str]:
    """The types of agency that a duty looks for in the areas concerned."""
    for target in duty.everyone():
        if isinstance(target, TypeTarget):
            yield target.agency_type.value
        elif isinstance(target, CommonTarget):
            yield COMMUNE_LEVEL[target.tree]
