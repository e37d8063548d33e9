"""`phoihop desk staffed | unstaffed | handover`: whether somebody is at a desk, and who takes it over."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from services.desk.officer_cli import DeskArgument, ExerciseOption, NoteOption, desk_of
from services.runtime.terminal import Exit, JsonOption, Language, LanguageOption, emit, fail

if TYPE_CHECKING:
    from contracts.presence import PresenceAct

commands = typer.Typer()

PostOption = Annotated[str, typer.Option("--officer", help="Chức danh trực / role and post of the officer on duty")]
DivertOption = Annotated[str | None, typer.Option(help="Bàn trực được báo thêm / told in addition: AGENCY/DESK")]
FromOption = Annotated[str | None, typer.Option("--from", help="Chức danh giao ca / outgoing officer's role and post")]
ToOption = Annotated[str | None, typer.Option("--to", help="Chức danh nhận ca / incoming officer's role and post")]
ConfirmOption = Annotated[str | None, typer.Option(help="Nhận ca: mã giao ca / take over: hand-over id")]


@commands.command()
def staffed(
    desk: DeskArgument,
    officer: PostOption,
    exercise: ExerciseOption = False,
    as_json: JsonOption = False,
    lang: LanguageOption = Language.VI,
) -> None:
    """Báo có người trực. / Tell that somebody is at the desk."""
    from contracts.presence import DeclareStaffed

    _declare((desk, exercise), DeclareStaffed, (as_json, lang), officer=officer)


@commands.command()
def unstaffed(
    desk: DeskArgument,
    divert_to: DivertOption = None,
    exercise: ExerciseOption = False,
    as_json: JsonOption = False,
    lang: LanguageOption = Language.VI,
) -> None:
    """Báo không có người trực. / Tell that nobody is at the desk."""
    from contracts.presence import DeclareUnstaffed

    named = None if divert_to is None else desk_of(divert_to, lang)
    _declare((desk, exercise), DeclareUnstaffed, (as_json, lang), divert_to=named)


@commands.command()
def handover(  # one parameter per promised option
    desk: DeskArgument,
    outgoing: FromOption = None,
    incoming: ToOption = None,
    note: NoteOption = None,
    confirm: ConfirmOption = None,
    exercise: ExerciseOption = False,
    as_json: JsonOption = False,
    lang: LanguageOption = Language.VI,
) -> None:
    """Giao ca: người giao lập bản, người nhận xác nhận. / Hand the shift over; the incoming officer confirms."""
    from services.desk.connecting import with_desk
    from services.desk.handover_view import confirmed, proposed, show_handover

    if incoming is None or (outgoing is None) == (confirm is None):
        saying = (
            "Giao ca: --from và --to. Nhận ca: --confirm và --to.",
            "Hand over: --from, --to. Take over: --confirm, --to.",
        )
        fail(Exit.USAGE, lang.pick(*saying), desk)
    if confirm is None:
        document = with_desk(
            (desk, exercise, None), lang, lambda client: proposed(client, (str(outgoing), incoming), note, lang)
        )
    else:
        document = with_desk((desk, exercise, None), lang, lambda client: confirmed(client, confirm, incoming, lang))
    emit(document, as_json, lambda console: show_handover(console, document, lang))
    raise typer.Exit(Exit.OK if document["outcome"] in {"accepted", "duplicate"} else Exit.USAGE)


def _declare(who: tuple[str, bool], kind: "type[PresenceAct]", shown: tuple[bool, Language], **details: Any) -> None:
    from services.desk.connecting import with_desk
    from services.desk.handover_view import declared
    from services.desk.view import show_outcome

    (as_json, lang), (desk, exercise) = shown, who
    document = with_desk((desk, exercise, None), lang, lambda client: declared(client, kind, lang, **details))
    emit(document, as_json, lambda console: show_outcome(console, document, lang))
    raise typer.Exit(Exit.OK if document["outcome"] in {"accepted", "duplicate"} else Exit.USAGE)
