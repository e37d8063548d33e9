"""Decides who leads, coordinates and is told about an incident, and writes down why. Pure: facts in, decision out."""

from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple

from contracts.codes import Role
from contracts.decisions import Addressee, Decision, Facts, RuleTrace
from contracts.register import Tree
from services.routing.regulations.assigning import Grant, Setting, assignments, reckoned, works_by_the_calendar
from services.routing.regulations.compiled import CompiledRule
from services.routing.regulations.duties import Duty
from services.routing.regulations.hazards import Raised, combined_in, effective_risk
from services.routing.regulations.lead import Candidate, choose
from services.routing.regulations.match import Answer, Matched, RuleIndex
from services.routing.regulations.recipients import Kin, recipients
from services.routing.regulations.remember import trusted
from services.routing.regulations.resolve import RegisterIndex, day_number
from services.routing.regulations.situation import Case, Situation, line, survey
from services.routing.regulations.targets import AnyTarget


class _Given(NamedTuple):
    """What the matched rules hand out before the lead is chosen."""

    grants: list[Grant]
    candidates: list[Candidate]
    unresolved: dict[str, list[str]]


def decide(facts: Facts, regulations: RuleIndex, register: RegisterIndex, at: datetime) -> Decision:
    """The decision for these facts: at least one assignment, and exactly one lead, always.

    Rules and places count as of `facts.occurred_at`, agencies and desks as of `at`. Where no rule gives a lead, the
    nearest level that is certain leads and `fallback` says so.
    """
    case = case_of(facts, regulations, register, at)
    answer = regulations.answers.get(case)
    if answer is None:
        answer = regulations.answers[case] = _answer(case, regulations)
    regulation_set = regulations.regulation_set
    assignments = answer.assignments
    if answer.working:
        assignments = tuple(reckoned(assignments, regulation_set, facts.urgency_mark, at))
    return trusted(
        Decision,
        set=regulation_set.code,
        set_version=regulation_set.version,
        register_version=register.version,
        facts=facts,
        assignments=assignments,
        fallback=answer.fallback,
        lead_reason=answer.lead_reason,
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
    situation = survey(case)
    matched = regulations.match(situation.outlook)
    given = _before_the_lead(matched, situation)
    chosen = choose(given.candidates, situation)
    if chosen is None:
        lead = _fallback_lead(regulations, situation)
        reason = _why_nobody(matched, given)
        grants = [lead, *given.grants, *_fallback_informed(regulations, situation)]
    else:
        lead = _of_rule(chosen.lead.addressee, Role.LEAD, chosen.lead.rule, chosen.lead.duty)
        reason = chosen.reason
        others = (_of_rule(c.addressee, Role.COORDINATE, c.rule, c.duty) for c in chosen.others)
        grants = [lead, *others, *given.grants]
    grants += _after_the_lead(matched, situation, lead.addressee, given.unresolved)
    setting = Setting(situation, regulations, lead.addressee, given.unresolved)
    made = tuple(assignments(grants, setting))
    return Answer(
        made,
        chosen is None,
        line(reason),
        (*_held(matched, given.unresolved), *matched.failed),
        matched.left_out,
        works_by_the_calendar(made, setting.course),
    )


def _before_the_lead(matched: Matched, situation: Situation) -> _Given:
    """Every recipient that can be found without knowing who leads; leads are candidates first."""
    given = _Given([], [], {})
    for rule in matched.rules:
        for number, duty in rule.early:
            found, missing = recipients(duty.to, situation)
            given.unresolved.setdefault(rule.rule.code, []).extend(missing)
            if duty.role is Role.LEAD:
                given.candidates.extend(Candidate(desk, rule, duty) for desk in found)
            else:
                given.grants.extend(_of_rule(desk, duty.role, rule, duty, number) for desk in found)
    return given


def _after_the_lead(
    matched: Matched, situation: Situation, lead: Addressee, unresolved: dict[str, list[str]]
) -> Iterator[Grant]:
    """Recipients named by their relation to the lead."""
    for rule in matched.rules:
        for number, duty in rule.late:
            found, missing = recipients(duty.to, situation, Kin(lead=lead))
            unresolved.setdefault(rule.rule.code, []).extend(missing)
            yield from (_of_rule(desk, duty.role, rule, duty, number) for desk in found)


def _of_rule(desk: Addressee, role: Role, rule: CompiledRule, duty: Duty, number: int = 0) -> Grant:
    """A desk's part in a duty; a candidate that does not lead coordinates, as a body that must act on request."""
    given = rule.rule
    own = duty if role is duty.role else None
    group = f"{given.code}-{number}" if isinstance(duty.to, AnyTarget) else None
    return Grant(
        desk, role, given.code, rule.sentence, given.citation, duty.acknowledge_within, duty.escalate, own, group
    )


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


def _why_nobody(matched: Matched, given: _Given) -> str:
    """The named reason why no rule gave a lead."""
    if not matched.rules:
        return "fallback: no rule in force matches these facts"
    without = [
        f"{rule.rule.code}: {'; '.join(given.unresolved.get(rule.rule.code, ()))}"
        for rule in matched.rules
        if any(duty.role is Role.LEAD for duty in rule.rule.assign)
    ]
    if without:
        return f"fallback: the lead of every matching rule resolves to nobody ({', '.join(without)})"
    return f"fallback: no matching rule names a lead ({', '.join(rule.rule.code for rule in matched.rules)})"


def _held(matched: Matched, unresolved: dict[str, list[str]]) -> Iterator[RuleTrace]:
    """The traces of the rules that hold, with whom each names in vain."""
    for trace in matched.held:
        missing = unresolved.get(trace.rule)
        yield trace.model_copy(update={"unresolved": tuple(map(line, missing))}) if missing else trace
