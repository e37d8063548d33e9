"""Decides about planned exercises: who may plan what, what is filed when, what calling off ends. Pure."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple
from uuid import UUID

from pydantic import JsonValue

from contracts import subjects
from contracts.codes import Status
from contracts.decisions import Addressee
from contracts.envelope import Event
from contracts.exercises import (
    CancelExercise,
    DrillReport,
    ExerciseAct,
    ExerciseCancelled,
    ExerciseData,
    ExercisePlanned,
    ExerciseStarted,
    PlanExercise,
)
from contracts.identifiers import derived_id
from contracts.problems import Problem, ProblemCode
from contracts.reports import Sender
from contracts.subjects import Origin
from services.routing.authority import is_over, is_there
from services.routing.regulations.engine.resolve import RegisterDay
from services.routing.reporting.regime.acting import Done, Known, Refused, Verdict
from services.routing.reporting.regime.telling import Cause, told

LATE: Final = timedelta(minutes=5)
"""How far in the past an exercise may begin: the plan may have waited for the hub."""


@dataclass(frozen=True, slots=True)
class Drill:
    """One planned exercise as the record has it."""

    planned: ExercisePlanned
    started: bool = False
    cancelled: bool = False
    acts: frozenset[UUID] = frozenset()

    @property
    def dues(self) -> tuple[datetime, ...]:
        """When each report is to be filed."""
        return tuple(self.planned.starts_at + one.at for one in self.planned.reports)


class Filing(NamedTuple):
    """One report of an exercise, as its unit would hand it in."""

    origin: Origin
    submission: UUID
    body: bytes


class Law(NamedTuple):
    """What an act is held against."""

    register: RegisterDay
    top: Addressee
    """Answers for the rules, and may exercise everybody."""


def after(drill: Drill | None, data: ExerciseData) -> Drill:
    """The exercise after one more of its facts. Raises `ValueError` where its plan was not read first."""
    if isinstance(data, ExercisePlanned):
        return Drill(data, acts=frozenset({data.drill}))
    if drill is None:
        raise ValueError(f"exercise {data.drill} was never planned")
    match data:
        case ExerciseStarted():
            return replace(drill, started=True)
        case ExerciseCancelled():
            return replace(drill, cancelled=True, acts=drill.acts | {data.action})


def verdict(act: ExerciseAct, desk: Addressee, drills: Mapping[UUID, Drill], law: Law, cause: Cause) -> Verdict:
    """A plan goes on record, is there already, or is refused; so does calling it off."""
    match act:
        case PlanExercise():
            return _planned(act, desk, drills, law, cause)
        case CancelExercise():
            return _cancelled(act, desk, drills, law, cause)


def started(drill: Drill, cause: Cause) -> Event[Any] | None:
    """That its time came; once, whichever of its reports comes first."""
    if drill.started or drill.cancelled:
        return None
    planned = drill.planned
    data = ExerciseStarted(drill=planned.drill, starts_at=planned.starts_at)
    return told(subjects.drill(planned.drill), data, cause, planned.drill)


def filing(drill: Drill, number: int) -> Filing | None:
    """The report of this number, the same bytes however often it is asked for; None once it was called off.

    The status is the hub's to state: nothing a plan says makes a report a live one.
    """
    planned = drill.planned
    if drill.cancelled or not 0 <= number < len(planned.reports):
        return None
    one = planned.reports[number]
    sent = planned.starts_at + one.at
    body: dict[str, JsonValue] = {
        "type": "incident",
        "observed_at": (sent - one.seen_before).isoformat(),
        **one.report,
        "report": str(_report_id(planned, one)),
        "status": Status.EXERCISE.value,
        "sent": sent.isoformat(),
    }
    if one.refers_to:
        body["references"] = [str(derived_id(planned.drill, "report", key)) for key in one.refers_to]
    written = json.dumps(body, ensure_ascii=False).encode()
    submission = derived_id(planned.drill, "submission", one.key)
    return Filing(Origin(one.sender.agency, one.sender.unit), submission, written)


def _report_id(planned: ExercisePlanned, one: DrillReport) -> UUID:
    return derived_id(planned.drill, "report", one.key)


def _planned(act: PlanExercise, desk: Addressee, drills: Mapping[UUID, Drill], law: Law, cause: Cause) -> Verdict:
    if act.action in drills:
        return Known("planned")
    if act.starts_at < cause.at - LATE:
        return Refused(Problem(code=ProblemCode.TIME_INVALID, field="starts_at"))
    if (problem := next(_not_theirs(desk, (one.sender for one in act.reports), law), None)) is not None:
        return Refused(problem)
    data = ExercisePlanned(
        drill=act.action,
        name=act.name,
        scenario=act.scenario,
        by=desk,
        officer=act.officer,
        starts_at=act.starts_at,
        reports=act.reports,
    )
    return Done(told(subjects.drill(act.action), data, cause, act.action))


def _cancelled(act: CancelExercise, desk: Addressee, drills: Mapping[UUID, Drill], law: Law, cause: Cause) -> Verdict:
    drill = drills.get(act.drill)
    if drill is None:
        return Refused(Problem(code=ProblemCode.ACTION_NOT_POSSIBLE, field="drill", detail="no such exercise"))
    if act.action in drill.acts:
        return Known("cancelled")
    by = drill.planned.by
    if not is_over(desk, by.agency, law.top, law.register):
        detail = f"planned by {by.agency}/{by.desk}"
        return Refused(Problem(code=ProblemCode.ACTION_ROLE, field="drill", detail=detail))
    if drill.cancelled:
        return Refused(Problem(code=ProblemCode.ACTION_NOT_POSSIBLE, field="drill", detail="called off already"))
    data = ExerciseCancelled(drill=act.drill, by=desk, officer=act.officer, action=act.action, reason=act.reason)
    return Done(told(subjects.drill(act.drill), data, cause, act.action))


def _not_theirs(desk: Addressee, senders: Iterator[Sender], law: Law) -> Iterator[Problem]:
    """Units the register does not have, and units of agencies that the desk's is not above."""
    if not is_there(desk, law.register):
        yield Problem(code=ProblemCode.SENDER_UNKNOWN, field="sender", detail=f"{desk.agency}/{desk.desk}")
    for sender in dict.fromkeys(senders):
        named = f"{sender.agency}/{sender.unit}"
        agency = law.register.agencies.get(sender.agency)
        if agency is None or all(unit.code != sender.unit for unit in agency.units):
            yield Problem(code=ProblemCode.SENDER_UNKNOWN, field="reports", detail=named)
        elif not is_over(desk, sender.agency, law.top, law.register):
            yield Problem(code=ProblemCode.ACTION_ROLE, field="reports", detail=f"{named} is not under it")
