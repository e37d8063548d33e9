"""Named cases: facts or a report, and who must lead, take part or stay out. Tells where a set decides otherwise."""

from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated, Final, NamedTuple, Self

from pydantic import Field, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from contracts.codes import Role, Severity, UrgencyMark
from contracts.decisions import Assignment, Decision, Facts
from contracts.frozen import Contract
from contracts.places import AreaCode
from contracts.reports import IncidentReport, Report, Scales
from contracts.taxonomy import Category
from contracts.text import Line, Token
from services.routing.deciding import Regulator
from services.routing.regulations.counterexample import report_of
from services.routing.regulations.leadership import ARBITRARY, UNDOCUMENTED

_NOON: Final = time(5, tzinfo=UTC)
CaseName = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]{0,79}$")]
Party = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]{0,31}(/[a-z0-9][a-z0-9-]{0,31})?$")]
"""`agency/desk`, or `agency` for whichever of its desks."""


class Stated(Contract):
    """What a report would state, in short; everything left out is unstated."""

    category: Category
    areas: tuple[AreaCode, ...] = ()
    severity: Severity = Severity.UNKNOWN
    urgency_mark: UrgencyMark = UrgencyMark.KHAN
    scales: Scales = Scales()
    position_unknown: bool = False
    casualties: bool = False
    reporter: Token | None = None
    """None: the file's reporter."""
    on: date | None = None
    """The day it happened, at noon in Vietnam; None: the file's day."""


class Expected(Contract):
    """What must come of it; what is left out is not looked at."""

    lead: Party | None = None
    by: Token | None = None
    """The rule that gives the lead."""
    reason: Line | None = None
    """How the reason of the lead begins, for example `higher level`."""
    fallback: bool | None = None
    undisputed: bool = False
    """The lead is not chosen by the order of writing or of codes."""
    roles: dict[Party, Role] = Field(default_factory=dict)
    absent: tuple[Party, ...] = ()
    """Who must have no role at all."""
    rules: tuple[Token, ...] = ()
    """Rules that must match."""
    not_rules: tuple[Token, ...] = ()
    gives: tuple[Token, ...] = ()
    """Rules by which somebody must have a role."""
    resolves: tuple[Token, ...] = ()
    """Rules all of whose recipients must exist."""
    within: dict[Party, timedelta] = Field(default_factory=dict)
    at_most: dict[Party, timedelta] = Field(default_factory=dict)
    escalation: dict[Party, tuple[Party, ...]] = Field(default_factory=dict)
    """How a chain begins."""
    not_citing: tuple[Token, ...] = ()


class Case(Contract):
    """One named case."""

    name: CaseName
    why: Line | None = None
    facts: Stated | None = None
    report: Report | None = None
    decided_on: date | None = None
    """None: decided when it happened, or when the report was sent."""
    expect: Expected

    @model_validator(mode="after")
    def _says_what_happened_once(self) -> Self:
        if (self.facts is None) is (self.report is None):
            raise PydanticCustomError("field.invalid", "give either facts or a report")
        return self


class CaseFile(Contract):
    """Cases that share a day and a reporter unless they say otherwise."""

    on: date
    reporter: Token
    cases: Annotated[tuple[Case, ...], Field(min_length=1)]


class Mismatch(NamedTuple):
    """One expectation that was not met."""

    expectation: str
    expected: str
    actual: str


def repeated_names(file: CaseFile) -> Iterator[tuple[tuple[str | int, ...], str, str]]:
    """A fault for every case whose name another case has."""
    seen: set[str] = set()
    for number, case in enumerate(file.cases):
        if case.name in seen:
            yield ("cases", number, "name"), f"case {case.name} is named twice", "give each case its own name"
        seen.add(case.name)


def facts_of_case(case: Case, file: CaseFile, regulator: Regulator) -> tuple[Facts, datetime]:
    """What is decided on, and when."""
    report = case.report or _report(case.facts or Stated(category=Category.RDY_DUTY), file, regulator)
    reporter = report.sender.agency if report.sender else file.reporter
    received = max(report.sent, report.observed_at)
    at = received if case.decided_on is None else datetime.combine(case.decided_on, _NOON)
    return regulator.facts(report, reporter, received), at


def decided(case: Case, file: CaseFile, regulator: Regulator) -> Decision:
    """What the set decides in this case."""
    return regulator.decide(*facts_of_case(case, file, regulator))


def _report(stated: Stated, file: CaseFile, regulator: Regulator) -> IncidentReport:
    facts = Facts(
        category=stated.category,
        severity=stated.severity,
        urgency_mark=stated.urgency_mark,
        scales=stated.scales,
        areas=stated.areas,
        communes=(),
        position_unknown=stated.position_unknown,
        casualties=stated.casualties,
        occurred_at=datetime.combine(stated.on or file.on, _NOON),
        first_reporter=stated.reporter or file.reporter,
    )
    return report_of(facts, regulator.register)


