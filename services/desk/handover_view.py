"""How a shift hand-over looks in a terminal and on paper; collects and shows, decides nothing."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from pydantic import ValidationError
from rich.console import Console
from rich.markup import escape

from contracts.code_words import OWED
from contracts.envelope import Event
from contracts.presence import (
    ConfirmHandOver,
    OpenDuty,
    OpenPaper,
    PresenceAct,
    ProposeHandOver,
    ShiftHandOverProposed,
)
from contracts.problems import Problem, ProblemCode
from contracts.receipts import ActionReceipt
from services.desk.client import DeskClient
from services.desk.handover import TooMuchOpenError, arrived_since, open_duties, open_papers
from services.desk.paper_view import outcome_document
from services.desk.view import show_outcome
from services.desk.words import SHOUTED_ROLES, STATES
from services.runtime.clock import now
from services.runtime.terminal import Language, local_date_time


async def declared(client: DeskClient, kind: type[PresenceAct], lang: Language, **details: Any) -> dict[str, Any]:
    """Says something about the desk itself; what became of it."""
    return outcome_document(await _sent(client, kind, **details), lang)


async def proposed(client: DeskClient, officers: tuple[str, str], note: str | None, lang: Language) -> dict[str, Any]:
    """Collects what is open and signs for the outgoing officer."""
    outgoing, incoming = officers
    duties, papers = await _open(client)
    details = {"outgoing": outgoing, "incoming": incoming, "note": note, "duties": duties, "papers": papers}
    answer = await _sent(client, ProposeHandOver, **details)
    document = outcome_document(answer, lang)
    if isinstance(answer, ActionReceipt) and not answer.problems:
        document |= {"handover": str(answer.action), "outgoing": outgoing, "incoming": incoming, "note": note}
        document |= {"duties": _shown(duties), "papers": _shown(papers), "arrived_since": [], "confirmed": False}
    return document


async def confirmed(client: DeskClient, handover: str, incoming: str, lang: Language) -> dict[str, Any]:
    """Signs for the incoming officer; shows what was noted, and what has arrived since then."""
    events = await client.presence()
    found = [one for one in _proposals(events) if str(one.data.handover).startswith(handover.lower())]
    if len(found) != 1:
        problem = Problem(code=ProblemCode.FIELD_INVALID, field="confirm", detail=f"{len(found)} begin like that")
        return outcome_document(problem, lang)
    proposal = found[0].data
    answer = await _sent(client, ConfirmHandOver, handover=proposal.handover, incoming=incoming)
    document = outcome_document(answer, lang)
    if isinstance(answer, ActionReceipt) and not answer.problems:
        now_open, _ = await _open(client)
        new = arrived_since((duty.dispatch for duty in proposal.duties), now_open)
        document |= proposal.model_dump(mode="json", exclude={"space", "desk"})
        document |= {"arrived_since": _shown(new), "confirmed": True}
    return document


def show_handover(console: Console, document: dict[str, Any], lang: Language) -> None:
    """The note as it is printed: who, what is open by when, papers, what both have to do next."""
    show_outcome(console, document, lang)
    if "handover" not in document:
        return
    console.print(f"[bold]{lang.pick('BIÊN BẢN GIAO CA TRỰC', 'SHIFT HAND-OVER NOTE')}[/]  {document['handover']}")
    console.print(f"{lang.pick('Giao', 'Outgoing')}: {escape(document['outgoing'])}")
    console.print(f"{lang.pick('Nhận', 'Incoming')}: {escape(document['incoming'])}")
    if document["note"]:
        console.print(f"{lang.pick('Ghi chú', 'Note')}: {escape(document['note'])}")
    _duties(console, lang.pick("Việc đang mở", "Open dispatches"), document["duties"], lang)
    if document["arrived_since"]:
        _duties(console, lang.pick("Mới đến sau khi lập", "Arrived since then"), document["arrived_since"], lang)
    console.print(
        f"[bold]{lang.pick('Giấy tờ chờ xác nhận', 'Papers not acknowledged')}[/] ({len(document['papers'])})"
    )
    for paper in document["papers"]:
        by = f"  {lang.pick('gửi trước', 'send by')} {_time(paper['send_by'])}" if paper.get("send_by") else ""
        console.print(f"  {paper['paper'][:8]}  {escape(paper['title'])} · {paper['agency']}{by}")
    if not document["confirmed"]:
        fix = f"phoihop desk handover … --confirm {document['handover']} --to …"
        console.print(f"{lang.pick('Chờ người nhận xác nhận', 'Waits for the incoming officer')}: {escape(fix)}")


def _duties(console: Console, title: str, duties: list[dict[str, Any]], lang: Language) -> None:
    console.print(f"[bold]{title}[/] ({len(duties)})")
    for duty in duties:
        state = lang.pick(*STATES[duty["state"].replace("-", "_")])
        headline = escape(duty.get("headline") or duty["incident"])
        console.print(f"  {duty['dispatch'][:8]}  {lang.pick(*SHOUTED_ROLES[duty['role']])}  {headline}  ({state})")
        for owed in duty["owes"]:
            console.print(f"            {_time(owed['due'])}  {lang.pick(*OWED[owed['kind']])}")


async def _open(client: DeskClient) -> tuple[tuple[OpenDuty, ...], tuple[OpenPaper, ...]]:
    board = await client.board()
    return open_duties(board.ordered(now())), open_papers(await client.papers())


async def _sent(client: DeskClient, kind: type[PresenceAct], **details: Any) -> ActionReceipt | Problem:
    """The answer, or the problem where what was typed cannot be said."""
    try:
        return await client.declare(kind, **details)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        field, detail = ".".join(map(str, first["loc"])), first["msg"][:200]
        return Problem(code=ProblemCode.FIELD_INVALID, field=field, detail=detail)
    except TooMuchOpenError as error:
        return Problem(code=ProblemCode.PAYLOAD_TOO_LARGE, field="duties", detail=str(error))


def _proposals(events: Iterable[Event[Any]]) -> list[Event[Any]]:
    return [event for event in events if isinstance(event.data, ShiftHandOverProposed)]


def _shown(items: Iterable[OpenDuty | OpenPaper]) -> list[dict[str, Any]]:
    return [item.model_dump(mode="json") for item in items]


def _time(iso: str) -> str:
    return local_date_time(datetime.fromisoformat(iso))
