"""Decides who leads, coordinates and is told about an incident, and writes down why. Pure: facts in, decision out."""

from collections.abc import Iterator
from datetime import datetime

from contracts.codes import Role
from contracts.decisions import Addressee, Decision, Facts
from contracts.register import Tree
from services.routing.regulations.assigning import Setting, assignments, reckoned, works_by_the_calendar
from services.routing.regulations.compiled import CompiledRule
from services.routing.regulations.handing import Grant, Handed, granted, handed
from services.routing.regulations.hazards import Raised, combined_in, effective_risk
from services.routing.regulations.lead import choose
from services.routing.regulations.match import Answer, Matched, RuleIndex, Ruling
from services.routing.regulations.recipients import Kin, recipients
from services.routing.regulations.remember import trusted
from services.routing.regulations.resolve import RegisterIndex, day_number
from services.routing.regulations.situation import Case, Site, Situation, line, outlook, survey

Rules = tuple[CompiledRule, ...]


def decide(facts: Facts, regulations: RuleIndex, register: RegisterIndex, at: datetime) -> Decision:
    """The decision for these facts: at least one assignment, and exactly one lead, always.

    Rules and places count as of `facts.occurred_at`, agencies and desks as of `at`. Where no rule gives a lead, the
    nearest level that is certain leads and `fallback` says so.
    """
    case = case_of(facts, regulations, register, at)
    answer = regulations.answers.get(case)
    if answer is None:
        answer = regulations.answers[case] = _answer(case, regulations)
    regulation_set, ruling = regulations.regulation_set, answer.ruling
    assignments = ruling.assignments
    if ruling.working:
        assignments = tuple(reckoned(assignments, regulation_set, facts.urgency_mark, at))
    return trusted(
        Decision,
        set=regulation_set.code,
        set_version=regulation_set.version,
        register_version=register.version,
        facts=facts,
        assignments=assignments,
        fallback=ruling.fallback,
        lead_reason=ruling.lead_reason,
        trace=answer.trace,
        trace_left_out=answer.trace_left_out,
        combined=combined_in(facts) if isinstance(case.disaster_risk, Raised) else None,
    )


def case_of(facts: Facts, regulations: RuleIndex, register: RegisterIndex, at: datetime) -> Case:
    """All of the facts that a decision can depend on."""
    happened, scales = day_number(facts.occurred_at), facts.scales
    return Case(
        facts.category,
        facts.severity,
        facts.urgency_mark,
        effective_risk(facts),
        scales.civil_defence,
        scales.forest_fire_danger,
        scales.river_alert,
        facts.areas,
        facts.communes,
        facts.position_unknown,
        facts.casualties,
        facts.first_reporter,
        regulations.discernment.seen(facts, at),
        regulations.period(happened),
        register.on_number(happened),
        register.on_number(day_number(at)),
    )


def _answer(case: Case, regulations: RuleIndex) -> Answer:
    """The decision but for the facts it repeats. It is given the case alone, so equal cases cannot differ."""
    site = survey(case)
    matched = regulations.match(outlook(case, site))
    ruling = _ruling(matched, site, case, regulations)
    return Answer(ruling, matched.trace(ruling.unresolved), matched.left_out)


def _ruling(matched: Matched, site: Site, case: Case, regulations: RuleIndex) -> Ruling:
    """What the rules that hold make of this place. Who reported first counts only where it can change that."""
    reporter = case.first_reporter
    if not matched.by_reporter:
        ruling = _remembered(matched.rules, Situation(site, case.now, case.urgency_mark, ""), regulations)
        if reporter not in ruling.rivals:
            return ruling
    return _remembered(matched.rules, Situation(site, case.now, case.urgency_mark, reporter), regulations)


def _remembered(rules: Rules, situation: Situation, regulations: RuleIndex) -> Ruling:
    """The same, by rules and situation alone."""
    key = rules, situation
    if (known := regulations.rulings.get(key)) is None:
        known = regulations.rulings[key] = _made(rules, situation, regulations)
    return known


