"""What the templates of this section ask by name: rules as sentences, documents in one language. It decides nothing."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final

from contracts.codes import EscalationStep, Role, Severity, UrgencyMark
from contracts.decisions import CitationStatus
from contracts.taxonomy import CATEGORIES, Category
from services.routing.regulations.proof.cutpoints import concerns
from services.routing.regulations.rules.model import Law, RegulationSet, Rule
from services.routing.regulations.rules.phrases import duration_words, role_words
from services.routing.regulations.rules.sentences import fallback_sentence, sentence
from services.runtime.terminal import Language, local_date_time

_STATUS: Final = {
    CitationStatus.CONFIRMED: ("đã đối chiếu", "confirmed", "done"),
    CitationStatus.UNVERIFIED: ("chưa đối chiếu", "unverified", "due"),
    CitationStatus.INFERRED: ("suy luận", "inferred", "due"),
    CitationStatus.DESIGN_DEFAULT: ("mặc định thiết kế", "design default", "quiet"),
}
_STEPS: Final = {
    EscalationStep.DEPUTY: ("cấp phó", "deputy"),
    EscalationStep.DUTY_COMMAND: ("trực chỉ huy", "duty command"),
    EscalationStep.SUPERIOR: ("cấp trên", "superior"),
    EscalationStep.TOP: ("cao nhất, báo động", "top, alarm"),
}
_SEVERITIES: Final = {
    Severity.UNKNOWN: ("chưa rõ", "unknown"),
    Severity.MINOR: ("nhẹ", "minor"),
    Severity.MODERATE: ("vừa", "moderate"),
    Severity.SEVERE: ("nghiêm trọng", "severe"),
    Severity.EXTREME: ("rất nghiêm trọng", "extreme"),
}
_MARKS: Final = {
    UrgencyMark.THUONG: ("thường", "ordinary"),
    UrgencyMark.KHAN: ("khẩn", "urgent"),
    UrgencyMark.THUONG_KHAN: ("thượng khẩn", "most urgent"),
    UrgencyMark.HOA_TOC: ("hỏa tốc", "immediate"),
}


@dataclass(frozen=True, slots=True)
class RuleShown:
    """One rule of the list."""

    code: str
    sentence: str
    citation: str
    status: CitationStatus
    valid_from: date
    valid_to: date | None
    special: bool


@dataclass(frozen=True, slots=True)
class Words:
    """The words of one language."""

    lang: Language

    def of(self, words: Any) -> str:  # noqa: ANN401  # a document's {"vi": …, "en": …}, or a Sentence
        """Of a text in both languages, the one."""
        return str(words[self.lang.value] if isinstance(words, dict) else getattr(words, self.lang.value))

    def at(self, moment: str) -> str:
        """A time of a document, as clocks in Việt Nam show it."""
        return local_date_time(datetime.fromisoformat(moment))

    def status(self, status: str) -> str:
        """How far a legal basis has been checked."""
        return self.lang.pick(*_STATUS[CitationStatus(status)][:2])

    def status_state(self, status: str) -> str:
        """The `data-state` of the same."""
        return _STATUS[CitationStatus(status)][2]

    def role(self, role: str) -> str:
        """What a recipient is."""
        return str(getattr(role_words(Role(role)), self.lang.value))

    def seconds(self, seconds: int | None) -> str:
        """A time to do something in."""
        return "–" if seconds is None else str(getattr(duration_words(timedelta(seconds=seconds)), self.lang.value))

    def step(self, step: str) -> str:
        """Whom silence reaches."""
        return self.lang.pick(*_STEPS[EscalationStep(step)])

    def category(self, code: str) -> str:
        """A category."""
        return self.lang.pick(*CATEGORIES[Category(code)][:2])

    def categories(self) -> list[tuple[str, str]]:
        """All of them, for a form."""
        return [(one.value, f"{self.category(one.value)} ({one.value})") for one in Category]

    def severities(self) -> list[tuple[str, str]]:
        """All severities, for a form."""
        return [(one.value, self.lang.pick(*words)) for one, words in _SEVERITIES.items()]

    def marks(self) -> list[tuple[str, str]]:
        """All marks of urgency, for a form."""
        return [(one.value, self.lang.pick(*words)) for one, words in _MARKS.items()]

    def statuses(self) -> list[tuple[str, str]]:
        """How far a basis may have been checked, for a form."""
        return [(one.value, self.lang.pick(*words[:2])) for one, words in _STATUS.items()]

    def fallback(self, regulation_set: RegulationSet) -> str:
        """Who gets what no rule gives a lead."""
        return self.of(fallback_sentence(regulation_set.fallback))


def shown(rules: Iterable[Rule], words: Words, category: str, status: str) -> Iterator[RuleShown]:
    """The rules of the list: all, or those about a category, or those whose basis has this status."""
    for rule in rules:
        about = not category or concerns(rule, Category(category))
        if about and status in ("", rule.citation.status.value):
            yield RuleShown(
                rule.code,
                words.of(sentence(rule)),
                rule.citation.text,
                rule.citation.status,
                rule.valid_from,
                rule.valid_to,
                rule.law is Law.SPECIAL,
            )
