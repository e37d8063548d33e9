"""Draws the picture of an incident for people, in the time of Việt Nam; everything it says is in the document."""

from datetime import datetime
from typing import Any

from rich.console import Console
from rich.markup import escape

from contracts.code_words import said, shouted
from contracts.codes import Role
from services.routing.commands.incident_words import KNOWN, STATES
from services.routing.commands.reporting_view import show_rollup
from services.routing.incident.history import State
from services.routing.incident.saying import STANDINGS
from services.routing.incident.shown import Knowledge
from services.routing.incident.state import Standing
from services.runtime.terminal import Language, local_date_time

Document = dict[str, Any]


def show_list(console: Console, found: list[Document], lang: Language) -> None:
    """One line each: since when, how it stands, what, who leads."""
    for one in found:
        lead = _who(one["lead"]) if one["lead"] else "–"
        console.print(
            f"[bold]{_at(one['opened_at'])}[/]  {one['incident']}  {_state(one, lang)}  {_severity(one, lang)}  "
            f"{escape(one['headline'])}  · {lang.pick('chủ trì', 'lead')} {lead}{_banner(one)}"
        )
    if not found:
        console.print(lang.pick("Không có sự cố nào.", "There is no incident."))


def show_incident(console: Console, seen: Document, lang: Language) -> None:
    """The whole picture, the most urgent first: how it stands, who leads, who holds and owes what, who knew what."""
    console.print(f"[bold]{escape(seen['headline'])}[/]  {seen['category']}{_banner(seen)}")
    console.print(f"{seen['incident']}  {_state(seen, lang)}  {_severity(seen, lang)}{_levels(seen)}")
    console.print(lang.pick("Như đã ghi nhận đến", "As recorded up to") + f" {_at(seen['at'])}")
    _series(console, lang.pick("Chủ trì", "Lead"), [(_who(one), one) for one in seen["lead"]])
    _series(
        console, lang.pick("Chỉ huy hiện trường", "Command on scene"), [(one["who"], one) for one in seen["command"]]
    )
    _dispatches(console, seen, lang)
    _knew(console, seen, lang)
    _reports(console, seen, lang)
    _timeline(console, seen, lang)


def _series(console: Console, title: str, terms: list[tuple[str, Document]]) -> None:
    if terms:
        console.print(f"\n[bold]{title}[/]")
    for who, term in terms:
        until = _at(term["to"]) if term["to"] else "…"
        console.print(f"  {_at(term['from'])} – {until}  {escape(who)}")


def _dispatches(console: Console, seen: Document, lang: Language) -> None:
    console.print(f"\n[bold]{lang.pick('Nhiệm vụ', 'Dispatches')}[/]")
    for one in seen["dispatches"]:
        standing = lang.pick(*_standing(one))
        late = lang.pick("  [red]trễ[/]", "  [red]late[/]") if one["late"] else ""
        role = lang.pick(*shouted(said("role", one["role"])))
        console.print(f"  {one['dispatch'][:8]}  [bold]{role}[/]  {_who(one)}  ({standing}){late}")
        console.print(f"            {_rungs(one, lang)}")
        for owed in one["owes"]:
            style = "bold red" if owed["overdue"] else "default"
            over = lang.pick("  QUÁ HẠN", "  OVERDUE") if owed["overdue"] else ""
            what = lang.pick(*said("kind", owed["kind"]))
            console.print(f"            [{style}]{lang.pick('hạn', 'due')} {_at(owed['due'])}: {what}{over}[/]")

        for fact in one["silence"]:
            told = f"{_at(fact['time'])}  {escape(fact[lang.value])}" + (
                f" → {fact['next'][:8]}" if fact["next"] else ""
            )
            console.print(f"            [red]{told}[/]")


def _standing(one: Document) -> tuple[str, str]:
    """A desk that is only informed has nothing to decide."""
    standing = Standing(one["standing"])
    informed = Role(one["role"]) is Role.INFORM and standing is Standing.OPEN
    return ("không phải trả lời", "no answer needed") if informed else STANDINGS[standing]


