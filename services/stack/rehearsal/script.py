"""The script: a forest fire over two communes that becomes a matter of the province. Invented events in real places.

A decline, a silent desk, a lead and the command on scene handed over, a merge and its undoing, a level up and down, a
correction, two closures.
By the reference register and regulations (rules w3 to w7 and g2, g3); expectations are those rules read by hand.
"""

from typing import Final

from contracts.actions import (
    Accept,
    Acknowledge,
    Close,
    Decline,
    HandOverCommand,
    Merge,
    SetLevel,
    Split,
    Transfer,
)
from contracts.codes import DeclineReason, Disposition, Role
from contracts.reports import Scales
from services.stack.rehearsal.steps import Brought, Does, Files, Script, Step, Waits, desk_of

POST: Final = "kl-h-yen-the/tram-xuan-luong"
XUAN_LUONG: Final = "ubnd-x-xuan-luong/truc-ban"
TAM_TIEN: Final = "ubnd-x-tam-tien/truc-ban"
PROVINCE: Final = "ubnd-t-bac-ninh/truc-ban"
MILITIA: Final = "qs-x-xuan-luong/truc-ban"
MILITARY: Final = "qs-t-bac-ninh/truc-chi-huy"
POLICE: Final = "ca-x-tam-tien/truc-ban"
PROVINCE_POLICE: Final = "ca-t-bac-ninh/truc-ban"
RANGERS: Final = "kl-h-yen-the/truc-ban"
CIVIL_DEFENCE: Final = "ptds-t-bac-ninh/truc-ban"

STATION: Final = "Trạm trưởng Trạm Kiểm lâm Xuân Lương"
BRIGADE: Final = "Chỉ huy Phòng Cảnh sát PCCC và CNCH, Công an tỉnh Bắc Ninh"


def _resolved(summary: str) -> dict[str, object]:
    return {"disposition": Disposition.RESOLVED, "summary": summary}


