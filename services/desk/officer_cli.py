"""What every command of a duty officer shares: its parameters, how they are read, how the act is sent and answered."""

import inspect
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID

import typer

from services.runtime.terminal import Exit, JsonOption, Language, LanguageOption, emit, fail

if TYPE_CHECKING:
    from contracts.decisions import Addressee

Details = Mapping[str, Any]
"""The fields of an act, by name."""

DeskArgument = Annotated[str, typer.Argument(help="Bàn trực / desk: AGENCY/DESK")]
DispatchArgument = Annotated[str, typer.Argument(help="Mã nhiệm vụ, đủ vài ký tự đầu / dispatch id or its beginning")]
OfficerOption = Annotated[str | None, typer.Option(help="Chức danh trực / role and post of the officer on duty")]
ExerciseOption = Annotated[bool, typer.Option("--exercise", help="Diễn tập / the exercise feed, never the live one")]
NoteOption = Annotated[str | None, typer.Option(help="Ghi chú / note")]
ReasonOption = Annotated[str, typer.Option(help="Lý do / reason")]
TextArgument = Annotated[str, typer.Argument(help="Nội dung / text")]
TimeOption = Annotated[str, typer.Option(help="Thời điểm ISO 8601 có múi giờ / time with its zone")]


def acting(commands: typer.Typer, kind: str, name: str | None = None) -> Callable[[Callable[..., Details]], None]:
    """Makes a command of a function that turns what was typed into the fields of an act of that kind.

    The command asks for the desk and one of its dispatches first, then for what the function asks, then for what every
    act may be told. `lang` is handed on to a function that asks for it. `kind` is a name in `contracts.actions`, which
    is imported only once the command runs.
    """

    def made(details: Callable[..., Details]) -> None:
        def command(
            *, desk: str, dispatch: str, officer: str | None, exercise: bool, as_json: bool, **rest: Any
        ) -> None:
            lang: Language = rest["lang"]
            own = {key: value for key, value in rest.items() if key in asked}
            _act((desk, exercise, officer), kind, dispatch, (as_json, lang), details(**own))

        asked = inspect.signature(details).parameters
        everything = [*_FIRST, *(one for key, one in asked.items() if key != "lang"), *_LAST]
        parameters = [one.replace(kind=inspect.Parameter.KEYWORD_ONLY) for one in everything]
        command.__annotations__ = {one.name: one.annotation for one in parameters}
        command.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined] # what `inspect` looks for
        commands.command(name or details.__name__, help=details.__doc__)(command)

    return made


def _parameter(name: str, annotation: object, default: object = inspect.Parameter.empty) -> inspect.Parameter:
    return inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=annotation)


_FIRST = (_parameter("desk", DeskArgument), _parameter("dispatch", DispatchArgument))
_LAST = (
    _parameter("officer", OfficerOption, None),
    _parameter("exercise", ExerciseOption, default=False),
    _parameter("as_json", JsonOption, default=False),
    _parameter("lang", LanguageOption, Language.VI),
)


def _act(
    who: tuple[str, bool, str | None], kind: str, dispatch: str, shown: tuple[bool, Language], details: Details
) -> None:
    """Sends the act and says what became of it; a refused one ends with the exit code of rejected input."""
    from contracts import actions
    from services.desk.connecting import with_desk
    from services.desk.view import acted, show_outcome

    as_json, lang = shown
    act = getattr(actions, kind)
    document = with_desk(who, lang, lambda client: acted(client, act, dispatch, lang, **details))
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


def incident_of(text: str, lang: Language) -> UUID:
    """The id of an incident."""
    try:
        return UUID(text)
    except ValueError:
        fail(Exit.USAGE, lang.pick("Mã sự cố phải là UUID đầy đủ.", "An incident is named by its whole UUID."), text)


def scale_of(text: str, lang: Language) -> tuple[str, int]:
    """A level written NAME=LEVEL."""
    name, _, value = text.partition("=")
    if not value.isdigit():
        fail(Exit.USAGE, lang.pick("Cấp độ ghi TÊN=CẤP.", "A level is written NAME=LEVEL."), text, "disaster_risk=3")
    return name, int(value)
