"""What entries, findings and obligations are called by people, in Vietnamese and English; it decides nothing."""

from collections.abc import Mapping
from typing import Any, Final

from services.audit.entries import REPEATED, UNREADABLE
from services.audit.recomputing.checking import Finding, Flaw
from services.audit.reports.knowing import Knowledge, Known
from services.audit.tlog.anchors import AnchorFlaw
from services.runtime.terminal import Language

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
    "AccessChanged": ("Cấp hoặc chấm dứt mã vào qua web", "A way in over HTTP was offered or ended"),
    UNREADABLE: ("Không đọc được", "Unreadable"),
    REPEATED: ("Lặp mã sự kiện", "Repeated event id"),
}
_KNOWLEDGE: Final[dict[Knowledge, tuple[str, str]]] = {
    Knowledge.DELIVERED: ("đã nhận, chứng minh bởi mục {proof}", "received, proved by entry {proof}"),
    Knowledge.OWN: ("bàn trực tự làm", "the desk's own act"),
    Knowledge.ACTED_LATER: (
        "có thể chưa đọc; bàn trực có thao tác sau đó ở mục {proof}",
        "perhaps unread; the desk acted later, entry {proof}",
    ),
    Knowledge.NOT_DELIVERED: ("chưa có gì chứng minh đã nhận", "nothing proves that it arrived"),
}
ROLES: Final[dict[str, tuple[str, str]]] = {
    "lead": ("chủ trì", "lead"),
    "command": ("chỉ huy", "command"),
    "direct": ("chỉ đạo", "direct"),
    "advise": ("tham mưu", "advise"),
    "coordinate": ("phối hợp", "coordinate"),
    "inform": ("được thông báo", "inform"),
}


def event_name(lang: Language, event_type: str) -> str:
    """What people call this kind of entry; the type itself where they have no name for it."""
    _, name, *_ = (*event_type.split("."), event_type, "")
    return lang.pick(*_EVENTS.get(name, _EVENTS.get(event_type, (event_type, event_type))))


def knowledge_text(lang: Language, known: Known) -> str:
    """How far it is proved that a desk knew this, and by which entry."""
    return lang.pick(*_KNOWLEDGE[known.knowledge]).format(proof=known.proof.idx if known.proof else "")


def finding_line(lang: Language, finding: Finding) -> str:
    """Which entries, and what is wrong with them."""
    where = str(finding.first) if finding.first == finding.last else f"{finding.first}–{finding.last}"
    many = "entry" if finding.first == finding.last else "entries"
    return f"{lang.pick('mục', many)} {where}: {lang.pick(*_FLAWS[finding.flaw])}"


def finding_words(lang: Language, found: Mapping[str, Any]) -> str:
    """A finding as a verdict document holds it."""
    code, first, last = str(found.get("flaw")), found.get("first"), found.get("last")
    where = "" if first is None else f" {first}" if first == last else f" {first}–{last}"
    if code == "not_settled":
        return lang.pick("chưa đủ nhân chứng xác nhận", "too few witnesses vouch for it")
    if code in set(Flaw):
        return f"{lang.pick('mục', 'entries')}{where}: {lang.pick(*_FLAWS[Flaw(code)])}"
    named = lang.pick("điểm chốt", "checkpoint")
    told = flaw_text(lang, AnchorFlaw(code)) if code in set(AnchorFlaw) else code
    return f"{named} {found.get('checkpoint')}: {told}{where}"


def flaw_text(lang: Language, flaw: AnchorFlaw) -> str:
    """How a kept checkpoint and the ledger disagree."""
    return lang.pick(*_KEPT[flaw])


def reason_name(lang: Language, why: str) -> str:
    """By whom and why something was owed no longer; the code itself where there are no words for it."""
    names = {
        "other_desk_acknowledged": ("nơi khác cùng nhóm đã xác nhận", "another desk of the group acknowledged"),
        "withdrawn": ("nơi giao đã thu hồi, hoặc sự cố nhập vào sự cố khác", "taken back, or the incident was merged"),
        "closed": ("cơ quan chủ trì kết thúc sự cố", "the lead closed the incident"),
        "released": ("nơi khác đã nhận nhiệm vụ", "another desk accepted the duty"),
        "completed": ("chính bàn trực báo đã xong", "the desk itself reported it done"),
        "lapsed": ("hết thời hạn theo luật", "ended by law"),
        "agency_ended": ("cơ quan không còn trong danh bạ", "the register no longer has the agency"),
        "entry_withdrawn": ("người trực rút lại nội dung đã ghi thay", "the duty officer took back what was logged"),
    }
    return lang.pick(*names.get(why, (why, why)))


def kind_name(lang: Language, kind: str) -> str:
    """What people call this kind of obligation; the code itself where they have no name for it."""
    names = {
        "acknowledge": ("xác nhận đã nhận", "acknowledge"),
        "decide": ("nhận hay từ chối", "accept or decline"),
        "first_report": ("báo cáo lần đầu", "report first"),
        "follow_up": ("báo cáo tiếp", "report again"),
        "answer": ("trả lời ý kiến về quy tắc", "answer an objection"),
        "period": ("báo cáo định kỳ", "report about a period"),
        "confirmation": ("xác nhận nội dung đã báo miệng", "confirm what was told by voice"),
    }
    return lang.pick(*names.get(kind, (kind, kind)))
