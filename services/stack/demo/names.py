"""What desks, units and areas are called in the story: the register's names, in the usual Vietnamese abbreviations."""

from datetime import date, timedelta
from typing import Final

from contracts.code_words import CITATIONS, ROLES, shouted
from contracts.codes import Role, Severity
from contracts.decisions import Addressee, Citation, CitationStatus
from contracts.register import Register
from contracts.reports import Sender
from services.runtime.terminal import Language

_SHORT: Final = (
    ("Ủy ban nhân dân", "UBND"),
    ("Ban Chỉ đạo Phòng thủ dân sự", "BCĐ PTDS"),
    ("Ban Chỉ huy Phòng thủ dân sự", "BCH PTDS"),
    ("Ban Chỉ huy phòng thủ khu vực", "BCH PTKV"),
    ("Ban Chỉ huy quân sự", "Ban CHQS"),
    ("Bộ Chỉ huy quân sự", "Bộ CHQS"),
    ("Bộ đội Biên phòng", "BĐBP"),
    ("Đồn Biên phòng", "Đồn BP"),
    ("Sở Nông nghiệp và Môi trường", "Sở NN&MT"),
    ("Trung tâm Phối hợp tìm kiếm cứu nạn hàng hải", "VMRCC"),
    ("thành phố", "TP"),
)
_PRIORITY: Final = {
    Severity.EXTREME: "[bold red]P1[/]",
    Severity.SEVERE: "[bold yellow]P2[/]",
    Severity.MODERATE: "[cyan]P3[/]",
    Severity.MINOR: "[dim]P4[/]",
    Severity.UNKNOWN: "[dim]P4[/]",
}
_UNITS: Final = ((3600, "giờ", "h"), (60, "phút", "min"), (1, "giây", "s"))


class Names:
    """The names valid on one day, in one language."""

    def __init__(self, register: Register, day: date, language: Language) -> None:
        self._language = language
        agencies = [agency for agency in register.agencies if agency.holds_on(day)]
        self._agencies = {a.code: _short(language.pick(a.name_vi, a.name_en)) for a in agencies}
        self._units = {(a.code, u.code): language.pick(u.name_vi, u.name_en) for a in agencies for u in a.units}
        self._areas = {a.code: language.pick(a.name_vi, a.name_en) for a in register.areas if a.holds_on(day)}

    def desk(self, desk: Addressee) -> str:
        """A desk by its agency; a number people dial is added."""
        name = self._agencies.get(desk.agency, desk.agency)
        return f"{name} · {desk.desk}" if desk.desk.isdigit() else name

    def sender(self, sender: Sender) -> str:
        """A unit and its agency."""
        unit = self._units.get((sender.agency, sender.unit), sender.unit)
        return f"{unit}, {self._agencies.get(sender.agency, sender.agency)}"

    def area(self, code: str) -> str:
        """An area."""
        return self._areas.get(code, code)

    def role(self, role: Role) -> str:
        """A role as desks are told it."""
        return self._language.pick(*(ROLES[role] if role is Role.INFORM else shouted(ROLES[role])))

    def basis(self, citation: Citation) -> str:
        """Instrument and article, with a mark where nobody has confirmed them."""
        checked = self._language.pick(*CITATIONS[citation.status])
        told = citation.status is CitationStatus.CONFIRMED or checked in citation.text.casefold()
        return citation.text if told else f"{citation.text} ({checked})"

    def duration(self, duration: timedelta) -> str:
        """A time as people say it: two minutes, not 118 seconds."""
        seconds = max(0, round(duration.total_seconds()))
        size, vi, en = next((unit for unit in _UNITS if seconds >= 1.5 * unit[0]), _UNITS[-1])
        return f"{round(seconds / size)} {self._language.pick(vi, en)}"


def priority(severity: Severity) -> str:
    """P1 to P4 by the severity that was reported."""
    return _PRIORITY[severity]


def _short(name: str) -> str:
    for long, short in _SHORT:
        name = name.replace(long, short)
    return name
