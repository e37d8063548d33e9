"""Decides the slow and obvious way: reads every rule and every record of the register each time, remembers nothing.

It shares words with the fast way (how a condition or a rule is said), and nothing that finds, chooses or resolves.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import pairwise

from contracts.codes import Role, Severity
from contracts.decisions import Addressee, Assignment, ConditionTruth, Decision, Facts, RuleTrace
from contracts.register import Register, Tree
from services.routing.regulations.agency_types import own_tree
from services.routing.regulations.model import EXTENTS, AreaRelation, Duty, Law, RegulationSet, Rule
from services.routing.regulations.sentences import area_words, fallback_sentence, level_words, sentence
from services.routing.regulations.situation import line
from tests.unit.regulations.slow_places import Meaning, Who, desks, waits
from tests.unit.regulations.slow_register import Day

TRACED = 32
ROLES = [Role.LEAD, Role.COMMAND, Role.DIRECT, Role.COORDINATE, Role.ADVISE, Role.INFORM]
DEGREES = [Severity.UNKNOWN, Severity.MINOR, Severity.MODERATE, Severity.SEVERE, Severity.EXTREME]
SCALES = ["disaster_risk", "civil_defence", "forest_fire_danger", "river_alert"]
STEPS = ["special law before general", "first discoverer", "holder of the whole place", "higher level"]
STEPS += ["superior of the others", "rule with more conditions", "earlier rule of the set"]


@dataclass(frozen=True)
class Grant:
    """A desk, its role, and the duty of the rule that gives it; no rule is the fallback."""

    desk: Addressee
    role: Role
    rule: Rule | None = None
    duty: Duty | None = None


def decide(facts: Facts, law: RegulationSet, register: Register, at: datetime) -> Decision:
    happened = vietnam_day(facts.occurred_at)
    seen = Meaning(facts, Day(register, happened), Day(register, vietnam_day(at)))
    about = sorted((r for r in law.rules if concerns(r, facts)), key=special, reverse=True)
    truths = {rule.code: conditions(rule, seen) for rule in about}
    day_truths = {rule.code: in_force(rule, law, happened) for rule in about}
    held = [r for r in about if all(c.holds for c in (*day_truths[r.code], *truths[r.code]))]
    missed = {r.code: sum(not c.holds for c in (*day_truths[r.code], *truths[r.code])) for r in about if r not in held}
    nearest = sorted(missed, key=missed.__getitem__)[:TRACED]
    unresolved: dict[str, list[str]] = {rule.code: [] for rule in held}
    grants, reason = give(held, seen, law, unresolved)
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
        assignments=tuple(assignments(grants, seen, law)),
        fallback=reason.startswith("fallback:"),
        lead_reason=line(reason),
        trace=tuple(traces),
        trace_left_out=len(about) + len(others) - len(traces),
    )


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


def conditions(rule: Rule, seen: Meaning) -> list[ConditionTruth]:
    return [ConditionTruth(condition=words, holds=holds, fact=fact) for words, holds, fact in said(rule, seen)]


def said(rule: Rule, seen: Meaning) -> Iterator[tuple[str, bool, str]]:
    when, facts = rule.when, seen.facts
    if when.severity_at_least is not None:
        reached = DEGREES.index(facts.severity) >= DEGREES.index(when.severity_at_least)
        yield f"severity at least {when.severity_at_least.value}", reached, facts.severity.value
    for scale in SCALES:
        if (levels := getattr(when, scale)) is not None:
            level = getattr(facts.scales, scale)
            bounded = levels.min is not None or levels.max is not None
            within = bounded and level is not None and (levels.min or 1) <= level <= (levels.max or 5)
            holds = levels.unstated if level is None else within
            yield line(level_words(scale, levels).en), holds, "not stated" if level is None else str(level)
    if when.area:
        found = [area_words([relation]).en for relation in AreaRelation if relation in seen.relations]
        holds = any(relation in seen.relations for relation in when.area)
        yield line(area_words(when.area).en), holds, line(" and ".join(found) or "no place the register knows")
    if when.casualties is not None:
        fact = "reported" if facts.casualties else "none reported"
        yield "casualties" if when.casualties else "no casualties", when.casualties == facts.casualties, fact


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


def assignments(grants: list[Grant], seen: Meaning, law: RegulationSet) -> Iterator[Assignment]:
    kept: list[Grant] = []
    for role in ROLES:
        for desk in dict.fromkeys(g.desk for g in grants):
            own = [g for g in grants if g.desk == desk]
            strongest = min(own, key=lambda g: ROLES.index(g.role))
            if strongest.role is role:
                kept.append(strongest)
    assert all(ROLES.index(a.role) <= ROLES.index(b.role) for a, b in pairwise(kept))
    for grant in kept:
        yield assignment(grant, seen, law)


def assignment(grant: Grant, seen: Meaning, law: RegulationSet) -> Assignment:
    basis = grant.rule or law.fallback
    words = sentence(grant.rule) if grant.rule else fallback_sentence(law.fallback)
    within = grant.duty.acknowledge_within if grant.duty else law.fallback.acknowledge_within
    agency = seen.now.agency(grant.desk.agency)
    stated = grant.duty.escalate if grant.duty else Tree.ADMINISTRATIVE
    tree = stated or (own_tree(agency.type) if agency else Tree.ADMINISTRATIVE)
    last = law.fallback.last_resort
    top = Addressee(agency=last.agency, desk=last.desk or "")
    chain = list(seen.now.chain(grant.desk.agency, tree))
    chain += [] if top in chain or top == grant.desk else [top]
    informed = grant.role is Role.INFORM
    return Assignment(
        addressee=grant.desk,
        role=grant.role,
        rule=basis.code,
        sentence_vi=words.vi,
        sentence_en=words.en,
        citation=basis.citation,
        acknowledge_within=None if informed else within or law.acknowledge_within[seen.facts.urgency_mark],
        escalation=() if informed else tuple(chain),
        escalation_tree=None if informed else tree,
    )
