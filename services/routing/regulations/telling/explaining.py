"""Tells why a report goes where: every rule looked at, each condition with its fact, everyone and their times."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Final, NamedTuple

from contracts.codes import EscalationStep
from contracts.decisions import Addressee, Assignment, Citation, Decision, Facts, RuleTrace
from contracts.register import Tree
from contracts.taxonomy import CATEGORIES
from services.routing.regulations.engine.resolve import RegisterIndex, day_of
from services.routing.regulations.rules.agency_types import AgencyType
from services.routing.regulations.rules.hazards import Raised, effective_risk
from services.routing.regulations.rules.model import RegulationSet, Rule
from services.routing.regulations.rules.phrases import (
    SEVERITIES,
    Sentence,
    condition_words,
    duration_words,
    found_words,
    moment_words,
    raised_words,
)
from services.routing.regulations.rules.sentences import fallback_sentence, sentence
from services.routing.regulations.rules.when import SCALES, When
from services.routing.regulations.rules.workdays import WorkCalendar

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
    steps: tuple[EscalationStep, ...] = ()
    """What each desk of `escalation` is to the recipient."""
    prompted: tuple[tuple[Addressee, Sentence], ...] = ()
    """Who is prompted before the recipient's order ends."""
    approvals: tuple[tuple[Addressee, Sentence], ...] = ()
    """Who must all agree before the recipient acts."""
    order: tuple[datetime, datetime] | None = None
    """When the next authority is prompted, and when the order ends."""


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
    explained = _Explained(facts, place, at, regulation_set.work_calendar)
    rules = (_rule(known[trace.rule], trace, explained) for trace in decision.trace if trace.rule in known)
    recipients = tuple(_recipient(assignment, facts, register, at) for assignment in decision.assignments)
    return Explanation(facts, at, place, decision, recipients, tuple(rules))


def citation_of(code: str, regulation_set: RegulationSet) -> tuple[Sentence, Citation] | None:
    """The sentence and citation of a rule or of the fallback."""
    if code == regulation_set.fallback.code:
        return fallback_sentence(regulation_set.fallback), regulation_set.fallback.citation
    rule = next((rule for rule in regulation_set.rules if rule.code == code), None)
    return None if rule is None else (sentence(rule), rule.citation)


def _recipient(assignment: Assignment, facts: Facts, register: RegisterIndex, at: datetime) -> Recipient:
    def named(desks: Iterable[Addressee]) -> tuple[tuple[Addressee, Sentence], ...]:
        return tuple((desk, _name(desk, register, at)) for desk in desks)

    cap, began = assignment.order, facts.restricted_from
    return Recipient(
        assignment.addressee,
        _name(assignment.addressee, register, at),
        assignment,
        assignment.acknowledge_within,
        named(assignment.escalation),
        assignment.escalation_tree,
        tuple(_step(desk, assignment, register, at) for desk in assignment.escalation),
        () if cap is None else named(cap.next),
        named(assignment.approvals),
        None if cap is None else (cap.prompt_due(began), cap.ends(began)),
    )


def _step(desk: Addressee, assignment: Assignment, register: RegisterIndex, at: datetime) -> EscalationStep:
    if desk.agency != assignment.addressee.agency:
        return EscalationStep.TOP if desk == assignment.escalation[-1] else EscalationStep.SUPERIOR
    agency = register.on(day_of(at)).agencies.get(desk.agency)
    command = agency is not None and any(one.code == desk.desk and one.duty_command for one in agency.desks)
    return EscalationStep.DUTY_COMMAND if command else EscalationStep.DEPUTY


def _name(addressee: Addressee, register: RegisterIndex, at: datetime) -> Sentence:
    """The agency and its desk as the register calls them."""
    agency = register.on(day_of(at)).agencies.get(addressee.agency)
    if agency is None:
        return Sentence(addressee.agency, addressee.agency)
    desk = next((desk for desk in agency.desks if desk.code == addressee.desk), None)
    if desk is None:
        return Sentence(agency.name_vi, agency.name_en)
    return Sentence(f"{agency.name_vi} – {desk.name_vi}", f"{agency.name_en} – {desk.name_en}")


class _Explained(NamedTuple):
    """What conditions were held against."""

    facts: Facts
    place: Sentence
    at: datetime
    work_calendar: WorkCalendar | None


def _rule(rule: Rule, trace: RuleTrace, explained: _Explained) -> RuleExplained:
    failed = {truth.condition for truth in trace.conditions if not truth.holds}
    conditions = tuple(
        Met(words, trace.matched or _cut(words.en) not in failed, fact) for words, fact in _conditions(rule, explained)
    )
    return RuleExplained(rule.code, trace.matched, sentence(rule), rule.citation, conditions, trace.unresolved)


def _conditions(rule: Rule, explained: _Explained) -> Iterator[tuple[Sentence, Sentence]]:
    """Every condition as a trace spells it, with the fact; the time in force and the category are conditions too."""
    facts = explained.facts
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
    yield from _further(rule, explained)


def _further(rule: Rule, explained: _Explained) -> Iterator[tuple[Sentence, Sentence]]:
    """Every further condition in the words of a trace, with the fact in both languages."""
    when, facts = rule.when, explained.facts
    for name, words in condition_words(when):
        if name == "severity_at_least" and when.severity_at_least is not None:
            yield Sentence(words.vi, f"severity at least {when.severity_at_least.value}"), SEVERITIES[facts.severity]
        elif name == "casualties":
            yield _CASUALTIES[bool(when.casualties)], _REPORTED[facts.casualties]
        else:
            yield words, _FACTS[name](when, explained)


_CASUALTIES: Final = {
    True: Sentence("có thương vong", "casualties"),
    False: Sentence("không thương vong", "no casualties"),
}
_REPORTED: Final = {True: Sentence("có", "reported"), False: Sentence("không", "none reported")}


def _level(scale: str, _when: When, explained: _Explained) -> Sentence:
    if scale == "disaster_risk" and isinstance(raised := effective_risk(explained.facts), Raised):
        return raised_words(raised)
    level = getattr(explained.facts.scales, scale)
    return _UNSTATED if level is None else Sentence(str(level), str(level))


def _on_scene(asked: Sequence[AgencyType], explained: _Explained) -> Sentence:
    return found_words([kind for kind in dict.fromkeys(asked) if kind.value in explained.facts.present])


def _calendar(when: When, explained: _Explained) -> Sentence:
    wanted, happened = when.calendar, explained.facts.occurred_at
    if wanted is None:
        return _UNSTATED
    working = explained.work_calendar is not None and explained.work_calendar.works_at(happened)
    return moment_words(wanted, day_of(happened).month, working)


def _lasted(_when: When, explained: _Explained) -> Sentence:
    lasted = max(explained.at - explained.facts.restricted_from, timedelta())
    return duration_words(lasted - lasted % timedelta(seconds=1))


_FACTS: Final[Mapping[str, Callable[[When, _Explained], Sentence]]] = {
    **{scale: partial(_level, scale) for scale in SCALES},
    "area": lambda _when, explained: explained.place,
    "present": lambda when, explained: _on_scene(when.present, explained),
    "absent": lambda when, explained: _on_scene(when.absent, explained),
    "calendar": _calendar,
    "lasting": _lasted,
}


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
