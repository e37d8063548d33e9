"""Tells in people's words how two regulation sets differ: rules added, removed, changed, and in what."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final, Literal

from contracts.taxonomy import CATEGORIES, FAMILIES, Category
from services.routing.regulations.rules.duties import Duty, Limit
from services.routing.regulations.rules.model import Law, RegulationSet, Rule
from services.routing.regulations.rules.phrases import Sentence, condition_words, limit_words, role_words, target_words
from services.routing.regulations.rules.sentences import consent_words, fallback_sentence, order_words, sentence

_ANY: Final = Sentence("bất kỳ", "any")
_NOTHING: Final = Sentence("–", "–")
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
    yield from _from_to(Sentence("lịch làm việc", "working calendar"), _calendar(old), _calendar(new))
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
    yield from ((_NAMES[name], words) for name, words in condition_words(when))


_NAMES: Final = {
    "severity_at_least": Sentence("mức độ", "severity"),
    "disaster_risk": Sentence("rủi ro thiên tai", "disaster risk"),
    "civil_defence": Sentence("phòng thủ dân sự", "civil defence"),
    "forest_fire_danger": Sentence("cháy rừng", "forest-fire danger"),
    "river_alert": Sentence("báo động lũ", "river alert"),
    "area": Sentence("địa bàn", "place"),
    "casualties": Sentence("thương vong", "casualties"),
    "present": Sentence("có mặt", "present"),
    "absent": Sentence("vắng mặt", "absent"),
    "calendar": Sentence("thời điểm", "calendar"),
    "lasting": Sentence("đã kéo dài", "duration"),
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
            report = Sentence(f"{who.vi}, hạn báo cáo", f"{who.en}, time to report")
            yield from _from_to(report, _limit(was.first_report_within), _limit(duty.first_report_within))
            course = Sentence(f"{who.vi}, sau khi xác nhận", f"{who.en}, after acknowledging")
            yield from _from_to(course, _OWES[was.acknowledges_only], _OWES[duty.acknowledges_only])
            tree = Sentence(f"{who.vi}, chuyển cấp", f"{who.en}, escalation")
            yield from _from_to(tree, _tree(was), _tree(duty))
            order = Sentence(f"{who.vi}, thời hạn của lệnh", f"{who.en}, limit of orders")
            yield from _from_to(order, _order(was), _order(duty))
            consent = Sentence(f"{who.vi}, sự đồng ý", f"{who.en}, consent")
            yield from _from_to(consent, _consent(was), _consent(duty))


def _by_target(duties: Iterable[Duty]) -> dict[Sentence, Duty]:
    return {target_words(duty.to): duty for duty in duties}


_OWES: Final = {
    True: Sentence("không còn gì phải làm", "nothing more"),
    False: Sentence("quyết định, báo cáo", "decision, reports"),
}


def _time(duty: Duty) -> Sentence:
    return _limit(duty.acknowledge_within)


def _limit(limit: Limit | None) -> Sentence:
    return _NO_LIMIT if limit is None else limit_words(limit)


def _tree(duty: Duty) -> Sentence:
    return Sentence(*(duty.escalate.value if duty.escalate else "–",) * 2)


def _order(duty: Duty) -> Sentence:
    return _NOTHING if duty.order is None else Sentence(*(words.strip(", ") for words in order_words(duty.order)))


def _consent(duty: Duty) -> Sentence:
    return _NOTHING if duty.consent is None else Sentence(*(words.strip(", ") for words in consent_words(duty.consent)))


def _law(rule: Rule) -> Sentence:
    return Sentence("luật riêng", "special") if rule.law is Law.SPECIAL else Sentence("luật chung", "general")


def _period(dated: Rule | RegulationSet) -> Sentence:
    return Sentence(*(f"{dated.valid_from} – {dated.valid_to or '…'}",) * 2)


def _calendar(regulation_set: RegulationSet) -> Sentence:
    """Its source, its hours and how many days off it lists."""
    if (calendar := regulation_set.work_calendar) is None:
        return _NOTHING
    hours = ", ".join(f"{h.start:%H:%M}-{h.end:%H:%M}" for h in calendar.hours)
    days = ", ".join(f"{h.first}{f'/{h.last}' if h.last else ''}" for h in calendar.holidays)
    return Sentence(*(f"{calendar.source}; {hours}; {days or '–'}",) * 2)


def _from_to(name: Sentence, old: Sentence, new: Sentence) -> Iterator[Sentence]:
    if old != new:
        yield Sentence(f"{name.vi}: {old.vi} → {new.vi}", f"{name.en}: {old.en} → {new.en}")


def _lists(old: list[Sentence], new: list[Sentence], name: Sentence) -> Iterator[Sentence]:
    yield from (Sentence(f"- {name.vi}: {w.vi}", f"- {name.en}: {w.en}") for w in old if w not in new)
    yield from (Sentence(f"+ {name.vi}: {w.vi}", f"+ {name.en}: {w.en}") for w in new if w not in old)
