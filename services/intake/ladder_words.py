"""What roles, rungs and silence are called to the unit that reported, in Vietnamese and English."""

from typing import Final

from contracts.codes import Role
from contracts.ladders import Rung

ROLES: Final[dict[Role, tuple[str, str]]] = {
    Role.LEAD: ("CHỦ TRÌ", "LEAD"),
    Role.COMMAND: ("CHỈ HUY", "COMMAND"),
    Role.DIRECT: ("CHỈ ĐẠO", "DIRECT"),
    Role.ADVISE: ("THAM MƯU", "ADVISE"),
    Role.COORDINATE: ("PHỐI HỢP", "COORDINATE"),
    Role.INFORM: ("ĐỂ BIẾT", "INFORM"),
}
RUNGS: Final[dict[Rung, tuple[str, str]]] = {
    Rung.ISSUED: ("đã phát", "issued"),
    Rung.DELIVERED: ("đã đến nơi", "delivered"),
    Rung.OPENED: ("đã mở xem", "opened"),
    Rung.ACKNOWLEDGED: ("đã nhận tin", "acknowledged"),
    Rung.DEFERRED: ("hẹn trả lời", "deferred"),
    Rung.ACCEPTED: ("nhận nhiệm vụ", "accepted"),
    Rung.DECLINED: ("từ chối, chờ nơi khác nhận", "declined, until another accepts"),
    Rung.HANDING_OVER: ("đang bàn giao", "being handed over"),
    Rung.RELEASED: ("nơi khác đã nhận", "taken over by another"),
    Rung.COMPLETED: ("hoàn thành", "completed"),
    Rung.LAPSED: ("hết thời hạn", "ended by law"),
    Rung.WITHDRAWN: ("đã thu hồi", "withdrawn"),
}
SILENCE: Final[dict[str, tuple[str, str]]] = {
    "asked_again": ("QUÁ HẠN, đã nhắc lại", "OVERDUE, asked again"),
    "escalated": ("QUÁ HẠN, đã chuyển cấp", "OVERDUE, escalated"),
}
