"""Says a rule as one sentence, in Vietnamese and in English, from the same data that decides. It decides nothing."""

from collections.abc import Iterator

from services.routing.regulations.rules.duties import Consent, Duty, Order
from services.routing.regulations.rules.model import Fallback, Law, Rule
from services.routing.regulations.rules.phrases import (
    ANY_INCIDENT,
    ROLES,
    TREES,
    Sentence,
    all_of,
    any_of,
    category_words,
    condition_words,
    duration_words,
    limit_words,
    target_words,
)
from services.routing.regulations.rules.when import When


def sentence(rule: Rule) -> Sentence:
    """The whole rule as one sentence, which `reading.read` turns back into the rule's meaning."""
    conditions = list(_conditions(rule.when))
    duties = [_duty(duty) for duty in rule.assign]
    opening = _SPECIAL if rule.law is Law.SPECIAL else _GENERAL
    return Sentence(
        f"{opening.vi}{', '.join(c.vi for c in conditions)} thì {'; '.join(d.vi for d in duties)}.",
        f"{opening.en}{', '.join(c.en for c in conditions)}: {'; '.join(d.en for d in duties)}.",
    )


_GENERAL = Sentence("Khi xảy ra ", "In case of ")
_SPECIAL = Sentence("Theo luật riêng, khi xảy ra ", "By special law, in case of ")


def fallback_sentence(fallback: Fallback) -> Sentence:
    """Who gets a report that no rule gives a lead."""
    levels = [target_words(target) for target in (*fallback.levels, fallback.last_resort)]
    return Sentence(
        f"Khi không quy định nào xác định được cơ quan chủ trì thì cấp chắc chắn gần nhất chủ trì, theo thứ tự: "
        f"{'; '.join(level.vi for level in levels)}.",
        f"When no rule gives a lead, the nearest level that is certain leads, in this order: "
        f"{'; '.join(level.en for level in levels)}.",
    )


def _conditions(when: When) -> Iterator[Sentence]:
    yield any_of([category_words(named) for named in when.category] or [ANY_INCIDENT])
    yield from (words for _, words in condition_words(when))


def _duty(duty: Duty) -> Sentence:
    who, does = target_words(duty.to), ROLES[duty.role]
    parts = [Sentence(f"{who.vi} {does.vi}", f"{who.en} {does.en}"), *_clauses(duty)]
    return Sentence("".join(part.vi for part in parts), "".join(part.en for part in parts))


def _clauses(duty: Duty) -> Iterator[Sentence]:
    """What follows the role: times, escalation, order, consent."""
    if duty.acknowledge_within is not None:
        limit = limit_words(duty.acknowledge_within)
        yield Sentence(f" và xác nhận trong {limit.vi}", f" and acknowledges within {limit.en}")
    if duty.first_report_within is not None:
        limit = duration_words(duty.first_report_within)
        yield Sentence(f" và báo cáo trong {limit.vi}", f" and reports within {limit.en}")
    if duty.acknowledges_only:
        yield Sentence(" mà chỉ cần xác nhận", " and need only acknowledge")
    if duty.escalate is not None:
        tree = TREES[duty.escalate]
        yield Sentence(f", im lặng thì chuyển cấp theo {tree.vi}", f", silence escalating in the {tree.en} tree")
    if duty.order is not None:
        yield order_words(duty.order)
    if duty.consent is not None:
        yield consent_words(duty.consent)


def order_words(order: Order) -> Sentence:
    """How long an order lasts, and who is prompted before it ends."""
    lasts, prompt, following = duration_words(order.lasts), duration_words(order.prompt), target_words(order.next)
    return Sentence(
        f", lệnh có hiệu lực không quá {lasts.vi}, trước khi hết hạn {prompt.vi} thì nhắc {following.vi}",
        f", by an order that ends after {lasts.en}, with {following.en} prompted {prompt.en} before",
    )


def consent_words(consent: Consent) -> Sentence:
    """Who must all agree, and how soon in writing."""
    who = all_of(target_words(target) for target in consent.of)
    said = Sentence(f", khi có sự đồng ý của {who.vi}", f", with the consent of {who.en}")
    if consent.written_within is None:
        return said
    limit = duration_words(consent.written_within)
    return Sentence(f"{said.vi}, bằng văn bản trong {limit.vi}", f"{said.en}, in writing within {limit.en}")
