"""What entries, findings and obligations are called by people, in Vietnamese and English; it decides nothing."""

from collections.abc import Mapping
from typing import Any, Final

from contracts.event_words import event_called
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
_UNTYPED: Final[dict[str, tuple[str, str]]] = {
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


def event_name(lang: Language, event_type: str) -> str:
    """What people call this kind of entry; the type itself where they have no name for it."""
    return lang.pick(*_UNTYPED.get(event_type, event_called(event_type)))


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
