"""Tells in people's words how two regulation sets differ: rules added, removed, changed, and in what."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Final, Literal

from contracts.taxonomy import CATEGORIES, FAMILIES, Category
from services.routing.regulations.model import Duty, Law, RegulationSet, Rule
from services.routing.regulations.sentences import (
    Sentence,
    area_words,
    duration_words,
    fallback_sentence,
    level_words,
    role_words,
    sentence,
    target_words,
)

_SCALES: Final = ("disaster_risk", "civil_defence", "forest_fire_danger", "river_alert")
_ANY: Final = Sentence("bất kỳ", "any")
_NO_LIMIT: Final = Sentence("hạn chung của bộ quy tắc", "the set's default")


@dataclass(frozen=True, slots=True)
class RuleChange:
    """A rule that one set has and the other has not, or has otherwise."""

    code: str
    change: Literal["added", "removed", "changed"]
    sentence: Sentence
    """The rule as it is in the newer set, or was in the older."""
    details: tuple[Sentence, ...] = ()


def differences(old: RegulationSet, new: RegulationSet) -> Iterator[RuleChange]:
    """Every rule that differs, in the order of the newer set; removed rules last."""
    before = {rule.code: rule for rule in old.rules}
    after = {rule.code: rule for rule in new.rules}
    for code, rule in after.items():
        if code not in before:
            yield RuleChange(code, "added", sentence(rule))
        elif details := tuple(_details(before[code], rule)):
            yield RuleChange(code, "changed", sentence(rule), details)
    for code, rule in before.items():
        if code not in after:
            yield RuleChange(code, "removed", sentence(rule))


def set_differences(old: RegulationSet, new: RegulationSet) -> Iterator[Sentence]:
    """What differs outside the rules."""
    for mark in old.acknowledge_within:
        name = Sentence(f"hạn chung, dấu {mark.value}", f"default time, mark {mark.value}")
        yield from _from_to(name, _limit(old.acknowledge_within[mark]), _limit(new.acknowledge_within[mark]))
    yield from _from_to(Sentence("hiệu lực", "in force"), _period(old), _period(new))
    fallback = Sentence("cấp dự phòng", "fallback")
    yield from _from_to(fallback, fallback_sentence(old.fallback), fallback_sentence(new.fallback))
    yield from _lists(
        [Sentence(left.reason_vi, left.reason_en) for left in old.left_to_fallback],
        [Sentence(left.reason_vi, left.reason_en) for left in new.left_to_fallback],
        Sentence("để cấp dự phòng", "left to the fallback"),
    )


def _details(old: Rule, new: Rule) -> Iterator[Sentence]:
    yield from _conditions(old, new)
    yield from _duties(old.assign, new.assign)
    citation = Sentence("căn cứ", "citation")
    yield from _from_to(
        citation, *(Sentence(*(f"{r.citation.text} [{r.citation.status.value}]",) * 2) for r in (old, new))
    )
    yield from _from_to(Sentence("hiệu lực", "in force"), _period(old), _period(new))
    yield from _from_to(Sentence("tính chất", "law"), _law(old), _law(new))


def _conditions(old: Rule, new: Rule) -> Iterator[Sentence]:
    """Conditions that differ, condition by condition."""
    before, after = dict(_stated(old)), dict(_stated(new))
    for name in dict.fromkeys((*before, *after)):
        yield from _from_to(name, before.get(name, _ANY), after.get(name, _ANY))


def _stated(rule: Rule) -> Iterator[tuple[Sentence, Sentence]]:
    when = rule.when
    if when.category:
        names = [_category(named) for named in when.category]
        yield (
            Sentence("loại sự việc", "category"),
            Sentence(", ".join(n.vi for n in names), ", ".join(n.en for n in names)),
        )
    if when.severity_at_least is not None:
        least = when.severity_at_least.value
        yield Sentence("mức độ", "severity"), Sentence(f"từ {least}", f"at least {least}")
    for scale in _SCALES:
        if (levels := getattr(when, scale)) is not None:
            yield Sentence(*_SCALE_NAMES[scale]), level_words(scale, levels)
    if when.area:
        yield Sentence("địa bàn", "place"), area_words(when.area)
    if when.casualties is not None:
        yield (
            Sentence("thương vong", "casualties"),
            Sentence("có", "yes") if when.casualties else Sentence("không", "no"),
        )


_SCALE_NAMES: Final = {
    "disaster_risk": ("rủi ro thiên tai", "disaster risk"),
    "civil_defence": ("phòng thủ dân sự", "civil defence"),
    "forest_fire_danger": ("cháy rừng", "forest-fire danger"),
    "river_alert": ("báo động lũ", "river alert"),
}


def _category(named: str) -> Sentence:
    if named in FAMILIES:
        return Sentence(*FAMILIES[named])
    return Sentence(*CATEGORIES[Category(named)][:2])


def _duties(old: Iterable[Duty], new: Iterable[Duty]) -> Iterator[Sentence]:
    """Recipients that differ: who joins, who leaves, whose role, time or chain changes."""
    before, after = _by_target(old), _by_target(new)
    for who, duty in before.items():
        if who not in after:
            role = role_words(duty.role)
            yield Sentence(f"- {who.vi}: thôi {role.vi}", f"- {who.en}: no longer {role.en}")
    for who, duty in after.items():
        if who not in before:
            yield Sentence(
                *(f"+ {w}: {r} ({t})" for w, r, t in zip(who, role_words(duty.role), _time(duty), strict=True))
            )
        else:
            was = before[who]
            yield from _from_to(who, role_words(was.role), role_words(duty.role))
            time = Sentence(f"{who.vi}, hạn xác nhận", f"{who.en}, time to acknowledge")
            yield from _from_to(time, _time(was), _time(duty))
            tree = Sentence(f"{who.vi}, chuyển cấp", f"{who.en}, escalation")
            yield from _from_to(tree, _tree(was), _tree(duty))


def _by_target(duties: Iterable[Duty]) -> dict[Sentence, Duty]:
    return {target_words(duty.to): duty for duty in duties}


def _time(duty: Duty) -> Sentence:
    return _limit(duty.acknowledge_within)


def _limit(limit: timedelta | None) -> Sentence:
    return _NO_LIMIT if limit is None else duration_words(limit)


def _tree(duty: Duty) -> Sentence:
    return Sentence(*(duty.escalate.value if duty.escalate else "–",) * 2)


def _law(rule: Rule) -> Sentence:
    return Sentence("luật riêng", "special") if rule.law is Law.SPECIAL else Sentence("luật chung", "general")


def _period(dated: Rule | RegulationSet) -> Sentence:
    return Sentence(*(f"{dated.valid_from} – {dated.valid_to or '…'}",) * 2)


def _from_to(name: Sentence, old: Sentence, new: Sentence) -> Iterator[Sentence]:
    if old != new:
        yield Sentence(f"{name.vi}: {old.vi} → {new.vi}", f"{name.en}: {old.en} → {new.en}")


def _lists(old: list[Sentence], new: list[Sentence], name: Sentence) -> Iterator[Sentence]:
    yield from (Sentence(f"- {name.vi}: {w.vi}", f"- {name.en}: {w.en}") for w in old if w not in new)
    yield from (Sentence(f"+ {name.vi}: {w.vi}", f"+ {name.en}: {w.en}") for w in new if w not in old)
