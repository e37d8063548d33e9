"""Makes one assignment of every role a desk was given: its time, its chain, its limited order, who must agree.

It is told who got which role by which clause, and decides none of that.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import Final, NamedTuple

from contracts.codes import Role, UrgencyMark
from contracts.decisions import Addressee, Assignment, OrderCap
from contracts.register import Tree
from services.routing.regulations.agency_types import own_tree
from services.routing.regulations.duties import Consent, Course, Limit, Order, WorkingLimit
from services.routing.regulations.handing import Grant
from services.routing.regulations.match import RuleIndex
from services.routing.regulations.model import RegulationSet
from services.routing.regulations.recipients import Kin, recipients
from services.routing.regulations.remember import trusted
from services.routing.regulations.situation import Situation
from services.routing.regulations.targets import OneTarget

STRENGTH: Final = (Role.LEAD, Role.COMMAND, Role.DIRECT, Role.COORDINATE, Role.ADVISE, Role.INFORM)
"""A desk that several rules name gets the strongest of its roles, once."""
_WEAKNESS: Final = {role: place for place, role in enumerate(STRENGTH)}


class Setting(NamedTuple):
    """All that the details of an assignment depend on."""

    situation: Situation
    regulations: RuleIndex
    lead: Addressee
    unresolved: dict[str, list[str]]

    @property
    def course(self) -> Course | None:
        """What a lead owes further in a case of this urgency."""
        return self.regulations.regulation_set.course.get(self.situation.urgency_mark)


def assignments(grants: Iterable[Grant], setting: Setting) -> Iterator[Assignment]:
    """One assignment per desk, strongest roles first; of equal roles the more special rule's.

    An order's successor and a consent's givers may depend on who leads, so only assignments without are made once.
    """
    strongest: dict[Addressee, Grant] = {}
    for grant in grants:
        held = strongest.get(grant.addressee)
        if held is None or _WEAKNESS[grant.role] < _WEAKNESS[held.role]:
            strongest[grant.addressee] = grant
    mark = setting.situation.urgency_mark
    for grant in sorted(strongest.values(), key=lambda g: _WEAKNESS[g.role]):
        if (made := grant.made.get(mark)) is None:
            made = _assignment(grant, setting)
            if grant.duty is None or (grant.duty.order is None and grant.duty.consent is None):
                grant.made[mark] = made
        yield made


def _assignment(grant: Grant, setting: Setting) -> Assignment:
    default = setting.regulations.regulation_set.acknowledge_within[setting.situation.urgency_mark]
    informed, now = grant.role is Role.INFORM, setting.situation.now
    tree = None if informed else grant.tree or _tree_of(grant.addressee, setting.situation)
    limit = None if informed else grant.within or default
    course = setting.course if grant.role is Role.LEAD and not _only_acknowledges(grant) else None
    order, consent = (None, None) if grant.duty is None else (grant.duty.order, grant.duty.consent)
    return trusted(
        Assignment,
        addressee=grant.addressee,
        role=grant.role,
        rule=grant.rule,
        sentence_vi=grant.sentence.vi,
        sentence_en=grant.sentence.en,
        citation=grant.citation,
        acknowledge_within=_plain(limit),
        decide_within=None if course is None else _plain(course.decide_within),
        first_report_within=_soonest(
            None if course is None else _plain(course.first_report_within),
            None if grant.duty is None else grant.duty.first_report_within,
        ),
        follow_up_every=None if course is None else course.follow_up_every,
        escalation=() if tree is None else now.way(grant.addressee, tree, setting.regulations.last_resort),
        escalation_tree=tree,
        acknowledge_working=limit.time if isinstance(limit, WorkingLimit) else None,
        order=None if order is None else _order(order, grant, setting),
        any_one_of=grant.group,
        approvals=() if consent is None else _approvals(consent, grant, setting),
        approvals_written_within=None if consent is None else consent.written_within,
    )


def _order(order: Order, grant: Grant, setting: Setting) -> OrderCap:
    """How long the desk's order lasts and who comes next."""
    return OrderCap(lasts=order.lasts, prompt_before=order.prompt, next=_named(order.next, grant, setting))


def _approvals(consent: Consent, grant: Grant, setting: Setting) -> tuple[Addressee, ...]:
    """Everybody who must agree; a key that nobody holds is the last resort's, so that none is ever left out."""
    return tuple(dict.fromkeys(desk for target in consent.of for desk in _named(target, grant, setting)))


def _named(target: OneTarget, grant: Grant, setting: Setting) -> tuple[Addressee, ...]:
    """Whom a duty names beside its recipient; the last resort stands in for each who does not exist."""
    found, missing = recipients(target, setting.situation, Kin(setting.lead, grant.addressee))
    setting.unresolved.setdefault(grant.rule, []).extend(missing)
    return (*found, setting.regulations.last_resort) if missing else found


def _tree_of(addressee: Addressee, situation: Situation) -> Tree:
    agency = situation.now.agencies.get(addressee.agency)
    return Tree.ADMINISTRATIVE if agency is None else own_tree(agency.type)


def _plain(limit: Limit | None) -> timedelta | None:
    """A limit that always runs; one in working time is reckoned when the moment of the decision is known."""
    return None if isinstance(limit, WorkingLimit) else limit


def _only_acknowledges(grant: Grant) -> bool:
    return grant.duty is not None and grant.duty.acknowledges_only


def _soonest(*limits: timedelta | None) -> timedelta | None:
    """What the law allows at the latest and what the set asks for: whichever ends first."""
    return min((limit for limit in limits if limit is not None), default=None)


def works_by_the_calendar(given: Iterable[Assignment], course: Course | None) -> bool:
    """Whether some limit runs in working time, so that its end depends on the moment of the decision."""
    owed = () if course is None else (course.decide_within, course.first_report_within)
    return any(isinstance(limit, WorkingLimit) for limit in owed) or any(a.acknowledge_working for a in given)


def reckoned(
    given: Iterable[Assignment], regulation_set: RegulationSet, mark: UrgencyMark, at: datetime
) -> Iterator[Assignment]:
    """The assignments with what their limits in working time come to, counted from the moment of the decision."""
    calendar, course = regulation_set.work_calendar, regulation_set.course.get(mark)
    if calendar is None:
        yield from given
        return
    for one in given:
        limits: dict[str, timedelta] = {}
        if one.acknowledge_working is not None:
            limits["acknowledge_within"] = calendar.after(at, one.acknowledge_working) - at
        if course is not None and one.role is Role.LEAD and one.rule not in regulation_set.acknowledged_only:
            if isinstance(course.decide_within, WorkingLimit):
                limits["decide_within"] = calendar.after(at, course.decide_within.time) - at
            if isinstance(course.first_report_within, WorkingLimit):
                worked = calendar.after(at, course.first_report_within.time) - at
                limits["first_report_within"] = min(worked, one.first_report_within or worked)
        yield one.model_copy(update=limits) if limits else one
