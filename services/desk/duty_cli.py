"""`phoihop desk …`: what an officer does with a dispatch of the desk, one command per rung."""

from typing import Annotated

import typer

from contracts.codes import DeclineReason, Misrouting, MisroutingAnswer
from services.desk.officer_cli import (
    DeskArgument,
    DispatchArgument,
    ExerciseOption,
    NoteOption,
    OfficerOption,
    ReasonOption,
    TextArgument,
    TimeOption,
    desk_of,
    do,
    time_of,
)
from services.runtime.terminal import JsonOption, Language, LanguageOption

commands = typer.Typer()


@commands.command("open")
def open_(
    desk: DeskArgument,
    dispatch: DispatchArgument,
    officer: OfficerOption = None,
    exercise: ExerciseOption = False,
    as_json: JsonOption = False,
    lang: LanguageOption = Language.VI,
) -> None:
    """Ghi nhận đã mở xem. / Tell that an officer looked at it."""
    from contracts.actions import Read

    do((desk, exercise, officer), Read, dispatch, (as_json, lang))


@commands.command()
def acknowledge(
    desk: DeskArgument,
    dispatch: DispatchArgument,
    officer: OfficerOption = None,
    note: NoteOption = None,
    exercise: ExerciseOption = False,
    as_json: JsonOption = False,
    lang: LanguageOption = Language.VI,
) -> None:
    """Báo đã nhận tin. / Tell that the desk has it."""
    from contracts.actions import Acknowledge

    do((desk, exercise, officer), Acknowledge, dispatch, (as_json, lang), note=note)


@commands.command()
def accept(
    desk: DeskArgument,
    dispatch: DispatchArgument,
    part: Annotated[str | None, typer.Option(help="Chỉ nhận phần này / only this part of it")] = None,
    consent: Annotated[
        list[str] | None, typer.Option(help="Bàn trực đã đồng ý bằng lời / AGENCY/DESK that consented orally")
    ] = None,
    officer: OfficerOption = None,
    note: NoteOption = None,
    exercise: ExerciseOption = False,
    as_json: JsonOption = False,
    lang: LanguageOption = Language.VI,
) -> None:
    """Nhận nhiệm vụ. / Take the duty, or a part of it."""
    from contracts.actions import Accept

    oral = tuple(desk_of(one, lang) for one in consent or ())
    do((desk, exercise, officer), Accept, dispatch, (as_json, lang), part=part, note=note, oral_consents=oral)


@commands.command()
def defer(
    desk: DeskArgument,
    dispatch: DispatchArgument,
    until: TimeOption,
    reason: ReasonOption,
    officer: OfficerOption = None,
    exercise: ExerciseOption = False,
    as_json: JsonOption = False,
    lang: LanguageOption = Language.VI,
) -> None:
    """Hẹn trả lời. / Decide later, by a time that the desk names."""
    from contracts.actions import Defer

    do((desk, exercise, officer), Defer, dispatch, (as_json, lang), until=time_of(until, lang), reason=reason)


@commands.command()
def decline(
    desk: DeskArgument,
    dispatch: DispatchArgument,
    reason: Annotated[DeclineReason, typer.Option(help="Lý do / reason")],
    text: Annotated[str, typer.Option(help="Giải thích / explanation")],
    to: Annotated[
        str | None, typer.Option(help="Chuyển đến AGENCY/DESK; bỏ trống: cấp kế tiếp / else the next")
    ] = None,
    officer: OfficerOption = None,
    exercise: ExerciseOption = False,
    as_json: JsonOption = False,
    lang: LanguageOption = Language.VI,
) -> None:
    """Từ chối và chuyển tiếp. / Decline and forward; the desk stays answerable until another accepts."""
    from contracts.actions import Decline

    target = desk_of(to, lang) if to else None
    do((desk, exercise, officer), Decline, dispatch, (as_json, lang), reason=reason, text=text, forward_to=target)


@commands.command()
def transfer(
    desk: DeskArgument,
    dispatch: DispatchArgument,
    to: Annotated[str, typer.Option(help="AGENCY/DESK")],
    reason: ReasonOption,
    officer: OfficerOption = None,
    exercise: ExerciseOption = False,
    as_json: JsonOption = False,
    lang: LanguageOption = Language.VI,
) -> None:
    """Bàn giao nhiệm vụ. / Hand the duty over; it stays here until the other desk accepts."""
    from contracts.actions import Transfer

    do((desk, exercise, officer), Transfer, dispatch, (as_json, lang), to=desk_of(to, lang), reason=reason)


@commands.command()
def complete(
    desk: DeskArgument,
    dispatch: DispatchArgument,
    summary: TextArgument,
    officer: OfficerOption = None,
    exercise: ExerciseOption = False,
    as_json: JsonOption = False,
    lang: LanguageOption = Language.VI,
) -> None:
    """Báo hoàn thành. / Tell that it is done."""
    from contracts.actions import Complete

    do((desk, exercise, officer), Complete, dispatch, (as_json, lang), summary=summary)


@commands.command()
def comment(
    desk: DeskArgument,
    dispatch: DispatchArgument,
    text: TextArgument,
    officer: OfficerOption = None,
    exercise: ExerciseOption = False,
    as_json: JsonOption = False,
    lang: LanguageOption = Language.VI,
) -> None:
    """Ghi chú vào hồ sơ. / A remark for the record."""
    from contracts.actions import Comment

    do((desk, exercise, officer), Comment, dispatch, (as_json, lang), text=text)


@commands.command()
def misroute(
    desk: DeskArgument,
    dispatch: DispatchArgument,
    finding: Annotated[Misrouting, typer.Option(help="Sai chỗ nào / what is wrong")],
    text: TextArgument,
    officer: OfficerOption = None,
    exercise: ExerciseOption = False,
    as_json: JsonOption = False,
    lang: LanguageOption = Language.VI,
) -> None:
    """Phản ánh quy tắc chuyển sai. / Object to the rule; the duty stands meanwhile."""
    from contracts.actions import Misroute

    do((desk, exercise, officer), Misroute, dispatch, (as_json, lang), finding=finding, text=text)


@commands.command()
def answer(
    desk: DeskArgument,
    dispatch: DispatchArgument,
    finding: Annotated[MisroutingAnswer, typer.Option("--answer", help="Trả lời / the answer")],
    text: TextArgument,
    officer: OfficerOption = None,
    exercise: ExerciseOption = False,
    as_json: JsonOption = False,
    lang: LanguageOption = Language.VI,
) -> None:
    """Trả lời phản ánh. / Answer an objection, as the owner of the rules."""
    from contracts.actions import AnswerMisroute

    do((desk, exercise, officer), AnswerMisroute, dispatch, (as_json, lang), answer=finding, text=text)
