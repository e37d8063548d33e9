"""How the reasons of a correlation speak to people, in Vietnamese and English."""

from collections.abc import Callable, Iterable

from contracts.correlation import (
    Distance,
    IncidentNamed,
    MinutesApart,
    NeighbouringCategory,
    OnlyIncident,
    Reason,
    ReportFollowed,
    SameArea,
    SameCategory,
    SameCommune,
    SameExternalCode,
)

Words = tuple[str, str]
_KM = 1000


def said(reason: Reason, area: Callable[[str], str] = str) -> Words:  # noqa: C901, PLR0911  # one line per reason
    """One reason in Vietnamese and English; `area` names an area."""
    match reason:
        case IncidentNamed():
            return "báo cáo ghi rõ sự cố này", "the report names this incident"
        case ReportFollowed():
            return "đơn vị dẫn chiếu báo cáo trước của mình", "it follows an earlier report of its sender"
        case SameCategory(category=category):
            return f"cùng loại {category}", f"same category {category}"
        case NeighbouringCategory(category=one, other=other):
            return f"{one} và {other} có thể là một việc", f"{one} and {other} may be the same thing"
        case Distance(metres=metres):
            vi, en = _length(metres)
            return f"cách nhau {vi}", f"{en} apart"
        case SameCommune(area=code) | SameArea(area=code):
            return f"cùng {area(code)}", f"both in {area(code)}"
        case MinutesApart(minutes=minutes):
            return f"cách {minutes} phút", f"{minutes} min apart"
        case SameExternalCode(external=external):
            return f"cùng mã ngoài {external}", f"same outside code {external}"
        case OnlyIncident():
            return "sự cố duy nhất ở đó trong kỳ báo cáo", "the only open incident there in the period reported on"


def all_said(reasons: Iterable[Reason], area: Callable[[str], str] = str) -> Words:
    """Several reasons on one line of each language."""
    words = [said(reason, area) for reason in reasons]
    return ", ".join(vi for vi, _ in words), ", ".join(en for _, en in words)


def _length(metres: int) -> Words:
    if metres < _KM:
        return f"{metres} m", f"{metres} m"
    kilometres = f"{metres / _KM:.1f} km"
    return kilometres.replace(".", ","), kilometres
