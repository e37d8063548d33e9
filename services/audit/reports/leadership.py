"""Tells from the record who led each incident and commanded on scene, and finds every instant with none or two.

It shares no code with whoever decides the lead, and reads no storage.

An instant is one of the stream's clock: between two facts of an incident's course the lead is whoever the last of them
left in the lead. A decision names a lead; while later ones name the same, a hand-over between desks stands. An incident
that is part of another one has no lead of its own: the other's leads both.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Final, NamedTuple

Data = Mapping[str, Any]
NOBODY: Final = ""


class Flaw(StrEnum):
    """What is wrong at an instant."""

    NO_LEAD = "no_lead"
    TWO_LEADS = "two_leads"
    NO_COMMANDER = "no_commander"
    TWO_COMMANDERS = "two_commanders"


class CourseFact(NamedTuple):
    """One fact about an incident as a whole, in the order of the ledger."""

    idx: int
    name: str
    incident: str
    stored_at: datetime
    data: Data


class Lead(NamedTuple):
    """From when on which desk led, by which entry; until the next one."""

    since: datetime
    desk: str
    """`agency/desk`; nothing where the incident became part of `into`."""
    by: str
    idx: int
    into: str | None = None


class Command(NamedTuple):
    """From when on, as told from the scene, who commanded, by which entry."""

    since: datetime
    who: str
    idx: int


class Finding(NamedTuple):
    """An instant from which on there was not exactly one."""

    flaw: Flaw
    incident: str
    at: datetime
    idx: int
    who: tuple[str, ...]
    """Everybody who would be it."""


@dataclass(slots=True)
class Course:
    """What is known of one incident so far."""

    incident: str
    leads: list[Lead] = field(default_factory=list)
    commands: list[Command] = field(default_factory=list)
    lead: str = NOBODY
    decided: str = NOBODY
    """Whom a decision named last."""
    into: str | None = None
    """The incident this one is part of."""


@dataclass(slots=True)
class Leadership:
    """Takes the facts of all courses in the order of the ledger."""

    courses: dict[str, Course] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)
    unreadable: int = 0

    def take(self, fact: CourseFact) -> None:
        """The next fact."""
        if (step := _STEPS.get(fact.name)) is None:
            return
        course = self.courses.setdefault(fact.incident, Course(fact.incident))
        try:
            step(self, course, fact)
        except (KeyError, TypeError, ValueError, AttributeError, IndexError):
            self.unreadable += 1
        if not course.lead and fact.name != "IncidentOpened":
            self._find(Flaw.NO_LEAD, fact)

    def ends(self, incident: str) -> str | None:
        """Who leads now, wherever the incident has become part of; None where following it leads nowhere."""
        seen: set[str] = set()
        course = self.courses.get(incident)
        while course is not None and course.into is not None:
            if course.incident in seen:
                return None
            seen.add(course.incident)
            course = self.courses.get(course.into)
        return course.lead or None if course else None

    def opened(self, course: Course, fact: CourseFact) -> None:
        """The first lead; a second opening that names another would make two."""
        before = course.lead
        self._decide(course, fact)
        if not course.lead:
            self._find(Flaw.NO_LEAD, fact)
        elif before and before != course.lead:
            self._find(Flaw.TWO_LEADS, fact, before, course.lead)

    def decided(self, course: Course, fact: CourseFact) -> None:
        """A decision, where this fact brought one."""
        if fact.data.get("decision") is not None:
            self._decide(course, fact)

    def transferred(self, course: Course, fact: CourseFact) -> None:
        """Only who leads can give the lead away: another giver leaves the one who led leading beside the taker."""
        giver, taker = _desk(fact.data["giver"]), _desk(fact.data["taker"])
        if course.lead and giver != course.lead:
            self._find(Flaw.TWO_LEADS, fact, course.lead, taker)
        self._lead(course, fact, taker)

    def merged(self, course: Course, fact: CourseFact) -> None:
        """From now on whoever leads the other incident leads this one too."""
        course.into = str(fact.data["into"])
        course.leads.append(Lead(fact.stored_at, NOBODY, fact.name, fact.idx, course.into))
        if self.ends(course.incident) is None:
            self._find(Flaw.NO_LEAD, fact)

    def split(self, course: Course, fact: CourseFact) -> None:
        """It stands for itself again, led by whoever led it before."""
        course.into = None
        course.leads.append(Lead(fact.stored_at, course.lead, fact.name, fact.idx))

    def commanded(self, course: Course, fact: CourseFact) -> None:
        """The taker commands from `since`; the giver is relieved, and must be the one who commanded until then."""
        since, taker, giver = datetime.fromisoformat(fact.data["since"]), fact.data["taker"], fact.data.get("giver")
        last = course.commands[-1] if course.commands else None
        if last is None and giver is not None:
            self._find(Flaw.NO_COMMANDER, fact, giver)  # somebody whose own beginning is not on record
        elif last is not None and (giver != last.who or since < last.since):
            self._find(Flaw.TWO_COMMANDERS, fact, last.who, taker)
        course.commands.append(Command(since, taker, fact.idx))

    def _decide(self, course: Course, fact: CourseFact) -> None:
        named = tuple(dict.fromkeys(_desk(a["addressee"]) for a in _assigned(fact) if a["role"] == "lead"))
        if len(named) > 1:
            self._find(Flaw.TWO_LEADS, fact, *named)
        if named and named[0] != course.decided:
            course.decided = named[0]
            self._lead(course, fact, named[0])

    def _lead(self, course: Course, fact: CourseFact, desk: str) -> None:
        if desk != course.lead:
            course.leads.append(Lead(fact.stored_at, desk, fact.name, fact.idx))
        course.lead = desk

    def _find(self, flaw: Flaw, fact: CourseFact, *who: str) -> None:
        self.findings.append(Finding(flaw, fact.incident, fact.stored_at, fact.idx, who))


def _assigned(fact: CourseFact) -> list[Data]:
    return list(fact.data["decision"]["assignments"])


def _desk(addressee: Data) -> str:
    return f"{addressee['agency']}/{addressee['desk']}"


_STEPS: Final[dict[str, Callable[[Leadership, Course, CourseFact], None]]] = {
    "IncidentOpened": Leadership.opened,
    "IncidentUpdated": Leadership.decided,
    "LevelChanged": Leadership.decided,
    "IncidentRedecided": Leadership.decided,
    "IncidentAbsorbed": Leadership.decided,
    "LeadTransferred": Leadership.transferred,
    "IncidentMerged": Leadership.merged,
    "IncidentSplit": Leadership.split,
    "CommandHandedOver": Leadership.commanded,
}
EVENTS: Final = tuple(_STEPS)
"""The names of the events this looks at."""
