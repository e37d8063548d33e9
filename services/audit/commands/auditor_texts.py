"""What the auditor's commands say to people, in Vietnamese and English; it decides nothing."""

from collections import Counter
from collections.abc import Sequence
from itertools import groupby
from operator import attrgetter
from typing import Final

from rich.markup import escape
from rich.table import Table

from contracts.code_words import said
from contracts.event_words import cause_called
from services.audit.evidence.references import References
from services.audit.notary.covering import Vouched
from services.audit.reports.auditing import ObligationsReport
from services.audit.reports.history import History
from services.audit.reports.knowing import Known
from services.audit.reports.obligations import Line
from services.audit.words import event_name, knowledge_text
from services.runtime.terminal import Language, local_date_time

_SAYINGS: Final[dict[str, tuple[str, str]]] = {
    "reading_refused": (
        "Không ghi lại được việc đọc này, nên không cho đọc.",
        "This reading could not be recorded, so nothing is shown.",
    ),
    "reading_journaled": (
        "Chưa tới được NATS: việc đọc này ghi tạm ở {path} ({waiting} việc chờ), lần đọc sau sẽ tự nộp vào sổ.",
        "NATS cannot be reached: this reading is kept in {path} ({waiting} waiting) and handed in by the next one.",
    ),
    "no_parquet": ("Muốn ghi Parquet cần gói pyarrow.", "Parquet needs the package pyarrow."),
    "written": ("✓ {entries} mục: {path}", "✓ {entries} entries: {path}"),
    "not_covered": (
        "Không có điểm chốt nào đã giữ, đúng với sổ và có chữ ký được tin, bao gồm {size} mục đầu.",
        "No checkpoint that was kept, agrees with the ledger and is signed by a trusted key covers {size} entries.",
    ),
    "no_keys": (
        "Không có khóa ký và cũng không biết khóa công khai của sổ.",
        "There is no signing key here, and no public key of the ledger is known.",
    ),
    "contradicted": (
        "Không lập hồ sơ: sổ không khớp với điểm chốt đã giữ.",
        "No evidence is made: the ledger does not agree with a checkpoint that was kept.",
    ),
    "unsettled": (
        "Chưa đủ nhân chứng đồng ký điểm chốt này.",
        "Not enough witnesses have cosigned this checkpoint.",
    ),
    "texts_missing": (
        "Sổ không có đủ văn bản của: {which}",
        "The ledger does not hold the whole text of: {which}",
    ),
    "positions": ("Đã chép thêm {added} lô: {path}", "{added} more batches copied: {path}"),
    "refilled": (
        "✓ Đã ghi lại đúng như cũ {entries} mục; sổ có {size} mục.",
        "✓ {entries} entries recorded again as they were; the ledger has {size}.",
    ),
    "not_refilled": (
        "Dừng ở mục {idx}: nội dung trong luồng hoặc bản chép không cho ra gốc đã ghi.",
        "Stopped at entry {idx}: the stream or the copy does not lead to the root that was recorded.",
    ),
    "no_stream": ("Không đọc được luồng EVENTS.", "The stream EVENTS cannot be read."),
    "nothing_happened": ("Không có mục nào trong tháng này.", "No entry in this month."),
    "before_that": ("Trước đó còn nữa: --before {idx}", "There is more before that: --before {idx}"),
    "nothing_owed": ("Không có nghĩa vụ nào trong khoảng này.", "Nothing was owed in this period."),
    "reckoned": (
        "Tính đến {as_of}, từ {size} mục, gốc {root}: ai có sổ này đều tính ra như vậy.",
        "As of {as_of}, from {size} entries, root {root}: whoever has this ledger counts the same.",
    ),
}

_NUMBERS: Final = (
    ("Phải làm", "Owed"),
    ("Đúng hạn", "Met"),
    ("Trễ", "Late"),
    ("Vi phạm", "Breached"),
    ("Được miễn", "Excused"),
    ("Chưa đến hạn", "Open"),
)


def tell(lang: Language, key: str, **values: object) -> str:
    """One sentence."""
    return lang.pick(*_SAYINGS[key]).format(**values)


def caveats(lang: Language, under: Vouched, texts: References) -> list[str]:
    """What an evidence file lacks."""
    lines = []
    if under.quorum.witnesses and not under.settled:
        lines.append(f"  [yellow]![/] {tell(lang, 'unsettled')}")
    if texts.missing:
        which = ", ".join(f"{each.code} {each.version}" for each in texts.missing)
        lines.append(f"  [yellow]![/] {escape(tell(lang, 'texts_missing', which=which))}")
    return lines


