"""What the ledger's commands say to people, in Vietnamese and English; it decides nothing."""

from typing import Final

from rich.markup import escape
from rich.table import Table

from services.audit.notary.checkpointing import NotSigned
from services.audit.recomputing.verification import Verification
from services.audit.tables import Entry
from services.audit.tlog.anchors import Compared
from services.audit.words import event_name, finding_line, flaw_text
from services.runtime.terminal import Language, local_date_time

_SAYINGS: Final[dict[str, tuple[str, str]]] = {
    "migrated": ("Sổ đã ở phiên bản mới nhất.", "The ledger's schema is up to date."),
    "verifying": ("Kiểm tra sổ", "Verifying the ledger"),
    "bad_address": ("Địa chỉ sổ không phải postgresql://…", "The ledger's address is not of the form postgresql://…"),
    "no_address": ("Không biết sổ ở đâu.", "Nothing says where the ledger is."),
    "not_ready": (
        "Cơ sở dữ liệu chưa có sổ, hoặc không có quyền.",
        "The database has no ledger, or the login no rights.",
    ),
    "unreachable": ("Không kết nối được với sổ.", "The ledger cannot be reached."),
    "not_signed": (
        "Không ký: sổ không khớp với điểm chốt đã giữ hoặc với chính nó.",
        "Not signed: the ledger does not agree with what was kept, or with itself.",
    ),
    "signatures_unchecked": (
        "Chưa kiểm tra chữ ký của các điểm chốt: không biết khóa (--trust FILE).",
        "Signatures of the checkpoints were not checked: no key is known (--trust FILE).",
    ),
    "after_newest": (
        "Các mục từ {size} trở đi chưa có điểm chốt nào giữ.",
        "Entries from {size} on are covered by no kept checkpoint.",
    ),
    "settled": (
        "Đủ nhân chứng xác nhận đến mục {size}.",
        "Enough witnesses vouch for the first {size} entries.",
    ),
    "disputed": ("Khóa {vkey} đã công bố hai khóa kế nhiệm", "Key {vkey} announced two successors"),
    "rotated": (
        "Từ cỡ {size} trở đi chỉ khóa mới có hiệu lực. Hãy gửi thông báo này cho các nhân chứng, rồi hủy khóa cũ.",
        "From size {size} on only the new key counts. Give this note to the witnesses, then destroy the old key.",
    ),
    "witnessing": (
        "Đang làm nhân chứng tại {url}. Dòng cho tệp chính sách (tlog-policy):",
        "Witnessing at {url}. The line for the policy file (tlog-policy):",
    ),
    "kept_at": ("Đã giữ tại {path}. Hãy chép sang máy khác.", "Kept at {path}. Copy it to another machine."),
    "unusable": ("Không dùng được tệp đã nêu.", "A file that was named cannot be used."),
    "no_entry": ("Sổ không có mục {which}.", "The ledger has no entry {which}."),
    "not_proved": (
        "Mục {idx} đang lưu không khớp với sổ đã ký.",
        "Entry {idx} as it is stored is not what the signed ledger holds.",
    ),
    "proved": ("✓ Mục {idx} nằm trong sổ {size} mục: {path}", "✓ Entry {idx} is in the ledger of {size}: {path}"),
    "exported": (
        "✓ {entries} mục, verify.py đã kiểm tra: {path}",
        "✓ {entries} entries, checked by verify.py: {path}",
    ),
    "self_check_failed": ("verify.py không chấp nhận hồ sơ.", "verify.py does not accept the evidence."),
    "no_trail": ("Sổ không có mục nào của sự cố {incident}.", "The ledger has no entry of incident {incident}."),
}


def say(lang: Language, key: str, **values: object) -> str:
    """One sentence."""
    return lang.pick(*_SAYINGS[key]).format(**values)


def verification_lines(lang: Language, found: Verification) -> list[str]:
    """The verdict first, then every finding, then what the verdict does not cover."""
    verdict = (
        lang.pick("[green]✓ Sổ nguyên vẹn[/]", "[green]✓ The ledger is sound[/]")
        if found.verified
        else lang.pick("[bold red]✗ Sổ đã bị thay đổi[/]", "[bold red]✗ The ledger was changed[/]")
    )
    caveat = lang.pick(
        "Ai viết lại cả sổ hoặc cắt phần cuối thì chỉ lộ ra khi so gốc này với bản đã giữ ở nơi khác.",
        "A ledger rewritten whole, or cut at its end, shows only against a copy of this root kept elsewhere.",
    )
    caveats = [] if found.kept else [f"  [dim]{caveat}[/]"]
    return [
        f"{verdict}  {found.entries} {lang.pick('mục', 'entries')}",
        *(f"  [red]•[/] {finding_line(lang, finding)}" for finding in found.findings),
        f"  {lang.pick('gốc', 'root')} {found.root}",
        *caveats,
    ]


def trail_table(lang: Language, entries: list[Entry]) -> Table:
    """The incident as the ledger tells it; times in Việt Nam."""
    table = Table(box=None)
    table.add_column("#", no_wrap=True)
    table.add_column(lang.pick("Lúc", "When"), no_wrap=True)
    table.add_column(lang.pick("Sự kiện", "Event"))
    table.add_column(lang.pick("Nơi", "Where"), overflow="fold")
    for entry in entries:
        told = event_name(lang, entry.event_type)
        table.add_row(str(entry.idx), local_date_time(entry.occurred_at), told, escape(_place(entry)))
    return table


def _place(entry: Entry) -> str:
    """The subject, without what leads to the incident that every line is about."""
    return entry.subject.partition(f"{entry.incident_id}.")[2] or entry.subject


def kept_line(lang: Language, each: Compared) -> str:
    """Which kept checkpoint, and how it and the ledger disagree."""
    if each.flaw is None:
        return f"[green]✓[/] {each.size}  [dim]{escape(each.name)}[/]"
    rows = f" {each.rows[0]}–{each.rows[1]}" if each.rows else ""
    return f"[red]•[/] {escape(each.name)}: {flaw_text(lang, each.flaw)}{rows}"


def kept_lines(lang: Language, found: Verification, *, signatures: bool) -> list[str]:
    """Every kept checkpoint against the ledger, then what that does not cover."""
    lines = [f"  {lang.pick('Điểm chốt đã giữ', 'Checkpoints kept')}: {len(found.kept)}"]
    lines += [f"  {kept_line(lang, each)}" for each in found.kept]
    if not signatures:
        lines.append(f"  [dim]{say(lang, 'signatures_unchecked')}[/]")
    newest = max((each.size or 0 for each in found.kept), default=0)
    return [*lines, f"  [dim]{say(lang, 'after_newest', size=newest)}[/]"]


def refusal_lines(lang: Language, refused: NotSigned) -> list[str]:
    """Why nothing was signed."""
    return [
        f"[bold red]✗ {say(lang, 'not_signed')}[/]",
        *(f"  [red]•[/] {finding_line(lang, finding)}" for finding in refused.findings),
        *(f"  {kept_line(lang, each)}" for each in refused.contradictions),
    ]
