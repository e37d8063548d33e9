"""What the closed lists of a duty desk are called, in Vietnamese and English; in the terminal and on pages alike."""

from typing import Final

from contracts.codes import (
    Change,
    CountOf,
    DeclineReason,
    Disposition,
    Misrouting,
    MisroutingAnswer,
    Role,
    Severity,
    Unit,
)
from contracts.decisions import CitationStatus, ObligationKind
from services.desk.row import RowState

Words = tuple[str, str]

ROLES: Final[dict[str, Words]] = {
    Role.LEAD.value: ("CHỦ TRÌ", "LEAD"),
    Role.COMMAND.value: ("CHỈ HUY", "COMMAND"),
    Role.DIRECT.value: ("CHỈ ĐẠO", "DIRECT"),
    Role.ADVISE.value: ("THAM MƯU", "ADVISE"),
    Role.COORDINATE.value: ("PHỐI HỢP", "COORDINATE"),
    Role.INFORM.value: ("ĐỂ BIẾT", "INFORM"),
}
STATES: Final[dict[str, Words]] = {
    RowState.ISSUED.value: ("mới", "new"),
    RowState.DELIVERED.value: ("đã đến", "delivered"),
    RowState.OPENED.value: ("đã mở xem", "opened"),
    RowState.REPEATED.value: ("QUÁ HẠN, đã nhắc lại", "OVERDUE, asked again"),
    RowState.ESCALATED.value: ("QUÁ HẠN, đã chuyển cấp", "OVERDUE, escalated"),
    RowState.ACKNOWLEDGED.value: ("đã nhận tin", "acknowledged"),
    RowState.DEFERRED.value: ("hẹn trả lời", "deferred"),
    RowState.ACCEPTED.value: ("nhận nhiệm vụ", "accepted"),
    RowState.DECLINED.value: ("từ chối, chờ nơi khác nhận", "declined, until another accepts"),
    RowState.HANDING_OVER.value: ("đang bàn giao", "being handed over"),
    RowState.RELEASED.value: ("hết trách nhiệm", "released"),
    RowState.COMPLETED.value: ("hoàn thành", "completed"),
    RowState.LAPSED.value: ("hết thời hạn", "ended by law"),
    RowState.WITHDRAWN.value: ("thu hồi", "withdrawn"),
}
CHANGES: Final[dict[Change, Words]] = {
    Change.REPORT_JOINED: ("thêm báo cáo", "another report"),
    Change.SITUATION_REPORT: ("báo cáo tình hình", "situation report"),
    Change.REPORT_CORRECTED: ("ĐÍNH CHÍNH", "CORRECTION"),
    Change.REPORT_WITHDRAWN: ("RÚT báo cáo", "report WITHDRAWN"),
    Change.LEVEL_CHANGED: ("thay đổi cấp độ", "level changed"),
    Change.LEAD_CHANGED: ("đổi cơ quan chủ trì", "lead changed"),
    Change.COMMAND_CHANGED: ("chỉ huy hiện trường", "command on scene"),
    Change.MERGED: ("nhập sự cố", "incidents merged"),
    Change.SPLIT: ("tách sự cố", "incident split off"),
    Change.CLOSED: ("kết thúc", "closed"),
    Change.REOPENED: ("mở lại", "reopened"),
    Change.MERGE_SUGGESTED: ("CÓ THỂ TRÙNG với", "PERHAPS THE SAME as"),
}
OWED: Final[dict[str, Words]] = {
    ObligationKind.ACKNOWLEDGE.value: ("xác nhận đã nhận", "acknowledge"),
    ObligationKind.DECIDE.value: ("quyết định", "decide"),
    ObligationKind.FIRST_REPORT.value: ("báo cáo đầu", "first report"),
    ObligationKind.FOLLOW_UP.value: ("báo cáo tiếp", "follow-up report"),
    ObligationKind.ANSWER.value: ("trả lời phản ánh", "answer an objection"),
    ObligationKind.ORDER_PROMPT.value: ("nhắc lệnh sắp hết", "prompt about the order"),
    ObligationKind.ORDER_EXPIRES.value: ("lệnh hết hiệu lực", "order ends"),
}
PAPERS: Final[dict[str, Words]] = {
    "horizontal": ("BẢN SAO, ngang", "COPY, horizontal"),
    "vertical": ("BẢN SAO, ngành dọc", "COPY, vertical"),
    "request": ("THIẾU BÁO CÁO, đề nghị gửi", "REPORT MISSING, please send"),
    "told": ("cấp dưới thiếu báo cáo", "a subordinate's report is missing"),
}
SEVERITIES: Final[dict[Severity, Words]] = {
    Severity.EXTREME: ("đặc biệt nghiêm trọng", "extreme"),
    Severity.SEVERE: ("nghiêm trọng", "severe"),
    Severity.MODERATE: ("trung bình", "moderate"),
    Severity.MINOR: ("nhẹ", "minor"),
    Severity.UNKNOWN: ("chưa rõ mức độ", "severity unknown"),
}
CITATIONS: Final[dict[CitationStatus, Words]] = {
    CitationStatus.CONFIRMED: ("đã đối chiếu văn bản", "checked against the text"),
    CitationStatus.UNVERIFIED: ("chưa đối chiếu văn bản", "not checked against the text yet"),
    CitationStatus.INFERRED: ("suy ra từ văn bản", "inferred from the text"),
    CitationStatus.DESIGN_DEFAULT: ("mặc định của hệ thống, không phải luật", "a default of this system, not law"),
}
DECLINES: Final[dict[DeclineReason, Words]] = {
    DeclineReason.NOT_COMPETENT: ("không thuộc thẩm quyền", "not competent"),
    DeclineReason.WRONG_AREA: ("sai địa bàn", "wrong area"),
    DeclineReason.NO_CAPACITY: ("không đủ lực lượng", "no capacity"),
    DeclineReason.OTHER: ("lý do khác", "another reason"),
}
MISROUTINGS: Final[dict[Misrouting, Words]] = {
    Misrouting.NOT_OURS: ("không phải việc của chúng tôi", "not ours"),
    Misrouting.WRONG_ROLE: ("sai vai trò", "wrong role"),
    Misrouting.WRONG_AREA: ("sai địa bàn", "wrong area"),
}
ANSWERS: Final[dict[MisroutingAnswer, Words]] = {
    MisroutingAnswer.RULE_STANDS: ("giữ nguyên quy tắc", "the rule stands"),
    MisroutingAnswer.RULE_CHANGES: ("sẽ sửa quy tắc", "the rule changes"),
}
DISPOSITIONS: Final[dict[Disposition, Words]] = {
    Disposition.RESOLVED: ("đã xử lý xong", "resolved"),
    Disposition.FALSE_ALARM: ("báo nhầm", "false alarm"),
    Disposition.DUPLICATE: ("trùng sự cố khác", "duplicate"),
    Disposition.WITHDRAWN: ("đơn vị báo cáo rút", "withdrawn by its reporter"),
    Disposition.HANDED_OVER: ("bên ngoài tiếp nhận", "handed over outside"),
}
COUNTS: Final[dict[CountOf, Words]] = {
    CountOf.DEAD: ("chết", "dead"),
    CountOf.MISSING: ("mất tích", "missing"),
    CountOf.INJURED: ("bị thương", "injured"),
    CountOf.TRAPPED: ("mắc kẹt", "trapped"),
    CountOf.EVACUATED: ("đã sơ tán", "evacuated"),
    CountOf.AFFECTED: ("bị ảnh hưởng", "affected"),
    CountOf.HOUSES_DAMAGED: ("nhà hư hỏng", "houses damaged"),
    CountOf.HOUSES_FLOODED: ("nhà ngập", "houses flooded"),
    CountOf.HOUSEHOLDS_ISOLATED: ("hộ bị cô lập", "households cut off"),
    CountOf.AREA_BURNT: ("diện tích cháy", "area burnt"),
    CountOf.CROPS_DAMAGED: ("hoa màu thiệt hại", "crops damaged"),
    CountOf.LIVESTOCK_LOST: ("gia súc, gia cầm chết", "livestock lost"),
    CountOf.VESSELS: ("tàu thuyền", "vessels"),
}
UNITS: Final[dict[Unit, Words]] = {
    Unit.PERSON: ("người", "people"),
    Unit.HOUSE: ("nhà", "houses"),
    Unit.HOUSEHOLD: ("hộ", "households"),
    Unit.HECTARE: ("ha", "ha"),
    Unit.HEAD: ("con", "head"),
    Unit.VESSEL: ("chiếc", "vessels"),
}
