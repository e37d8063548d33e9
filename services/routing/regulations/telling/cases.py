"""Named cases: facts or a report, and who must lead, take part or stay out. Tells where a set decides otherwise."""

from collections.abc import Collection, Iterable, Iterator
from datetime import date, datetime, timedelta
from typing import Annotated, NamedTuple, Self

from pydantic import Field, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from contracts.codes import Role
from contracts.decisions import Addressee, Assignment, Decision, Facts
from contracts.frozen import Contract
from contracts.reports import Report
from contracts.taxonomy import Category
from contracts.text import Line, Token
from services.routing.deciding import Regulator
from services.routing.regulations.proof.leadership import ARBITRARY, UNDOCUMENTED
from services.routing.regulations.telling.stated import NOON, Stated, as_report

CaseName = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]{0,79}$")]
Party = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]{0,31}(/[a-z0-9][a-z0-9-]{0,31})?$")]
"""`agency/desk`, or `agency` for whichever of its desks."""


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
    decides: dict[Party, timedelta] = Field(default_factory=dict)
    """How soon a party says whether it takes the incident."""
    reports: dict[Party, timedelta] = Field(default_factory=dict)
    """How soon a party owes its first report."""
    reports_again: dict[Party, timedelta] = Field(default_factory=dict)
    """How long after each report the next one is owed."""
    escalation: dict[Party, tuple[Party, ...]] = Field(default_factory=dict)
    """How a chain begins."""
    order_lasts: dict[Party, timedelta] = Field(default_factory=dict)
    order_next: dict[Party, tuple[Party, ...]] = Field(default_factory=dict)
    """Who is prompted before a party's order ends, all of them."""
    approvals: dict[Party, tuple[Party, ...]] = Field(default_factory=dict)
    """Who must all agree before a party acts; empty: nobody."""
    any_one_of: tuple[tuple[Party, ...], ...] = ()
    """Groups of which one acknowledgement is enough, each with all its members."""
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
    stated = case.facts or Stated(category=Category.RDY_DUTY)
    report = case.report or as_report(stated, file.on, file.reporter, regulator.register)
    reporter = report.sender.agency if report.sender else file.reporter
    received = max(report.sent, report.observed_at)
    at = received if case.decided_on is None else datetime.combine(case.decided_on, NOON)
    return regulator.facts(report, reporter, received), at


def decided(case: Case, file: CaseFile, regulator: Regulator) -> Decision:
    """What the set decides in this case."""
    return regulator.decide(*facts_of_case(case, file, regulator))


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
    yield from _about_course(expected, decision)
    for party, chain in expected.escalation.items():
        yield from _about_chain(party, chain, decision)
    yield from _about_orders(expected, decision)
    yield from _about_groups(expected, decision)


def _about_course(expected: Expected, decision: Decision) -> Iterator[Mismatch]:
    """What is owed after the acknowledgement."""
    for name, field in (
        ("decides", "decide_within"),
        ("reports", "first_report_within"),
        ("reports_again", "follow_up_every"),
    ):
        wanted: dict[str, timedelta] = getattr(expected, name)
        for party, limit in wanted.items():
            given = {getattr(a, field) for a in _owing(decision, party)}
            if given != {limit}:
                yield Mismatch(f"{name}.{party}", str(limit), _all(map(str, given)))


def _about_orders(expected: Expected, decision: Decision) -> Iterator[Mismatch]:
    """How long orders last, who is next, and who must agree."""
    for party, lasts in expected.order_lasts.items():
        given = {a.order.lasts if a.order else None for a in decision.assignments if _is(a, party)}
        if given != {lasts}:
            yield Mismatch(f"order_lasts.{party}", str(lasts), _all(map(str, given)))
    for name, wanted in (("order_next", expected.order_next), ("approvals", expected.approvals)):
        for party, parties in wanted.items():
            held = [a for a in decision.assignments if _is(a, party)]
            desks = [
                d for a in held for d in ((a.order.next if a.order else ()) if name == "order_next" else a.approvals)
            ]
            if not held or not _same(parties, desks):
                yield Mismatch(f"{name}.{party}", ", ".join(parties), ", ".join(map(_desk, desks)) or "–")


def _about_groups(expected: Expected, decision: Decision) -> Iterator[Mismatch]:
    """Who relieves whom."""
    groups: dict[str, list[Addressee]] = {}
    for assignment in decision.assignments:
        if assignment.any_one_of is not None:
            groups.setdefault(assignment.any_one_of, []).append(assignment.addressee)
    for parties in expected.any_one_of:
        if not any(_same(parties, desks) for desks in groups.values()):
            found = " / ".join(", ".join(map(_desk, desks)) for desks in groups.values())
            yield Mismatch("any_one_of", ", ".join(parties), found or "–")


def _same(parties: Collection[str], desks: Collection[Addressee]) -> bool:
    """Whether these parties name exactly these desks."""
    named = all(any(_names(party, _desk(desk)) for party in parties) for desk in desks)
    return named and all(any(_names(party, _desk(desk)) for desk in desks) for party in parties)


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
    return _desk(assignment.addressee)


def _desk(addressee: Addressee) -> str:
    return f"{addressee.agency}/{addressee.desk}"


def _all(codes: Iterable[str]) -> str:
    return ", ".join(sorted(codes)) or "–"


def _truth(value: bool) -> str:  # noqa: FBT001  # the value itself
    return "true" if value else "false"
