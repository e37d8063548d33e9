"""`phoihop desk …`: what an officer does with a dispatch of the desk, one command per rung."""

from typing import Annotated

import typer

from contracts.codes import DeclineReason, Misrouting, MisroutingAnswer
from services.desk.officer_cli import (
    Details,
    NoteOption,
    ReasonOption,
    TextArgument,
    TimeOption,
    acting,
    desk_of,
    time_of,
)
from services.runtime.terminal import Language

commands = typer.Typer()


@acting(commands, "Read", "open")
def open_() -> Details:
    """Ghi nhận đã mở xem. / Tell that an officer looked at it."""
    return {}


@acting(commands, "Acknowledge")
def acknowledge(note: NoteOption = None) -> Details:
    """Báo đã nhận tin. / Tell that the desk has it."""
    return {"note": note}


@acting(commands, "Accept")
def accept(
    lang: Language,
    part: Annotated[str | None, typer.Option(help="Chỉ nhận phần này / only this part of it")] = None,
    consent: Annotated[
        list[str] | None, typer.Option(help="Bàn trực đã đồng ý bằng lời / AGENCY/DESK that consented orally")
    ] = None,
    note: NoteOption = None,
) -> Details:
    """Nhận nhiệm vụ. / Take the duty, or a part of it."""
    oral = tuple(desk_of(one, lang) for one in consent or ())
    return {"part": part, "note": note, "oral_consents": oral}


@acting(commands, "Defer")
def defer(lang: Language, until: TimeOption, reason: ReasonOption) -> Details:
    """Hẹn trả lời. / Decide later, by a time that the desk names."""
    return {"until": time_of(until, lang), "reason": reason}


@acting(commands, "Decline")
def decline(
    lang: Language,
    reason: Annotated[DeclineReason, typer.Option(help="Lý do / reason")],
    text: Annotated[str, typer.Option(help="Giải thích / explanation")],
    to: Annotated[
        str | None, typer.Option(help="Chuyển đến AGENCY/DESK; bỏ trống: cấp kế tiếp / else the next")
    ] = None,
) -> Details:
    """Từ chối và chuyển tiếp. / Decline and forward; the desk stays answerable until another accepts."""
    target = desk_of(to, lang) if to else None
    return {"reason": reason, "text": text, "forward_to": target}


@acting(commands, "Transfer")
def transfer(lang: Language, to: Annotated[str, typer.Option(help="AGENCY/DESK")], reason: ReasonOption) -> Details:
    """Bàn giao nhiệm vụ. / Hand the duty over; it stays here until the other desk accepts."""
    return {"to": desk_of(to, lang), "reason": reason}


@acting(commands, "Complete")
def complete(summary: TextArgument) -> Details:
    """Báo hoàn thành. / Tell that it is done."""
    return {"summary": summary}


@acting(commands, "Comment")
def comment(text: TextArgument) -> Details:
    """Ghi chú vào hồ sơ. / A remark for the record."""
    return {"text": text}


@acting(commands, "Misroute")
def misroute(
    finding: Annotated[Misrouting, typer.Option(help="Sai chỗ nào / what is wrong")], text: TextArgument
) -> Details:
    """Phản ánh quy tắc chuyển sai. / Object to the rule; the duty stands meanwhile."""
    return {"finding": finding, "text": text}


@acting(commands, "AnswerMisroute")
def answer(
    finding: Annotated[MisroutingAnswer, typer.Option("--answer", help="Trả lời / the answer")], text: TextArgument
) -> Details:
    """Trả lời phản ánh. / Answer an objection, as the owner of the rules."""
    return {"answer": finding, "text": text}
