"""The last lines of the story: what it came to, whether the record holds, how to go on. It decides nothing."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Final, NamedTuple

from rich.markup import escape

from services.audit.drill.demonstration import Drill
from services.audit.recomputing.verification import Verification
from services.runtime.terminal import Language
from services.stack.demo.checking import Contradiction
from services.stack.demo.chronicle import Chronicle

SHOWN_OF_ROOT: Final = 12
_FIGURES: Final = (
    (
        (
            "[bold]Báo cáo[/]   {reports} lượt gửi của {units} đơn vị: "
            "{accepted} ghi nhận, {rejected} từ chối có lý do, {duplicates} gửi trùng"
        ),
        (
            "[bold]Reports[/]    {reports} sent by {units} units: "
            "{accepted} accepted, {rejected} refused with reasons, {duplicates} duplicates"
        ),
    ),
    (
        (
            "[bold]Sự cố[/]     {incidents} sự cố, {joined} báo cáo nhập vào sự cố đang mở, {filed} báo cáo theo kỳ; "
            "{dispatches} nhiệm vụ tới {desks} bàn trực, {delivered} đã đến màn hình"
        ),
        (
            "[bold]Incidents[/]  {incidents} incidents, {joined} further reports joined, {filed} about a period; "
            "{dispatches} dispatches to {desks} desks, {delivered} on their screens"
        ),
    ),
    (
        (
            "[bold]Trả lời[/]   {acknowledged} tiếp nhận ({late} trễ hạn), {taken} nhận việc, "
            "{escalated} lần quá hạn chuyển cấp; {reported} báo cáo kết quả, {missing} báo cáo còn thiếu"
        ),
        (
            "[bold]Answers[/]    {acknowledged} acknowledged ({late} late), {taken} duties taken, "
            "{escalated} silences escalated; {reported} action reports, {missing} missing"
        ),
    ),
    (
        "[bold]Diễn tập[/]  {exercise_dispatches} nhiệm vụ diễn tập, {exercise_on_live_desks} lọt vào bàn trực thật",
        "[bold]Exercise[/]   {exercise_dispatches} exercise dispatches, {exercise_on_live_desks} of them on live desks",
    ),
)


class Seen(NamedTuple):
    """Names from the story worth looking at: a desk that kept silent, the incident, and the desk that leads it."""

    silent: str
    incident: str
    lead: str


def worth_seeing(chronicle: Chronicle) -> Seen | None:
    """The first silence of the story; None where everybody answered."""
    for event in chronicle.escalated.values():
        silent, lead = chronicle.issued[event.data.dispatch].data.addressee, chronicle.leads[event.data.incident]
        return Seen(f"{silent.agency}/{silent.desk}", str(event.data.incident), f"{lead.agency}/{lead.desk}")
    return None


def summary(figures: dict[str, Any], verification: Verification, drill: Drill, language: Language) -> Iterator[str]:
    """The figures, the ledger, the drill."""
    yield ""
    for vi, en in _FIGURES:
        yield language.pick(vi, en).format(**figures)
    yield _ledger(verification, drill, language)


def _ledger(verification: Verification, drill: Drill, language: Language) -> str:
    sound = (
        language.pick("[green]nguyên vẹn ✓[/]", "[green]sound ✓[/]")
        if verification.verified
        else language.pick("[bold red]ĐÃ BỊ SỬA ✗[/]", "[bold red]CHANGED ✗[/]")
    )
    found = (
        language.pick("[green]bị phát hiện ✓[/]", "[green]found ✓[/]")
        if drill.detected
        else language.pick("[bold red]KHÔNG bị phát hiện ✗[/]", "[bold red]NOT found ✗[/]")
    )
    root = f"{verification.root[:SHOWN_OF_ROOT]}…"
    return language.pick(
        f"[bold]Sổ[/]        {verification.entries} mục, {sound}, gốc {root}; "
        f"sửa thử một bit ở mục {drill.changed} của bản sao: {found}",
        f"[bold]Ledger[/]     {verification.entries} entries, {sound}, root {root}; "
        f"one bit changed at entry {drill.changed} of a copy: {found}",
    )


def complaints(found: Iterable[Contradiction], language: Language) -> Iterator[str]:
    """What contradicts itself."""
    for contradiction in found:
        yield f"[bold red]✗[/] {escape(language.pick(*contradiction))}"


def how_to_go_on(home: Path, phoihop: str, seen: Seen, language: Language) -> Iterator[str]:
    """What to type while the stack stays up."""
    yield ""
    yield language.pick(
        "[bold]Hệ thống vẫn chạy; Ctrl-C dừng tất cả.[/] Ở một cửa sổ khác:",
        "[bold]The stack stays up; Ctrl-C stops everything.[/] In another terminal:",
    )
    for command, vi, en in (
        (f"export PHOIHOP_HOME={home}", "để các lệnh tìm thấy hệ thống này", "so that commands find this stack"),
        (f"{phoihop} status", "dịch vụ, luồng, tồn đọng", "services, streams, lag"),
        (f"{phoihop} desk list {seen.silent}", "bàn trực đã im lặng", "the desk that kept silent"),
        (f"{phoihop} desk watch {seen.lead}", "theo dõi trực tiếp", "watch a desk live"),
        (f"{phoihop} ledger trail {seen.incident}", "mọi việc của sự cố ấy", "everything about that incident"),
        (f"{phoihop} ledger verify", "tính lại toàn bộ sổ", "recompute the whole ledger"),
    ):
        yield f"  {escape(command):62} [dim]# {language.pick(vi, en)}[/]"
