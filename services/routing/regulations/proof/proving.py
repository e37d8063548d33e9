"""Proves a regulation set against a register by trying every case its closed conditions can tell apart.

Each finding comes with facts that show it. It proves what the set says; whether the law says so is for people.
"""

from collections.abc import Callable, Iterable, Iterator
from datetime import date, timedelta
from functools import cache
from typing import Final

from contracts.decisions import Citation, Facts
from contracts.taxonomy import Category
from services.routing.regulations.engine.remember import uncollected
from services.routing.regulations.engine.resolve import RegisterIndex
from services.routing.regulations.proof.cutpoints import Choice, choices_satisfying, concerns
from services.routing.regulations.proof.findings import Finding, FindingKind
from services.routing.regulations.proof.ground import Ground
from services.routing.regulations.proof.leadership import leadership
from services.routing.regulations.proof.orders import orders
from services.routing.regulations.proof.places import Place
from services.routing.regulations.proof.reach import Reach, reach
from services.routing.regulations.proof.times import times
from services.routing.regulations.rules.model import RegulationSet, Rule
from services.routing.regulations.rules.phrases import Sentence

_ONE_DAY: Final = timedelta(days=1)
Progress = Callable[[int, int], None]


def prove(
    regulation_set: RegulationSet,
    register: RegisterIndex,
    categories: Iterable[Category] = Category,
    progress: Progress = lambda _done, _all: None,
) -> Iterator[Finding]:
    """Every finding, faults and notes, about these categories; all categories unless told otherwise."""
    ground = Ground(regulation_set, register)
    tried = tuple(categories)
    rules = tuple(rule for rule in regulation_set.rules if any(concerns(rule, category) for category in tried))

    @cache
    def reaches() -> tuple[Reach, ...]:
        return tuple(Reach(ground, rule) for rule in rules)

    steps: tuple[Callable[[], Iterator[Finding]], ...] = (
        lambda: _expired(ground, rules),
        lambda: leadership(ground, tried),
        lambda: reach(reaches()),
        lambda: times(ground, reaches()),
        lambda: orders(ground, reaches()),
    )
    for done, step in enumerate(steps):
        progress(done, len(steps))
        with uncollected():
            found = tuple(step())
        yield from found
    progress(len(steps), len(steps))


def _expired(ground: Ground, rules: Iterable[Rule]) -> Iterator[Finding]:
    """Citations of instruments on a day on which they are not in force."""
    fallback = ground.set.fallback
    whole = (ground.set.valid_from, ground.set.valid_to)
    cited: list[tuple[str, Citation, tuple[date, date | None], Rule | None]] = [
        (rule.code, rule.citation, (rule.valid_from, rule.valid_to), rule) for rule in rules
    ]
    cited.append((fallback.code, fallback.citation, whole, None))
    for code, citation, period, rule in cited:
        if (day := _day_without(ground, citation.instrument, period)) is not None:
            words = Sentence(
                f"quy tắc {code} dẫn {citation.text} ({citation.instrument}), không có hiệu lực ngày {day}",
                f"rule {code} cites {citation.text} ({citation.instrument}), which is not in force on {day}",
            )
            yield Finding(FindingKind.EXPIRED, words, _on(ground, rule, day), (code,))


def _day_without(ground: Ground, instrument: str, period: tuple[date, date | None]) -> date | None:
    """The first day on which the citation counts and the instrument does not."""
    first, last = max(period[0], ground.set.valid_from), min(period[1] or date.max, ground.set.valid_to or date.max)
    periods = [given for given in ground.set.instruments if given.code == instrument]
    if not periods:
        return None
    ends = (given.valid_to + _ONE_DAY for given in periods if given.valid_to is not None)
    days = sorted(day for day in {first, *ends} if first <= day <= last)
    return next((day for day in days if not any(given.holds_on(day) for given in periods)), None)


def _on(ground: Ground, rule: Rule | None, day: date) -> Facts:
    """Facts of that day to which the rule applies, as far as the register has such a place."""
    category = Category.CYB_DATA if rule is None else next(c for c in Category if concerns(rule, c))
    choice = Choice() if rule is None else next(choices_satisfying(rule), Choice())
    places = () if rule is None else ground.places([rule], day, all_duties=True)
    wanted = frozenset(() if rule is None else rule.when.area)
    fitting = (place for place in places if (place.relations & wanted if wanted else place.in_province))
    return ground.facts(category, next(fitting, Place()), choice, day, ground.bystander(day))
