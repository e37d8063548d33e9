"""What the members of every closed list are called, in Vietnamese and English: the only place that says it.

In the middle of a sentence; who shows a word alone begins it with a capital letter, or shouts it. What events are
called stands in `event_words`.
"""

from collections.abc import Mapping
from typing import Final

from contracts import access
from contracts.activation import RefusalReason
from contracts.codes import (
    Change,
    Channel,
    CountOf,
    DeclineReason,
    Disposition,
    EscalationStep,
    Misrouting,
    MisroutingAnswer,
    Role,
    Severity,
    Space,
    Status,
    Unit,
    UrgencyMark,
)
from contracts.decisions import CitationStatus, ObligationKind
from contracts.ladders import Rung
from contracts.register import Tree
from contracts.reporting import CopyChannel, Owing
from contracts.taxonomy import CATEGORIES

Words = tuple[str, str]
"""Vietnamese, English."""

ROLES: Final[Mapping[str, Words]] = {
    Role.LEAD: ("chủ trì", "lead"),
    Role.COMMAND: ("chỉ huy", "command"),
    Role.DIRECT: ("chỉ đạo", "direct"),
    Role.ADVISE: ("tham mưu", "advise"),
    Role.COORDINATE: ("phối hợp", "coordinate"),
    Role.INFORM: ("để biết", "inform"),
}
DOES: Final[Mapping[str, Words]] = {
    Role.LEAD: ("chủ trì", "leads"),
    Role.COMMAND: ("chỉ huy tại hiện trường", "commands on scene"),
    Role.DIRECT: ("chỉ đạo", "directs"),
    Role.ADVISE: ("tham mưu", "advises"),
    Role.COORDINATE: ("phối hợp", "coordinates"),
    Role.INFORM: ("được thông báo", "is informed"),
}
"""The same roles as verbs, in the sentence of a rule."""
SEVERITIES: Final[Mapping[str, Words]] = {
    Severity.EXTREME: ("đặc biệt nghiêm trọng", "extreme"),
    Severity.SEVERE: ("nghiêm trọng", "severe"),
    Severity.MODERATE: ("trung bình", "moderate"),
    Severity.MINOR: ("nhẹ", "minor"),
    Severity.UNKNOWN: ("chưa rõ mức độ", "severity unknown"),
}
MARKS: Final[Mapping[str, Words]] = {
    UrgencyMark.THUONG: ("thường", "ordinary"),
    UrgencyMark.KHAN: ("khẩn", "urgent"),
    UrgencyMark.THUONG_KHAN: ("thượng khẩn", "very urgent"),
    UrgencyMark.HOA_TOC: ("hỏa tốc", "flash"),
}
"""In Vietnamese as Decree 30/2020 names the marks of a paper."""
SPACES: Final[Mapping[str, Words]] = {
    Space.ACTUAL: ("thật", "real"),
    Space.EXERCISE: ("diễn tập", "exercise"),
    Space.TEST: ("thử", "test"),
}
STATUSES: Final[Mapping[str, Words]] = {
    Status.ACTUAL: SPACES[Space.ACTUAL],
    Status.EXERCISE: SPACES[Space.EXERCISE],
    Status.TEST: SPACES[Space.TEST],
    Status.SYSTEM: ("tin hệ thống", "system"),
    Status.DRAFT: ("bản nháp", "draft"),
}
CHANNELS: Final[Mapping[str, Words]] = {
    Channel.PHONE: ("điện thoại", "telephone"),
    Channel.RADIO: ("bộ đàm", "radio"),
    Channel.IN_PERSON: ("trực tiếp", "in person"),
    Channel.WRITTEN: ("bằng văn bản", "in writing"),
}
COUNTS: Final[Mapping[str, Words]] = {
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
SCENE: Final[Mapping[str, Words]] = {
    "exact_location": ("Vị trí cụ thể", "Exact location"),
    "hazards": ("Nguy hiểm", "Hazards"),
    "access": ("Đường tiếp cận", "Access"),
    "services_present": ("Lực lượng có mặt", "Services on scene"),
    "services_required": ("Lực lượng cần thêm", "Services required"),
    "measures_taken": ("Đã xử trí", "Measures taken"),
    "requests": ("Đề nghị", "Requests"),
    "forecast": ("Dự báo", "Forecast"),
}
"""The lines of a scene, in METHANE order."""
SCALES: Final[Mapping[str, Words]] = {
    "disaster_risk": ("cấp độ rủi ro thiên tai", "disaster risk level"),
    "civil_defence": ("cấp độ phòng thủ dân sự", "civil-defence level"),
    "forest_fire_danger": ("cấp dự báo cháy rừng", "forest-fire danger level"),
    "river_alert": ("mức báo động lũ", "river alert level"),
}
UNITS: Final[Mapping[str, Words]] = {
    Unit.PERSON: ("người", "people"),
    Unit.HOUSE: ("nhà", "houses"),
    Unit.HOUSEHOLD: ("hộ", "households"),
    Unit.HECTARE: ("ha", "ha"),
    Unit.HEAD: ("con", "head"),
    Unit.VESSEL: ("chiếc", "vessels"),
}
TREES: Final[Mapping[str, Words]] = {
    Tree.ADMINISTRATIVE: ("hệ thống hành chính", "administrative"),
    Tree.MILITARY: ("hệ thống quân sự", "military"),
    Tree.POLICE: ("hệ thống công an", "police"),
    Tree.BORDER_GUARD: ("hệ thống biên phòng", "border guard"),
    Tree.SECTOR: ("ngành dọc", "sector"),
}
CITATIONS: Final[Mapping[str, Words]] = {
    CitationStatus.CONFIRMED: ("đã đối chiếu", "confirmed"),
    CitationStatus.UNVERIFIED: ("chưa đối chiếu", "unverified"),
    CitationStatus.INFERRED: ("suy luận", "inferred"),
    CitationStatus.DESIGN_DEFAULT: ("mặc định thiết kế", "design default"),
}
"""How far a legal basis was checked; the texts of the regulations say it alike."""
OWED: Final[Mapping[str, Words]] = {
    ObligationKind.ACKNOWLEDGE: ("xác nhận đã nhận tin", "acknowledge"),
    ObligationKind.DECIDE: ("quyết định nhận hay từ chối", "accept or decline"),
    ObligationKind.FIRST_REPORT: ("báo cáo ban đầu", "first report"),
    ObligationKind.FOLLOW_UP: ("báo cáo tiếp theo", "follow-up report"),
    ObligationKind.ANSWER: ("trả lời phản ánh quy tắc", "answer an objection"),
    ObligationKind.ORDER_PROMPT: ("nhắc lệnh sắp hết", "prompt about the order"),
    ObligationKind.ORDER_EXPIRES: ("lệnh hết hiệu lực", "order ends"),
    Owing.PERIOD: ("báo cáo định kỳ", "report about a period"),
    Owing.CONFIRMATION: ("xác nhận nội dung đã báo miệng", "confirm what was told by voice"),
}
COPIES: Final[Mapping[str, Words]] = {
    CopyChannel.HORIZONTAL: ("ngang", "horizontal"),
    CopyChannel.VERTICAL: ("ngành dọc", "vertical"),
}
STEPS: Final[Mapping[str, Words]] = {
    EscalationStep.DEPUTY: ("cấp phó của bàn trực", "the desk's deputy"),
    EscalationStep.DUTY_COMMAND: ("trực chỉ huy của cơ quan", "the agency's duty command"),
    EscalationStep.SUPERIOR: ("cấp trên", "the superior"),
    EscalationStep.TOP: ("bàn trực cao nhất", "the top desk"),
}
RUNGS: Final[Mapping[str, Words]] = {
    Rung.ISSUED: ("mới phát", "issued"),
    Rung.DELIVERED: ("đã đến nơi", "delivered"),
    Rung.OPENED: ("đã mở xem", "opened"),
    Rung.ACKNOWLEDGED: ("đã nhận tin", "acknowledged"),
    Rung.DEFERRED: ("hẹn trả lời", "deferred"),
    Rung.ACCEPTED: ("đã nhận nhiệm vụ", "accepted"),
    Rung.DECLINED: ("từ chối, chờ nơi khác nhận", "declined, until another accepts"),
    Rung.HANDING_OVER: ("đang bàn giao", "being handed over"),
    Rung.RELEASED: ("nơi khác đã nhận", "taken over by another"),
    Rung.COMPLETED: ("đã hoàn thành", "completed"),
    Rung.LAPSED: ("hết thời hạn", "ended by law"),
    Rung.WITHDRAWN: ("đã thu hồi", "withdrawn"),
}
SILENCE: Final[Mapping[str, Words]] = {
    "asked_again": ("quá hạn, đã nhắc lại", "overdue, asked again"),
    "escalated": ("quá hạn, đã chuyển cấp", "overdue, escalated"),
}
"""What was done about a desk's silence so far (`LadderLine.silence`)."""
CHANGES: Final[Mapping[str, Words]] = {
    Change.REPORT_JOINED: ("thêm báo cáo", "another report"),
    Change.SITUATION_REPORT: ("báo cáo tình hình", "situation report"),
    Change.REPORT_CORRECTED: ("đính chính báo cáo", "report corrected"),
    Change.REPORT_WITHDRAWN: ("rút báo cáo", "report withdrawn"),
    Change.LEVEL_CHANGED: ("thay đổi cấp độ", "level changed"),
    Change.LEAD_CHANGED: ("đổi cơ quan chủ trì", "lead changed"),
    Change.COMMAND_CHANGED: ("đổi chỉ huy hiện trường", "command on scene changed"),
    Change.MERGED: ("nhập sự cố", "incidents merged"),
    Change.SPLIT: ("tách sự cố", "incident split off"),
    Change.CLOSED: ("kết thúc sự cố", "incident closed"),
    Change.REOPENED: ("mở lại sự cố", "incident reopened"),
    Change.MERGE_SUGGESTED: ("có thể trùng với sự cố khác", "perhaps the same as another incident"),
}
DECLINES: Final[Mapping[str, Words]] = {
    DeclineReason.NOT_COMPETENT: ("không thuộc thẩm quyền", "not competent"),
    DeclineReason.WRONG_AREA: ("sai địa bàn", "wrong area"),
    DeclineReason.NO_CAPACITY: ("không đủ lực lượng", "no capacity"),
    DeclineReason.OTHER: ("lý do khác", "another reason"),
}
MISROUTINGS: Final[Mapping[str, Words]] = {
    Misrouting.NOT_OURS: ("không thuộc cơ quan này", "not this agency's"),
    Misrouting.WRONG_ROLE: ("sai vai trò", "wrong role"),
    Misrouting.WRONG_AREA: ("sai địa bàn", "wrong area"),
}
ANSWERS: Final[Mapping[str, Words]] = {
    MisroutingAnswer.RULE_STANDS: ("giữ nguyên quy tắc", "the rule stands"),
    MisroutingAnswer.RULE_CHANGES: ("sẽ sửa quy tắc", "the rule changes"),
}
DISPOSITIONS: Final[Mapping[str, Words]] = {
    Disposition.RESOLVED: ("đã xử lý xong", "resolved"),
    Disposition.FALSE_ALARM: ("báo nhầm", "false alarm"),
    Disposition.DUPLICATE: ("trùng sự cố khác", "duplicate of another"),
    Disposition.WITHDRAWN: ("đơn vị báo cáo đã rút", "withdrawn by its reporter"),
    Disposition.HANDED_OVER: ("bên ngoài tiếp nhận", "handed over outside"),
}
REFUSALS: Final[Mapping[str, Words]] = {
    RefusalReason.NOT_CLEAN: ("bộ quy tắc còn lỗi (check)", "the proof finds faults (check)"),
    RefusalReason.CASES_FAIL: ("tình huống không cho kết quả như đã định", "cases are decided otherwise than expected"),
    RefusalReason.OTHER_TEXT: (
        "cùng phiên bản nhưng nội dung khác: nâng phiên bản",
        "the same version with another text: raise the version",
    ),
    RefusalReason.NOT_NEWER: (
        "phiên bản không mới hơn bộ đang hoặc sắp áp dụng",
        "the version does not fit between what decides and what is to follow",
    ),
    RefusalReason.SAME_APPROVER: ("hai người duyệt phải khác nhau", "the two approvers must differ"),
    RefusalReason.UNKNOWN_AGENCY: ("cơ quan không có trong danh bạ", "the agency is not in the register"),
    RefusalReason.UNKNOWN_PROPOSAL: ("không có đề nghị này", "there is no such proposal"),
    RefusalReason.NOT_OPEN: (
        "đề nghị đã hủy, đã quyết hoặc đã có hiệu lực",
        "it was cancelled or decided already, or has taken effect",
    ),
    RefusalReason.IN_THE_PAST: ("thời điểm đã qua", "the time has passed"),
    RefusalReason.UNUSABLE: ("hệ thống không dùng được bộ này", "routing cannot use this set"),
}
"""Why a regulation set is not put in force."""
SECTIONS: Final[Mapping[str, Words]] = {
    access.Role.UNIT: ("đơn vị hiện trường", "field units"),
    access.Role.OFFICER: ("bàn trực", "duty desks"),
    access.Role.AUDITOR: ("kiểm toán", "auditors"),
    access.Role.OWNER: ("quy định", "regulations"),
    access.Role.OPERATOR: ("vận hành", "operators"),
}
"""What the pages for each kind of visitor are called."""

LISTS: Final[Mapping[str, Mapping[str, Words]]] = {
    "category": {category: (name.vi, name.en) for category, name in CATEGORIES.items()},
    "role": ROLES,
    "severity": SEVERITIES,
    "urgency_mark": MARKS,
    "status": STATUSES,
    "space": SPACES,
    "channel": CHANNELS,
    "count": COUNTS,
    "unit": UNITS,
    "citation": CITATIONS,
    "kind": OWED,
    "copy": COPIES,
    "step": STEPS,
    "rung": RUNGS,
    "silence": SILENCE,
    "change": CHANGES,
    "reason": DECLINES,
    "finding": MISROUTINGS,
    "answer": ANSWERS,
    "disposition": DISPOSITIONS,
}
"""The lists that pages and facts name: by the member that holds the code, wherever that says which list it is."""


def said(kind: str, code: str) -> Words:
    """What a code of this list is called; the code itself where the list has no such member (yet)."""
    return LISTS[kind].get(code, (code, code))


def begun(words: Words) -> Words:
    """With a capital letter, to stand alone."""
    vi, en = words
    return vi[:1].upper() + vi[1:], en[:1].upper() + en[1:]


def shouted(words: Words) -> Words:
    """In capitals, to be seen from across the room."""
    vi, en = words
    return vi.upper(), en.upper()
