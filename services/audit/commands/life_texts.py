"""What `phoihop audit leads` and `drill` say to people, in Vietnamese and English; it decides nothing."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Final

from rich.markup import escape
from rich.table import Table

from services.audit.reports.exercises import Line, Rung, Times
from services.audit.reports.leadership import Course, Finding, Flaw
from services.audit.reports.life_reading import Drilled, Planned
from services.audit.words import event_name
from services.runtime.terminal import Language, local_date_time

_STATES: Final[dict[str, tuple[str, str]]] = {
    "planned": ("chưa bắt đầu", "not begun"),
    "began": ("đã diễn ra", "held"),
    "called_off": ("đã hủy", "called off"),
}
_SAYINGS: Final[dict[str, tuple[str, str]]] = {
    "no_incident": ("Sổ không có sự cố này.", "The ledger has no such incident."),
    "held": (
        "✓ {courses} sự cố: lúc nào cũng đúng một nơi chủ trì, không quá một người chỉ huy hiện trường.",
        "✓ {courses} incidents: exactly one lead at every instant, never two commanders on scene.",
    ),
    "unreadable": (
        "{unreadable} mục không đọc được, nên không nói chắc được.",
        "{unreadable} entries cannot be read, so this cannot be vouched for.",
    ),
    "no_drill": ("Không có diễn tập nào trong khoảng này.", "There was no exercise in this period."),
    "drill": (
        "[bold]DIỄN TẬP[/] – không bao giờ tính vào số liệu thật. Mỗi ô: trung vị / lâu nhất (còn thiếu).",
        "[bold]EXERCISE[/] – never counted among the real ones. Each cell: median / worst (missing).",
    ),
}
_FLAWS: Final[dict[Flaw, tuple[str, str]]] = {
    Flaw.NO_LEAD: ("không nơi nào chủ trì", "nobody leads"),
    Flaw.TWO_LEADS: ("hai nơi cùng chủ trì", "two lead at once"),
    Flaw.NO_COMMANDER: ("không rõ ai chỉ huy hiện trường trước đó", "nobody known commanded on scene before"),
    Flaw.TWO_COMMANDERS: ("hai người cùng chỉ huy hiện trường", "two command on scene at once"),
}
_RUNGS: Final[dict[Rung, tuple[str, str]]] = {
    Rung.DELIVERED: ("Tới nơi", "Delivered"),
    Rung.OPENED: ("Mở xem", "Opened"),
    Rung.ACKNOWLEDGED: ("Xác nhận", "Acknowledged"),
    Rung.ACCEPTED: ("Nhận nhiệm vụ", "Accepted"),
}


def tell(lang: Language, key: str, **values: object) -> str:
    """One sentence."""
    return lang.pick(*_SAYINGS[key]).format(**values)


def leads_shown(
    lang: Language, courses: Sequence[Course], findings: Sequence[Finding], unreadable: int
) -> list[Table | str]:
    """Who led and commanded since when, incident by incident, then every instant with none or two."""
    shown: list[Table | str] = []
    for course in courses:
        shown += [f"[bold]{escape(course.incident)}[/]", _series(lang, course)]
    for finding in findings:
        who = escape(" · ".join(finding.who))
        what = lang.pick(*_FLAWS[finding.flaw])
        shown.append(f"[red]✗[/] #{finding.idx} {local_date_time(finding.at)}  {finding.incident}: {what} {who}")
    if unreadable:
        shown.append(f"[red]✗[/] {tell(lang, 'unreadable', unreadable=unreadable)}")
    if not findings and not unreadable:
        shown.append(tell(lang, "held", courses=len(courses)))
    return shown


def _series(lang: Language, course: Course) -> Table:
    table = Table("#", lang.pick("Từ lúc", "Since"), lang.pick("Chủ trì", "Lead"), box=None)
    table.add_column(lang.pick("Bởi", "By"))
    for lead in course.leads:
        who = f"→ {lead.into}" if lead.into else lead.desk
        row = (str(lead.idx), local_date_time(lead.since), who, event_name(lang, f"phoihop.{lead.by}.v1"))
        table.add_row(*map(escape, row))
    on_scene = lang.pick("chỉ huy hiện trường", "command on scene")
    for command in course.commands:
        table.add_row(str(command.idx), local_date_time(command.since), escape(command.who), on_scene)
    return table


def drill_shown(lang: Language, found: Drilled) -> list[Table | str]:
    """Every exercise incident agency by agency, then each agency in total."""
    if not found.lines and not found.planned:
        return [tell(lang, "no_drill")]
    shown: list[Table | str] = [tell(lang, "drill"), *(_plan_line(lang, one) for one in found.planned)]
    for incident in dict.fromkeys(line.incident for line in found.lines):
        shown.append(f"[bold]{escape(incident or lang.pick('Tổng cộng', 'In total'))}[/]")
        shown.append(_times_table(lang, (line for line in found.lines if line.incident == incident)))
    if found.unreadable:
        shown.append(f"[red]✗[/] {tell(lang, 'unreadable', unreadable=found.unreadable)}")
    return shown


def _plan_line(lang: Language, one: Planned) -> str:
    """One planned exercise: called what, begun or not, from when, with how many reports."""
    state, reports = lang.pick(*_STATES[one.state]), lang.pick("báo cáo", "reports")
    at = local_date_time(datetime.fromisoformat(one.starts_at))
    return f"[bold]{escape(one.name)}[/]  {state}  {at}  {one.reports} {reports}  [dim]{one.drill}[/]"


def _times_table(lang: Language, lines: Iterable[Line]) -> Table:
    table = Table(lang.pick("Cơ quan", "Agency"), lang.pick("Việc", "Dispatches"), box=None)
    for rung in Rung:
        table.add_column(lang.pick(*_RUNGS[rung]), justify="right")
    for line in lines:
        table.add_row(escape(line.agency), str(line.dispatches), *(_cell(line.times[rung]) for rung in Rung))
    return table


def _cell(times: Times) -> str:
    missing = f" [red]({times.missing})[/]" if times.missing else ""
    return f"{_seconds(times.median)} / {_seconds(times.worst)}{missing}"


def _seconds(took: timedelta | None) -> str:
    """`1:02:03`, or what is shorter."""
    if took is None:
        return "–"
    minutes, seconds = divmod(took.total_seconds(), 60)
    hours, minutes = divmod(int(minutes), 60)
    return f"{hours}:{minutes:02}:{int(seconds):02}" if hours else f"{minutes}:{seconds:04.1f}"
