"""`phoihop desk …`: what a desk in charge does with the incident as a whole."""

from typing import Annotated

import typer

from contracts.codes import Disposition, Severity
from services.desk.officer_cli import (
    DeskArgument,
    DispatchArgument,
    ExerciseOption,
    OfficerOption,
    ReasonOption,
    TextArgument,
    TimeOption,
    do,
    scale_of,
    time_of,
)
from services.runtime.terminal import JsonOption, Language, LanguageOption

commands = typer.Typer()


@commands.command()
def level(
    desk: DeskArgument,
    dispatch: DispatchArgument,
    reason: ReasonOption,
    severity: Annotated[Severity | None, typer.Option(help="CAP severity")] = None,
    scale: Annotated[
        list[str] | None, typer.Option(help="TÊN=CẤP, thay toàn bộ / NAME=LEVEL, e.g. disaster_risk=3; replaces all")
    ] = None,
    officer: OfficerOption = None,
    exercise: ExerciseOption = False,
    as_json: JsonOption = False,
    lang: LanguageOption = Language.VI,
) -> None:
    """Đổi cấp độ; trách nhiệm được xác định lại. / Change the level; who is responsible is decided again."""
    from contracts.actions import SetLevel

    scales = None if scale is None else dict(scale_of(one, lang) for one in scale)
    do((desk, exercise, officer), SetLevel, dispatch, (as_json, lang), reason=reason, severity=severity, scales=scales)


@commands.command()
def command(
    desk: DeskArgument,
    dispatch: DispatchArgument,
    taker: Annotated[str, typer.Option(help="Chức danh, đơn vị / post and body")],
    since: TimeOption,
    officer: OfficerOption = None,
    exercise: ExerciseOption = False,
    as_json: JsonOption = False,
    lang: LanguageOption = Language.VI,
) -> None:
    """Ghi bàn giao chỉ huy tại hiện trường. / Who commands on scene from now on."""
    from contracts.actions import HandOverCommand

    do((desk, exercise, officer), HandOverCommand, dispatch, (as_json, lang), taker=taker, since=time_of(since, lang))


@commands.command()
def merge(
    desk: DeskArgument,
    dispatch: DispatchArgument,
    into: Annotated[str, typer.Option(help="Mã sự cố còn lại / the incident that goes on")],
    reason: ReasonOption,
    officer: OfficerOption = None,
    exercise: ExerciseOption = False,
    as_json: JsonOption = False,
    lang: LanguageOption = Language.VI,
) -> None:
    """Nhập sự cố này vào sự cố khác. / This incident is the same as another one."""
    from contracts.actions import Merge

    do((desk, exercise, officer), Merge, dispatch, (as_json, lang), into=into, reason=reason)


@commands.command()
def split(
    desk: DeskArgument,
    dispatch: DispatchArgument,
    released: Annotated[str, typer.Option(help="Mã sự cố tách ra / the incident to split off again")],
    reason: ReasonOption,
    officer: OfficerOption = None,
    exercise: ExerciseOption = False,
    as_json: JsonOption = False,
    lang: LanguageOption = Language.VI,
) -> None:
    """Tách lại sự cố đã nhập. / Undo a merge."""
    from contracts.actions import Split

    do((desk, exercise, officer), Split, dispatch, (as_json, lang), released=released, reason=reason)


@commands.command()
def close(
    desk: DeskArgument,
    dispatch: DispatchArgument,
    disposition: Annotated[Disposition, typer.Option(help="Kết quả / how it ended")],
    summary: TextArgument,
    officer: OfficerOption = None,
    exercise: ExerciseOption = False,
    as_json: JsonOption = False,
    lang: LanguageOption = Language.VI,
) -> None:
    """Kết thúc sự cố. / The incident is over."""
    from contracts.actions import Close

    do((desk, exercise, officer), Close, dispatch, (as_json, lang), disposition=disposition, summary=summary)


@commands.command()
def reopen(
    desk: DeskArgument,
    dispatch: DispatchArgument,
    reason: ReasonOption,
    officer: OfficerOption = None,
    exercise: ExerciseOption = False,
    as_json: JsonOption = False,
    lang: LanguageOption = Language.VI,
) -> None:
    """Mở lại sự cố. / The incident is not over."""
    from contracts.actions import Reopen

    do((desk, exercise, officer), Reopen, dispatch, (as_json, lang), reason=reason)
