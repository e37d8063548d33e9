"""Decides who leads, coordinates and is told about an incident, and writes down why. Pure: facts in, decision out."""

from collections.abc import Iterable, Iterator
from datetime import datetime

from contracts.codes import Role
from contracts.decisions import Decision, Facts
from services.routing.regulations.engine.assigning import Grant, Setting, assignments
from services.routing.regulations.engine.clauses import Clauses
from services.routing.regulations.engine.compiled import CompiledRule
from services.routing.regulations.engine.discretion import discretion
from services.routing.regulations.engine.lead import Candidate, choose
from services.routing.regulations.engine.match import Answer, Matched, RuleIndex, Ruling
from services.routing.regulations.engine.recipients import NO_KIN, Kin
from services.routing.regulations.engine.reckoning import reckoned, reckoning
from services.routing.regulations.engine.remember import taken
from services.routing.regulations.engine.resolve import RegisterIndex, Site, day_number
from services.routing.regulations.engine.situation import Case, Situation, line, outlook, survey
from services.routing.regulations.rules.hazards import Raised, combined_in, effective_risk

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
    if ruling.reckoning is not None:
        assignments = reckoned(assignments, ruling.reckoning, at)
    decided: dict[str, object] = {
        "set": regulation_set.code,
        "set_version": regulation_set.version,
        "register_version": register.version,
        "facts": facts,
        "assignments": assignments,
        "fallback": ruling.fallback,
        "lead_reason": ruling.lead_reason,
        "trace": answer.trace,
        "trace_left_out": answer.trace_left_out,
        "combined": combined_in(facts) if isinstance(case.disaster_risk, Raised) else None,
        "discretion": discretion(facts, regulation_set, register) if regulation_set.protected else None,
    }
    return taken(Decision, decided)


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
        regulations.discernment.seen(facts, happened, at),
        regulations.period(happened),
        register.on_number(happened),
        register.on_number(day_number(at)),
    )


def _answer(case: Case, regulations: RuleIndex) -> Answer:
    """The decision but for the facts it repeats. It is given the case alone, so equal cases cannot differ."""
    site = survey(case)
    matched = regulations.match(outlook(case, site))
    ruling = _ruling(matched, site, case, regulations)
    return Answer(ruling, matched.trace_with(ruling.unresolved), matched.looked.left_out)


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
    unresolved: dict[str, list[str]] = {}
    clauses = [rule.clauses for rule in rules]
    candidates, early = _handed_out(zip(rules, clauses, strict=True), situation, unresolved)
    chosen = choose(candidates, situation)
    grants: list[Grant]
    if chosen is None:
        lead = _fallback_lead(regulations, situation)
        reason = _why_nobody(rules, unresolved)
        grants = [lead, *early, *_fallback_informed(regulations, situation)]
    else:
        lead, reason = (chosen.lead.post, chosen.lead.leading), chosen.reason
        grants = [lead, *((other.post, other.helping) for other in chosen.others), *early]
    grants += _after_the_lead(clauses, situation, Kin(lead[0]), unresolved)
    setting = Setting(situation, regulations, lead[0], unresolved)
    made = tuple(assignments(grants, setting))
    return Ruling(
        made,
        chosen is None,
        line(reason),
        {rule: tuple(map(line, missing)) for rule, missing in unresolved.items()},
        frozenset(c.agency for c in candidates) if chosen and chosen.others else frozenset(),
        reckoning(made, regulations.regulation_set, situation.urgency_mark),
    )


def _handed_out(
    rules: Iterable[tuple[CompiledRule, Clauses]], situation: Situation, unresolved: dict[str, list[str]]
) -> tuple[list[Candidate], list[Grant]]:
    """Whom the rules put forward as lead, and every other recipient that can be found without knowing who leads."""
    candidates: list[Candidate] = []
    grants: list[Grant] = []
    for rule, clauses in rules:
        for clause in clauses.early:
            found, missing = clause.find(situation, NO_KIN)
            if missing:
                unresolved.setdefault(clause.rule, []).extend(missing)
            if clause.helping is None:
                grants += [(post, clause) for post in found]
            else:
                candidates += [Candidate(post, rule, clause, clause.helping) for post in found]
    return candidates, grants


def _after_the_lead(
    rules: Iterable[Clauses], situation: Situation, kin: Kin, unresolved: dict[str, list[str]]
) -> Iterator[Grant]:
    """Recipients named by their relation to the lead."""
    for clauses in rules:
        for clause in clauses.late:
            found, missing = clause.find(situation, kin)
            if missing:
                unresolved.setdefault(clause.rule, []).extend(missing)
            yield from ((post, clause) for post in found)


def _fallback_lead(regulations: RuleIndex, situation: Situation) -> Grant:
    """The first level that resolves to exactly one desk; several at one level are no certainty."""
    for clause in regulations.last_line.levels:
        found = clause.find(situation, NO_KIN).found
        if len(found) == 1:
            return found[0], clause
    return situation.now.posts.post_of(regulations.last_resort), regulations.last_line.last


def _fallback_informed(regulations: RuleIndex, situation: Situation) -> Iterator[Grant]:
    for clause in regulations.last_line.informed:
        for post in clause.find(situation, NO_KIN).found:
            yield post, clause


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
