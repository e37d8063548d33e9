"""Makes assignments of roles the slow and obvious way."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

from contracts.codes import Role
from contracts.decisions import Addressee, Assignment, OrderCap
from contracts.register import Tree
from services.routing.regulations.rules.agency_types import own_tree
from services.routing.regulations.rules.duties import Duty, Limit, WorkingLimit
from services.routing.regulations.rules.model import RegulationSet, Rule
from services.routing.regulations.rules.sentences import fallback_sentence, sentence
from services.routing.regulations.rules.targets import AnyTarget, OneTarget
from tests.unit.regulations.slow_places import Meaning, Who, desks
from tests.unit.regulations.slow_register import distinct

ROLES = [Role.LEAD, Role.COMMAND, Role.DIRECT, Role.COORDINATE, Role.ADVISE, Role.INFORM]


@dataclass(frozen=True)
class Grant:
    """A desk, its role, and the duty of the rule that gives it; no rule is the fallback."""

    desk: Addressee
    role: Role
    rule: Rule | None = None
    duty: Duty | None = None


def assignments(
    grants: list[Grant], seen: Meaning, law: RegulationSet, unresolved: dict[str, list[str]], at: datetime
) -> Iterator[Assignment]:
    kept: list[Grant] = []
    for role in ROLES:
        for desk in dict.fromkeys(g.desk for g in grants):
            own = [g for g in grants if g.desk == desk]
            strongest = min(own, key=lambda g: ROLES.index(g.role))
            if strongest.role is role:
                kept.append(strongest)
    assert all(ROLES.index(a.role) <= ROLES.index(b.role) for a, b in pairwise(kept))
    for grant in kept:
        made = assignment(grant, seen, law)
        yield made.model_copy(
            update={**limits(grant, seen, law, at), **beside(grant, grants[0], seen, law, unresolved)}
        )


def limits(grant: Grant, seen: Meaning, law: RegulationSet, at: datetime) -> dict[str, object]:
    """Everything owed by a time, reckoned from the decision."""
    mark = seen.facts.urgency_mark
    own = grant.duty.acknowledge_within if grant.duty else law.fallback.acknowledge_within
    limit = None if grant.role is Role.INFORM else own or law.acknowledge_within[mark]
    found: dict[str, object] = {"acknowledge_within": elapsed(limit, law, at)}
    found["acknowledge_working"] = limit.time if isinstance(limit, WorkingLimit) else None
    only = grant.duty is not None and grant.duty.acknowledges_only
    if grant.role is Role.LEAD and not only and (course := law.course.get(mark)):
        found["decide_within"] = elapsed(course.decide_within, law, at)
        found["first_report_within"] = elapsed(course.first_report_within, law, at)
        found["follow_up_every"] = course.follow_up_every
    if grant.duty and grant.rule and grant.role is grant.duty.role and (by_law := grant.duty.first_report_within):
        by_set = found.get("first_report_within")
        found["first_report_within"] = by_law if not isinstance(by_set, timedelta) else min(by_law, by_set)
    return found


def elapsed(limit: Limit | None, law: RegulationSet, at: datetime) -> timedelta | None:
    if not isinstance(limit, WorkingLimit):
        return limit
    assert law.work_calendar
    return law.work_calendar.after(at, limit.time) - at


def beside(
    grant: Grant, lead: Grant, seen: Meaning, law: RegulationSet, unresolved: dict[str, list[str]]
) -> dict[str, object]:
    """The group, the limited order and the keys of a duty."""
    rule, duty = grant.rule, grant.duty
    if rule is None or duty is None:
        return {}
    found: dict[str, object] = {}
    if isinstance(duty.to, AnyTarget):
        found["any_one_of"] = f"{rule.code}-{next(n for n, d in enumerate(rule.assign, 1) if d is duty)}"
    if grant.role is not duty.role:
        return found
    who = Who(seen, lead.desk.agency, grant.desk.agency)
    if duty.order:
        following = named(duty.order.next, who, law, unresolved[rule.code])
        cap = OrderCap(lasts=duty.order.lasts, prompt_before=duty.order.prompt, next=tuple(following))
        found["order"] = cap
    if duty.consent:
        keys = [desk for target in duty.consent.of for desk in named(target, who, law, unresolved[rule.code])]
        found |= {"approvals": tuple(distinct(keys)), "approvals_written_within": duty.consent.written_within}
    return found


def named(target: OneTarget, who: Who, law: RegulationSet, missing: list[str]) -> list[Addressee]:
    """Whom a duty names beside its recipient, the last resort for whoever is missing."""
    reasons: list[str] = []
    found = desks(target, who, reasons)
    missing += reasons
    return [*found, last_resort(law)] if reasons else found


def last_resort(law: RegulationSet) -> Addressee:
    last = law.fallback.last_resort
    return Addressee(agency=last.agency, desk=last.desk or "")


def assignment(grant: Grant, seen: Meaning, law: RegulationSet) -> Assignment:
    """Without what depends on time or on others."""
    basis = grant.rule or law.fallback
    words = sentence(grant.rule) if grant.rule else fallback_sentence(law.fallback)
    agency = seen.now.agency(grant.desk.agency)
    stated = grant.duty.escalate if grant.duty else Tree.ADMINISTRATIVE
    tree = stated or (own_tree(agency.type) if agency else Tree.ADMINISTRATIVE)
    top = last_resort(law)
    chain = distinct([*seen.now.stand_ins(grant.desk), *seen.now.chain(grant.desk.agency, tree)])
    chain += [] if top in chain or top == grant.desk else [top]
    informed = grant.role is Role.INFORM
    return Assignment(
        addressee=grant.desk,
        role=grant.role,
        rule=basis.code,
        sentence_vi=words.vi,
        sentence_en=words.en,
        citation=basis.citation,
        escalation=() if informed else tuple(chain),
        escalation_tree=None if informed else tree,
    )
