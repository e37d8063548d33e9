"""Draws the pages for reading of an evidence file: a timeline to print and a guide. They prove nothing and say so."""

import html
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from services.audit.evidence.gist import Told, gist
from services.audit.evidence.photographs import Photograph
from services.audit.evidence.references import References, Version
from services.audit.notary.covering import Vouched
from services.audit.tables import Entry
from services.audit.words import event_name
from services.runtime.terminal import Language, local_date_time

_STYLE: Final = """
body { font: 11pt/1.45 "Noto Sans", "Segoe UI", sans-serif; color: #111; max-width: 62rem; margin: 1.5rem auto; }
table { border-collapse: collapse; width: 100%; }
th, td { border: 1px solid #888; padding: .35em .6em; text-align: left;
vertical-align: top; } tr { break-inside: avoid; }
pre { white-space: pre-wrap; overflow-wrap: anywhere; font-size: 8pt; }
.en { color: #444; font-style: italic; } code { overflow-wrap: anywhere; }
p { margin: .2em 0; } @page { size: A4; margin: 15mm; }
@media print { body { font-size: 9pt; max-width: none; margin: 0; } details { display: none; }
thead { display: table-header-group; } }
"""
_PAGE: Final = """<!doctype html>
<html lang="vi"><head><meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>Diễn biến {incident}</title><style>{style}</style></head><body>
<h1>Diễn biến sự cố <span class="en" lang="en">/ Timeline of the incident</span></h1>
<p><code>{incident}</code></p>
<p>Sổ <code>{origin}</code>, điểm chốt {size} mục, gốc <code>{root}</code>. Giờ Việt Nam (UTC+7).
<span class="en" lang="en">Ledger, checkpoint of so many entries, root. Times are those of Việt Nam.</span></p>
<p><strong>Trang này chỉ để đọc, không chứng minh gì; bằng chứng do verify.py kiểm tra.</strong>
<span class="en" lang="en">This page is for reading and proves nothing; verify.py checks the evidence.</span></p>
{texts}
<table><thead><tr><th>#</th><th>Lúc <span class="en" lang="en">When</span></th>
<th>Sự kiện <span class="en" lang="en">Event</span></th>
<th>Nội dung <span class="en" lang="en">Content</span></th></tr></thead><tbody>
{rows}
</tbody></table></body></html>
"""
_ROW: Final = """<tr><td>{idx}</td><td>{at}</td><td>{vi}<br><span class="en" lang="en">{en}</span></td>
<td>{gist}<p><code>{subject}</code></p><details>
<summary>nguyên văn <span class="en" lang="en">as recorded</span></summary>
<pre>{body}</pre></details></td></tr>"""
_DOCUMENTS: Final = """    documents/      văn bản quy tắc, danh bạ mà quyết định đã dùng, như sổ đã ghi
                    the texts of regulations and register behind the decisions, as the ledger recorded them
"""
_PHOTOGRAPHS: Final = """    documents/      ảnh mà báo cáo đã nêu, tên tệp là SHA-256
                    photographs that reports name, by their SHA-256
"""
_GUIDE: Final = """HỒ SƠ BẰNG CHỨNG / EVIDENCE FILE

Sự cố / incident    {incident}
Sổ / ledger         {origin}
Số mục / entries    {entries} / {size}
Gốc / root          {root}

KIỂM TRA / TO VERIFY   (Python 3.9+, không cần mạng / no network needed)

    python3 -I -S verify.py --policy POLICY

POLICY là khóa công khai của sổ, lấy từ nguồn khác (cơ quan vận hành, bản đã lưu trước). Tệp `policy` kèm theo
chỉ để tiện: ai giả mạo hồ sơ cũng kèm được khóa giả. Nếu chấp nhận điều đó: --trust-enclosed-policy.
POLICY is the ledger's public key from elsewhere (the operator, an earlier copy). The enclosed file `policy`
is a convenience: whoever forges a file encloses forged keys too. To accept that: --trust-enclosed-policy.

Mã kết thúc / exit code: 0 đúng / all holds, 1 có điều sai / something is false, 2 không kết luận được / no verdict.

TRONG HỒ SƠ / CONTENT
{texts}    entries/        từng mục nguyên văn và bằng chứng nằm trong sổ / each entry as recorded, with its proof
    checkpoint      đầu sổ đã ký / the signed head of the ledger
    policy          khóa công khai / public keys
    timeline.html   trang để đọc và in, không chứng minh gì / a page to read and print; proves nothing
    verify.py       chương trình kiểm tra, không dùng chung mã với sổ / the verifier; shares no code with the ledger

KHÔNG CHỨNG MINH / NOT PROVED
    Báo cáo đúng sự thật; sổ không còn mục nào khác về sự cố; giờ do máy ghi là đúng.
    That reports are true; that there are no other entries; that the recorded times are right.
{unproved}
Hồ sơ có thể chứa dữ liệu cá nhân. / The file may hold personal data.
"""