def obligations_shown(lang: Language, found: ObligationsReport) -> list[Table | str]:
    """Who owed how much, how it ended, and by whom and why what was excused was excused."""
    if not found.lines:
        return [tell(lang, "nothing_owed")]
    because: Counter[str] = Counter()
    for line in found.lines:
        because.update(dict(line.because))
    head = lang.pick("Được miễn", "Excused")
    reasons = [
        f"[dim]{head}: {number} × {escape(lang.pick(*cause_called(why)))}[/]" for why, number in sorted(because.items())
    ]
    shown: list[Table | str] = []
    for agency, lines in groupby(found.lines, key=attrgetter("agency")):
        shown += [f"[bold]{escape(agency)}[/]", _obligations_table(lang, list(lines), heads=not shown)]
    return [*shown, *reasons]


def _obligations_table(lang: Language, lines: Sequence[Line], *, heads: bool) -> Table:
    """Of one agency, whose name alone may be as wide as half a line; columns stand below each other, heads but once."""
    table = Table(box=None, pad_edge=False, padding=(0, 1, 0, 0), show_header=heads)
    table.add_column(lang.pick("  Tháng", "  Month"), width=9)
    table.add_column(lang.pick("Nghĩa vụ", "Obligation"), width=28)
    for vi, en in _NUMBERS:
        head = lang.pick(vi, en)
        table.add_column(head, justify="right", width=max(5, *map(len, head.split())))
    for line in lines:
        numbers = (line.owed, line.met, line.late, line.breached, line.excused, line.open)
        table.add_row(f"  {line.period}", escape(lang.pick(*said("kind", line.kind))), *map(str, numbers))
    return table


def reckoned_line(lang: Language, found: ObligationsReport) -> str:
    """From which ledger this was counted."""
    as_of = local_date_time(found.as_of) if found.as_of else "–"
    return tell(lang, "reckoned", as_of=as_of, size=found.size, root=found.root.hex()[:16] + "…")


def history_shown(lang: Language, found: History) -> list[Table | str]:
    """What came to an agency, a line each, and how to go on."""
    if not found.entries:
        return [tell(lang, "nothing_happened")]
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    table.add_column(lang.pick("Mục", "Entry"), justify="right", width=9)
    table.add_column(lang.pick("Lúc", "Time"), width=19)
    table.add_column(lang.pick("Việc", "What"), max_width=48)
    table.add_column(lang.pick("Sự cố", "Incident"), width=36)
    for each in found.entries:
        event = escape(event_name(lang, each.event_type))
        table.add_row(str(each.idx), local_date_time(each.at), event, str(each.incident or "–"))
    return [table] if found.more is None else [table, tell(lang, "before_that", idx=found.more)]


def known_tables(lang: Language, reached: Sequence[Known], missing: Sequence[Known]) -> list[Table | str]:
    """What the desk had by then, and what was on its feed without a sign that it had arrived."""
    heads = (
        lang.pick("Bàn trực đã có", "The desk had"),
        lang.pick("Đã phát, chưa chứng minh được là đã đến", "Issued, and not proved to have arrived"),
    )
    shown: list[Table | str] = []
    for head, known in zip(heads, (reached, missing), strict=True):
        shown.append(f"[bold]{head}[/]: {len(known)}")
        by_incident: dict[str, list[Known]] = {}
        for each in known:
            by_incident.setdefault(each.fact.incident, []).append(each)
        for incident, facts in by_incident.items():
            shown += [f"  {lang.pick('Sự cố', 'Incident')} {escape(incident)}", _known_table(lang, facts)]
    return shown


def _known_table(lang: Language, known: Sequence[Known]) -> Table:
    """Of one incident: what it was, and below it how far it is proved that the desk knew."""
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), show_header=False)
    table.add_column(justify="right", width=9)
    table.add_column(width=19)
    table.add_column(max_width=48)
    for each in known:
        event = escape(event_name(lang, f"phoihop.{each.fact.name}.v1"))
        told = f"{event}\n[dim]{escape(knowledge_text(lang, each))}[/]"
        table.add_row(str(each.fact.idx), local_date_time(each.fact.stored_at), told)
    return table
