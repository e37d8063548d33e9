"""`phoihop reporting`: what is owed about periods, what is missing, figures side by side, a logged call confirmed."""

from datetime import datetime
from typing import Annotated, Any

import typer

from services.runtime.terminal import VIETNAM, Exit, JsonOption, Language, LanguageOption, emit, fail

commands = typer.Typer(no_args_is_help=True)

AgencyOption = Annotated[str | None, typer.Option(help="Chỉ cơ quan này / this agency only")]
ExerciseOption = Annotated[bool, typer.Option("--exercise", help="Diễn tập / the exercise, never the live record")]
_FORMATS = ["%Y-%m-%d", "%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M:%S%z"]


@commands.command()
def due(
    agency: AgencyOption = None,
    exercise: ExerciseOption = False,
    as_json: JsonOption = False,
    lang: LanguageOption = Language.VI,
) -> None:
    """Báo cáo còn phải gửi, gần hạn trước. / Reports still owed, soonest first."""
    _listed("due", agency, exercise, as_json, lang)


@commands.command()
def missing(
    agency: AgencyOption = None,
    exercise: ExerciseOption = False,
    as_json: JsonOption = False,
    lang: LanguageOption = Language.VI,
) -> None:
    """Báo cáo quá hạn chưa có; mã kết thúc 1 nếu thiếu. / Reports that did not come; exit 1 when there are any."""
    if _listed("missing", agency, exercise, as_json, lang):
        raise typer.Exit(Exit.CHECK_FAILED)


@commands.command()
def rollup(
    area: Annotated[str, typer.Option(help="Mã địa bàn / area code")],
    since: Annotated[datetime, typer.Option("--from", help="Từ / from (ISO 8601)", formats=_FORMATS)],
    until: Annotated[datetime, typer.Option("--to", help="Đến trước / to, not included (ISO 8601)", formats=_FORMATS)],
    exercise: ExerciseOption = False,
    as_json: JsonOption = False,
    lang: LanguageOption = Language.VI,
) -> None:
    """Số liệu theo từng nguồn, nêu mâu thuẫn, không cộng dồn. / Figures per source; conflicts shown, nothing added."""
    from services.routing.commands.connecting import with_bus
    from services.routing.commands.reporting_view import rolled_up, show_rollup
    from services.routing.reporting.regime.rollup import Asked
    from services.runtime.documents import DocumentError
    from services.runtime.settings import RuntimeSettings

    asked = Asked(area, _with_zone(since), _with_zone(until))
    if asked.until <= asked.since:
        fail(Exit.USAGE, lang.pick("--to phải sau --from.", "--to must lie after --from."))
    folder = RuntimeSettings().reference
    try:
        document = with_bus(lang, lambda client: rolled_up(client, _space(exercise), asked, folder))
    except DocumentError as error:
        what = lang.pick("Không dùng được tài liệu:", "The document cannot be used:")
        fail(Exit.USAGE, what, "\n  ".join(map(str, error.findings[:20])))
    emit(document, as_json, lambda console: show_rollup(console, document, lang))


@commands.command()
def confirm(
    entry: Annotated[str, typer.Argument(help="Mã báo cáo đã ghi thay, đủ vài ký tự đầu / the entry's report id")],
    unit: Annotated[str, typer.Option("--as", help="Đơn vị xác nhận / confirming unit: AGENCY/UNIT")],
    exercise: ExerciseOption = False,
    as_json: JsonOption = False,
    lang: LanguageOption = Language.VI,
) -> None:
    """Đơn vị xác nhận nội dung trực ban đã ghi thay. / A unit confirms what a duty officer logged for it."""
    from services.routing.commands.connecting import with_bus
    from services.routing.commands.reporting_view import confirmed
    from services.runtime import clock
    from services.runtime.addresses import origin

    if (who := origin(unit)) is None:
        fail(Exit.USAGE, lang.pick("Đơn vị phải ghi AGENCY/UNIT.", "A unit is written AGENCY/UNIT."), unit)
    receipt = with_bus(lang, lambda client: confirmed(client, _space(exercise), entry, who, clock.now()))
    if receipt is None:
        what = lang.pick("Không có đúng một bản ghi như vậy cho đơn vị này.", "There is not exactly one such entry.")
        fail(Exit.USAGE, what, entry, "phoihop reporting due --json")
    outcome = receipt.outcome.value
    document = {
        "outcome": outcome,
        "report": str(receipt.report),
        "errors": [
            {"code": p.code.value, "field": p.field, "message": lang.pick(p.wording.vi, p.wording.en)}
            for p in receipt.problems
        ],
    }
    said = lang.pick("Đã xác nhận.", "Confirmed.") if outcome == "accepted" else f"{outcome}: {document['errors']}"
    emit(document, as_json, lambda console: console.print(said, markup=False))
    raise typer.Exit(Exit.OK if outcome in {"accepted", "duplicate"} else Exit.USAGE)


def _listed(
    name: str,
    agency: str | None,
    exercise: bool,  # the --exercise flag itself
    as_json: bool,  # the --json flag itself
    lang: Language,
) -> bool:
    """Shows what is owed or missing; whether there is any."""
    from services.routing.commands.connecting import with_bus
    from services.routing.commands.reporting_view import rows, show_rows, standings
    from services.runtime import clock

    held = with_bus(lang, lambda client: standings(client, _space(exercise)))
    found = rows(held, clock.now(), agency, missing=name == "missing")
    emit({name: found}, as_json, lambda console: show_rows(console, found, lang))
    return bool(found)


def _space(exercise: bool) -> Any:  # noqa: ANN401  # a Space, imported when first asked for
    from contracts.codes import Space

    return Space.EXERCISE if exercise else Space.ACTUAL


def _with_zone(at: datetime) -> datetime:
    """A time without a zone is Vietnam's."""
    return at.replace(tzinfo=VIETNAM) if at.tzinfo is None else at
