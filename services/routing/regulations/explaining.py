"""Tells why a report goes where: every rule looked at, each condition with its fact, everyone and their times."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from contracts.decisions import Addressee, Assignment, Citation, Decision, Facts, RuleTrace
from contracts.register import Tree
from contracts.taxonomy import CATEGORIES
from services.routing.regulations.model import RegulationSet, Rule
from services.routing.regulations.resolve import RegisterIndex, day_of
from services.routing.regulations.sentences import Sentence, area_words, fallback_sentence, level_words, sentence

_SCALES: Final = ("disaster_risk", "civil_defence", "forest_fire_danger", "river_alert")
_UNSTATED: Final = Sentence("không nêu", "not stated")
_NOWHERE: Final = Sentence("không nêu nơi nào danh bạ biết", "no place the register knows")
_LINE: Final = 199


@dataclass(frozen=True, slots=True)
class Met:
    """One condition, whether it held, and the fact it was held against."""

    condition: Sentence
    holds: bool
    fact: Sentence


@dataclass(frozen=True, slots=True)
class RuleExplained:
    """One rule that was looked at."""

    code: str
    matched: bool
    sentence: Sentence
    citation: Citation
    conditions: tuple[Met, ...]
    unresolved: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Recipient:
    """Somebody with a role, by which rule, and what happens on silence."""

    addressee: Addressee
    name: Sentence
    assignment: Assignment
    within: timedelta | None
    escalation: tuple[tuple[Addressee, Sentence], ...]
    tree: Tree | None


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why a report goes where."""

    facts: Facts
    at: datetime
    place: Sentence
    decision: Decision
    recipients: tuple[Recipient, ...]
    rules: tuple[RuleExplained, ...]
    """Matched rules first, then those about such incidents that did not match."""


def explain(decision: Decision, regulation_set: RegulationSet, register: RegisterIndex, at: datetime) -> Explanation:
    """The decision, taken at that time, in the words of people."""
    facts = decision.facts
    place = _place(facts, register)
    known = {rule.code: rule for rule in regulation_set.rules}
    rules = (_rule(known[trace.rule], trace, facts, place) for trace in decision.trace if trace.rule in known)
    recipients = tuple(_recipient(assignment, register, at) for assignment in decision.assignments)
    return Explanation(facts, at, place, decision, recipients, tuple(rules))


def citation_of(code: str, regulation_set: RegulationSet) -> tuple[Sentence, Citation] | None:
    """The sentence and citation of a rule or of the fallback."""
    if code == regulation_set.fallback.code:
        return fallback_sentence(regulation_set.fallback), regulation_set.fallback.citation
    rule = next((rule for rule in regulation_set.rules if rule.code == code), None)
    return None if rule is None else (sentence(rule), rule.citation)


def _recipient(assignment: Assignment, register: RegisterIndex, at: datetime) -> Recipient:
    return Recipient(
        assignment.addressee,
        _name(assignment.addressee, register, at),
        assignment,
        assignment.acknowledge_within,
        tuple((desk, _name(desk, register, at)) for desk in assignment.escalation),
        assignment.escalation_tree,
    )


def _name(addressee: Addressee, register: RegisterIndex, at: datetime) -> Sentence:
    """The agency and its desk as the register calls them."""
    agency = register.on(day_of(at)).agencies.get(addressee.agency)
    if agency is None:
        return Sentence(addressee.agency, addressee.agency)
    desk = next((desk for desk in agency.desks if desk.code == addressee.desk), None)
    if desk is None:
        return Sentence(agency.name_vi, agency.name_en)
    return Sentence(f"{agency.name_vi} – {desk.name_vi}", f"{agency.name_en} – {desk.name_en}")


def _rule(rule: Rule, trace: RuleTrace, facts: Facts, place: Sentence) -> RuleExplained:
    failed = {truth.condition for truth in trace.conditions if not truth.holds}
    conditions = tuple(
        Met(words, trace.matched or _cut(words.en) not in failed, fact)
        for words, fact in _conditions(rule, facts, place)
    )
    return RuleExplained(rule.code, trace.matched, sentence(rule), rule.citation, conditions, trace.unresolved)


def _conditions(rule: Rule, facts: Facts, place: Sentence) -> Iterator[tuple[Sentence, Sentence]]:
    """Every condition as a trace spells it, with the fact; the time in force and the category are conditions too."""
    day = str(day_of(facts.occurred_at))
    until = rule.valid_to or "further notice"
    yield (
        Sentence(
            f"có hiệu lực từ {rule.valid_from} đến {rule.valid_to or 'khi có thông báo mới'}",
            f"in force {rule.valid_from} to {until}",
        ),
        Sentence(day, day),
    )
    wanted, name = ", ".join(rule.when.category) or "any", CATEGORIES[facts.category]
    yield (
        Sentence(f"loại sự việc: {wanted}", f"category: {wanted}"),
        Sentence(f"{facts.category.value} ({name.vi})", f"{facts.category.value} ({name.en})"),
    )
    yield from _further(rule, facts, place)


def _further(rule: Rule, facts: Facts, place: Sentence) -> Iterator[tuple[Sentence, Sentence]]:
    when = rule.when
    if when.severity_at_least is not None:
        least, given = when.severity_at_least.value, facts.severity.value
        yield Sentence(f"mức độ từ {least}", f"severity at least {least}"), Sentence(given, given)
    for scale in _SCALES:
        if (levels := getattr(when, scale)) is not None:
            level = getattr(facts.scales, scale)
            yield level_words(scale, levels), _UNSTATED if level is None else Sentence(str(level), str(level))
    if when.area:
        yield area_words(when.area), place
    if when.casualties is not None:
        words = (
            Sentence("có thương vong", "casualties")
            if when.casualties
            else Sentence("không thương vong", "no casualties")
        )
        yield words, Sentence("có", "reported") if facts.casualties else Sentence("không", "none reported")


def _place(facts: Facts, register: RegisterIndex) -> Sentence:
    """The areas named, as the register called them on the day it happened."""
    day = register.on(day_of(facts.occurred_at))
    known = [day.areas[code] for code in facts.areas if code in day.areas]
    vi, en = ", ".join(area.name_vi for area in known), ", ".join(area.name_en for area in known)
    if facts.position_unknown:
        return Sentence(
            "; ".join(filter(None, ("chưa rõ vị trí", vi))), "; ".join(filter(None, ("position unknown", en)))
        )
    return Sentence(vi, en) if known else _NOWHERE


def _cut(text: str) -> str:
    """The text as one line of a trace holds it."""
    return text if len(text) <= _LINE + 1 else text[:_LINE] + "…"
