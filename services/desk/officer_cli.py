"""What every command of a duty officer shares: its parameters, how they are read, how the act is sent and answered."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from services.runtime.terminal import Exit, Language, emit, fail

if TYPE_CHECKING:
    from contracts.actions import Action
    from contracts.decisions import Addressee

DeskArgument = Annotated[str, typer.Argument(help="Bàn trực / desk: AGENCY/DESK")]
DispatchArgument = Annotated[str, typer.Argument(help="Mã nhiệm vụ, đủ vài ký tự đầu / dispatch id or its beginning")]
OfficerOption = Annotated[str | None, typer.Option(help="Chức danh trực / role and post of the officer on duty")]
ExerciseOption = Annotated[bool, typer.Option("--exercise", help="Diễn tập / the exercise feed, never the live one")]
NoteOption = Annotated[str | None, typer.Option(help="Ghi chú / note")]
ReasonOption = Annotated[str, typer.Option(help="Lý do / reason")]
TextArgument = Annotated[str, typer.Argument(help="Nội dung / text")]
TimeOption = Annotated[str, typer.Option(help="Thời điểm ISO 8601 có múi giờ / time with its zone")]


def do(
    who: tuple[str, bool, str | None],
    kind: "type[Action]",
    dispatch: str,
    shown: tuple[bool, Language],
    **details: Any,  # the fields of the kind
) -> None:
    """Sends the act and says what became of it; a refused one ends with the exit code of rejected input."""
    from services.desk.connecting import with_desk
    from services.desk.view import acted, show_outcome

    as_json, lang = shown
    document = with_desk(who, lang, lambda client: acted(client, kind, dispatch, lang, **details))
    emit(document, as_json, lambda console: show_outcome(console, document, lang))
    raise typer.Exit(Exit.OK if document["outcome"] in {"accepted", "duplicate"} else Exit.USAGE)


def desk_of(text: str, lang: Language) -> "Addressee":
    """The desk written AGENCY/DESK."""
    from contracts.decisions import Addressee
    from services.runtime.addresses import origin

    if (who := origin(text)) is None:
        fail(Exit.USAGE, lang.pick("Bàn trực phải ghi AGENCY/DESK.", "A desk is written AGENCY/DESK."), text)
    return Addressee(agency=who.agency, desk=who.point)


def time_of(text: str, lang: Language) -> datetime:
    """A time with its zone."""
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        at = None
    if at is None or at.tzinfo is None:
        example = "2026-11-22T15:00+07:00"
        fail(Exit.USAGE, lang.pick("Thời điểm phải có múi giờ.", "A time needs its zone."), text, example)
    return at


def scale_of(text: str, lang: Language) -> tuple[str, int]:
    """A level written NAME=LEVEL."""
    name, _, value = text.partition("=")
    if not value.isdigit():
        fail(Exit.USAGE, lang.pick("Cấp độ ghi TÊN=CẤP.", "A level is written NAME=LEVEL."), text, "disaster_risk=3")
    return name, int(value)
