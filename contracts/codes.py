"""The closed code lists of the field: CAP 1.2 spelled as CAP spells it, the Vietnamese marks of urgency and secrecy."""

from enum import StrEnum


class Status(StrEnum):
    """CAP 1.2 `alert.status`: how the message is to be handled."""

    ACTUAL = "Actual"
    EXERCISE = "Exercise"
    SYSTEM = "System"
    TEST = "Test"
    DRAFT = "Draft"


class Space(StrEnum):
    """The first subject token: facts of one status never share a subject with facts of another."""

    ACTUAL = "actual"
    EXERCISE = "exercise"
    TEST = "test"


class MsgType(StrEnum):
    """CAP 1.2 `alert.msgType`."""

    ALERT = "Alert"
    UPDATE = "Update"
    CANCEL = "Cancel"
    ACK = "Ack"
    ERROR = "Error"


class Scope(StrEnum):
    """CAP 1.2 `alert.scope`."""

    PUBLIC = "Public"
    RESTRICTED = "Restricted"
    PRIVATE = "Private"


class CapCategory(StrEnum):
    """CAP 1.2 `info.category`."""

    GEO = "Geo"
    MET = "Met"
    SAFETY = "Safety"
    SECURITY = "Security"
    RESCUE = "Rescue"
    FIRE = "Fire"
    HEALTH = "Health"
    ENV = "Env"
    TRANSPORT = "Transport"
    INFRA = "Infra"
    CBRNE = "CBRNE"
    OTHER = "Other"


class ResponseType(StrEnum):
    """CAP 1.2 `info.responseType`."""

    SHELTER = "Shelter"
    EVACUATE = "Evacuate"
    PREPARE = "Prepare"
    EXECUTE = "Execute"
    AVOID = "Avoid"
    MONITOR = "Monitor"
    ASSESS = "Assess"
    ALL_CLEAR = "AllClear"
    NONE = "None"


class Urgency(StrEnum):
    """CAP 1.2 `info.urgency`: how soon action is needed. Not the urgency mark of a paper."""

    IMMEDIATE = "Immediate"
    EXPECTED = "Expected"
    FUTURE = "Future"
    PAST = "Past"
    UNKNOWN = "Unknown"


class Severity(StrEnum):
    """CAP 1.2 `info.severity`."""

    EXTREME = "Extreme"
    SEVERE = "Severe"
    MODERATE = "Moderate"
    MINOR = "Minor"
    UNKNOWN = "Unknown"


class Certainty(StrEnum):
    """CAP 1.2 `info.certainty`."""

    OBSERVED = "Observed"
    LIKELY = "Likely"
    POSSIBLE = "Possible"
    UNLIKELY = "Unlikely"
    UNKNOWN = "Unknown"


class UrgencyMark(StrEnum):
    """Mức độ khẩn, the mark a signer puts on a paper (Decree 30/2020): thường < khẩn < thượng khẩn < hỏa tốc."""

    THUONG = "thuong"
    KHAN = "khan"
    THUONG_KHAN = "thuong_khan"
    HOA_TOC = "hoa_toc"


class Handling(StrEnum):
    """Non-secret handling labels. Mật, Tối mật and Tuyệt mật are absent on purpose: they are refused at every door."""

    ORDINARY = "khong_mat"
    INTERNAL = "noi_bo"
    NEED_TO_KNOW = "han_che"


class Role(StrEnum):
    """What a regulation makes of a recipient. `inform` carries no acknowledgement timer."""

    LEAD = "lead"
    COMMAND = "command"
    DIRECT = "direct"
    ADVISE = "advise"
    COORDINATE = "coordinate"
    INFORM = "inform"


class SourceFormat(StrEnum):
    """In which format a report reached us."""

    JSON = "phoihop-json"
    CAP_1_1 = "cap-1.1"
    CAP_1_2 = "cap-1.2"
    EDXL_DE_1_0 = "edxl-de-1.0"
    EDXL_DE_2_0 = "edxl-de-2.0"
    ATOM = "atom"
    UNKNOWN = "unknown"


