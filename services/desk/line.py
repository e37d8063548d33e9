"""What one row of the queue says, in the words of one language. Pure: a page only lays it out."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from contracts.code_words import CITATIONS, OWED, SEVERITIES, Words
from contracts.decisions import CitationStatus
from contracts.events import DispatchIssued
from contracts.taxonomy import CATEGORIES
from services.desk.queue import active, place_in_order, priority, rings
from services.desk.row import Row
from services.desk.words import NEWS, SHOUTED_ROLES, STATES

VIETNAMESE, ENGLISH = 0, 1
PRIORITY_WORDS: Final[dict[int, Words]] = {
    1: ("Tối khẩn", "Critical"),
    2: ("Khẩn", "High"),
    3: ("Thường", "Medium"),
    4: ("Thấp", "Low"),
}


@dataclass(frozen=True, slots=True)
class Line:
    """One dispatch as a row shows it."""

    dispatch: UUID
    incident: UUID
    order: str
    """Sorts like the board."""
    priority: int
    priority_word: str
    severity: str
    role: str
    role_word: str
    category: str
    category_word: str
    state: str
    state_word: str
    headline: str
    place: str
    issued_at: datetime
    due: datetime | None
    owed: str
    """What is owed by then."""
    overdue: bool
    waits: bool
    open: bool
    rings: bool
    version: int
    sentence: str
    """The rule that brought it, as a sentence."""
    rule: str
    citation: str
    citation_word: str
    citation_sure: bool
    came_by: tuple[str, ...]
    """What else made it come here: another's silence, a forwarding, a consent that is asked for."""
    told: int
    """How often the desk was told of a change."""
    last_told: str
    suggestions: int
    """How many other incidents it perhaps is."""


def line(row: Row, now: datetime, language: int) -> Line:
    """The row in Vietnamese (0) or English (1)."""
    issued, owes, news = row.issued, row.owes, row.news()
    named = CATEGORIES[issued.category]
    number = priority(row)
    return Line(
        dispatch=issued.dispatch,
        incident=issued.incident,
        order=place_in_order(row, now),
        priority=number,
        priority_word=PRIORITY_WORDS[number][language],
        severity=SEVERITIES[row.severity][language],
        role=issued.role.value,
        role_word=SHOUTED_ROLES[issued.role][language],
        category=issued.category.value,
        category_word=(named.vi, named.en)[language],
        state=row.state.value,
        state_word=STATES[row.state][language],
        headline=issued.headline,
        place=issued.place,
        issued_at=row.issued_at,
        due=row.due,
        owed=OWED[owes[0].kind][language] if owes else "",
        overdue=row.overdue(now),
        waits=row.waits,
        open=active(row),
        rings=rings(row),
        version=row.version,
        sentence=(issued.sentence_vi, issued.sentence_en)[language],
        rule=issued.rule,
        citation=issued.citation.text,
        citation_word=CITATIONS[issued.citation.status][language],
        citation_sure=issued.citation.status is CitationStatus.CONFIRMED,
        came_by=tuple(words[language] for words in _came_by(issued)),
        told=len(news),
        last_told=f"{NEWS[news[0].data.change][language]}: {news[0].data.headline}" if news else "",
        suggestions=sum(told.data.other is not None for told in news) if not row.over else 0,
    )


def alarm(row: Row, language: int) -> str:
    """What is read out when it has just come: everything somebody needs before looking."""
    issued, number = row.issued, priority(row)
    new = ("Việc mới", "New dispatch")[language]
    urgent, role = PRIORITY_WORDS[number][language], SHOUTED_ROLES[issued.role][language]
    return f"{new}: {number} {urgent}, {role}. {issued.headline}, {issued.place}."


def _came_by(issued: DispatchIssued) -> list[Words]:
    found: list[Words] = []
    if issued.escalated_from:
        found.append(("cấp trước không trả lời", "the desk before did not answer"))
    if issued.forwarded_from:
        found.append(("nơi khác chuyển đến", "another desk forwards it"))
    if issued.consents_to:
        found.append(("xin ý kiến đồng ý", "your consent is asked for"))
    if issued.objects_to:
        found.append(("phản ánh quy tắc, chờ trả lời", "an objection to a rule waits for your answer"))
    if issued.any_one_of:
        found.append(("một nơi xác nhận là đủ", "one acknowledgement is enough for all asked"))
    return found
