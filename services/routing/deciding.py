"""Applies the regulation set in force to reports: facts in, decision out. Pure apart from holding its data."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final, Protocol, Self

from contracts.codes import Severity
from contracts.decisions import Addressee, Assignment, Decision, Facts
from contracts.register import Agency
from contracts.reports import IncidentReport, Report, SituationReport
from contracts.taxonomy import Category
from services.routing.authority import is_there
from services.routing.incident.commands import Posts
from services.routing.regulations.engine.decide import decide
from services.routing.regulations.engine.discretion import place_name
from services.routing.regulations.engine.facts import Locates, facts_of, joined
from services.routing.regulations.engine.match import RuleIndex
from services.routing.regulations.engine.resolve import RegisterIndex, day_of


class Regulators(Protocol):
    """What decides at which time; `active.ActiveRegulations` is the real one."""

    def at(self, moment: datetime) -> "Regulator":
        """The set in force and the register known when a report was stored."""


_LIMITS: Final = ("acknowledge_within", "decide_within", "first_report_within", "follow_up_every")


@dataclass(frozen=True, slots=True)
class Regulator:
    """The regulation set and the register that decide now."""

    rules: RuleIndex
    register: RegisterIndex
    time_scale: float = 1.0
    """Scales every time limit; 1 outside demonstrations."""
    boundaries: Locates | None = None
    """For reports that name only a position; without it such a report names no area."""

    def at(self, _moment: datetime) -> Self:
        """This one, whatever the time: for commands and tests that work on one set."""
        return self

    def facts(self, report: Report, agency: str, received_at: datetime) -> Facts:
        """What a decision about this report looks at."""
        filed = report if isinstance(report, IncidentReport) else _as_duty_report(report)
        return facts_of(filed, agency, self.register, received_at, self.boundaries)

    @property
    def owner(self) -> Addressee:
        """Who answers for the rules: whoever gets what no rule gives to anybody."""
        return self.rules.last_resort

    def joined(self, known: Facts, further: Facts) -> Facts:
        """The facts of an incident after one more report."""
        return joined(known, further, self.register)

    def decide(self, facts: Facts, at: datetime) -> Decision:
        """Who leads, coordinates and is told."""
        decision = decide(facts, self.rules, self.register, at)
        if self.time_scale == 1.0:
            return decision
        scaled = tuple(_scaled(assignment, self.time_scale) for assignment in decision.assignments)
        return decision.model_copy(update={"assignments": scaled})

    def agency(self, code: str, at: datetime) -> Agency | None:
        """The agency of this code on that day."""
        return self.register.on(day_of(at)).agencies.get(code)

    def posts(self, agency: str, at: datetime) -> Posts:
        """What a chain through this agency must know beside its addresses."""
        day, known = day_of(at), self.agency(agency, at)
        desks = () if known is None else known.desks
        command = next((desk for desk in desks if desk.duty_command and desk.holds_on(day)), None)
        return Posts(Addressee(agency=agency, desk=command.code) if command else None, self.owner)

    def knows(self, desk: Addressee, at: datetime) -> bool:
        """Whether the register has this desk on that day."""
        return is_there(desk, self.register.on(day_of(at)))

    def place(self, facts: Facts) -> str | None:
        """Where it is, in the register's words; None when no area is known."""
        return place_name(facts, self.register.on(day_of(facts.occurred_at)))


def _scaled(assignment: Assignment, scale: float) -> Assignment:
    limits = {name: getattr(assignment, name) for name in _LIMITS}
    return assignment.model_copy(update={name: limit * scale for name, limit in limits.items() if limit is not None})


def _as_duty_report(report: SituationReport) -> IncidentReport:
    """A situation report has no category. One naming an incident nobody knows goes the way of a shift report (rule X3).

    One that names none, being about a period, is no incident's; its readers get it by the reporting regime.
    """
    return IncidentReport.model_construct(
        category=Category.RDY_DUTY,
        headline=report.headline,
        severity=Severity.UNKNOWN,
        **{
            name: getattr(report, name)
            for name in IncidentReport.model_fields
            if name in SituationReport.model_fields and name not in {"headline", "type"}
        },
    )