_OPENING: Final = (
    Step(
        "fire-in-xuan-luong",
        "Trạm kiểm lâm báo cháy rừng Xuân Lương",
        "The ranger post reports a fire in Xuân Lương forest",
        "A",
        Files(POST, "bn-rung-xuan-luong", "Cháy rừng tại khu rừng Xuân Lương", 2),
        (
            Brought("IncidentOpened", "A"),
            Brought("DispatchIssued:lead", "A", XUAN_LUONG),
            Brought("DispatchIssued:coordinate", "A", MILITIA),
            Brought("DispatchIssued:command", "A", RANGERS),
        ),
        {"A": XUAN_LUONG},
    ),
    Step(
        "xuan-luong-takes-it",
        "Xã Xuân Lương nhận chủ trì",
        "Xuân Lương commune takes the lead",
        "A",
        Does(XUAN_LUONG, Role.LEAD, Accept),
        (Brought("DispatchAccepted", "A", XUAN_LUONG),),
        {"A": XUAN_LUONG},
    ),
    Step(
        "first-report",
        "Xã Xuân Lương báo cáo kết quả lần đầu; báo cáo tiếp có hạn",
        "Xuân Lương reports what was done; the next report is owed by a time",
        "A",
        Files("ubnd-x-xuan-luong/van-phong", "bn-rung-xuan-luong", "Đã huy động lực lượng, làm đường băng cản lửa", 2),
        (Brought("IncidentUpdated", "A"), Brought("ObligationMet", "A", XUAN_LUONG)),
        {"A": XUAN_LUONG},
    ),
    Step(
        "command-on-scene",
        "Xã Xuân Lương giao Trạm trưởng Trạm Kiểm lâm chỉ huy tại hiện trường",
        "Xuân Lương puts the head of the ranger post in command on scene",
        "A",
        Does(XUAN_LUONG, Role.LEAD, HandOverCommand, {"taker": STATION}),
        (Brought("CommandHandedOver", "A"), Brought("DispatchUpdated:command_changed", "A", MILITIA)),
        {"A": XUAN_LUONG},
        commands={"A": STATION},
    ),
    Step(
        "fire-in-tam-tien",
        "Xã Tam Tiến báo cháy rừng; một sự cố thứ hai",
        "Tam Tiến commune reports a fire: a second incident",
        "B",
        Files("ubnd-x-tam-tien/van-phong", "07264", "Cháy rừng giáp ranh xã Tam Tiến", 1),
        (
            Brought("IncidentOpened", "B"),
            Brought("DispatchIssued:lead", "B", TAM_TIEN),
            Brought("DispatchIssued:coordinate", "B", POLICE),
        ),
        {"A": XUAN_LUONG, "B": TAM_TIEN},
    ),
)
_DUTIES: Final = (
    Step(
        "police-decline",
        "Công an xã Tam Tiến từ chối: hết lực lượng; chuyển lên công an tỉnh",
        "Tam Tiến police decline, nobody is left; it goes to the province's police",
        "B",
        Does(
            POLICE,
            Role.COORDINATE,
            Decline,
            {
                "reason": DeclineReason.NO_CAPACITY,
                "text": "Toàn bộ lực lượng đang ở hiện trường khác.",
                "forward_to": desk_of(PROVINCE_POLICE),
            },
        ),
        (Brought("DispatchDeclined", "B", POLICE), Brought("DispatchIssued:coordinate", "B", PROVINCE_POLICE)),
        {"B": TAM_TIEN},
    ),
    Step(
        "province-police-accept",
        "Công an tỉnh nhận; công an xã hết trách nhiệm",
        "The province's police accept; the commune's are released",
        "B",
        Does(PROVINCE_POLICE, Role.COORDINATE, Accept),
        (Brought("DispatchAccepted", "B", PROVINCE_POLICE), Brought("DispatchReleased", "B", POLICE)),
        {"B": TAM_TIEN},
    ),
    Step(
        "lead-offered",
        "Xã Tam Tiến bàn giao chủ trì cho xã Xuân Lương: cùng một đám cháy",
        "Tam Tiến hands the lead over to Xuân Lương: it is one fire",
        "B",
        Does(
            TAM_TIEN,
            Role.LEAD,
            Transfer,
            {"to": desk_of(XUAN_LUONG), "reason": "Cùng một đám cháy, điểm phát ở Xuân Lương."},
        ),
        (Brought("DispatchTransferred", "B", TAM_TIEN), Brought("DispatchIssued:lead", "B", XUAN_LUONG)),
        {"B": TAM_TIEN},
    ),
    Step(
        "lead-taken",
        "Xã Xuân Lương nhận chủ trì cả sự cố thứ hai",
        "Xuân Lương takes the lead of the second incident too",
        "B",
        Does(XUAN_LUONG, Role.LEAD, Accept),
        (
            Brought("LeadTransferred", "B"),
            Brought("DispatchAccepted", "B", XUAN_LUONG),
            Brought("DispatchReleased", "B", TAM_TIEN),
        ),
        {"A": XUAN_LUONG, "B": XUAN_LUONG},
    ),
    Step(
        "silence",
        "Ban CHQS xã Xuân Lương im lặng: nhắc lại, rồi hỏi cấp trên",
        "Xuân Lương military command is silent: asked again, then its superior is",
        "A",
        Waits(),
        (
            Brought("DispatchRepeated", "A", MILITIA),
            Brought("DispatchEscalated", "A", MILITIA),
            Brought("DispatchIssued:direct", "A", MILITARY),
        ),
        {"A": XUAN_LUONG, "B": XUAN_LUONG},
    ),
    Step(
        "late-answer",
        "Ban CHQS xã Xuân Lương xác nhận trễ; việc chuyển cấp vẫn giữ",
        "Xuân Lương military command acknowledges late; the escalation stands",
        "A",
        Does(MILITIA, Role.COORDINATE, Acknowledge, {"note": "Điện đài vừa nối lại."}),
        (Brought("DispatchAcknowledged", "A", MILITIA),),
        {"A": XUAN_LUONG},
        attends=MILITIA,
    ),
)
_PROVINCE: Final = (
    Step(
        "merged",
        "Xã Xuân Lương nhập hai sự cố: hai xã, việc của tỉnh",
        "Xuân Lương merges the two: two communes, a matter of the province",
        "B",
        Does(XUAN_LUONG, Role.LEAD, Merge, {"reason": "Hai báo cáo về cùng một đám cháy."}, {"into": "A"}),
        (
            Brought("IncidentMerged", "B"),
            Brought("IncidentAbsorbed", "A"),
            Brought("DispatchIssued:lead", "A", PROVINCE),
            Brought("DispatchReleased", "A", XUAN_LUONG),
            Brought("DispatchWithdrawn", "B", XUAN_LUONG),
            Brought("DispatchUpdated:merged", "A", MILITIA),
        ),
        {"A": PROVINCE, "B": None},
    ),
    Step(
        "province-accepts",
        "UBND tỉnh nhận chủ trì",
        "The province takes the lead",
        "A",
        Does(PROVINCE, Role.LEAD, Accept),
        (Brought("DispatchAccepted", "A", PROVINCE),),
        {"A": PROVINCE, "B": None},
    ),
    Step(
        "command-relieved",
        "UBND tỉnh giao chỉ huy hiện trường cho cảnh sát PCCC; Trạm trưởng Kiểm lâm thôi chỉ huy",
        "The province hands command on scene to the fire police; the head of the ranger post is relieved",
        "A",
        Does(PROVINCE, Role.LEAD, HandOverCommand, {"taker": BRIGADE}),
        (Brought("CommandHandedOver", "A"), Brought("DispatchUpdated:command_changed", "A", XUAN_LUONG)),
        {"A": PROVINCE, "B": None},
        commands={"A": BRIGADE},
    ),
    Step(
        "level-up",
        "UBND tỉnh nâng lên phòng thủ dân sự cấp độ 2",
        "The province raises it to civil-defence level 2",
        "A",
        Does(
            PROVINCE,
            Role.LEAD,
            SetLevel,
            {"scales": Scales(civil_defence=2), "reason": "Gió mạnh, cháy lan sang hai xã."},
        ),
        (
            Brought("LevelChanged", "A"),
            Brought("DispatchIssued:advise", "A", CIVIL_DEFENCE),
            Brought("DispatchUpdated:level_changed", "A", XUAN_LUONG),
        ),
        {"A": PROVINCE, "B": None},
    ),
    Step(
        "corrected",
        "Trạm kiểm lâm đính chính diện tích cháy: 12 ha, không phải 2 ha",
        "The ranger post corrects the burnt area: 12 ha, not 2 ha",
        "A",
        Files(POST, "bn-rung-xuan-luong", "Đính chính diện tích cháy: 12 ha", 12, corrects="fire-in-xuan-luong"),
        (
            Brought("IncidentUpdated", "A"),
            Brought("DispatchUpdated:report_corrected", "A", PROVINCE),
            Brought("DispatchUpdated:report_corrected", "A", MILITIA),
        ),
        {"A": PROVINCE, "B": None},
    ),
    Step(
        "level-down",
        "UBND tỉnh hạ xuống cấp độ 1",
        "The province lowers it to level 1",
        "A",
        Does(PROVINCE, Role.LEAD, SetLevel, {"scales": Scales(civil_defence=1), "reason": "Đã khống chế."}),
        (Brought("LevelChanged", "A"), Brought("DispatchUpdated:level_changed", "A", XUAN_LUONG)),
        {"A": PROVINCE, "B": None},
    ),
)
_END: Final = (
    Step(
        "split-off",
        "UBND tỉnh tách lại: điểm cháy Tam Tiến là đám cháy khác",
        "The province splits them again: the fire in Tam Tiến was another one",
        "A",
        Does(PROVINCE, Role.LEAD, Split, {"reason": "Hai điểm phát riêng biệt."}, {"released": "B"}),
        (
            Brought("IncidentParted", "A"),
            Brought("IncidentSplit", "B"),
            Brought("DispatchIssued:lead", "B", XUAN_LUONG),
        ),
        {"A": PROVINCE, "B": XUAN_LUONG},
    ),
    Step(
        "second-closed",
        "Xã Xuân Lương kết thúc sự cố thứ hai",
        "Xuân Lương closes the second incident",
        "B",
        Does(XUAN_LUONG, Role.LEAD, Close, _resolved("Đám cháy ở Tam Tiến đã tắt.")),
        (Brought("IncidentClosed", "B"),),
        {"A": PROVINCE, "B": None},
    ),
    Step(
        "first-closed",
        "UBND tỉnh kết thúc sự cố thứ nhất",
        "The province closes the first incident",
        "A",
        Does(PROVINCE, Role.LEAD, Close, _resolved("Cháy đã dập tắt, thiệt hại 12 ha rừng.")),
        (Brought("IncidentClosed", "A"), Brought("DispatchUpdated:closed", "A", MILITIA)),
        {"A": None, "B": None},
    ),
)

INSTANTS: Final = ("silence", "level-up", "first-closed")
"""The steps after which the incident is looked at as it was then, once everything is over."""
FOREST_FIRE: Final = Script(
    "forest-fire-two-communes",
    "Diễn tập: cháy rừng ở hai xã thành việc của tỉnh (sự việc hư cấu)",
    "Exercise: a forest fire over two communes becomes a matter of the province (invented)",
    MILITIA,
    (*_OPENING, *_DUTIES, *_PROVINCE, *_END),
)
