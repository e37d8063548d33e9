"""`phoihop desk papers | acknowledge-paper | regime`: what a desk sees and does about reports of periods."""

from typing import Annotated

import typer

from services.desk.officer_cli import DeskArgument, ExerciseOption, NoteOption, OfficerOption, ReasonOption
from services.runtime.terminal import Exit, JsonOption, Language, LanguageOption, emit, fail

commands = typer.Typer()


@commands.command("papers")
def list_papers(
    desk: DeskArgument,
    everything: Annotated[bool, typer.Option("--all", help="Cả phần đã nhận / the acknowledged too")] = False,
    exercise: ExerciseOption = False,
    as_json: JsonOption = False,
    lang: LanguageOption = Language.VI,
) -> None:
    """Bản sao báo cáo và yêu cầu báo cáo. / Copies of reports, and requests for reports."""
    from services.desk.connecting import with_desk
    from services.desk.paper_view import paper_rows, show_papers

    rows = with_desk((desk, exercise, None), lang, lambda client: paper_rows(client, everything=everything))
    emit({"papers": rows}, as_json, lambda console: show_papers(console, rows, lang))


@commands.command("acknowledge-paper")
def acknowledge_paper(  # one parameter per promised option
    desk: DeskArgument,
    paper: Annotated[str, typer.Argument(help="Mã, đủ vài ký tự đầu / id or its beginning")],
    officer: OfficerOption = None,
    note: NoteOption = None,
    exercise: ExerciseOption = False,
    as_json: JsonOption = False,
    lang: LanguageOption = Language.VI,
) -> None:
    """Báo đã nhận bản sao hoặc yêu cầu. / Tell that the desk has a copy or a request."""
    from services.desk.connecting import with_desk
    from services.desk.paper_view import outcome_document, paper_acknowledged
    from services.desk.view import show_outcome

    answer = with_desk((desk, exercise, officer), lang, lambda client: paper_acknowledged(client, paper, note))
    document = outcome_document(answer, lang)
    emit(document, as_json, lambda console: show_outcome(console, document, lang))
    raise typer.Exit(Exit.OK if document["outcome"] in {"accepted", "duplicate"} else Exit.USAGE)


@commands.command()
def regime(  # one parameter per promised option
    desk: DeskArgument,
    switch: Annotated[str, typer.Argument(help="on | off")],
    calendar: Annotated[list[str], typer.Option("--calendar", help="Loại báo cáo / reporting calendar")],
    area: Annotated[str, typer.Option(help="Mã địa bàn / area code")],
    reason: ReasonOption,
    officer: OfficerOption = None,
    exercise: ExerciseOption = False,
    as_json: JsonOption = False,
    lang: LanguageOption = Language.VI,
) -> None:
    """Bật hoặc tắt chế độ báo cáo cho một địa bàn. / Switch reporting calendars on or off for an area."""
    from services.desk.connecting import with_desk
    from services.desk.paper_view import outcome_document, regime_switched
    from services.desk.view import show_outcome

    if switch not in {"on", "off"}:
        fail(Exit.USAGE, lang.pick("Ghi on hoặc off.", "Say on or off."), switch)
    answer = with_desk(
        (desk, exercise, officer),
        lang,
        lambda client: regime_switched(client, area, calendar, reason, on=switch == "on"),
    )
    document = outcome_document(answer, lang)
    emit(document, as_json, lambda console: show_outcome(console, document, lang))
    raise typer.Exit(Exit.OK if document["outcome"] in {"accepted", "duplicate"} else Exit.USAGE)
