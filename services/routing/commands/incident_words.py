"""What the facts of an incident are called when people read them, in Vietnamese and English; it decides nothing."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from contracts.codes import (
    Change,
    DeclineReason,
    Disposition,
    EscalationStep,
    Misrouting,
    MisroutingAnswer,
    Role,
    Severity,
)
from contracts.correlation import Correlation
from contracts.correlation_words import all_said
from contracts.course import LevelChanged
from contracts.decisions import Addressee, ObligationKind
from contracts.events import DispatchEscalated, IncidentOpened, IncidentUpdated
from contracts.frozen import Contract
from contracts.reports import Scales
from services.routing.incident.history import State
from services.routing.incident.shown import Knowledge
from services.routing.incident.state import Standing

Words = tuple[str, str]

FACTS: Final[dict[str, Words]] = {
    "IncidentOpened": ("Mở sự cố", "Incident opened"),
    "IncidentUpdated": ("Thêm báo cáo", "Report joined"),
    "LevelChanged": ("Thay đổi cấp độ", "Level changed"),
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
    "DispatchIssued": ("Phát lệnh", "Dispatch issued"),
    "DispatchDelivered": ("Đã đến bàn trực", "Delivered to the desk"),
    "DispatchOpened": ("Bàn trực đã mở xem", "Opened at the desk"),
    "DispatchAcknowledged": ("Bàn trực xác nhận đã nhận", "Acknowledged by the desk"),
    "DispatchEscalated": ("Quá hạn, chuyển cấp", "Escalated on silence"),
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
    "DispatchLapsed": ("Lệnh có thời hạn đã hết", "Order has ended"),
    "ObligationMet": ("Đã báo cáo theo nghĩa vụ", "Report that was owed has come"),
    "ObligationBreached": ("Quá hạn, đề nghị gửi", "Missing, please send"),
    "ObligationExcused": ("Miễn nghĩa vụ", "Obligation excused"),
    "OrderPrompted": ("Lệnh có thời hạn sắp hết", "Order about to end"),
    "MisrouteRaised": ("Bàn trực phản ánh chuyển sai", "Objection to the routing"),
    "MisrouteAnswered": ("Trả lời phản ánh chuyển sai", "Objection answered"),
}
ROLES: Final[dict[Role, Words]] = {
    Role.LEAD: ("CHỦ TRÌ", "LEAD"),
    Role.COMMAND: ("CHỈ HUY", "COMMAND"),
    Role.DIRECT: ("CHỈ ĐẠO", "DIRECT"),
    Role.ADVISE: ("THAM MƯU", "ADVISE"),
    Role.COORDINATE: ("PHỐI HỢP", "COORDINATE"),
    Role.INFORM: ("ĐỂ BIẾT", "INFORM"),
}
STATES: Final[dict[State, Words]] = {
    State.OPEN: ("ĐANG MỞ", "OPEN"),
    State.CLOSED: ("ĐÃ KẾT THÚC", "CLOSED"),
    State.MERGED: ("ĐÃ NHẬP VÀO", "MERGED INTO"),
}
STANDINGS: Final[dict[Standing, Words]] = {
    Standing.OPEN: ("chưa quyết định", "not decided"),
    Standing.DEFERRED: ("hẹn trả lời", "deferred"),
    Standing.ACCEPTED: ("nhận nhiệm vụ", "accepted"),
    Standing.DECLINED: ("từ chối, chờ nơi khác nhận", "declined, until another accepts"),
    Standing.HANDING_OVER: ("đang bàn giao", "being handed over"),
    Standing.RELEASED: ("hết trách nhiệm", "released"),
    Standing.COMPLETED: ("hoàn thành", "completed"),
    Standing.LAPSED: ("hết thời hạn", "ended by law"),
    Standing.WITHDRAWN: ("thu hồi", "withdrawn"),
}
OWED: Final[dict[ObligationKind, Words]] = {
    ObligationKind.ACKNOWLEDGE: ("xác nhận đã nhận", "acknowledge"),
    ObligationKind.DECIDE: ("quyết định", "decide"),
    ObligationKind.FIRST_REPORT: ("báo cáo đầu", "first report"),
    ObligationKind.FOLLOW_UP: ("báo cáo tiếp", "follow-up report"),
    ObligationKind.ANSWER: ("trả lời phản ánh", "answer an objection"),
    ObligationKind.ORDER_PROMPT: ("nhắc lệnh sắp hết", "prompt about the order"),
    ObligationKind.ORDER_EXPIRES: ("lệnh hết hiệu lực", "order ends"),
}
KNOWN: Final[dict[Knowledge, Words]] = {
    Knowledge.PROVED: ("đã đến, có bằng chứng", "shown, proved"),
    Knowledge.OWN: ("chính bàn trực làm", "its own act"),
    Knowledge.ACTED_LATER: ("đã có, chưa chứng minh đã đọc", "was there; reading not proved"),
    Knowledge.NO_PROOF: ("CHƯA có bằng chứng đã đến", "NO proof that it arrived"),
}
_CHANGES: Final[dict[Change, Words]] = {
    Change.REPORT_JOINED: ("thêm báo cáo", "another report"),
    Change.SITUATION_REPORT: ("báo cáo tình hình", "situation report"),
    Change.REPORT_CORRECTED: ("đính chính", "correction"),
    Change.REPORT_WITHDRAWN: ("rút báo cáo", "report withdrawn"),
    Change.LEVEL_CHANGED: ("thay đổi cấp độ", "level changed"),
    Change.LEAD_CHANGED: ("đổi cơ quan chủ trì", "lead changed"),
    Change.COMMAND_CHANGED: ("chỉ huy hiện trường", "command on scene"),
    Change.MERGED: ("nhập sự cố", "incidents merged"),
    Change.SPLIT: ("tách sự cố", "incident split off"),
    Change.CLOSED: ("kết thúc", "closed"),
    Change.REOPENED: ("mở lại", "reopened"),
    Change.MERGE_SUGGESTED: ("có thể trùng", "perhaps the same"),
}
SEVERITIES: Final[dict[Severity, Words]] = {
    Severity.EXTREME: ("đặc biệt nghiêm trọng", "extreme"),
    Severity.SEVERE: ("nghiêm trọng", "severe"),
    Severity.MODERATE: ("trung bình", "moderate"),
    Severity.MINOR: ("nhẹ", "minor"),
    Severity.UNKNOWN: ("chưa rõ mức độ", "severity unknown"),
}
ENDS: Final[dict[Disposition, Words]] = {
    Disposition.RESOLVED: ("đã giải quyết", "resolved"),
    Disposition.FALSE_ALARM: ("báo nhầm", "false alarm"),
    Disposition.DUPLICATE: ("trùng", "duplicate"),
    Disposition.WITHDRAWN: ("báo cáo đã rút", "withdrawn"),
    Disposition.HANDED_OVER: ("đã chuyển nơi khác", "handed over"),
}
_DECLINED: Final[dict[DeclineReason, Words]] = {
    DeclineReason.NOT_COMPETENT: ("không thuộc thẩm quyền", "not competent"),
    DeclineReason.WRONG_AREA: ("sai địa bàn", "wrong area"),
    DeclineReason.NO_CAPACITY: ("không đủ lực lượng", "no capacity"),
    DeclineReason.OTHER: ("lý do khác", "other"),
}
_FINDINGS: Final[dict[Misrouting, Words]] = {
    Misrouting.NOT_OURS: ("không phải của chúng tôi", "not ours"),
    Misrouting.WRONG_ROLE: ("sai vai trò", "wrong role"),
    Misrouting.WRONG_AREA: ("sai địa bàn", "wrong area"),
}
_ANSWERS: Final[dict[MisroutingAnswer, Words]] = {
    MisroutingAnswer.RULE_STANDS: ("giữ nguyên quy tắc", "the rule stands"),
    MisroutingAnswer.RULE_CHANGES: ("sửa quy tắc", "the rule changes"),
}
_CAUSES: Final[dict[str, Words]] = {
    "order_lapsed": ("lệnh có thời hạn đã hết", "a time-capped order ended"),
    "other_desk_acknowledged": ("bàn trực khác đã xác nhận", "another desk acknowledged"),
    "taken_back": ("nơi giao đã lấy lại", "taken back"),
    "withdrawn": ("lệnh đã thu hồi", "dispatch withdrawn"),
    "merged": ("đã nhập sự cố", "incidents merged"),
    "closed": ("sự cố đã kết thúc", "incident closed"),
    "released": ("nơi khác đã nhận", "another desk took it"),
    "completed": ("đã hoàn thành", "completed"),
    "lapsed": ("lệnh đã hết hiệu lực", "order ended"),
}
"""Reasons that the hub gives."""
_STEPS: Final[dict[EscalationStep, Words]] = {
    EscalationStep.DEPUTY: ("cấp phó của bàn trực", "the desk's deputy"),
    EscalationStep.DUTY_COMMAND: ("trực chỉ huy của cơ quan", "the agency's duty command"),
    EscalationStep.SUPERIOR: ("cấp trên", "the superior"),
    EscalationStep.TOP: ("bàn trực cao nhất", "the top desk"),
}
_CODED: Final[dict[str, Mapping[Any, Words]]] = {
    "role": ROLES,
    "change": _CHANGES,
    "kind": OWED,
    "severity": SEVERITIES,
    "disposition": ENDS,
    "finding": _FINDINGS,
    "answer": _ANSWERS,
    "reason": {str(reason): words for reason, words in _DECLINED.items()} | _CAUSES,
    "because": _CAUSES,
    "step": _STEPS,
}
"""Which fields of a fact are said by words, in the order in which they are said."""
_AS_WRITTEN: Final = ("headline", "reason", "text", "summary", "note", "part")
_INCIDENTS: Final = ("into", "absorbed", "released", "out_of", "other")


def sentence(data: Contract) -> Words:
    """A fact in one sentence of each language."""
    vi, en = _called(data)
    said = [*_coded(data), *((text, text) for text in dict.fromkeys(_plain(data)))]
    return _joined(vi, [one for one, _ in said]), _joined(en, [one for _, one in said])


def scales(levels: Scales) -> str:
    """The levels that are set, each on its own scale."""
    return ", ".join(f"{name}={level}" for name, level in levels.model_dump(exclude_none=True).items())


def _called(data: Contract) -> Words:
    if isinstance(data, IncidentUpdated) and data.withdrawn:
        return "Rút báo cáo", "Report withdrawn"
    if isinstance(data, IncidentUpdated) and data.supersedes:
        return "Đính chính báo cáo", "Report corrected"
    return FACTS[type(data).__name__]


def _joined(first: str, rest: list[str]) -> str:
    return f"{first}: {' · '.join(rest)}" if rest else first


def _coded(data: Contract) -> Iterator[Words]:
    for name, words in _CODED.items():
        value = _value(data, name)
        # how grave it is goes without saying where that is not what changed
        if value in words and (name != "severity" or isinstance(data, LevelChanged)):
            yield words[value]
    if isinstance(why := _value(data, "correlation"), Correlation):
        yield all_said(why.reasons)
    if isinstance(data, DispatchEscalated):
        yield from _beyond(data)


def _beyond(data: DispatchEscalated) -> Iterator[Words]:
    """Which steps were left out, and when people must be woken by other means."""
    for step in data.absent:
        vi, en = _STEPS[step]
        yield f"danh bạ không có {vi}", f"the register names no {en.removeprefix('the ')}"
    if data.next is None:
        yield "hết nơi để chuyển", "nobody left to ask"
    if data.alarm:
        yield "BÁO ĐỘNG", "ALARM"


def _plain(data: Contract) -> Iterator[str]:
    """What reads alike in both languages: desks, posts, ids, and what people wrote."""
    if (taker := _value(data, "taker")) is not None:
        yield f"{_name(_value(data, 'giver'))} → {_name(taker)}"
    if isinstance(data, IncidentOpened | IncidentUpdated):
        yield f"{data.report.sender.agency}/{data.report.sender.unit}"
    if isinstance(data, LevelChanged) and (told := scales(data.scales)):
        yield told
    for name in _INCIDENTS:
        if (other := _value(data, name)) is not None:
            yield f"→ {other}"
    for name in _AS_WRITTEN:
        text = _value(data, name)
        if isinstance(text, str) and text not in _CODED.get(name, {}):
            yield text


def _value(data: Contract, name: str) -> object:
    return getattr(data, name, None)


def _name(who: object) -> str:
    if isinstance(who, Addressee):
        return f"{who.agency}/{who.desk}"
    return "–" if who is None else str(who)