class CountOf(StrEnum):
    """What a figure counts."""

    DEAD = "dead"
    MISSING = "missing"
    INJURED = "injured"
    TRAPPED = "trapped"
    EVACUATED = "evacuated"
    AFFECTED = "affected"
    HOUSES_DAMAGED = "houses_damaged"
    HOUSES_FLOODED = "houses_flooded"
    HOUSEHOLDS_ISOLATED = "households_isolated"
    AREA_BURNT = "area_burnt"
    CROPS_DAMAGED = "crops_damaged"
    LIVESTOCK_LOST = "livestock_lost"
    VESSELS = "vessels"


class Unit(StrEnum):
    """The unit of a figure; a number without one is refused."""

    PERSON = "person"
    HOUSE = "house"
    HOUSEHOLD = "household"
    HECTARE = "ha"
    HEAD = "head"
    VESSEL = "vessel"


class Channel(StrEnum):
    """How a first word came before the written report."""

    PHONE = "phone"
    RADIO = "radio"
    IN_PERSON = "in_person"
    WRITTEN = "written"


class DeclineReason(StrEnum):
    """Why a desk does not take what was sent to it. Whoever declines forwards: nothing is ever sent back to nobody."""

    NOT_COMPETENT = "not_competent"
    WRONG_AREA = "wrong_area"
    NO_CAPACITY = "no_capacity"
    OTHER = "other"


class EscalationStep(StrEnum):
    """Whom silence reaches, in this order, after the desk itself was asked once more."""

    DEPUTY = "deputy"
    """Who stands in for the desk."""
    DUTY_COMMAND = "duty_command"
    """The officer in charge of the shift of the same agency."""
    SUPERIOR = "superior"
    """In the tree that the rule names."""
    TOP = "top"
    """The desk that answers for the rules: nobody is above it, so asking it raises an alarm."""


class Misrouting(StrEnum):
    """What a desk finds wrong with a dispatch: an objection to the rule, not a refusal of the duty."""

    NOT_OURS = "not_ours"
    WRONG_ROLE = "wrong_role"
    WRONG_AREA = "wrong_area"


class MisroutingAnswer(StrEnum):
    """What the owner of the rules says to an objection."""

    RULE_STANDS = "rule_stands"
    RULE_CHANGES = "rule_changes"


class Disposition(StrEnum):
    """How an incident ended."""

    RESOLVED = "resolved"
    FALSE_ALARM = "false_alarm"
    DUPLICATE = "duplicate"
    WITHDRAWN = "withdrawn"
    """The reporting unit took its report back."""
    HANDED_OVER = "handed_over"
    """Somebody outside this hub goes on with it."""


class Change(StrEnum):
    """What a desk that holds a dispatch is told about its incident."""

    REPORT_JOINED = "report_joined"
    SITUATION_REPORT = "situation_report"
    REPORT_CORRECTED = "report_corrected"
    REPORT_WITHDRAWN = "report_withdrawn"
    LEVEL_CHANGED = "level_changed"
    LEAD_CHANGED = "lead_changed"
    COMMAND_CHANGED = "command_changed"
    MERGED = "merged"
    SPLIT = "split"
    CLOSED = "closed"
    REOPENED = "reopened"
    MERGE_SUGGESTED = "merge_suggested"
    """Perhaps it is the same as another incident that the desk knows; nothing changed."""


def space_of(status: Status) -> Space | None:
    """The subject space of a status, or None where nothing of that status is routed (System, Draft)."""
    match status:
        case Status.ACTUAL:
            return Space.ACTUAL
        case Status.EXERCISE:
            return Space.EXERCISE
        case Status.TEST:
            return Space.TEST
        case Status.SYSTEM | Status.DRAFT:
            return None
