"""Why something was refused: a published closed list of codes, each with its meaning and its fix in two languages."""

from enum import StrEnum
from typing import Final

from contracts.frozen import Contract
from contracts.wording import Wording


class ProblemCode(StrEnum):
    """Every reason for which a submission or an action can be refused."""

    PAYLOAD_EMPTY = "payload.empty"
    PAYLOAD_TOO_LARGE = "payload.too_large"
    PAYLOAD_TOO_SLOW = "payload.too_slow"
    FORMAT_UNKNOWN = "format.unknown"
    ENCODING_UNSUPPORTED = "encoding.unsupported"
    JSON_MALFORMED = "json.malformed"
    JSON_TOO_DEEP = "json.too_deep"
    XML_MALFORMED = "xml.malformed"
    XML_UNSAFE = "xml.unsafe"
    XML_TOO_DEEP = "xml.too_deep"
    CAP_VERSION = "cap.version"
    CAP_RULE = "cap.rule"
    CAP_MSG_TYPE = "cap.msg_type"
    EDXL_RULE = "edxl.rule"
    ENVELOPE_EMPTY = "envelope.empty"
    FIELD_MISSING = "field.missing"
    FIELD_UNKNOWN = "field.unknown"
    FIELD_INVALID = "field.invalid"
    FIELD_TOO_LONG = "field.too_long"
    TEXT_FORBIDDEN_CHARACTER = "text.forbidden_character"
    TIME_INVALID = "time.invalid"
    CATEGORY_UNKNOWN = "category.unknown"
    STATUS_NOT_ACCEPTED = "status.not_accepted"
    REFERENCES_MISSING = "references.missing"
    SENDER_UNNAMED = "sender.unnamed"
    SENDER_UNKNOWN = "sender.unknown"
    SENDER_MISMATCH = "sender.mismatch"
    SENDER_NOT_ENTITLED = "sender.not_entitled"
    SECRECY_REFUSED = "secrecy.refused"
    ID_CONFLICT = "id.conflict"
    RATE_EXCEEDED = "rate.exceeded"
    ACTION_UNKNOWN_DISPATCH = "action.unknown_dispatch"
    ACTION_NOT_POSSIBLE = "action.not_possible"
    ACTION_ROLE = "action.role"
    ACTION_VERSION = "action.version"
    ACTION_CONSENT_MISSING = "action.consent_missing"
    ACTION_UNKNOWN_DESK = "action.unknown_desk"
    BUS_UNAVAILABLE = "bus.unavailable"


class Problem(Contract):
    """One reason for a refusal: which field, what is wrong with it, how to put it right."""

    code: ProblemCode
    field: str
    """Path of the field as the sender wrote it, for example `places.0.code` or `alert/info[1]/area`; empty = whole."""
    detail: str | None = None
    """The exact finding in English for engineers, for example `alert.sent: '2026' is not a CAP date-time`."""

    @property
    def wording(self) -> Wording:
        """The published texts of this code."""
        return WORDINGS[self.code]


