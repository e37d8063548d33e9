"""What facts are called when people read them, and the reasons that the hub itself gives, in Vietnamese and English."""

from collections.abc import Mapping
from typing import Final

from contracts.code_words import Words

EVENTS: Final[Mapping[str, Words]] = {
    "ReportAccepted": ("Nhận báo cáo", "Report accepted"),
    "ReportRejected": ("Từ chối báo cáo", "Report rejected"),
    "AttachmentStored": ("Đã nhận ảnh của báo cáo", "Photo of a report arrived"),
    "IncidentOpened": ("Mở sự cố", "Incident opened"),
    "IncidentUpdated": ("Thêm báo cáo", "Report joined"),
    "DispatchIssued": ("Phát lệnh", "Dispatch issued"),
    "DispatchDelivered": ("Đã đến bàn trực", "Delivered to the desk"),
    "DispatchAcknowledged": ("Bàn trực đã nhận tin", "Acknowledged by the desk"),
    "DispatchEscalated": ("Quá hạn, chuyển cấp", "Escalated on silence"),
    "DispatchOpened": ("Bàn trực đã mở xem", "Opened at the desk"),
    "DispatchAccepted": ("Bàn trực nhận nhiệm vụ", "Accepted by the desk"),
    "DispatchDeferred": ("Bàn trực hẹn trả lời", "Deferred by the desk"),
    "DispatchDeclined": ("Bàn trực từ chối và chuyển tiếp", "Declined and forwarded"),
    "DispatchTransferred": ("Bàn trực bàn giao nhiệm vụ", "Being handed over"),
    "DispatchReleased": ("Hết trách nhiệm vì nơi khác đã nhận", "Released: another desk accepted"),
    "DispatchCompleted": ("Hoàn thành nhiệm vụ", "Completed"),
    "DispatchCommented": ("Ghi chú", "Comment"),
    "DispatchWithdrawn": ("Thu hồi lệnh", "Dispatch withdrawn"),
    "DispatchUpdated": ("Báo bàn trực có thay đổi", "Desk told of a change"),
    "DispatchRepeated": ("Quá hạn, nhắc lại", "Asked again on silence"),
    "DispatchDiverted": ("Bàn trực vắng, báo thêm nơi khác", "Desk empty, another told in addition"),
    "ObligationMet": ("Đã báo cáo theo nghĩa vụ", "Report that was owed has come"),
    "ObligationBreached": ("Quá hạn báo cáo, đề nghị gửi", "Report missing, please send"),
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
    "IncidentAbsorbed": ("Nhập thêm một sự cố", "Another incident merged in"),
    "IncidentSplit": ("Tách lại thành sự cố riêng", "Split off again"),
    "IncidentParted": ("Một sự cố đã nhập được tách ra", "A merged incident split off"),
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
}
"""By the name of their type."""
CAUSES: Final[Mapping[str, Words]] = {
    "order_lapsed": ("lệnh có thời hạn đã hết", "a time-capped order ended"),
    "other_desk_acknowledged": ("nơi khác cùng nhóm đã nhận tin", "another desk of the group acknowledged"),
    "taken_back": ("nơi giao đã lấy lại", "whoever gave it took it back"),
    "withdrawn": ("đã thu hồi, hoặc sự cố nhập vào sự cố khác", "taken back, or the incident was merged"),
    "merged": ("sự cố nhập vào sự cố khác", "the incident was merged"),
    "closed": ("cơ quan chủ trì kết thúc sự cố", "the lead closed the incident"),
    "released": ("nơi khác đã nhận nhiệm vụ", "another desk accepted the duty"),
    "completed": ("chính bàn trực báo đã xong", "the desk itself reported it done"),
    "lapsed": ("hết thời hạn theo luật", "ended by law"),
    "unstaffed": ("bàn trực không có người", "nobody is on duty at the desk"),
    "offline": ("màn hình của bàn trực mất liên lạc", "nothing is heard of the desk's screen"),
    "agency_ended": ("cơ quan không còn trong danh bạ", "the register no longer has the agency"),
    "entry_withdrawn": ("người trực rút lại nội dung đã ghi thay", "the duty officer took back what was logged"),
}
"""Why something was excused, withdrawn, diverted or decided again: the literals of `reason` and `because`."""


def event_called(event_type: str) -> Words:
    """What people call a fact, by its whole type (`phoihop.<name>.v1`) or its name; the text itself where unknown."""
    _, name, *_ = (*event_type.split("."), event_type, "")
    return EVENTS.get(name, EVENTS.get(event_type, (event_type, event_type)))


def cause_called(code: str) -> Words:
    """Why the hub did it; the code itself where there are no words for it (yet)."""
    return CAUSES.get(code, (code, code))