def mismatches(expected: Expected, decision: Decision) -> Iterator[Mismatch]:
    """Every expectation that the decision does not meet."""
    yield from _about_lead(expected, decision)
    yield from _about_parties(expected, decision)
    yield from _about_rules(expected, decision)


def _about_lead(expected: Expected, decision: Decision) -> Iterator[Mismatch]:
    lead = decision.assignments[0]
    reason = decision.lead_reason
    if expected.lead is not None and not _is(lead, expected.lead):
        yield Mismatch("lead", expected.lead, _party(lead))
    if expected.by is not None and expected.by != lead.rule:
        yield Mismatch("by", expected.by, lead.rule)
    if expected.reason is not None and not reason.startswith(expected.reason):
        yield Mismatch("reason", expected.reason, reason)
    if expected.fallback is not None and expected.fallback is not decision.fallback:
        yield Mismatch("fallback", _truth(expected.fallback), f"{_truth(decision.fallback)} ({reason})")
    if expected.undisputed and reason.startswith((UNDOCUMENTED, ARBITRARY)):
        yield Mismatch("undisputed", "true", reason)


def _about_parties(expected: Expected, decision: Decision) -> Iterator[Mismatch]:
    for party, role in expected.roles.items():
        given = sorted({a.role.value for a in decision.assignments if _is(a, party)})
        if role.value not in given:
            yield Mismatch(f"roles.{party}", role.value, ", ".join(given) or "–")
    for party in expected.absent:
        for a in (a for a in decision.assignments if _is(a, party)):
            yield Mismatch("absent", party, f"{_party(a)}: {a.role.value} ({a.rule})")
    for party, limit in expected.within.items():
        yield from _limit("within", party, limit, [a for a in _owing(decision, party) if a.acknowledge_within != limit])
    for party, limit in expected.at_most.items():
        late = [a for a in _owing(decision, party) if a.acknowledge_within is not None and a.acknowledge_within > limit]
        yield from _limit("at_most", party, limit, late)
    for party, chain in expected.escalation.items():
        yield from _about_chain(party, chain, decision)


def _limit(name: str, party: str, limit: timedelta, others: Iterable[Assignment]) -> Iterator[Mismatch]:
    for other in others:
        yield Mismatch(f"{name}.{party}", str(limit), str(other.acknowledge_within or "–"))


def _about_chain(party: str, chain: tuple[str, ...], decision: Decision) -> Iterator[Mismatch]:
    for assignment in _owing(decision, party):
        given = [f"{desk.agency}/{desk.desk}" for desk in assignment.escalation]
        met = len(given) >= len(chain) and all(_names(p, g) for p, g in zip(chain, given, strict=False))
        if not met:
            yield Mismatch(f"escalation.{party}", " → ".join(chain), " → ".join(given) or "–")


def _about_rules(expected: Expected, decision: Decision) -> Iterator[Mismatch]:
    matched = {trace.rule for trace in decision.trace if trace.matched}
    giving = {assignment.rule for assignment in decision.assignments}
    missing = {trace.rule: trace.unresolved for trace in decision.trace if trace.matched and trace.unresolved}
    cited = {assignment.citation.instrument for assignment in decision.assignments}
    yield from (Mismatch("rules", rule, _all(matched)) for rule in expected.rules if rule not in matched)
    yield from (Mismatch("not_rules", rule, _all(matched)) for rule in expected.not_rules if rule in matched)
    yield from (Mismatch("gives", rule, _all(giving)) for rule in expected.gives if rule not in giving)
    for rule in expected.resolves:
        if rule in missing or rule not in matched:
            yield Mismatch("resolves", rule, "; ".join(missing.get(rule, ("–",))))
    yield from (Mismatch("not_citing", code, _all(cited)) for code in expected.not_citing if code in cited)


def _owing(decision: Decision, party: str) -> list[Assignment]:
    return [assignment for assignment in decision.assignments if _is(assignment, party)]


def _is(assignment: Assignment, party: str) -> bool:
    return _names(party, _party(assignment))


def _names(party: str, desk: str) -> bool:
    return party in (desk, desk.partition("/")[0])


def _party(assignment: Assignment) -> str:
    return f"{assignment.addressee.agency}/{assignment.addressee.desk}"


def _all(codes: Iterable[str]) -> str:
    return ", ".join(sorted(codes)) or "–"


def _truth(value: bool) -> str:  # noqa: FBT001  # the value itself
    return "true" if value else "false"