WORDINGS: Final[dict[ProblemCode, Wording]] = {
    ProblemCode.PAYLOAD_EMPTY: Wording(
        "Bản tin rỗng.",
        "The message is empty.",
        "Gửi lại kèm nội dung.",
        "Send it again with its content.",
    ),
    ProblemCode.PAYLOAD_TOO_LARGE: Wording(
        "Bản tin quá lớn.",
        "The message is too large.",
        "Rút gọn còn dưới 64 kB; gửi ảnh riêng.",
        "Keep it under 64 kB; send photos separately.",
    ),
    ProblemCode.PAYLOAD_TOO_SLOW: Wording(
        "Nội dung đến quá chậm.",
        "The content came too slowly.",
        "Gửi lại với cùng mã khi đường truyền tốt hơn.",
        "Send it again under the same id when the line is better.",
    ),
    ProblemCode.FORMAT_UNKNOWN: Wording(
        "Không nhận ra định dạng.",
        "The format is not recognised.",
        "Gửi JSON của Phối hợp, CAP 1.2 hoặc EDXL-DE 1.0.",
        "Send Phối hợp JSON, CAP 1.2 or EDXL-DE 1.0.",
    ),
    ProblemCode.ENCODING_UNSUPPORTED: Wording(
        "Không đọc được bảng mã ký tự.",
        "The character encoding cannot be read.",
        "Gửi bằng UTF-8.",
        "Send it as UTF-8.",
    ),
    ProblemCode.JSON_MALFORMED: Wording(
        "JSON sai cú pháp.",
        "The JSON is malformed.",
        "Sửa tại vị trí được nêu.",
        "Correct it at the place named.",
    ),
    ProblemCode.JSON_TOO_DEEP: Wording(
        "JSON lồng quá sâu.",
        "The JSON is nested too deeply.",
        "Giảm số tầng lồng nhau.",
        "Nest it less deeply.",
    ),
    ProblemCode.XML_MALFORMED: Wording(
        "XML sai cú pháp.",
        "The XML is malformed.",
        "Sửa tại dòng được nêu.",
        "Correct it at the line named.",
    ),
    ProblemCode.XML_UNSAFE: Wording(
        "XML không an toàn: có DTD hoặc thực thể.",
        "Unsafe XML: it declares a DTD or entities.",
        "Bỏ phần DOCTYPE rồi gửi lại.",
        "Remove the DOCTYPE and send it again.",
    ),
    ProblemCode.XML_TOO_DEEP: Wording(
        "XML lồng quá sâu.",
        "The XML is nested too deeply.",
        "Giảm số tầng lồng nhau.",
        "Nest it less deeply.",
    ),
    ProblemCode.CAP_VERSION: Wording(
        "Phiên bản CAP không được nhận.",
        "This CAP version is not accepted.",
        "Gửi CAP 1.2 (hoặc CAP 1.1 đầy đủ).",
        "Send CAP 1.2 (or complete CAP 1.1).",
    ),
    ProblemCode.CAP_RULE: Wording(
        "Bản tin CAP trái quy tắc của tiêu chuẩn.",
        "The CAP message breaks a rule of the standard.",
        "Sửa trường được nêu theo CAP 1.2.",
        "Correct the field named as CAP 1.2 says.",
    ),
    ProblemCode.CAP_MSG_TYPE: Wording(
        "Ack và Error không phải là báo cáo.",
        "Ack and Error are not reports.",
        "Gửi Alert, Update hoặc Cancel.",
        "Send Alert, Update or Cancel.",
    ),
    ProblemCode.EDXL_RULE: Wording(
        "Phong bì EDXL-DE trái quy tắc của tiêu chuẩn.",
        "The EDXL-DE envelope breaks a rule of the standard.",
        "Sửa trường được nêu theo EDXL-DE.",
        "Correct the field named as EDXL-DE says.",
    ),
    ProblemCode.ENVELOPE_EMPTY: Wording(
        "Phong bì không chứa bản tin CAP nào.",
        "The envelope holds no CAP alert.",
        "Đặt ít nhất một bản tin CAP vào phong bì.",
        "Put at least one CAP alert into it.",
    ),
    ProblemCode.FIELD_MISSING: Wording(
        "Thiếu trường bắt buộc.",
        "A required field is missing.",
        "Điền trường được nêu.",
        "Fill in the field named.",
    ),
    ProblemCode.FIELD_UNKNOWN: Wording(
        "Trường không có trong mẫu báo cáo.",
        "The field is not part of a report.",
        "Bỏ trường được nêu.",
        "Remove the field named.",
    ),
    ProblemCode.FIELD_INVALID: Wording(
        "Giá trị không hợp lệ.",
        "The value is not valid.",
        "Sửa trường được nêu.",
        "Correct the field named.",
    ),
    ProblemCode.FIELD_TOO_LONG: Wording(
        "Nội dung quá dài.",
        "The text is too long.",
        "Rút ngắn trường được nêu.",
        "Shorten the field named.",
    ),
    ProblemCode.TEXT_FORBIDDEN_CHARACTER: Wording(
        "Có ký tự ẩn hoặc ký tự điều khiển.",
        "There is a hidden or control character.",
        "Xóa ký tự đó rồi gửi lại.",
        "Delete that character and send it again.",
    ),
    ProblemCode.TIME_INVALID: Wording(
        "Thời gian không hợp lệ.",
        "The time is not valid.",
        "Ghi ngày giờ kèm múi giờ, ví dụ 2026-11-22T05:10:00+07:00.",
        "Write date and time with the offset, for example 2026-11-22T05:10:00+07:00.",
    ),
    ProblemCode.CATEGORY_UNKNOWN: Wording(
        "Loại sự việc không có trong danh mục.",
        "The category is not on the closed list.",
        "Chọn một trong 45 loại của danh mục.",
        "Choose one of the 45 categories.",
    ),
    ProblemCode.STATUS_NOT_ACCEPTED: Wording(
        "Trạng thái System và Draft không được tiếp nhận.",
        "Status System and Draft are not accepted.",
        "Gửi với trạng thái Actual, Exercise hoặc Test.",
        "Send it as Actual, Exercise or Test.",
    ),
    ProblemCode.REFERENCES_MISSING: Wording(
        "Cập nhật hoặc hủy phải nêu báo cáo trước.",
        "An update or cancellation must name the earlier report.",
        "Ghi mã báo cáo trước vào references.",
        "Put the earlier report's id into references.",
    ),
    ProblemCode.SENDER_UNNAMED: Wording(
        "Không xác định được đơn vị gửi.",
        "Nobody vouches for who is sending.",
        "Đăng nhập bằng tài khoản của đơn vị rồi gửi lại.",
        "Sign in as your unit, then send it again.",
    ),
    ProblemCode.SENDER_UNKNOWN: Wording(
        "Đơn vị gửi không có trong danh bạ.",
        "The sending unit is not in the register.",
        "Liên hệ người quản lý danh bạ.",
        "Ask the keeper of the register.",
    ),
    ProblemCode.SENDER_MISMATCH: Wording(
        "Nội dung nêu đơn vị gửi khác với đơn vị đã xác thực.",
        "The body names another sender than the one authenticated.",
        "Bỏ trường sender hoặc ghi đúng đơn vị.",
        "Leave sender out or name your own unit.",
    ),
    ProblemCode.SENDER_NOT_ENTITLED: Wording(
        "Không được ghi thay cho đơn vị này.",
        "You may not log an entry for that unit.",
        "Chỉ cơ quan của đơn vị ấy, hoặc cấp trên của cơ quan đó, được ghi thay.",
        "Only the unit's own agency or a superior of that agency may log for it.",
    ),
    ProblemCode.SECRECY_REFUSED: Wording(
        "Tin mang độ mật không được đưa vào hệ thống này.",
        "Classified content must not enter this system.",
        "Chuyển bằng kênh mật; ở đây chỉ ghi 'đã gửi qua kênh mật', số và ngày văn bản (Luật Bảo vệ bí mật nhà nước).",
        "Use the secret channel; file only 'sent by the secret channel' with number and date (Law on State Secrets).",
    ),
    ProblemCode.ID_CONFLICT: Wording(
        "Mã báo cáo này đã dùng cho nội dung khác.",
        "This report id already stands for other content.",
        "Gửi nội dung mới với mã mới; sửa báo cáo cũ bằng Update.",
        "Send new content under a new id; correct an old report by Update.",
    ),
    ProblemCode.RATE_EXCEEDED: Wording(
        "Gửi quá nhanh.",
        "Too many messages at once.",
        "Đợi rồi gửi lại.",
        "Wait, then send it again.",
    ),
    ProblemCode.ACTION_UNKNOWN_DISPATCH: Wording(
        "Không có nhiệm vụ này gửi cho bàn trực của bạn.",
        "There is no such dispatch for your desk.",
        "Xem lại danh sách bằng `phoihop desk list`.",
        "Look at the list with `phoihop desk list`.",
    ),
    ProblemCode.ACTION_NOT_POSSIBLE: Wording(
        "Không thể thực hiện ở trạng thái hiện tại.",
        "This is not possible in the present state.",
        "Xem trạng thái hiện tại rồi quyết định lại.",
        "Look at the present state and decide again.",
    ),
    ProblemCode.ACTION_ROLE: Wording(
        "Vai trò của bàn trực trong sự cố này không cho phép việc đó.",
        "The desk's role in this incident does not allow this.",
        "Đề nghị cơ quan chủ trì, hoặc chọn nhiệm vụ có vai trò phù hợp.",
        "Ask the lead, or act through a dispatch with the right role.",
    ),
    ProblemCode.ACTION_VERSION: Wording(
        "Đã có quyết định khác kể từ lúc bàn trực xem.",
        "Something was decided since the desk looked.",
        "Xem trạng thái hiện tại rồi quyết định lại.",
        "Look at the present state and decide again.",
    ),
    ProblemCode.ACTION_CONSENT_MISSING: Wording(
        "Chưa đủ ý kiến đồng ý theo quy định.",
        "A consent that the rule asks for is missing.",
        "Chờ các nơi được nêu đồng ý, hoặc ghi nhận đồng ý bằng lời.",
        "Wait until those named consent, or record their oral consent.",
    ),
    ProblemCode.ACTION_UNKNOWN_DESK: Wording(
        "Không có bàn trực này, hoặc không thể chuyển đến đó.",
        "There is no such desk, or this cannot go there.",
        "Ghi rõ CƠ-QUAN/BÀN-TRỰC khác có trong sổ đăng ký.",
        "Name another AGENCY/DESK of the register.",
    ),
    ProblemCode.BUS_UNAVAILABLE: Wording(
        "Hệ thống tạm thời chưa ghi nhận được.",
        "The system cannot record it at this moment.",
        "Giữ báo cáo và gửi lại với cùng mã.",
        "Keep the report and send it again under the same id.",
    ),
}
