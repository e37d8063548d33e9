"""How copies of reports and requests for reports look in a terminal; decides nothing."""

import json
import sys
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import ValidationError
from rich.console import Console
from rich.markup import escape

from contracts.problems import Problem, ProblemCode
from contracts.receipts import ActionReceipt, Outcome
from contracts.reporting import PaperAcknowledged
from services.desk.client import DeskClient
from services.desk.papers import PaperEvent, papers
from services.desk.words import PAPERS
from services.runtime.terminal import Language, local_date_time, local_time, problem_documents


async def paper_rows(client: DeskClient, *, everything: bool) -> list[dict[str, Any]]:
    """The desk's papers, newest first; without `everything` those not acknowledged."""
    held = await client.papers()
    return [paper.as_json() for paper in reversed(held) if everything or paper.acknowledged is None]


def show_papers(console: Console, rows: Sequence[dict[str, Any]], lang: Language) -> None:
    """Two lines each: what it is, then what it says."""
    for row in rows:
        _line(console, row, lang)
    if not rows:
        console.print(lang.pick("Không có giấy tờ chờ xác nhận.", "No paper waits to be acknowledged."))


def _line(console: Console, row: dict[str, Any], lang: Language) -> None:
    kind = lang.pick(*PAPERS[row.get("channel") or row["kind"]])
    title = escape(row[f"title_{lang.value}"])
    console.print(f"{local_time(_time(row['at']))}  {row['paper'][:8]}  [bold]{kind}[/]  {title} · {row['agency']}")
    if row["kind"] == "copy":
        taken_back = lang.pick("ĐÃ RÚT: ", "WITHDRAWN: ") if row["withdrawn"] else ""
        late = lang.pick(" (trễ)", " (late)") if row["late"] else ""
        console.print(f"          {taken_back}{escape(row['headline'])}{late}")
    elif row["send_by"]:
        console.print(f"          {lang.pick('gửi trước', 'send by')} {local_date_time(_time(row['send_by']))}")


async def paper_acknowledged(client: DeskClient, paper: str, note: str | None) -> ActionReceipt | Problem:
    """Acknowledges the one paper whose id starts like that; the problem where there is not exactly one."""
    found = [p.issued.paper for p in await client.papers() if str(p.issued.paper).startswith(paper.lower())]
    if len(found) != 1:
        return Problem(code=ProblemCode.ACTION_UNKNOWN_DISPATCH, field="paper", detail=f"{len(found)} begin like that")
    return await client.acknowledge_paper(found[0], note)


async def regime_switched(
    client: DeskClient, area: str, calendars: Sequence[str], reason: str, *, on: bool
) -> ActionReceipt | Problem:
    """Orders calendars on or off; the problem where what was typed cannot be an order."""
    try:
        return await client.switch_regime(area, tuple(calendars), reason, on=on)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        return Problem(code=ProblemCode.FIELD_INVALID, field=".".join(map(str, first["loc"])), detail=first["msg"])


def outcome_document(answer: ActionReceipt | Problem, lang: Language) -> dict[str, Any]:
    """The promised JSON of an action about reports."""
    receipt = answer if isinstance(answer, ActionReceipt) else None
    problems = receipt.problems if receipt else (answer,) if isinstance(answer, Problem) else ()
    return {
        "outcome": (receipt.outcome if receipt else Outcome.REJECTED).value,
        "events": [str(event) for event in receipt.events] if receipt else [],
        "current_state": receipt.current_state if receipt else None,
        "errors": problem_documents(problems, lang),
    }


class PaperChanges:
    """Prints each new paper of a watched desk, as a line for people or as one JSON line."""

    def __init__(self, console: Console, lang: Language, *, as_json: bool) -> None:
        self._console = console
        self._lang = lang
        self._as_json = as_json
        self._shown: set[UUID] = set()

    async def seen(self, event: PaperEvent) -> None:
        """One more fact of the desk's papers; an acknowledgement is what this desk did itself."""
        if isinstance(event.data, PaperAcknowledged) or event.data.paper in self._shown:
            return
        self._shown.add(event.data.paper)
        (paper,) = papers([event])
        row: dict[str, Any] = paper.as_json()
        if self._as_json:
            line = {"change": "paper", "event": str(event.id), **row}
            sys.stdout.write(json.dumps(line, ensure_ascii=False) + "\n")
            sys.stdout.flush()
        else:
            _line(self._console, row, self._lang)


def _time(iso: str) -> datetime:
    return datetime.fromisoformat(iso)