def _made(rules: Rules, situation: Situation, regulations: RuleIndex) -> Ruling:
    given = [(rule.rule.code, _handed(rule, situation, regulations)) for rule in rules]
    candidates = [candidate for _, handed in given for candidate in handed.candidates]
    unresolved = {rule: list(handed.missing) for rule, handed in given}
    early = [grant for _, handed in given for grant in handed.grants]
    chosen = choose(candidates, situation)
    if chosen is None:
        lead = _fallback_lead(regulations, situation)
        reason = _why_nobody(rules, unresolved)
        grants = [lead, *early, *_fallback_informed(regulations, situation)]
    else:
        lead, reason = chosen.lead.leading, chosen.reason
        grants = [lead, *(other.helping for other in chosen.others), *early]
    grants += _after_the_lead(rules, situation, lead.addressee, unresolved)
    setting = Setting(situation, regulations, lead.addressee, unresolved)
    made = tuple(assignments(grants, setting))
    return Ruling(
        made,
        chosen is None,
        line(reason),
        {rule: tuple(map(line, missing)) for rule, missing in unresolved.items() if missing},
        frozenset(c.addressee.agency for c in candidates) if chosen and chosen.others else frozenset(),
        works_by_the_calendar(made, setting.course),
    )


def _handed(rule: CompiledRule, situation: Situation, regulations: RuleIndex) -> Handed:
    """What one rule hands out there, whatever the urgency."""
    key = rule, situation.site, situation.now, situation.reporter
    if (known := regulations.handed.get(key)) is None:
        known = regulations.handed[key] = handed(rule, situation)
    return known


def _after_the_lead(
    rules: Rules, situation: Situation, lead: Addressee, unresolved: dict[str, list[str]]
) -> Iterator[Grant]:
    """Recipients named by their relation to the lead."""
    for rule in rules:
        for number, duty in rule.late:
            found, missing = recipients(duty.to, situation, Kin(lead=lead))
            unresolved.setdefault(rule.rule.code, []).extend(missing)
            yield from (granted(desk, duty.role, rule, duty, number) for desk in found)


def _fallback_lead(regulations: RuleIndex, situation: Situation) -> Grant:
    """The first level that resolves to exactly one desk; several at one level are no certainty."""
    for target in regulations.regulation_set.fallback.levels:
        found = recipients(target, situation).found
        if len(found) == 1:
            return _of_fallback(found[0], Role.LEAD, regulations)
    return _of_fallback(regulations.last_resort, Role.LEAD, regulations)


def _fallback_informed(regulations: RuleIndex, situation: Situation) -> Iterator[Grant]:
    for target in regulations.regulation_set.fallback.inform:
        for desk in recipients(target, situation).found:
            yield _of_fallback(desk, Role.INFORM, regulations)


def _of_fallback(desk: Addressee, role: Role, regulations: RuleIndex) -> Grant:
    fallback, words = regulations.regulation_set.fallback, regulations.fallback_sentence
    within = fallback.acknowledge_within
    return Grant(desk, role, fallback.code, words, fallback.citation, within, Tree.ADMINISTRATIVE, None, None)


def _why_nobody(rules: Rules, unresolved: dict[str, list[str]]) -> str:
    """The named reason why no rule gave a lead."""
    if not rules:
        return "fallback: no rule in force matches these facts"
    without = [
        f"{rule.rule.code}: {'; '.join(unresolved.get(rule.rule.code, ()))}"
        for rule in rules
        if any(duty.role is Role.LEAD for duty in rule.rule.assign)
    ]
    if without:
        return f"fallback: the lead of every matching rule resolves to nobody ({', '.join(without)})"
    return f"fallback: no matching rule names a lead ({', '.join(rule.rule.code for rule in rules)})"
