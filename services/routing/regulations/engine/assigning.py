"""Makes one assignment of every role a desk was given: its time, its chain, its limited order, who must agree.

It is told who got which role by which clause, and decides none of that.
"""

from collections.abc import Iterable, Iterator
from datetime import timedelta
from typing import NamedTuple

from contracts.codes import Role
from contracts.decisions import Addressee, Assignment, OrderCap
from services.routing.regulations.engine.clauses import Clause
from services.routing.regulations.engine.match import RuleIndex
from services.routing.regulations.engine.posts import Post
from services.routing.regulations.engine.recipients import Kin, finder
from services.routing.regulations.engine.remember import taken
from services.routing.regulations.engine.situation import Situation
from services.routing.regulations.rules.duties import Consent, Course, Limit, Order, WorkingLimit
from services.routing.regulations.rules.targets import OneTarget

Grant = tuple[Post, Clause]
"""A desk, and the clause that gives it a role."""


class Setting(NamedTuple):
    """All that the details of an assignment depend on."""

    situation: Situation
    regulations: RuleIndex
    lead: Post
    unresolved: dict[str, list[str]]

    @property
    def course(self) -> Course | None:
        """What a lead owes further in a case of this urgency."""
        return self.regulations.regulation_set.course.get(self.situation.urgency_mark)


def assignments(grants: Iterable[Grant], setting: Setting) -> Iterator[Assignment]:
    """One assignment per desk, strongest roles first; of equal roles the more special rule's.

    An order's successor and a consent's givers may depend on who leads, so only assignments without are remembered.
    """
    strongest: dict[Post, Clause] = {}
    for post, clause in grants:
        held = strongest.setdefault(post, clause)
        if clause.weakness < held.weakness:
            strongest[post] = clause
    mark, known = setting.situation.urgency_mark, setting.regulations.assigned
    for post, clause in sorted(strongest.items(), key=_weakness):
        key = post, clause, mark
        if (made := known.get(key)) is None:
            made = _assignment(post, clause, setting)
            if clause.alike:
                known[key] = made
        yield made


def _weakness(grant: Grant) -> int:
    return grant[1].weakness


def _assignment(post: Post, clause: Clause, setting: Setting) -> Assignment:
    situation, regulations, _, _ = setting
    if (draft := clause.drafts.get(situation.urgency_mark)) is None:
        draft = clause.drafts[situation.urgency_mark] = _draft(clause, setting)
    values = draft.copy()
    values["addressee"] = post.addressee
    if clause.waits:
        tree = clause.tree or post.tree
        values["escalation"] = situation.now.posts.way(post, tree, regulations.last_resort)
        values["escalation_tree"] = tree
    if clause.duty is not None:
        if (order := clause.duty.order) is not None:
            values["order"] = _order(order, post, clause, setting)
        if (consent := clause.duty.consent) is not None:
            values["approvals"] = _approvals(consent, post, clause, setting)
    return taken(Assignment, values)


def _draft(clause: Clause, setting: Setting) -> dict[str, object]:
    """All of an assignment by this clause that is the same whatever desk it names; the rest holds its place."""
    mark = setting.situation.urgency_mark
    limit = None
    if clause.waits:
        limit = clause.within or setting.regulations.regulation_set.acknowledge_within[mark]
    duty = clause.duty
    only = duty is not None and duty.acknowledges_only
    course = setting.course if clause.role is Role.LEAD and not only else None
    consent = None if duty is None else duty.consent
    return {
        "addressee": None,
        "role": clause.role,
        "rule": clause.rule,
        "sentence_vi": clause.sentence.vi,
        "sentence_en": clause.sentence.en,
        "citation": clause.citation,
        "acknowledge_within": _plain(limit),
        "decide_within": None if course is None else _plain(course.decide_within),
        "first_report_within": _soonest(
            None if course is None else _plain(course.first_report_within),
            None if duty is None else duty.first_report_within,
        ),
        "follow_up_every": None if course is None else course.follow_up_every,
        "escalation": (),
        "escalation_tree": None,
        "acknowledge_working": limit.time if isinstance(limit, WorkingLimit) else None,
        "order": None,
        "any_one_of": clause.group,
        "approvals": (),
        "approvals_written_within": None if consent is None else consent.written_within,
    }


def _order(order: Order, post: Post, clause: Clause, setting: Setting) -> OrderCap:
    """How long the desk's order lasts and who comes next."""
    return OrderCap(lasts=order.lasts, prompt_before=order.prompt, next=_named(order.next, post, clause, setting))


def _approvals(consent: Consent, post: Post, clause: Clause, setting: Setting) -> tuple[Addressee, ...]:
    """Everybody who must agree; a key that nobody holds is the last resort's, so that none is ever left out."""
    return tuple(dict.fromkeys(desk for target in consent.of for desk in _named(target, post, clause, setting)))


def _named(target: OneTarget, post: Post, clause: Clause, setting: Setting) -> tuple[Addressee, ...]:
    """Whom a duty names beside its recipient; the last resort stands in for each who does not exist."""
    found, missing = finder(target)(setting.situation, Kin(setting.lead, post))
    if missing:
        setting.unresolved.setdefault(clause.rule, []).extend(missing)
    desks = tuple(other.addressee for other in found)
    return (*desks, setting.regulations.last_resort) if missing else desks


def _plain(limit: Limit | None) -> timedelta | None:
    """A limit that always runs; one in working time is reckoned when the moment of the decision is known."""
    return None if isinstance(limit, WorkingLimit) else limit


def _soonest(*limits: timedelta | None) -> timedelta | None:
    """What the law allows at the latest and what the set asks for: whichever ends first."""
    return min((limit for limit in limits if limit is not None), default=None)
