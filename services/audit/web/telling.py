"""Puts codes of the record into words for one visitor: everything a template of this section asks by name."""

from dataclasses import dataclass
from typing import Final

from contracts.event_words import cause_called
from services.audit.reports.causes import Cause, Tie
from services.audit.reports.knowing import Known
from services.audit.reports.obligations import Outcome
from services.audit.web.names import Names
from services.audit.words import event_name, finding_words, knowledge_text
from services.runtime.apart import Document
from services.runtime.terminal import Language

_OUTCOMES: Final[dict[Outcome, tuple[str, str]]] = {
    Outcome.MET: ("đúng hạn", "in time"),
    Outcome.LATE: ("trễ", "late"),
    Outcome.BREACHED: ("vi phạm", "breached"),
    Outcome.EXCUSED: ("được miễn", "excused"),
    Outcome.OPEN: ("chưa đến hạn", "open"),
}
_STATES: Final[dict[Outcome, str]] = {
    Outcome.MET: "done",
    Outcome.LATE: "due",
    Outcome.BREACHED: "overdue",
    Outcome.EXCUSED: "quiet",
    Outcome.OPEN: "open",
}
_TIES: Final[dict[Tie, tuple[str, str]]] = {
    Tie.CAUSED: ("do mục {idx}", "because of entry {idx}"),
    Tie.SAME_ACT: ("cùng một việc với mục {idx}", "by the same act as entry {idx}"),
    Tie.RAN_OUT: ("hết thời hạn nêu ở mục {idx}", "the time given in entry {idx} ran out"),
    Tie.ANSWERS: ("trả lời mục {idx}", "answers entry {idx}"),
}


@dataclass(frozen=True, slots=True)
class Words:
    """The words of one language, with the names of one register."""

    lang: Language
    names: Names

    def event(self, event_type: str) -> str:
        """A kind of entry, by its whole type or its bare name."""
        return event_name(self.lang, event_type if "." in event_type else f"phoihop.{event_type}.v1")

    def agency(self, code: str) -> str:
        """An agency."""
        return self.names.agency(self.lang, code)

    def desk(self, agency: str, desk: str) -> str:
        """A desk of an agency."""
        return self.names.desk(self.lang, agency, desk)

    def area(self, code: str) -> str:
        """An area."""
        return self.names.area(self.lang, code)

    def reason(self, code: str) -> str:
        """Why something was excused."""
        return self.lang.pick(*cause_called(code))

    def outcome(self, outcome: Outcome) -> str:
        """How an obligation ended."""
        return self.lang.pick(*_OUTCOMES[outcome])

    def outcome_state(self, outcome: Outcome) -> str:
        """The `data-state` of the same."""
        return _STATES[outcome]

    def cause(self, cause: Cause) -> str:
        """What a fact follows from."""
        return self.lang.pick(*_TIES[cause.tie]).format(idx=cause.idx)

    def known(self, known: Known) -> str:
        """How far it is proved that a desk knew."""
        return knowledge_text(self.lang, known)

    def finding(self, finding: Document) -> str:
        """A finding of a verdict document."""
        return finding_words(self.lang, finding)

    def pick(self, vi: str, en: str) -> str:
        """Of a text that the record holds in both languages."""
        return self.lang.pick(vi, en)
