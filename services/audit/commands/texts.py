"""What the ledger's commands say to people, in Vietnamese and English; it decides nothing."""

from typing import Final

from rich.markup import escape
from rich.table import Table

from services.audit.entries import REPEATED, UNREADABLE
from services.audit.notary.checkpointing import NotSigned
from services.audit.recomputing.checking import Finding, Flaw
from services.audit.recomputing.verification import Verification
from services.audit.tables import Entry
from services.audit.tlog.anchors import AnchorFlaw, Compared
from services.runtime.terminal import Language, local_date_time

_FLAWS: Final[dict[Flaw, tuple[str, str]]] = {
    Flaw.CONTENT_CHANGED: ("nội dung đã bị sửa", "the content was changed"),
    Flaw.COLUMNS_DISAGREE: ("cột không khớp với nội dung", "a column disagrees with the content"),
    Flaw.ENTRIES_MISSING: ("bị mất", "missing"),
    Flaw.ENTRIES_UNACCOUNTED: ("không thuộc lần ghi nào", "covered by no recorded batch"),
    Flaw.SEQUENCE_BROKEN: ("số thứ tự của luồng không liên tục", "the stream sequences are not contiguous"),
    Flaw.ROOT_CHANGED: ("không cho ra gốc đã ghi", "do not give the recorded root"),
    Flaw.POSITION_BROKEN: ("vị trí đã ghi bị mất hoặc bị sửa", "the recorded position is missing or was changed"),
    Flaw.TILE_BROKEN: ("ô băm đã lưu bị mất hoặc bị sửa", "the stored tile is missing or was changed"),
    Flaw.EVENT_TWICE: ("cùng một mã sự kiện ở mục đầu và mục cuối", "the same event id at the first and the last"),
}
_KEPT: Final[dict[AnchorFlaw, tuple[str, str]]] = {
    AnchorFlaw.CHECKPOINT_UNREADABLE: ("không phải điểm chốt", "not a checkpoint"),
    AnchorFlaw.CHECKPOINT_OF_ANOTHER_LOG: ("điểm chốt của sổ khác", "a checkpoint of another ledger"),
    AnchorFlaw.CHECKPOINT_NOT_SIGNED: ("không có chữ ký của sổ này", "not signed by this ledger"),
    AnchorFlaw.CHECKPOINT_KEY_RETIRED: (
        "ký bằng khóa không có hiệu lực ở cỡ sổ này",
        "signed by a key that does not count for this size",
    ),
    AnchorFlaw.TAIL_MISSING: ("phần cuối của sổ bị mất, các mục", "the end of the ledger is missing, entries"),
    AnchorFlaw.HISTORY_REWRITTEN: ("sổ đã bị viết lại, trong các mục", "the ledger was rewritten, within entries"),
}
_EVENTS: Final[dict[str, tuple[str, str]]] = {
    "ReportAccepted": ("Nhận báo cáo", "Report accepted"),
    "ReportRejected": ("Từ chối báo cáo", "Report rejected"),
    "IncidentOpened": ("Mở sự cố", "Incident opened"),
    "IncidentUpdated": ("Cập nhật sự cố", "Incident updated"),
    "DispatchIssued": ("Phát lệnh", "Dispatch issued"),
    "DispatchDelivered": ("Đã đến bàn trực", "Delivered to the desk"),
    "DispatchAcknowledged": ("Bàn trực xác nhận đã nhận", "Acknowledged by the desk"),
    "DispatchEscalated": ("Quá hạn, chuyển cấp", "Escalated on silence"),
    "DispatchOpened": ("Bàn trực đã mở xem", "Opened at the desk"),
    "DispatchAccepted": ("Bàn trực nhận nhiệm vụ", "Accepted by the desk"),
    "DispatchDeferred": ("Bàn trực hẹn trả lời", "Deferred by the desk"),
    "DispatchDeclined": ("Bàn trực từ chối và chuyển tiếp", "Declined and forwarded"),
    "DispatchTransferred": ("Bàn trực bàn giao nhiệm vụ", "Handed over"),
    "DispatchReleased": ("Hết trách nhiệm vì nơi khác đã nhận", "Released: another desk accepted"),
    "DispatchCompleted": ("Hoàn thành nhiệm vụ", "Completed"),
    "DispatchCommented": ("Ghi chú", "Comment"),
    "DispatchWithdrawn": ("Thu hồi lệnh", "Dispatch withdrawn"),
    "DispatchUpdated": ("Báo bàn trực có thay đổi", "Desk told of a change"),
    "DispatchRepeated": ("Quá hạn, nhắc lại", "Repeated on silence"),
    "DispatchDiverted": ("Bàn trực vắng, báo thêm nơi khác", "Nobody at the desk, another told in addition"),
    "ObligationMet": ("Nghĩa vụ báo cáo đã thực hiện", "Obligation met"),
    "ObligationBreached": ("Nghĩa vụ quá hạn", "Obligation breached"),
    "ObligationExcused": ("Miễn nghĩa vụ", "Obligation excused"),
    "MisrouteRaised": ("Bàn trực phản ánh chuyển sai", "Objection to the routing"),
    "MisrouteAnswered": ("Trả lời phản ánh chuyển sai", "Objection answered"),
    "LevelChanged": ("Thay đổi cấp độ", "Level changed"),
    "OrderPrompted": ("Lệnh có thời hạn sắp hết", "Order about to end"),
    "DispatchLapsed": ("Lệnh có thời hạn đã hết", "Order has ended"),
    "IncidentRedecided": ("Xác định lại trách nhiệm", "Responsibility decided again"),
    "LeadTransferred": ("Chuyển cơ quan chủ trì", "Lead transferred"),
    "CommandHandedOver": ("Bàn giao chỉ huy tại hiện trường", "Command on scene handed over"),
    "MergeSuggested": ("Có thể trùng với sự cố khác", "Perhaps the same as another incident"),
    "IncidentMerged": ("Nhập vào sự cố khác", "Merged into another incident"),
    "IncidentAbsorbed": ("Nhập thêm một sự cố", "Another incident was merged in"),
    "IncidentSplit": ("Tách lại thành sự cố riêng", "Split off again"),
    "IncidentParted": ("Một sự cố đã nhập được tách ra", "A merged incident was split off"),
    "IncidentClosed": ("Kết thúc sự cố", "Incident closed"),
    "IncidentReopened": ("Mở lại sự cố", "Incident reopened"),
    "ExercisePlanned": ("Lập kế hoạch diễn tập", "Exercise planned"),
    "ExerciseStarted": ("Bắt đầu diễn tập", "Exercise began"),
    "ExerciseCancelled": ("Hủy diễn tập", "Exercise called off"),
    "ReportOwed": ("Phải báo cáo theo kỳ", "Report owed"),
    "PeriodReportFiled": ("Đã báo cáo theo kỳ", "Period report filed"),
    "PeriodReportWithdrawn": ("Rút báo cáo kỳ, phải báo cáo lại", "Period report withdrawn, owed again"),
    "PeriodReportMissing": ("Thiếu báo cáo kỳ", "Period report missing"),
    "PeriodReportExcused": ("Miễn báo cáo kỳ", "Period report excused"),
    "ReportingRegimeSwitched": ("Bật hoặc tắt chế độ báo cáo", "Reporting regime switched"),
    "PeriodReportCopied": ("Sao báo cáo đến bàn trực", "Report copied to a desk"),
    "PeriodReportRequested": ("Nhắc gửi báo cáo", "Report requested"),
    "PaperAcknowledged": ("Bàn trực đã nhận bản sao", "Copy acknowledged by the desk"),
    "DeskPresenceChanged": ("Tình trạng bàn trực thay đổi", "Desk came or went"),
    "ShiftHandOverProposed": ("Đề nghị giao ca trực", "Shift hand-over proposed"),
    "ShiftHandedOver": ("Đã giao ca trực", "Shift handed over"),
    "ActionRefused": ("Từ chối thao tác", "Action refused"),
    "ReferenceRecorded": ("Ghi văn bản quy tắc hoặc danh bạ", "Text of regulations or register recorded"),
    "RegulationProposed": ("Đề nghị áp dụng bộ quy tắc", "Regulation set proposed"),
    "RegulationApproved": ("Người thứ hai đồng ý bộ quy tắc", "Regulation set approved by a second approver"),
    "RegulationActivated": ("Áp dụng bộ quy tắc", "Regulation set put in force"),
    "RegulationActivationCancelled": ("Hủy việc áp dụng bộ quy tắc", "Activation of a regulation set cancelled"),
    "RegulationActivationRefused": ("Từ chối áp dụng bộ quy tắc", "Activation of a regulation set refused"),
    "PersonalDataErased": ("Xóa dữ liệu cá nhân", "Personal values erased"),
    "AuditRead": ("Đọc sổ", "The record was read"),
    "IdentityChanged": ("Thay đổi quyền kết nối", "Who may connect changed"),
    UNREADABLE: ("Không đọc được", "Unreadable"),
    REPEATED: ("Lặp mã sự kiện", "Repeated event id"),
}
_SAYINGS: Final[dict[str, tuple[str, str]]] = {
    "migrated": ("Sổ đã ở phiên bản mới nhất.", "The ledger's schema is up to date."),
    "tidied": (
        "✓ Tháng {month}: chỉ mục từ {before} MB còn {after} MB",
        "✓ Month {month}: indexes from {before} MB to {after} MB",
    ),
    "tidy": ("Không có tháng nào cần dọn.", "No month needs tidying."),
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


def finding_line(lang: Language, finding: Finding) -> str:
    """Which entries, and what is wrong with them."""
    where = str(finding.first) if finding.first == finding.last else f"{finding.first}–{finding.last}"
    many = "entry" if finding.first == finding.last else "entries"
    return f"{lang.pick('mục', many)} {where}: {lang.pick(*_FLAWS[finding.flaw])}"


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


def event_name(lang: Language, event_type: str) -> str:
    """What people call this kind of entry; the type itself where they have no name for it."""
    _, name, *_ = (*event_type.split("."), event_type, "")
    return lang.pick(*_EVENTS.get(name, _EVENTS.get(event_type, (event_type, event_type))))


def flaw_text(lang: Language, flaw: AnchorFlaw) -> str:
    """How a kept checkpoint and the ledger disagree."""
    return lang.pick(*_KEPT[flaw])


def kept_line(lang: Language, each: Compared) -> str:
    """Which kept checkpoint, and how it and the ledger disagree."""
    if each.flaw is None:
        return f"[green]✓[/] {each.size}  [dim]{escape(each.name)}[/]"
    rows = f" {each.rows[0]}–{each.rows[1]}" if each.rows else ""
    return f"[red]•[/] {escape(each.name)}: {lang.pick(*_KEPT[each.flaw])}{rows}"


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
