"""Decides the slow and obvious way: reads every rule and every record of the register each time, remembers nothing.

It shares words with the fast way (how a condition or a rule is said), and nothing that finds, chooses or resolves.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from contracts.codes import Role, Severity
from contracts.decisions import (
    Addressee,
    CombinedLevel,
    ConditionTruth,
    Decision,
    Facts,
    RuleTrace,
)
from contracts.register import Register
from services.routing.regulations.engine.situation import line
from services.routing.regulations.rules.agency_types import AGENCY_TYPES
from services.routing.regulations.rules.model import Law, RegulationSet, Rule
from services.routing.regulations.rules.phrases import (
    area_words,
    calendar_words,
    lasting_words,
    level_words,
    moment_words,
    presence_words,
)
from services.routing.regulations.rules.when import EXTENTS, AreaRelation, Lasting
from tests.unit.regulations.slow_assigning import Grant, assignments
from tests.unit.regulations.slow_places import Meaning, Who, desks, waits
from tests.unit.regulations.slow_register import Day

TRACED = 32
DEGREES = [Severity.UNKNOWN, Severity.MINOR, Severity.MODERATE, Severity.SEVERE, Severity.EXTREME]
SCALES = ["disaster_risk", "civil_defence", "forest_fire_danger", "river_alert"]
STEPS = ["special law before general", "first discoverer", "holder of the whole place", "higher level"]
STEPS += ["superior of the others", "rule with more conditions", "earlier rule of the set"]


def decide(facts: Facts, law: RegulationSet, register: Register, at: datetime) -> Decision:
    happened = vietnam_day(facts.occurred_at)
    seen = Meaning(facts, Day(register, happened), Day(register, vietnam_day(at)))
    clock = Clock(facts, law, at)
    about = sorted((r for r in law.rules if concerns(r, facts)), key=special, reverse=True)
    truths = {rule.code: conditions(rule, seen, clock) for rule in about}
    day_truths = {rule.code: in_force(rule, law, happened) for rule in about}
    held = [r for r in about if all(c.holds for c in (*day_truths[r.code], *truths[r.code]))]
    missed = {r.code: sum(not c.holds for c in (*day_truths[r.code], *truths[r.code])) for r in about if r not in held}
    nearest = sorted(missed, key=missed.__getitem__)[:TRACED]
    unresolved: dict[str, list[str]] = {rule.code: [] for rule in held}
    grants, reason = give(held, seen, law, unresolved)
    made = tuple(assignments(grants, seen, law, unresolved, at))
    traces = [RuleTrace(rule=r.code, matched=True, conditions=(category(r, facts), *truths[r.code])) for r in held]
    traces = [t.model_copy(update={"unresolved": tuple(map(line, unresolved[t.rule]))}) for t in traces]
    for rule in (r for r in about if r.code in nearest):
        failing = day_truths[rule.code] or [c for c in truths[rule.code] if not c.holds]
        traces.append(RuleTrace(rule=rule.code, matched=False, conditions=tuple(failing)))
    others = [r for r in law.rules if not concerns(r, facts) and in_family(r, facts)]
    for rule in others[: TRACED - len(nearest)]:
        traces.append(RuleTrace(rule=rule.code, matched=False, conditions=(category(rule, facts),)))
    return Decision(
        set=law.code,
        set_version=law.version,
        register_version=register.version,
        facts=facts,
        assignments=made,
        fallback=reason.startswith("fallback:"),
        lead_reason=line(reason),
        trace=tuple(traces),
        trace_left_out=len(about) + len(others) - len(traces),
        combined=together(facts),
    )


@dataclass(frozen=True)
class Clock:
    """When it happened, how long it has lasted, and the bounds of time that the law speaks of."""

    facts: Facts
    law: RegulationSet
    at: datetime

    def lasted(self) -> str:
        """Between which of the law's bounds, in words."""
        asked = [r.when.lasting for r in self.law.rules if r.when.lasting]
        bounds = sorted({b for lasting in asked for b in (lasting.at_least, lasting.less_than) if b})
        below = [b for b in bounds if b <= self.elapsed]
        above = [b for b in bounds if b > self.elapsed]
        return lasting_words(Lasting(at_least=below[-1] if below else None, less_than=above[0] if above else None)).en

    @property
    def elapsed(self) -> timedelta:
        return self.at - (self.facts.restricted_since or self.facts.occurred_at)

    @property
    def working(self) -> bool:
        calendar = self.law.work_calendar
        return calendar is not None and calendar.works_at(self.facts.occurred_at)


