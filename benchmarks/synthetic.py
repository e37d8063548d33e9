"""Makes regulation sets of any size and the facts to decide, such that the answer has the same size in each set.

Two rules of each category hold for every fact; every further rule differs from the facts in at least one condition.
"""

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from itertools import product
from random import Random
from typing import Any, Final

from contracts.codes import Role, Severity, UrgencyMark
from contracts.decisions import Citation, CitationStatus, Facts
from contracts.register import AreaKind
from contracts.reports import Scales
from contracts.taxonomy import Category
from services.routing.regulations.engine.resolve import RegisterIndex, day_of
from services.routing.regulations.rules.agency_types import AgencyType
from services.routing.regulations.rules.duties import Duty
from services.routing.regulations.rules.model import Law, RegulationSet, Rule
from services.routing.regulations.rules.targets import Of, TypeTarget
from services.routing.regulations.rules.when import AreaRelation, LevelRange, When

SEED: Final = 20261122
AT: Final = datetime(2026, 11, 22, 5, 0, tzinfo=UTC)
ALWAYS: Final = 2
"""Rules of each category that always hold: with them the answer has the same size whatever the size of the set."""
_START: Final = date(2025, 7, 1)
_ENDED: Final = date(2026, 6, 30)
_CITATION: Final = Citation(instrument="synthetic", text="Quy định giả để đo", status=CitationStatus.DESIGN_DEFAULT)
_LEAD: Final = Duty(role=Role.LEAD, to=TypeTarget(agency_type=AgencyType.UBND_X, of=Of.COMMUNE))
_HELP: Final = Duty(role=Role.COORDINATE, to=TypeTarget(agency_type=AgencyType.CA_X, of=Of.COMMUNE))
_TELL: Final = Duty(role=Role.INFORM, to=TypeTarget(agency_type=AgencyType.UBND_T, of=Of.PROVINCE))
_COMMON: Final = (AreaRelation.ONE_COMMUNE, AreaRelation.SEVERAL_COMMUNES, AreaRelation.ONE_PROVINCE)
_RARE: Final = (AreaRelation.OPEN_SEA, AreaRelation.PORT_WATER, AreaRelation.COASTAL_WATER, AreaRelation.BORDER_GATE)
_SCALES: Final = ("disaster_risk", "civil_defence", "forest_fire_danger", "river_alert")


def with_rules(given: RegulationSet, count: int) -> RegulationSet:
    """The set with this many made rules instead of its own."""
    return given.model_copy(update={"rules": tuple(_rules(count))})


def _rules(count: int) -> Iterator[Rule]:
    random, categories = Random(SEED), tuple(Category)  # noqa: S311 - repeatable load
    for number in range(count):
        category = categories[number % len(categories)]
        always = number < ALWAYS * len(categories)
        stated = {} if always else _stated(random)
        ended = stated.pop("ended", False)
        yield Rule(
            code=f"r-{number}",
            law=Law.SPECIAL if number % 10 == 0 else Law.GENERAL,
            citation=_CITATION,
            valid_from=_START,
            valid_to=_ENDED if ended else None,
            when=When(category=(category,), **stated),
            assign=(_LEAD, _TELL) if number < len(categories) else (_HELP,),
        )


def _stated(random: Random) -> dict[str, Any]:
    """Conditions as reference rules have them; at least one fails for every fact, each for other reasons."""
    decisive = random.choice(("severity", "scale", "area", "ended"))
    stated: dict[str, Any] = {}
    if decisive == "ended":
        stated["ended"] = True
    if decisive == "severity" or _one_in(5, random):
        stated["severity_at_least"] = random.choice((Severity.SEVERE, Severity.EXTREME))
    if decisive == "scale" or _one_in(3, random):
        stated[random.choice(_SCALES)] = LevelRange(min=3, max=random.choice((3, 4, 5, None)))
    if decisive == "area":
        stated["area"] = tuple(random.sample(_RARE, random.randint(1, 3)))
    elif _one_in(2, random):
        stated["area"] = tuple(random.sample(_COMMON + _RARE, 3))
    if _one_in(3, random):
        stated["casualties"] = random.choice((True, False))
    return stated


def _one_in(count: int, random: Random) -> bool:
    return random.randrange(count) == 0


def places(register: RegisterIndex) -> tuple[str, ...]:
    """The communes of the register on the day."""
    areas = register.on(day_of(AT)).areas.values()
    return tuple(area.code for area in areas if area.kind is AreaKind.COMMUNE)


def facts(communes: Sequence[str], count: int) -> list[Facts]:
    """Facts of all categories at these places, with levels up to 2 and at most moderate."""
    random = Random(SEED)  # noqa: S311 - repeatable load
    pairs = list(product(Category, communes))
    random.shuffle(pairs)
    return [_fact(category, commune, random) for category, commune in pairs[:count]]


def one_at_each(communes: Sequence[str]) -> list[Facts]:
    """One fact at each of these places, of all categories in turn."""
    random, categories = Random(SEED), tuple(Category)  # noqa: S311 - repeatable load
    shuffled = random.sample(communes, len(communes))
    return [_fact(categories[n % len(categories)], commune, random) for n, commune in enumerate(shuffled)]


def _fact(category: Category, commune: str, random: Random) -> Facts:
    levels = {scale: random.choice((None, None, 1, 2)) for scale in _SCALES}
    return Facts(
        category=category,
        severity=random.choice((Severity.UNKNOWN, Severity.MINOR, Severity.MODERATE)),
        urgency_mark=random.choice(tuple(UrgencyMark)),
        scales=Scales(**levels),
        areas=(commune,),
        communes=(commune,),
        position_unknown=False,
        casualties=_one_in(3, random),
        occurred_at=AT - timedelta(minutes=random.randint(0, 600)),
        first_reporter=f"ubnd-x-{random.randint(1, 20)}",
    )
