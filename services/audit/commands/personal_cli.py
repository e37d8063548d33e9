"""`phoihop ledger personal show | erase`: parses and prints; what may be shown or erased is decided elsewhere."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final
from uuid import UUID

import typer

from services.audit.commands.shared_cli import DsnOption, dsn_of, run, settings_of
from services.audit.commands.vault_cli import commands as vault_commands
from services.runtime.terminal import Exit, JsonOption, Language, LanguageOption, emit, fail

if TYPE_CHECKING:
    from collections.abc import Coroutine
    from typing import Any, TypeVar

    from services.audit.personal.commitments import Answer, Holdings
    from services.audit.personal.keeping import Order

    ResultT = TypeVar("ResultT")

commands = typer.Typer(no_args_is_help=True, help="Dữ liệu cá nhân trong báo cáo. / Personal values of reports.")
commands.add_typer(vault_commands)

IncidentOption = Annotated[UUID, typer.Option("--incident", help="Mã sự cố / incident id")]
ByOption = Annotated[
    str, typer.Option("--by", help="Chức vụ và cơ quan, không ghi tên người / post and body, never a person")
]
BasisOption = Annotated[str, typer.Option("--basis", help="Căn cứ: điều luật, quyết định, yêu cầu / on what basis")]
_SAID: Final = {
    "none": (
        "Không có báo cáo nào của sự cố này mang dữ liệu cá nhân.",
        "No report of this incident holds personal values.",
    ),
    "order": ("--by và --basis phải là một dòng, tối đa 180 ký tự.", "--by and --basis are one line, at most 180."),
    "bus": ("Chưa làm gì: không ghi được vào sổ.", "Nothing was done: it could not be recorded."),
    "keys": ("Không dùng được khóa.", "A key cannot be used."),
    "erased": (
        "Đã hủy {count} khóa của {reports} báo cáo. Cam kết vẫn nằm trong sổ.",
        "{count} keys of {reports} reports destroyed. The commitments stay in the ledger.",
    ),
    "folder": ("Không ghi được vào thư mục.", "The folder cannot be written."),
}
_SHOWN: Final = {
    "opened": ("", ""),
    "erased": ("đã xóa", "erased"),
    "key_missing": ("mất khóa, không có lệnh xóa trong sổ", "key missing, and no erasure on record"),
    "value_missing": ("không có trong cơ sở dữ liệu", "not in the database"),
    "value_changed": ("đã bị sửa: không khớp cam kết", "changed: it does not open the commitment"),
}
_LONGEST_ORDER: Final = 180


@commands.command()
def show(
    incident: IncidentOption,
    by: ByOption,
    basis: BasisOption,
    to: Annotated[
        Path | None,
        typer.Option("--to", help="Thư mục hồ sơ bằng chứng, để verify.py kiểm tra / an evidence folder to add to"),
    ] = None,
    dsn: DsnOption = None,
    as_json: JsonOption = False,
    lang: LanguageOption = Language.VI,
) -> None:
    """Xem dữ liệu cá nhân; việc xem được ghi vào sổ trước. / Show personal values; that is recorded first."""
    from services.audit.personal.keeping import show as open_values

    order = _order(lang, incident, by, basis)
    address = dsn_of(lang, dsn)
    held = _holdings(lang, address, incident)
    found = _kept(lang, open_values(settings_of(lang), address, held, order))
    if to is not None:
        _disclose(lang, to, found)
    document = {"incident": str(incident), "values": [_document(one) for one in found]}
    emit(document, as_json, lambda out: out.print(*(_line(lang, one) for one in found), sep="\n", markup=False))
    if any(one.shown not in ("opened", "erased") for one in found):
        raise typer.Exit(Exit.CHECK_FAILED)


@commands.command()
def erase(
    incident: IncidentOption,
    by: ByOption,
    basis: BasisOption,
    dsn: DsnOption = None,
    as_json: JsonOption = False,
    lang: LanguageOption = Language.VI,
) -> None:
    """Hủy khóa của dữ liệu cá nhân, không thể lấy lại. / Destroy the keys of personal values, for good."""
    from services.audit.personal.keeping import erase as destroy_keys

    order = _order(lang, incident, by, basis)
    held = _holdings(lang, dsn_of(lang, dsn), incident)
    destroyed = _kept(lang, destroy_keys(settings_of(lang), held, order))
    document = {"incident": str(incident), "reports": len(held.reports), "keys_destroyed": destroyed}
    text = lang.pick(*_SAID["erased"]).format(count=destroyed, reports=len(held.reports))
    emit(document, as_json, lambda out: out.print(text))


def _order(lang: Language, incident: UUID, by: str, basis: str) -> "Order":
    from pydantic import TypeAdapter, ValidationError

    from contracts.text import Line
    from services.audit.personal.keeping import Order

    line: TypeAdapter[str] = TypeAdapter(Line)
    try:
        order = Order(incident, line.validate_python(by), line.validate_python(basis))
    except ValidationError:
        fail(Exit.USAGE, lang.pick(*_SAID["order"]))
    if max(len(order.by), len(order.basis)) > _LONGEST_ORDER:
        fail(Exit.USAGE, lang.pick(*_SAID["order"]))
    return order


def _holdings(lang: Language, dsn: str, incident: UUID) -> "Holdings":
    from services.audit.evidence.trail import trail
    from services.audit.personal.commitments import holdings

    if (held := holdings(run(lang, trail(dsn, incident)))) is None:
        fail(Exit.CHECK_FAILED, lang.pick(*_SAID["none"]), following="phoihop ledger trail")
    return held


def _kept(lang: Language, work: "Coroutine[Any, Any, ResultT]") -> "ResultT":
    """The result, or the end of the command; a ledger that is away is explained by `run`."""
    from services.runtime.jetstream import BusUnavailableError, JetStreamRefusedError
    from services.runtime.secret_files import UnusableSecretError

    try:
        return run(lang, work)
    except (BusUnavailableError, JetStreamRefusedError) as error:
        fail(Exit.UNREACHABLE, lang.pick(*_SAID["bus"]), str(error), "phoihop doctor")
    except UnusableSecretError as error:
        fail(Exit.CHECK_FAILED, lang.pick(*_SAID["keys"]), str(error))


def _disclose(lang: Language, to: Path, found: "Sequence[Answer]") -> None:
    """Puts each opened text where `verify.py` looks for documents that an entry names by their SHA-256."""
    try:
        folder = to / "documents"
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        for one in found:
            if one.opened:
                (folder / f"{one.sealed.commitment}.txt").write_bytes(one.opened)
    except OSError as error:
        fail(Exit.USAGE, lang.pick(*_SAID["folder"]), str(error))


def _document(one: "Answer") -> dict[str, object]:
    opened = one.opened.decode().split("\n", 2) if one.opened else None
    return {
        "report": str(one.holding.report),
        "event": str(one.holding.event),
        "idx": one.holding.idx,
        "kind": str(one.sealed.kind),
        "commitment": one.sealed.commitment,
        "outcome": one.shown.value,
        "salt": opened[1] if opened else None,
        "value": json.loads(opened[2])["value"] if opened else None,
    }


def _line(lang: Language, one: "Answer") -> str:
    told = _document(one)
    what = lang.pick(*_SHOWN[one.shown.value]) or str(told["value"])[:200]
    return f"#{one.holding.idx}  {one.sealed.kind:<9} {what}  ({one.sealed.commitment[:12]}…)"
