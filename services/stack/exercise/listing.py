"""Reads which exercises are planned, running, over or called off, from their facts. It decides nothing."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final

from nats.aio.client import Client
from rich.console import Console
from rich.markup import escape

from contracts import subjects
from contracts.envelope import Event, read
from contracts.exercises import ExerciseCancelled, ExerciseData, ExercisePlanned, ExerciseStarted
from contracts.streams import EVENTS
from services.runtime.jetstream import read_subject
from services.runtime.terminal import Language, local_date_time


class State(StrEnum):
    """How far an exercise is."""

    PLANNED = "planned"
    RUNNING = "running"
    """Reports are still to be filed."""
    OVER = "over"
    CANCELLED = "cancelled"


STATES: Final[dict[State, tuple[str, str]]] = {
    State.PLANNED: ("đã lên lịch", "planned"),
    State.RUNNING: ("đang diễn ra", "running"),
    State.OVER: ("đã phát hết báo cáo", "all reports filed"),
    State.CANCELLED: ("đã hủy", "called off"),
}


async def exercises(client: Client, now: datetime) -> list[dict[str, Any]]:
    """Every exercise on record, the next first."""
    stream = read_subject(client, EVENTS.name, subjects.ALL_DRILLS)
    return listed([read(stored.body) async for stored in stream], now)


def listed(facts: Iterable[Event[ExerciseData]], now: datetime) -> list[dict[str, Any]]:
    """The same from its facts, in their order."""
    found: dict[str, dict[str, Any]] = {}
    for fact in facts:
        match fact.data:
            case ExercisePlanned() as data:
                found[str(data.drill)] = _planned(data, now)
            case ExerciseStarted() as data:
                one = found[str(data.drill)]
                over = now >= datetime.fromisoformat(one["last_report_at"])
                one["state"] = (State.OVER if over else State.RUNNING).value
            case ExerciseCancelled() as data:
                found[str(data.drill)] |= {"state": State.CANCELLED.value, "reason": data.reason}
    return sorted(found.values(), key=lambda one: str(one["starts_at"]), reverse=True)


def show(console: Console, found: list[dict[str, Any]], lang: Language) -> None:
    """One line for each."""
    if not found:
        console.print(lang.pick("Chưa có diễn tập nào.", "There is no exercise."))
    for one in found:
        state = lang.pick(*STATES[State(one["state"])])
        reports = lang.pick("báo cáo", "reports")
        console.print(
            f"[reverse] DIỄN TẬP / EXERCISE [/]  [bold]{escape(one['name'])}[/]  {state}  "
            f"{local_date_time(datetime.fromisoformat(one['starts_at']))}"
        )
        console.print(f"  [dim]{one['drill']}  {one['scenario']}  {one['reports']} {reports}  {one['by']}[/]")
        if one["reason"]:
            console.print(f"  {escape(one['reason'])}")


def _planned(data: ExercisePlanned, now: datetime) -> dict[str, Any]:
    last = data.starts_at + max((one.at for one in data.reports), default=timedelta())
    return {
        "drill": str(data.drill),
        "name": data.name,
        "scenario": data.scenario,
        "by": f"{data.by.agency}/{data.by.desk}",
        "starts_at": data.starts_at.isoformat(),
        "last_report_at": last.isoformat(),
        "state": (State.PLANNED if now < data.starts_at else State.RUNNING).value,
        "reports": len(data.reports),
        "reason": None,
    }
