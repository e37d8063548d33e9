"""`phoihop exercise plan | start | list | cancel`: parses and prints; what becomes of a plan is decided by routing."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID

import typer

from services.runtime.terminal import Exit, JsonOption, Language, LanguageOption, emit, fail

if TYPE_CHECKING:
    from rich.console import Console

    from services.stack.exercise.planning import Plan

commands = typer.Typer(no_args_is_help=True)

AsOption = Annotated[str, typer.Option("--as", help="Bàn trực tổ chức / the planning desk: AGENCY/DESK")]
ScenarioOption = Annotated[str, typer.Option("--scenario", help="Kịch bản trong scenarios/ / a scenario by name")]
NameOption = Annotated[str | None, typer.Option("--name", help="Tên gọi / what it is called", show_default=False)]
SpeedOption = Annotated[float, typer.Option(min=1, max=3600, help="Nhanh gấp / times as fast as the scenario")]
OfficerOption = Annotated[str | None, typer.Option("--officer", help="Chức danh / role and post", show_default=False)]


@commands.command()
def plan(  # one parameter per promised option
    desk: AsOption,
    scenario: ScenarioOption,
    at: Annotated[str, typer.Option("--at", metavar="TIME", help="Lúc bắt đầu (giờ Việt Nam) / when it begins")],
    name: NameOption = None,
    speed: SpeedOption = 1,
    officer: OfficerOption = None,
    as_json: JsonOption = False,
    lang: LanguageOption = Language.VI,
) -> None:
    """Lên lịch một cuộc diễn tập; hệ thống tự phát báo cáo đúng giờ. / The hub files its reports at their times."""
    from services.audit.reports.moments import moment

    try:
        starts_at = moment(at)
    except ValueError as error:
        raise typer.BadParameter(f"{at}: 2026-11-22T08:30") from error
    _plan((desk, officer), (scenario, name, speed), starts_at, lang, as_json=as_json)


@commands.command()
def start(  # one parameter per promised option
    desk: AsOption,
    scenario: ScenarioOption,
    name: NameOption = None,
    speed: SpeedOption = 1,
    officer: OfficerOption = None,
    as_json: JsonOption = False,
    lang: LanguageOption = Language.VI,
) -> None:
    """Diễn tập ngay. / The same, from now on."""
    from services.runtime.clock import now

    _plan((desk, officer), (scenario, name, speed), now(), lang, as_json=as_json)


@commands.command("list")
def list_(as_json: JsonOption = False, lang: LanguageOption = Language.VI) -> None:
    """Các cuộc diễn tập. / Exercises planned, running, over, called off."""
    from services.routing.commands.connecting import with_bus
    from services.runtime.clock import now
    from services.stack.exercise.listing import exercises, show

    found = with_bus(lang, lambda client: exercises(client, now()))
    emit({"exercises": found}, as_json, lambda console: show(console, found, lang))


@commands.command()
def cancel(
    drill: Annotated[UUID, typer.Argument(help="Mã diễn tập / id of the exercise")],
    desk: AsOption,
    reason: Annotated[str, typer.Option("--reason", help="Lý do / why")],
    officer: OfficerOption = None,
    as_json: JsonOption = False,
    lang: LanguageOption = Language.VI,
) -> None:
    """Hủy: báo cáo chưa phát sẽ không phát nữa. / Call it off: what was not filed yet never is."""
    from contracts.exercises import CancelExercise
    from services.desk.connecting import with_desk
    from services.desk.view import show_outcome
    from services.stack.exercise.sending import said

    document = with_desk(
        (desk, True, officer), lang, lambda client: said(client, CancelExercise, lang, drill=drill, reason=reason)
    )
    emit(document, as_json, lambda console: show_outcome(console, document, lang))
    raise typer.Exit(_code(document))


def _plan(
    who: tuple[str, str | None],
    what: tuple[str, str | None, float],
    starts_at: datetime,
    lang: Language,
    *,
    as_json: bool,
) -> None:
    from contracts.exercises import PlanExercise
    from services.desk.connecting import with_desk
    from services.stack.exercise.sending import said

    (desk, officer), (scenario, name, speed) = who, what
    title, made = _planned(scenario, starts_at, speed, lang)
    details = {"name": name or title, "scenario": scenario, "starts_at": starts_at, "reports": made.reports}
    document = with_desk((desk, True, officer), lang, lambda client: said(client, PlanExercise, lang, **details))
    document |= {
        "name": details["name"],
        "scenario": scenario,
        "starts_at": starts_at.isoformat(),
        "reports": len(made.reports),
        "left_out": list(made.left_out),
    }
    emit(document, as_json, lambda console: _show_plan(console, document, lang))
    raise typer.Exit(_code(document))


def _planned(scenario: str, starts_at: datetime, speed: float, lang: Language) -> "tuple[str, Plan]":
    """What the scenario is called and what it files; ends the command where there is no such scenario."""
    from services.runtime.documents import DocumentError
    from services.runtime.register.loading import load_register
    from services.runtime.settings import RuntimeSettings
    from services.stack.demo.scenario import load_scenario
    from services.stack.exercise.planning import planned

    folder = RuntimeSettings().reference
    try:
        story = load_scenario(folder, scenario, load_register(folder / "register.yaml"))
    except LookupError as error:
        fail(Exit.USAGE, lang.pick("Không có kịch bản này.", "There is no such scenario."), f"{scenario}: {error}")
    except DocumentError as error:
        fail(Exit.USAGE, lang.pick("Kịch bản không dùng được.", "The scenario cannot be used."), str(error))
    return lang.pick(story.title_vi, story.title_en), planned(story, starts_at, speed)


def _show_plan(console: "Console", document: dict[str, Any], lang: Language) -> None:
    from rich.markup import escape

    from services.desk.view import show_outcome
    from services.runtime.terminal import local_date_time

    show_outcome(console, document, lang)
    if document["outcome"] == "rejected":
        return
    at = local_date_time(datetime.fromisoformat(document["starts_at"]))
    filed = lang.pick("báo cáo sẽ được phát từ", "reports will be filed from")
    console.print(f"[reverse] DIỄN TẬP / EXERCISE [/]  [bold]{escape(document['name'])}[/]  {document['drill']}")
    console.print(f"  {document['reports']} {filed} {at}")
    if document["left_out"]:
        says = lang.pick("Không đưa vào kế hoạch được", "Not what a plan can hold")
        console.print(f"  {says}: {', '.join(document['left_out'])}")


def _code(document: dict[str, Any]) -> Exit:
    return Exit.OK if document["outcome"] in {"accepted", "duplicate"} else Exit.USAGE
