"""`phoihop desk`: what is open at a duty desk, live; what an officer can do with it is in files beside."""

import typer

from services.desk import course_cli, duty_cli, paper_cli, presence_cli
from services.desk.officer_cli import DeskArgument, ExerciseOption
from services.runtime.terminal import JsonOption, Language, LanguageOption, emit

commands = typer.Typer(no_args_is_help=True)
commands.add_typer(duty_cli.commands)
commands.add_typer(course_cli.commands)
commands.add_typer(paper_cli.commands)
commands.add_typer(presence_cli.commands)


@commands.command("list")
def list_open(
    desk: DeskArgument,
    exercise: ExerciseOption = False,
    as_json: JsonOption = False,
    lang: LanguageOption = Language.VI,
) -> None:
    """Việc đang mở của một bàn trực. / What is open at a desk now."""
    from services.desk.connecting import with_desk
    from services.desk.view import open_rows, show_rows

    rows = with_desk((desk, exercise, None), lang, open_rows)
    emit({"open": rows}, as_json, lambda console: show_rows(console, rows, lang))


@commands.command()
def watch(
    desk: DeskArgument,
    exercise: ExerciseOption = False,
    as_json: JsonOption = False,
    lang: LanguageOption = Language.VI,
) -> None:
    """Theo dõi trực tiếp, tiếp từ chỗ đã dừng. / Live queue; resumes where it stopped."""
    from services.desk.connecting import with_desk
    from services.desk.view import follow

    with_desk((desk, exercise, None), lang, lambda client: follow(client, lang, as_json=as_json), patient=True)