def together(facts: Facts) -> CombinedLevel | None:
    stated, hazards = facts.scales.disaster_risk, facts.hazards
    if stated is None or stated == 5 or len(hazards) < 2:
        return None
    level = min(5, stated + (2 if facts.severity in {Severity.SEVERE, Severity.EXTREME} else 1))
    return CombinedLevel(stated=stated, added=level - stated, level=level, hazards=tuple(sorted(hazards)))


def vietnam_day(moment: datetime) -> date:
    try:
        return (moment.replace(tzinfo=None) - (moment.utcoffset() or timedelta()) + timedelta(hours=7)).date()
    except OverflowError:
        return moment.date()


def concerns(rule: Rule, facts: Facts) -> bool:
    names = rule.when.category
    return not names or any(name in {facts.category, facts.category.family} for name in names)


def in_family(rule: Rule, facts: Facts) -> bool:
    return any(name[:3] == facts.category.family for name in rule.when.category)


def special(rule: Rule) -> tuple[bool, bool, int]:
    when = rule.when
    kinds = any(relation not in EXTENTS for relation in when.area)
    stated = [when.severity_at_least, *(getattr(when, scale) for scale in SCALES), when.area or None, when.casualties]
    stated += [when.present or None, when.absent or None, when.calendar, when.lasting]
    return rule.law is Law.SPECIAL, kinds, sum(condition is not None for condition in stated)


def category(rule: Rule, facts: Facts) -> ConditionTruth:
    words = line(f"category: {', '.join(rule.when.category) or 'any'}")
    return ConditionTruth(condition=words, holds=concerns(rule, facts), fact=facts.category.value)


def in_force(rule: Rule, law: RegulationSet, day: date) -> list[ConditionTruth]:
    """Nothing, or the one reason why the law does not apply."""
    for dated, words in ((law, "set in force"), (rule, "in force")):
        if not (dated.valid_from <= day <= (dated.valid_to or date.max)):
            period = f"{words} {dated.valid_from} to {dated.valid_to or 'further notice'}"
            fact = "happened before" if day < dated.valid_from else "happened after"
            return [ConditionTruth(condition=period, holds=False, fact=fact)]
    return []


def conditions(rule: Rule, seen: Meaning, clock: Clock) -> list[ConditionTruth]:
    every = (*said(rule, seen), *said_of_the_scene(rule, seen.facts), *said_of_time(rule, clock))
    return [ConditionTruth(condition=words, holds=holds, fact=fact) for words, holds, fact in every]


def said(rule: Rule, seen: Meaning) -> Iterator[tuple[str, bool, str]]:
    when, facts = rule.when, seen.facts
    if when.severity_at_least is not None:
        reached = DEGREES.index(facts.severity) >= DEGREES.index(when.severity_at_least)
        yield f"severity at least {when.severity_at_least.value}", reached, facts.severity.value
    for scale in SCALES:
        if (levels := getattr(when, scale)) is not None:
            level, fact = leveled(facts, scale)
            bounded = levels.min is not None or levels.max is not None
            within = bounded and level is not None and (levels.min or 1) <= level <= (levels.max or 5)
            holds = levels.unstated if level is None else within
            yield line(level_words(scale, levels).en), holds, fact
    if when.area:
        found = [area_words([relation]).en for relation in AreaRelation if relation in seen.relations]
        holds = any(relation in seen.relations for relation in when.area)
        yield line(area_words(when.area).en), holds, line(" and ".join(found) or "no place the register knows")
    if when.casualties is not None:
        fact = "reported" if facts.casualties else "none reported"
        yield "casualties" if when.casualties else "no casualties", when.casualties == facts.casualties, fact


def leveled(facts: Facts, scale: str) -> tuple[int | None, str]:
    """The level that counts, and how a trace says it."""
    level: int | None = getattr(facts.scales, scale)
    if scale == "disaster_risk" and (raised := together(facts)):
        return raised.level, f"{raised.level} ({level} stated, {len(facts.hazards)} hazards together)"
    return level, "not stated" if level is None else str(level)


def said_of_the_scene(rule: Rule, facts: Facts) -> Iterator[tuple[str, bool, str]]:
    for wanted, types in ((True, rule.when.present), (False, rule.when.absent)):
        there = [AGENCY_TYPES[kind][1] for kind in dict.fromkeys(types) if kind.value in facts.present]
        if types:
            fact = line(f"{', '.join(there)} on scene") if there else "none of them reported on scene"
            yield line(presence_words(types, present=wanted).en), bool(there) is wanted, fact


