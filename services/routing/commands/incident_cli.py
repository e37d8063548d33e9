"""`phoihop incident`: what is or was true of an incident, and which incidents there are. It only reads."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from services.runtime.terminal import VIETNAM, Exit, JsonOption, Language, LanguageOption, emit, fail

if TYPE_CHECKING:
    from nats.aio.client import Client

    from services.routing.draft import Key

commands = typer.Typer(no_args_is_help=True)

AtOption = Annotated[
    str | None, typer.Option("--at", help="Như đã ghi nhận đến lúc này / as recorded by this time (ISO 8601)")
]


@commands.command()
def show(
    incident: Annotated[str, typer.Argument(help="Mã sự cố, đủ vài ký tự đầu / incident id or its beginning")],
    at: AtOption = None,
    as_json: JsonOption = False,
    lang: LanguageOption = Language.VI,
) -> None:
    """Ai chủ trì, ai giữ và nợ việc gì, ai đã biết gì, diễn biến. / Who led, held, owed and knew what; the timeline."""
    from services.routing.commands.connecting import with_bus
    from services.routing.commands.incident_telling import show_incident

    moment = _moment(at, lang)
    document = with_bus(lang, lambda client: _seen(client, incident, moment, lang))
    emit(document, as_json, lambda console: show_incident(console, document, lang))


@commands.command("list")
def list_(
    only_open: Annotated[bool, typer.Option("--open/--all", help="Chỉ đang mở hoặc tất cả / open ones or all")] = True,
    at: AtOption = None,
    exercise: Annotated[
        bool, typer.Option("--exercise", help="Diễn tập / the exercise, never the live record")
    ] = False,
    as_json: JsonOption = False,
    lang: LanguageOption = Language.VI,
) -> None:
    """Các sự cố, mới nhất trước. / Incidents, the newest first."""
    from contracts.codes import Space
    from services.routing.commands.connecting import with_bus
    from services.routing.commands.incident_telling import show_list

    moment = _moment(at, lang)
    space = Space.EXERCISE if exercise else Space.ACTUAL
    found = with_bus(lang, lambda client: _all(client, space, moment, only_open=only_open))
    emit({"incidents": found}, as_json, lambda console: show_list(console, found, lang))


@commands.command()
def similar(
    incident: Annotated[str, typer.Argument(help="Mã sự cố, hoặc phần đầu của mã / incident id, or how it begins")],
    as_json: JsonOption = False,
    lang: LanguageOption = Language.VI,
) -> None:
    """Sự cố đang mở nào có thể trùng, vì sao. / Which open incidents are perhaps the same, and why."""
    from services.routing.commands.connecting import with_bus
    from services.routing.commands.incident_similar import show_similar

    document = with_bus(lang, lambda client: _similar(client, incident, lang))
    emit(document, as_json, lambda console: show_similar(console, document, lang))


async def _similar(client: "Client", text: str, lang: Language) -> dict[str, Any]:
    """What is like it, as a document; ends the command where it is not open."""
    from services.routing.commands.incident_reading import courses, named
    from services.routing.commands.incident_similar import similar_to

    space, incident = _only(await named(client, text), text, lang)
    document = similar_to(incident, await courses(client, space, None))
    if document is None:
        what = lang.pick("Sự cố này không còn mở.", "This incident is not open.")
        fail(Exit.USAGE, what, text, f"phoihop incident show {incident}")
    return document


async def _seen(client: "Client", text: str, at: datetime | None, lang: Language) -> dict[str, Any]:
    """The picture as a document; ends the command where there is none."""
    from services.routing.commands.incident_reading import facts_of, filed, named
    from services.routing.commands.incident_view import document
    from services.routing.incident.picture import picture
    from services.runtime import clock

    key = _only(await named(client, text), text, lang)
    facts = await facts_of(client, key)
    # a fact that is here was recorded, whatever this machine's clock says
    moment = at or max(clock.now(), facts[-1].at)
    if (seen := picture(facts, moment)) is None:
        what = lang.pick("Lúc đó chưa ghi nhận gì về sự cố này.", "Nothing of this incident was recorded by then.")
        opened = facts[0].at.isoformat(timespec="seconds")
        fail(Exit.USAGE, what, text, f"phoihop incident show {key[1]} --at {opened}")
    reports = await filed(client, key[0], (one.ref for one in seen.history.reports))
    return document(seen, reports)


async def _all(client: "Client", space: Any, at: datetime | None, *, only_open: bool) -> list[dict[str, Any]]:  # noqa: ANN401  # a Space, imported when first asked for
    from services.routing.commands.incident_reading import courses
    from services.routing.commands.incident_view import listed
    from services.routing.incident.history import State, history

    folded = ((incident, history(facts)) for incident, facts in (await courses(client, space, at)).items())
    found = [(incident, past) for incident, past in folded if past and (past.state is State.OPEN or not only_open)]
    return [listed(*one) for one in sorted(found, key=lambda one: one[1].opened_at, reverse=True)]


def _only(keys: "tuple[Key, ...]", text: str, lang: Language) -> "Key":
    """The one incident that is meant; guessing among several would show somebody the wrong one."""
    following = "phoihop incident list --all"
    if not keys:
        fail(Exit.USAGE, lang.pick("Không có sự cố này.", "There is no such incident."), text, following)
    if len(keys) > 1:
        what = lang.pick("Nhiều sự cố có mã bắt đầu như vậy.", "Several incidents begin like that.")
        fail(Exit.USAGE, what, "  ".join(str(incident) for _, incident in keys[:5]), following)
    return keys[0]


def _moment(text: str | None, lang: Language) -> datetime | None:
    """A time that is not yet to come; one without a zone is Vietnam's. None: now."""
    from services.runtime import clock

    if text is None:
        return None
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        fail(Exit.USAGE, lang.pick("Không đọc được thời điểm.", "The time cannot be read."), text, "2026-11-22T15:00")
    at = at.replace(tzinfo=VIETNAM) if at.tzinfo is None else at
    if at > clock.now():
        what = lang.pick("Thời điểm đó chưa đến.", "That time is still to come.")
        fail(Exit.USAGE, what, text, "phoihop incident show --help")
    return at
