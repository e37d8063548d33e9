"""Proves that somebody takes over when a time-capped order ends: whoever was prompted must then lead."""

from collections.abc import Iterable, Iterator

from contracts.codes import Role
from contracts.decisions import Assignment, Decision, Facts, OrderCap
from services.routing.regulations.proof.findings import Finding, FindingKind, listed
from services.routing.regulations.proof.ground import Ground
from services.routing.regulations.proof.reach import Reach
from services.routing.regulations.rules.phrases import Sentence, duration_words


def orders(ground: Ground, reaches: Iterable[Reach]) -> Iterator[Finding]:
    """One finding for each rule whose order ends and leaves the lead with somebody who may not order any more."""
    for found in reaches:
        if any(duty.order is not None for duty in found.rule.assign):
            every = (finding for trial in found.holding for finding in _after(ground, trial.facts, found.rule.code))
            yield from (first for first in [next(every, None)] if first is not None)


def _after(ground: Ground, facts: Facts, rule: str) -> Iterator[Finding]:
    """What is wrong once the orders given by this rule have ended."""
    before = ground.decide(facts)
    for given in before.assignments:
        if given.rule == rule and given.order is not None:
            ended = facts.model_copy(update={"restricted_since": facts.occurred_at - given.order.lasts})
            after = ground.decide(ended)
            if (words := _wrong(given, given.order, after)) is not None:
                wanted = given.order.next[0] if given.role is Role.LEAD else None
                yield Finding(FindingKind.ORDER, words, ended, (rule,), (facts.category,), wanted=wanted)


def _wrong(given: Assignment, cap: OrderCap, after: Decision) -> Sentence | None:
    """Why the moment after is not in order, or nothing."""
    who, lasts = f"{given.addressee.agency}/{given.addressee.desk}", duration_words(cap.lasts)
    if any(one.addressee == given.addressee and one.rule == given.rule and one.order for one in after.assignments):
        return Sentence(
            f"quy tắc {given.rule} vẫn để {who} ra lệnh khi lệnh đã hết hạn sau {lasts.vi}",
            f"rule {given.rule} still lets {who} order after its order ended, after {lasts.en}",
        )
    lead = after.assignments[0].addressee
    if given.role is not Role.LEAD or lead in cap.next:
        return None
    prompted = listed(f"{desk.agency}/{desk.desk}" for desk in cap.next)
    return Sentence(
        f"quy tắc {given.rule} nhắc {prompted}, nhưng sau {lasts.vi} thì {lead.agency}/{lead.desk} chủ trì",
        f"rule {given.rule} prompts {prompted}, but after {lasts.en} {lead.agency}/{lead.desk} leads",
    )
