"""What the superuser drill says to people, in Vietnamese and English; it decides nothing."""

from pathlib import Path
from typing import Final

from rich.markup import escape
from rich.table import Table

from services.audit.drill.running import Drilled
from services.audit.recomputing.checking import Finding
from services.audit.tlog.anchors import Compared
from services.audit.words import finding_line, flaw_text
from services.runtime.terminal import Language

_DRILL: Final[dict[str, tuple[str, str]]] = {
    "prepare": ("Dựng sổ", "Building the ledger"),
    "honest": ("không ai sửa gì", "nothing: the honest ledger"),
    "edit_body": ("sửa nội dung", "edits a body"),
    "edit_body_and_leaf": ("sửa nội dung và lá", "edits body and leaf"),
    "edit_and_rebuild": ("sửa rồi dựng lại toàn bộ cây", "edits and rebuilds the whole tree"),
    "delete_row": ("xóa một mục ở giữa", "deletes a middle row"),
    "delete_and_renumber": ("xóa rồi đánh số lại, dựng lại cây", "deletes, renumbers and rebuilds"),
    "truncate_tail": ("cắt phần cuối", "truncates the tail"),
    "drop_partition": ("xóa một phân vùng tháng", "drops a partition"),
    "swap_rows": ("đổi chỗ hai mục", "swaps two rows"),
    "steal_key": ("lấy trộm khóa, viết lại và ký lại", "steals the key, rewrites and re-signs"),
    "restore_backup": ("khôi phục bản sao lưu cũ", "restores an old backup"),
}


def drill_name(lang: Language, name: str) -> str:
    """What a step or an attack of the drill is called."""
    return lang.pick(*_DRILL[name])


def drill_table(lang: Language, drilled: Drilled) -> Table:
    """Every attack, the entries it concerned and what names them."""
    heads = lang.pick("Superuser làm|Các mục|Phát hiện|Giây", "A superuser does|Entries|Found|Seconds").split("|")
    table = Table("", *heads, box=None)
    mark = "[green]✓[/]" if drilled.honest else "[bold red]✗[/]"
    sound = lang.pick("không có gì", "nothing") if drilled.honest else lang.pick("BÁO NHẦM", "FALSE ALARM")
    table.add_row(mark, drill_name(lang, "honest"), str(drilled.entries), sound, f"{drilled.honest_seconds:.1f}")
    for each in drilled.outcomes:
        mark = "[green]✓[/]" if each.detected else "[bold red]✗[/]"
        rows = f"{each.attacked.first}–{each.attacked.last}"
        told = _drill_finding(lang, each.found[0]) if each.found else lang.pick("KHÔNG", "NOT FOUND")
        table.add_row(mark, drill_name(lang, each.case.value), rows, told, f"{each.seconds:.1f}")
    return table


def _drill_finding(lang: Language, found: Finding | Compared) -> str:
    match found:
        case Finding():
            return finding_line(lang, found)
        case Compared(name, _, _, flaw, rows) if flaw:
            where = f" {rows[0]}–{rows[1]}" if rows else ""
            return f"{flaw_text(lang, flaw)}{where} [dim]({escape(Path(name).name)})[/]"
        case _:
            return ""