def _rungs(one: Document, lang: Language) -> str:
    names = {
        "delivered": lang.pick("đã đến", "delivered"),
        "opened": lang.pick("mở xem", "opened"),
        "acknowledged": lang.pick("đã nhận", "acknowledged"),
        "decided": lang.pick("quyết định", "decided"),
    }
    reached = [f"{names[rung]} {_at(one[rung]['time'])}{_by(one[rung])}" for rung in names if one[rung]]
    return "  ".join([f"{lang.pick('phát', 'issued')} {_at(one['issued'])}", *reached])


def _knew(console: Console, seen: Document, lang: Language) -> None:
    console.print(f"\n[bold]{lang.pick('Từng bàn trực đã được biết gì', 'What each desk had been shown')}[/]")
    for desk in seen["knew"]:
        console.print(f"  [bold]{_who(desk)}[/]")
        for fact in desk["facts"]:
            knowledge = Knowledge(fact["knowledge"])
            style = "bold red" if knowledge is Knowledge.NO_PROOF else "dim"
            proof = f" {_at(fact['proof']['time'])}" if knowledge is Knowledge.PROVED else ""
            known = f"[{style}]({lang.pick(*KNOWN[knowledge])}{proof})[/]"
            console.print(f"    {_at(fact['time'])}  {escape(fact[lang.value])}  {known}")


def _reports(console: Console, seen: Document, lang: Language) -> None:
    words = {
        "counts": ("", ""),
        "superseded": ("  [red]ĐÃ ĐÍNH CHÍNH[/]", "  [red]CORRECTED SINCE[/]"),
        "withdrawn": ("  [red]ĐÃ RÚT[/]", "  [red]WITHDRAWN[/]"),
        "withdrawal": ("  rút báo cáo trước", "  takes an earlier one back"),
        "replaced": ("  đơn vị đã tự báo cáo", "  the unit has reported itself"),
    }
    console.print(f"\n[bold]{lang.pick('Báo cáo', 'Reports')}[/]")
    for one in seen["reports"]:
        who = f"{one['agency']}/{one['unit']}"
        what = escape(one["headline"] or "–")
        console.print(f"  {_at(one['joined_at'])}  {who}  {what}{lang.pick(*words[one['standing']])}")
    if seen["figures"]:
        console.print(f"\n[bold]{lang.pick('Số liệu theo nguồn, không cộng dồn', 'Figures per source, not added')}[/]")
        show_rollup(console, seen, lang)


def _timeline(console: Console, seen: Document, lang: Language) -> None:
    console.print(f"\n[bold]{lang.pick('Diễn biến', 'Timeline')}[/]")
    for fact in seen["timeline"]:
        desk = f"  {_who(fact)}" if fact["desk"] else ""
        due = f"  [dim]{lang.pick('hạn', 'due')} {_at(fact['due'])}[/]" if fact["due"] else ""
        console.print(f"  {_at(fact['time'])}  {escape(fact[lang.value])}{desk}{_by(fact)}{due}")


def _state(one: Document, lang: Language) -> str:
    state = State(one["state"])
    if state is State.CLOSED:
        return f"{lang.pick(*STATES[state])} ({lang.pick(*said('disposition', one['disposition']))})"
    return lang.pick(*STATES[state]) + (f" {one['merged_into']}" if one["merged_into"] else "")


def _severity(one: Document, lang: Language) -> str:
    return lang.pick(*said("severity", one["severity"]))


def _levels(seen: Document) -> str:
    return "".join(f"  {name}={level}" for name, level in seen["scales"].items() if level is not None)


def _banner(one: Document) -> str:
    """What is no live incident is never mistaken for one, in either language."""
    return "" if one["space"] == "actual" else f"  [reverse] DIỄN TẬP / {one['space'].upper()} [/]"


def _who(one: Document) -> str:
    return f"{one['agency']}/{one['desk']}"


def _by(one: Document) -> str:
    return f" ({escape(one['officer'])})" if one["officer"] else ""


def _at(iso: str) -> str:
    return local_date_time(datetime.fromisoformat(iso))
