"""`phoihop desk …`: what a desk in charge does with the incident as a whole."""

from typing import Annotated

import typer

from contracts.codes import Disposition, Severity
from services.desk.officer_cli import (
    Details,
    ReasonOption,
    TextArgument,
    TimeOption,
    acting,
    incident_of,
    scale_of,
    time_of,
)
from services.runtime.terminal import Language

commands = typer.Typer()


@acting(commands, "SetLevel")
def level(
    lang: Language,
    reason: ReasonOption,
    severity: Annotated[Severity | None, typer.Option(help="CAP severity")] = None,
    scale: Annotated[
        list[str] | None, typer.Option(help="TÊN=CẤP, thay toàn bộ / NAME=LEVEL, e.g. disaster_risk=3; replaces all")
    ] = None,
) -> Details:
    """Đổi cấp độ; trách nhiệm được xác định lại. / Change the level; who is responsible is decided again."""
    scales = None if scale is None else dict(scale_of(one, lang) for one in scale)
    return {"reason": reason, "severity": severity, "scales": scales}


@acting(commands, "HandOverCommand")
def command(
    lang: Language, taker: Annotated[str, typer.Option(help="Chức danh, đơn vị / post and body")], since: TimeOption
) -> Details:
    """Ghi bàn giao chỉ huy tại hiện trường. / Who commands on scene from now on."""
    return {"taker": taker, "since": time_of(since, lang)}


@acting(commands, "Merge")
def merge(
    lang: Language,
    into: Annotated[str, typer.Option(help="Mã sự cố còn lại / the incident that goes on")],
    reason: ReasonOption,
) -> Details:
    """Nhập sự cố này vào sự cố khác. / This incident is the same as another one."""
    return {"into": incident_of(into, lang), "reason": reason}


@acting(commands, "Split")
def split(
    lang: Language,
    released: Annotated[str, typer.Option(help="Mã sự cố tách ra / the incident to split off again")],
    reason: ReasonOption,
) -> Details:
    """Tách lại sự cố đã nhập. / Undo a merge."""
    return {"released": incident_of(released, lang), "reason": reason}


@acting(commands, "Close")
def close(
    disposition: Annotated[Disposition, typer.Option(help="Kết quả / how it ended")], summary: TextArgument
) -> Details:
    """Kết thúc sự cố. / The incident is over."""
    return {"disposition": disposition, "summary": summary}


@acting(commands, "Reopen")
def reopen(reason: ReasonOption) -> Details:
    """Mở lại sự cố. / The incident is not over."""
    return {"reason": reason}
