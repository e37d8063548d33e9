"""Tells what a change of rules does to known cases: who gains, loses or changes a role, and whose time changes."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Final, Literal

from contracts.codes import Role
from contracts.decisions import Addressee, Assignment, Decision, OrderCap
from services.routing.regulations.rules.phrases import Sentence, duration_words, role_words


@dataclass(frozen=True, slots=True)
class Effect:
    """What changes for one desk, or for the whole case."""

    kind: Literal["gains", "loses", "role", "deadline", "order", "consent", "lead_by", "fallback"]
    desk: str
    words: Sentence


def effects(old: Decision, new: Decision) -> Iterator[Effect]:
    """Every change between two decisions about the same facts."""
    before, after = _held(old), _held(new)
    for desk, assignment in after.items():
        if desk not in before:
            yield _joins(desk, assignment)
        else:
            yield from _changes(desk, before[desk], assignment)
    yield from (_leaves(desk, assignment) for desk, assignment in before.items() if desk not in after)
    if old.fallback is not new.fallback:
        yield _fallback(old, new)


def _held(decision: Decision) -> dict[str, Assignment]:
    return {f"{a.addressee.agency}/{a.addressee.desk}": a for a in decision.assignments}


def _joins(desk: str, given: Assignment) -> Effect:
    role = role_words(given.role)
    return Effect("gains", desk, Sentence(f"+ {desk} {role.vi} ({given.rule})", f"+ {desk} {role.en} ({given.rule})"))


def _leaves(desk: str, given: Assignment) -> Effect:
    role = role_words(given.role)
    words = Sentence(f"- {desk} thôi {role.vi} ({given.rule})", f"- {desk} no longer {role.en} ({given.rule})")
    return Effect("loses", desk, words)


def _changes(desk: str, was: Assignment, now: Assignment) -> Iterator[Effect]:
    if was.role is not now.role:
        old, new = role_words(was.role), role_words(now.role)
        yield Effect("role", desk, Sentence(f"{desk}: {old.vi} → {new.vi}", f"{desk}: {old.en} → {new.en}"))
    yield from _times(desk, was, now)
    if was.order != now.order:
        old, new = (_cap(given.order) for given in (was, now))
        yield Effect(
            "order", desk, Sentence(f"{desk}: lệnh {old.vi} → {new.vi}", f"{desk}: orders {old.en} → {new.en}")
        )
    if was.approvals != now.approvals:
        old, new = (_keys(given.approvals) for given in (was, now))
        yield Effect(
            "consent", desk, Sentence(f"{desk}: đồng ý {old.vi} → {new.vi}", f"{desk}: consent {old.en} → {new.en}")
        )
    if was.role is now.role is Role.LEAD and was.rule != now.rule:
        words = Sentence(f"{desk}: chủ trì theo {was.rule} → {now.rule}", f"{desk}: leads by {was.rule} → {now.rule}")
        yield Effect("lead_by", desk, words)


_ACKNOWLEDGING: Final = ("acknowledge_within", Sentence("hạn", "time"))
_TIMES: Final = {
    _ACKNOWLEDGING[0]: _ACKNOWLEDGING[1],
    "decide_within": Sentence("hạn quyết định", "time to decide"),
    "first_report_within": Sentence("hạn báo cáo đầu", "time to report"),
    "follow_up_every": Sentence("kỳ báo cáo tiếp", "time between reports"),
}


def _times(desk: str, was: Assignment, now: Assignment) -> Iterator[Effect]:
    """Times that differ; what a lead owes beside the acknowledgement comes and goes with the role."""
    alike = was.role is now.role
    for field, name in _TIMES.items() if alike else [_ACKNOWLEDGING]:
        limits: tuple[timedelta | None, ...] = (getattr(was, field), getattr(now, field))
        if limits[0] != limits[1]:
            old, new = map(_limit, limits)
            words = Sentence(f"{desk}: {name.vi} {old.vi} → {new.vi}", f"{desk}: {name.en} {old.en} → {new.en}")
            yield Effect("deadline", desk, words)


def _limit(limit: timedelta | None) -> Sentence:
    return Sentence("–", "–") if limit is None else duration_words(limit)


def _cap(cap: OrderCap | None) -> Sentence:
    """How long an order lasts and who is next."""
    if cap is None:
        return Sentence("–", "–")
    lasts, following = duration_words(cap.lasts), _desks(cap.next)
    return Sentence(f"{lasts.vi}, rồi {following}", f"{lasts.en}, then {following}")


def _keys(desks: tuple[Addressee, ...]) -> Sentence:
    return Sentence(*(_desks(desks) or "–",) * 2)


def _desks(desks: tuple[Addressee, ...]) -> str:
    return ", ".join(f"{desk.agency}/{desk.desk}" for desk in desks)


def _fallback(old: Decision, new: Decision) -> Effect:
    desk = f"{new.assignments[0].addressee.agency}/{new.assignments[0].addressee.desk}"
    if new.fallback:
        words = Sentence(
            f"không còn quy tắc nào cho chủ trì: {desk} tạm giữ", f"no rule gives a lead any more: {desk} takes it"
        )
    else:
        rule = new.assignments[0].rule
        words = Sentence(
            f"nay có chủ trì theo {rule}", f"now has a lead by {rule}, no longer the {old.assignments[0].rule}"
        )
    return Effect("fallback", desk, words)