def said_of_time(rule: Rule, clock: Clock) -> Iterator[tuple[str, bool, str]]:
    calendar, lasting = rule.when.calendar, rule.when.lasting
    if calendar is not None:
        month = vietnam_day(clock.facts.occurred_at).month
        wrong = calendar.working_time is not None and calendar.working_time is not clock.working
        holds = not wrong and (month in calendar.months or not calendar.months)
        yield line(calendar_words(calendar).en), holds, moment_words(calendar, month, clock.working).en
    if lasting is not None:
        short = lasting.at_least is not None and clock.elapsed < lasting.at_least
        long = lasting.less_than is not None and clock.elapsed >= lasting.less_than
        yield line(lasting_words(lasting).en), not short and not long, clock.lasted()


def give(
    held: list[Rule], seen: Meaning, law: RegulationSet, unresolved: dict[str, list[str]]
) -> tuple[list[Grant], str]:
    """Everybody's roles, the lead's first, and why that lead."""
    rivals: list[Grant] = []
    grants: list[Grant] = []
    for rule in held:
        for duty in (d for d in rule.assign if not waits(d.to)):
            found = desks(duty.to, Who(seen), unresolved[rule.code])
            grown = rivals if duty.role is Role.LEAD else grants
            grown += [Grant(desk, duty.role, rule, duty) for desk in found]
    first = {g.desk: g for g in reversed(rivals)}
    rivals = [g for g in rivals if first[g.desk] is g]
    if rivals:
        lead, reason = elected(rivals, seen, law)
        named = [lead, *(Grant(r.desk, Role.COORDINATE, r.rule, r.duty) for r in rivals if r is not lead), *grants]
    else:
        reason = nobody(held, unresolved)
        named = fallback(seen, law, grants)
    for rule in held:
        for duty in (d for d in rule.assign if waits(d.to)):
            found = desks(duty.to, Who(seen, named[0].desk.agency), unresolved[rule.code])
            named += [Grant(desk, duty.role, rule, duty) for desk in found]
    return named, reason


def elected(rivals: list[Grant], seen: Meaning, law: RegulationSet) -> tuple[Grant, str]:
    if len(rivals) == 1 and rivals[0].rule:
        return rivals[0], f"only candidate, by rule {rivals[0].rule.code}"
    left = rivals
    for step, name in enumerate(STEPS):
        points = [scores(grant, left, seen, law)[step] for grant in left]
        out = [g.desk.agency for g, score in zip(left, points, strict=True) if score < max(points)]
        left = [g for g, score in zip(left, points, strict=True) if score == max(points)]
        if len(left) == 1:
            return left[0], f"{name}: {left[0].desk.agency} before {', '.join(out)}"
    winner = min(left, key=lambda g: (g.desk.agency, g.desk.desk))
    return winner, f"equal in every step, first by code: {winner.desk.agency}"


def scores(grant: Grant, left: list[Grant], seen: Meaning, law: RegulationSet) -> list[int]:
    agency, rule = grant.desk.agency, grant.rule
    assert rule
    law_first, names_place, stated = special(rule)
    holder = bool(seen.areas) and seen.now.covers_all(agency, seen.areas)
    reported = agency == seen.facts.first_reporter
    below = sum(agency in seen.now.everyone_above(rival.desk.agency) for rival in left)
    order = -law.rules.index(rule)
    return [2 * law_first + names_place, int(reported), int(holder), seen.now.rank(agency), below, stated, order]


def nobody(held: list[Rule], unresolved: dict[str, list[str]]) -> str:
    if not held:
        return "fallback: no rule in force matches these facts"
    leading = [r.code for r in held if any(duty.role is Role.LEAD for duty in r.assign)]
    if leading:
        why = ", ".join(f"{code}: {'; '.join(unresolved[code])}" for code in leading)
        return f"fallback: the lead of every matching rule resolves to nobody ({why})"
    return f"fallback: no matching rule names a lead ({', '.join(rule.code for rule in held)})"


def fallback(seen: Meaning, law: RegulationSet, grants: list[Grant]) -> list[Grant]:
    last = law.fallback.last_resort
    levels = [desks(target, Who(seen), []) for target in law.fallback.levels]
    certain = [found[0] for found in levels if len(found) == 1]
    lead = certain[0] if certain else Addressee(agency=last.agency, desk=last.desk or "")
    informed = [desk for target in law.fallback.inform for desk in desks(target, Who(seen), [])]
    return [Grant(lead, Role.LEAD), *grants, *(Grant(desk, Role.INFORM) for desk in informed)]
