"""What the proof of a regulation set can find, and how it says so. Each finding carries facts that show it."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, NamedTuple

from contracts.decisions import Addressee, Facts
from contracts.taxonomy import Category
from services.routing.regulations.rules.phrases import Sentence


class FindingKind(StrEnum):
    """The kinds of fault, and of notes on what the set does on purpose."""

    GAP = "gap"
    LEAD_NOBODY = "lead_nobody"
    NO_RULE = "no_rule"
    LEFT_TO_FALLBACK = "left_to_fallback"
    IDLE_DECLARATION = "idle_declaration"
    CONFLICT = "conflict"
    CO_LEADS = "co_leads"
    UNREACHABLE = "unreachable"
    SHADOWED = "shadowed"
    NOBODY = "nobody"
    ESCALATION_LOOP = "escalation_loop"
    DEAD_END = "dead_end"
    DEADLINE = "deadline"
    ORDER = "order"
    EXPIRED = "expired"


NOTES: Final = frozenset({FindingKind.LEFT_TO_FALLBACK, FindingKind.CO_LEADS})
"""Kinds that say what the set does on purpose; all others are faults."""


class Wording(NamedTuple):
    """What a kind is called, why it matters, and what to do."""

    name: Sentence
    fix: Sentence


WORDINGS: Final[dict[FindingKind, Wording]] = {
    FindingKind.GAP: Wording(
        Sentence("khoảng trống", "gap"),
        Sentence(
            "thêm quy tắc có cơ quan chủ trì, hoặc khai báo trong left_to_fallback",
            "add a rule that gives a lead, or declare it under left_to_fallback",
        ),
    ),
    FindingKind.LEAD_NOBODY: Wording(
        Sentence("chủ trì không tồn tại", "the lead is nobody"),
        Sentence(
            "bổ sung danh bạ, thêm quy tắc dự phòng, hoặc khai báo lead_of trong left_to_fallback",
            "complete the register, add a rule for such places, or declare lead_of under left_to_fallback",
        ),
    ),
    FindingKind.NO_RULE: Wording(
        Sentence("loại sự việc không có quy tắc", "category without a rule"),
        Sentence(
            "thêm quy tắc, hoặc khai báo loại này trong left_to_fallback",
            "add a rule, or declare the category under left_to_fallback",
        ),
    ),
    FindingKind.LEFT_TO_FALLBACK: Wording(
        Sentence("chủ ý để cấp gần nhất chủ trì", "left to the fallback on purpose"), Sentence("", "")
    ),
    FindingKind.IDLE_DECLARATION: Wording(
        Sentence("khai báo thừa", "idle declaration"),
        Sentence(
            "bỏ khai báo: nó có thể che một khoảng trống sau này",
            "remove it: it could hide a later gap",
        ),
    ),
    FindingKind.CONFLICT: Wording(
        Sentence("hai chủ trì", "two leads"),
        Sentence(
            "thu hẹp điều kiện của một quy tắc, hoặc đặt `law: special` cho luật riêng",
            "narrow the conditions of one rule, or mark the special law with `law: special`",
        ),
    ),
    FindingKind.CO_LEADS: Wording(
        Sentence("một quy tắc nêu nhiều nơi ngang nhau", "one rule names several equal bodies"), Sentence("", "")
    ),
    FindingKind.UNREACHABLE: Wording(
        Sentence("quy tắc không bao giờ áp dụng", "unreachable rule"),
        Sentence("sửa điều kiện hoặc thời hạn hiệu lực", "correct its conditions or its dates"),
    ),
    FindingKind.SHADOWED: Wording(
        Sentence("quy tắc bị che khuất", "shadowed rule"),
        Sentence(
            "bỏ quy tắc, hoặc cho nó một vai trò mạnh hơn", "remove the rule, or give it something others do not give"
        ),
    ),
    FindingKind.NOBODY: Wording(
        Sentence("nơi nhận không tồn tại", "recipient nobody holds"),
        Sentence("bổ sung danh bạ hoặc sửa nơi nhận", "complete the register or correct the recipient"),
    ),
    FindingKind.ESCALATION_LOOP: Wording(
        Sentence("vòng chuyển cấp", "escalation loop"),
        Sentence("sửa một quan hệ cấp trên trong danh bạ", "correct one superior in the register"),
    ),
    FindingKind.DEAD_END: Wording(
        Sentence("ngõ cụt chuyển cấp", "escalation dead end"),
        Sentence(
            "khai báo cấp trên trong danh bạ, hoặc chọn hệ thống khác ở `escalate`",
            "give it a superior in the register, or name another tree in `escalate`",
        ),
    ),
    FindingKind.DEADLINE: Wording(
        Sentence("hạn dài hơn cấp trên", "deadline longer than its parent's"),
        Sentence("rút ngắn acknowledge_within", "shorten acknowledge_within"),
    ),
    FindingKind.ORDER: Wording(
        Sentence("lệnh hết hạn mà không ai kế tiếp", "nobody takes over when an order ends"),
        Sentence(
            "cho nơi kế tiếp chủ trì bằng quy tắc có `lasting: {at_least: …}`, giới hạn quy tắc này bằng `less_than`",
            "give the next authority the lead by a rule with `lasting: {at_least: …}`, and end this one by `less_than`",
        ),
    ),
    FindingKind.EXPIRED: Wording(
        Sentence("căn cứ hết hiệu lực", "expired citation"),
        Sentence(
            "dẫn văn bản thay thế, hoặc kết thúc quy tắc bằng valid_to",
            "cite the instrument that replaced it, or end the rule with valid_to",
        ),
    ),
}


@dataclass(frozen=True, slots=True)
class Finding:
    """One finding: what it is about, in words, and facts that show it."""

    kind: FindingKind
    words: Sentence
    example: Facts
    rules: tuple[str, ...] = ()
    categories: tuple[Category, ...] = ()
    cases: int = 1
    """How many of the tried cases show it."""
    wanted: Addressee | None = None
    """Who ought to lead, where the finding knows."""

    @property
    def fault(self) -> bool:
        """Whether the set must be corrected; a note only says what it does on purpose."""
        return self.kind not in NOTES


def listed(words: Iterable[str], most: int = 6) -> str:
    """The words in one line; beyond the most that people read, only their number."""
    given = list(words)
    shown = ", ".join(given[:most])
    return shown if len(given) <= most else f"{shown} … (+{len(given) - most})"
