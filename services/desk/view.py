"""How a desk's dispatches look in a terminal; decides nothing."""

import json
import sys
from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import ValidationError
from rich.console import Console
from rich.markup import escape

from contracts.actions import Action
from contracts.codes import Change
from contracts.events import DispatchIssued
from contracts.lifecycle import DispatchUpdated
from contracts.problems import Problem, ProblemCode
from contracts.receipts import Outcome
from services.desk.account import account
from services.desk.board import Board, DispatchEvent
from services.desk.client import DeskClient
from services.desk.paper_view import PaperChanges
from services.desk.words import NEWS, SHOUTED_ROLES, STATES
from services.runtime.clock import now
from services.runtime.terminal import Language, local_time, people, problem_documents


async def follow(client: DeskClient, lang: Language, *, as_json: bool) -> None:
    """Prints every change from where this desk stopped, until interrupted."""
    changes = Changes(await client.seen_before(), people(), lang, as_json=as_json)
    await client.watch(changes.seen, lambda: True, PaperChanges(people(), lang, as_json=as_json).seen)


async def open_rows(client: DeskClient) -> list[dict[str, object]]:
    """What is open at the desk, most pressing first."""
    at = now()
    return [row.as_json(at) for row in (await client.board()).ordered(at) if row.open]


def show_rows(console: Console, rows: list[dict[str, Any]], lang: Language) -> None:
    """Open dispatches, two lines each: what is asked by when, and on what basis; readable on a narrow terminal."""
    for row in rows:
        due = local_time(_time(row["due"])) if row["due"] else "–"
        pressing = "bold red" if row["overdue"] else "bold"
        console.print(
            f"[{pressing}]{due:>8}[/]  {row['dispatch'][:8]}  [bold]{lang.pick(*SHOUTED_ROLES[row['role']])}[/]  "
            f"{escape(row['headline'])} · {escape(row['place'])}  ({lang.pick(*STATES[row['state']])})"
        )
        console.print(f"          [dim]{escape(row['citation'])}[/]")
        _suggested(console, row, lang)
    if not rows:
        console.print(lang.pick("Không có việc đang mở.", "Nothing is open."))


def _suggested(console: Console, row: dict[str, Any], lang: Language, only: UUID | None = None) -> None:
    """What the incident perhaps is, why, and how to merge them."""
    for one in row["suggestions"]:
        if only is None or one["incident"] == str(only):
            perhaps = lang.pick(*NEWS[Change.MERGE_SUGGESTED])
            because = escape(", ".join(why[lang.value] for why in one["reasons"]))
            merge = f"phoihop desk merge … {row['dispatch'][:8]} --into {one['incident']} --reason …"
            console.print(f"          [yellow]≈ {perhaps}: {one['incident']}[/]  {escape(one['headline'])}")
            console.print(f"            {one['score']:.2f}: {because}\n            [dim]{merge}[/]")


class Changes:
    """Prints each change of a watched desk, as a line for people or as one JSON line."""

    def __init__(self, board: Board, console: Console, lang: Language, *, as_json: bool) -> None:
        self._board = board
        self._console = console
        self._lang = lang
        self._as_json = as_json

    async def seen(self, event: DispatchEvent) -> None:
        """One more fact of the desk's feed."""
        at = now()
        change = self._board.change(event, at)
        self._board = self._board.apply(event)
        if change is None:
            return
        if self._as_json:
            sys.stdout.write(json.dumps(change, ensure_ascii=False) + "\n")
            sys.stdout.flush()
        else:
            self._line(change, event)

    def _line(self, row: dict[str, Any], event: DispatchEvent) -> None:
        lang = self._lang
        due = f"  {lang.pick('hạn', 'due')} {local_time(_time(row['due']))}" if row["due"] else ""
        state = lang.pick(*STATES[row["state"]])
        self._console.print(
            f"{local_time(event.time)}  {row['dispatch'][:8]}  [bold]{lang.pick(*SHOUTED_ROLES[row['role']])}[/]  "
            f"{escape(row['headline'])} · {escape(row['place'])}{due}  ({state})"
        )
        if isinstance(event.data, DispatchUpdated):
            self._console.print(f"          {lang.pick(*NEWS[event.data.change])}: {escape(event.data.headline)}")
            _suggested(self._console, row, lang, event.data.other)
        if isinstance(event.data, DispatchIssued):
            self._console.print(f"          {escape(row[f'sentence_{lang.value}'])}  [{escape(row['citation'])}]")
            for part in account(event.data, (Language.VI, Language.EN).index(lang)):
                self._console.print(f"          {part.name}: {escape('; '.join(part.lines))}")


async def acted(
    client: DeskClient,
    kind: type[Action],
    dispatch: str,
    lang: Language,
    **details: Any,  # the fields of the kind
) -> dict[str, Any]:
    """Acts through the one dispatch whose id starts like that, on what its board shows; says what became of it."""
    rows = (await client.board()).rows.values()
    found = [row for row in rows if str(row.issued.dispatch).startswith(dispatch.lower())]
    if len(found) != 1:
        return _outcome(Outcome.REJECTED, dispatch, (_not_one(len(found)),), lang)
    (row,) = found
    if "version" in kind.model_fields:
        details.setdefault("version", row.version)
    try:
        receipt = await client.act(kind, row.issued.incident, row.issued.dispatch, **details)
    except ValidationError as error:
        return _outcome(Outcome.REJECTED, str(row.issued.dispatch), _invalid(error), lang)
    return _outcome(receipt.outcome, str(row.issued.dispatch), receipt.problems, lang) | {
        "events": [str(event) for event in receipt.events],
        "current_state": receipt.current_state,
    }


def _not_one(count: int) -> Problem:
    if not count:
        return Problem(code=ProblemCode.ACTION_UNKNOWN_DISPATCH, field="dispatch")
    return Problem(code=ProblemCode.FIELD_INVALID, field="dispatch", detail=f"{count} dispatches begin like that")


def _invalid(error: ValidationError) -> tuple[Problem, ...]:
    return tuple(
        Problem(code=ProblemCode.FIELD_INVALID, field=".".join(map(str, one["loc"])), detail=one["msg"][:200])
        for one in error.errors(include_input=False, include_url=False)[:20]
    )


def _outcome(outcome: Outcome, dispatch: str, problems: tuple[Problem, ...], lang: Language) -> dict[str, Any]:
    """The promised JSON of an action."""
    return {
        "outcome": outcome.value,
        "events": [],
        "dispatch": dispatch,
        "current_state": None,
        "errors": problem_documents(problems, lang),
    }


def show_outcome(console: Console, document: dict[str, Any], lang: Language) -> None:
    """What became of an action."""
    if document["outcome"] in {"accepted", "duplicate"}:
        console.print(lang.pick("[green]✓[/] Đã ghi nhận.", "[green]✓[/] Recorded."))
        return
    for error in document["errors"]:
        detail = f" ({error['detail']})" if error["detail"] else ""
        console.print(f"[red]✗[/] {escape(error['message'] + detail)}\n  → {escape(error['fix'])}")
    if document["current_state"]:
        console.print(f"  {lang.pick('Hiện tại', 'Now')}: {escape(document['current_state'])}")


def _time(iso: str) -> datetime:
    return datetime.fromisoformat(iso)
