"""What the templates of this section ask by name: rules as sentences, documents in one language. It decides nothing."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from contracts.decisions import CitationStatus
from contracts.taxonomy import Category
from services.routing.regulations.proof.cutpoints import concerns
from services.routing.regulations.rules.model import Law, RegulationSet, Rule
from services.routing.regulations.rules.phrases import duration_words
from services.routing.regulations.rules.sentences import fallback_sentence, sentence
from services.runtime.terminal import Language, local_date_time


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

    def seconds(self, seconds: int | None) -> str:
        """A time to do something in."""
        return "–" if seconds is None else str(getattr(duration_words(timedelta(seconds=seconds)), self.lang.value))

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