@dataclass(frozen=True, slots=True)
class Enclosed:
    """What stands beside the entries in the file."""

    texts: References
    photographs: tuple[tuple[Photograph, bool], ...] = ()
    """Every photograph that the entries name, and whether its bytes are enclosed."""


def pages(incident: UUID, entries: Sequence[Entry], under: Vouched, enclosed: Enclosed) -> dict[str, bytes]:
    """The files for reading."""
    return {
        "README.txt": guide(incident, entries, under, enclosed),
        "timeline.html": timeline_page(incident, entries, under, enclosed),
    }


def timeline_page(incident: UUID, entries: Sequence[Entry], under: Vouched, enclosed: Enclosed) -> bytes:
    """One page without scripts or links; whatever came from outside is escaped. On paper without the raw bytes."""
    checkpoint = under.signed.checkpoint
    return _PAGE.format(
        incident=html.escape(str(incident)),
        style=_STYLE,
        origin=html.escape(checkpoint.origin),
        size=checkpoint.size,
        root=checkpoint.root.hex(),
        texts="\n".join(map(_paragraph, (*_vouching(under), *_texts(enclosed.texts), *_photographs(enclosed)))),
        rows="\n".join(map(_row, entries)),
    ).encode()


def guide(incident: UUID, entries: Sequence[Entry], under: Vouched, enclosed: Enclosed) -> bytes:
    """What the file is, how to check it, what it does not prove."""
    checkpoint = under.signed.checkpoint
    unproved = [*([] if under.settled else _vouching(under)), *map(_missing, enclosed.texts.missing)]
    return _GUIDE.format(
        incident=incident,
        origin=checkpoint.origin,
        entries=len(entries),
        size=checkpoint.size,
        root=checkpoint.root.hex(),
        texts=_DOCUMENTS * bool(enclosed.texts.texts) + _PHOTOGRAPHS * any(held for _, held in enclosed.photographs),
        unproved="".join(f"    {told.vi}\n    {told.en}\n" for told in unproved),
    ).encode()


def _vouching(under: Vouched) -> list[Told]:
    names = ", ".join(under.witnesses)
    if under.settled:
        return [Told(f"Nhân chứng đã đồng ký: {names}.", f"Cosigned by witnesses: {names}.")]
    if names:
        return [Told(f"Chưa đủ nhân chứng đồng ký; mới có: {names}.", f"Too few witnesses have cosigned: {names}.")]
    return [Told("Chưa có nhân chứng nào đồng ký.", "No witness has cosigned.")]


def _texts(texts: References) -> list[Told]:
    held = [
        Told(f"{_name(text.version)}: kèm theo, documents/{text.sha256}.json", "Its text is enclosed, as recorded.")
        for text in texts.texts
    ]
    return [*held, *map(_missing, texts.missing)]


def _photographs(enclosed: Enclosed) -> list[Told]:
    return [_photograph(one, held=held) for one, held in enclosed.photographs]


def _photograph(one: Photograph, *, held: bool) -> Told:
    name = f"{one.attachment.caption or one.attachment.sha256[:12]} ({one.agency}/{one.unit}, #{one.named_in})"
    if held:
        return Told(f"Ảnh {name}: kèm theo, {one.document}", f"Photograph {name}: enclosed, {one.document}")
    if one.stored_in is None:
        return Told(f"Ảnh {name}: chưa nhận.", f"Photograph {name}: awaited, it never arrived.")
    told = f"#{one.stored_in}"
    return Told(f"Ảnh {name}: đã nhận ({told}), không kèm theo.", f"Photograph {name}: arrived ({told}), not enclosed.")


def _missing(version: Version) -> Told:
    name = _name(version)
    return Told(f"{name}: sổ không có đủ văn bản, không kèm theo.", f"{name}: the ledger does not hold its whole text.")


def _name(version: Version) -> str:
    return f"{version.kind.value} {version.code} {version.version}"


def _row(entry: Entry) -> str:
    return _ROW.format(
        idx=entry.idx,
        at=local_date_time(entry.occurred_at),
        vi=html.escape(event_name(Language.VI, entry.event_type)),
        en=html.escape(event_name(Language.EN, entry.event_type)),
        gist="".join(map(_paragraph, gist(entry.body))),
        subject=html.escape(entry.subject),
        body=html.escape(_readable(entry.body)),
    )


def _paragraph(told: Told) -> str:
    english = "" if told.en == told.vi else f'<br><span class="en" lang="en">{html.escape(told.en)}</span>'
    return f"<p>{html.escape(told.vi)}{english}</p>"


def _readable(body: bytes) -> str:
    try:
        return json.dumps(json.loads(body), ensure_ascii=False, indent=1)
    except (ValueError, RecursionError):
        return body.decode("utf-8", "backslashreplace")
