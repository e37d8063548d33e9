"""Takes past decisions through a draft set: for each incident, what the draft changes for whom. It reads nothing."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from contracts.decisions import Decision
from contracts.taxonomy import Category
from services.routing.deciding import Regulator
from services.routing.regulations.telling.effects import Effect, effects


@dataclass(frozen=True, slots=True)
class Past:
    """One decision as it was recorded, and when."""

    at: datetime
    """When what caused it was stored: the register counts as of then."""
    decision: Decision


@dataclass(frozen=True, slots=True)
class Course:
    """An incident and everything that was decided about it, in order."""

    incident: UUID
    category: Category
    headline: str
    opened_at: datetime
    decisions: tuple[Past, ...]


@dataclass(frozen=True, slots=True)
class Grounds:
    """What a past decision is held against: the draft, and the set of that time, both with the register known then."""

    draft: Regulator
    then: Regulator | None
    """None where the text of that set is not on record; the recorded decision itself is compared instead."""


@dataclass(frozen=True, slots=True)
class Replayed:
    """One incident under the draft."""

    course: Course
    effects: tuple[Effect, ...]
    """What changes for whom, each change once however many decisions show it."""
    without_lead: bool
    """A rule gave it a lead; by the draft none would, and the fallback desk would hold it."""
    differs_from_record: bool
    """The set of that time does not decide again what is recorded: the record, or this program, needs a look."""


def replay(course: Course, grounds: Sequence[Grounds]) -> Replayed:
    """The incident's decisions made again on the recorded facts, by the grounds given for each."""
    found: dict[tuple[str, str, str], Effect] = {}
    without_lead = differs = False
    for past, ground in zip(course.decisions, grounds, strict=True):
        facts = past.decision.facts
        before = past.decision if ground.then is None else ground.then.decide(facts, past.at)
        by_draft = ground.draft.decide(facts, past.at)
        without_lead = without_lead or (by_draft.fallback and not before.fallback)
        differs = differs or _roles(before) != _roles(past.decision)
        for effect in effects(before, by_draft):
            found.setdefault((effect.kind, effect.desk, effect.words.en), effect)
    return Replayed(course, tuple(found.values()), without_lead, differs)


def _roles(decision: Decision) -> Sequence[tuple[object, ...]]:
    """Who holds what by which rule. Times are left out: a demonstration shortens them."""
    return [(a.addressee, a.role, a.rule) for a in decision.assignments]


def courses(facts: Iterable[tuple[datetime, object]]) -> tuple[Course, ...]:
    """The incidents in facts about their courses, in the order in which they were opened."""
    known: dict[UUID, Course] = {}
    for at, data in facts:
        decision, incident = getattr(data, "decision", None), getattr(data, "incident", None)
        if not isinstance(decision, Decision) or not isinstance(incident, UUID):
            continue
        past = Past(at, decision)
        if (course := known.get(incident)) is not None:
            known[incident] = Course(
                incident, course.category, course.headline, course.opened_at, (*course.decisions, past)
            )
        elif (headline := getattr(data, "headline", None)) is not None:
            known[incident] = Course(incident, decision.facts.category, headline, at, (past,))
    return tuple(known.values())
