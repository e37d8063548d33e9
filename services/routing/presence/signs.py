"""Decides when a duty desk has come or gone, and how a shift is handed over. Pure: time and signs of life are given."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Literal, NamedTuple
from uuid import UUID

from contracts import subjects
from contracts.codes import Space
from contracts.decisions import Addressee
from contracts.envelope import Event
from contracts.frozen import Contract
from contracts.identifiers import derived_id
from contracts.presence import (
    ConfirmHandOver,
    DeclareStaffed,
    DeclareUnstaffed,
    DeskPresenceChanged,
    PresenceAct,
    PresenceChange,
    PresenceData,
    ProposeHandOver,
    ShiftHandedOver,
    ShiftHandOverProposed,
)
from contracts.problems import Problem, ProblemCode
from services.routing.reporting.regime.acting import Done, Known, Refused, Verdict
from services.routing.reporting.regime.telling import Cause, told

Key = tuple[Space, Addressee]
"""A desk in its status space: live work and exercise are watched and staffed apart."""


@dataclass(frozen=True, slots=True)
class Attendance:
    """Whether one desk is there. None: nobody ever said or showed it."""

    newest: UUID | None = None
    """Its newest fact: what the id of the next sign of life derives from."""
    online: bool | None = None
    staffed: bool | None = None
    officer: str | None = None
    divert_to: Addressee | None = None
    handed_over_at: datetime | None = None
    proposal: Event[Any] | None = None
    """The `ShiftHandOverProposed` that waits for the incoming officer; a newer one replaces it."""
    acts: frozenset[UUID] = frozenset()
    """What is on record already."""


NEVER_SEEN = Attendance()


class Absence(NamedTuple):
    """Why nobody can be expected to see what is sent to a desk now."""

    reason: Literal["unstaffed", "offline"]
    divert_to: Addressee | None = None


def absence(attendance: Attendance) -> Absence | None:
    """None also for a desk of which nothing is known: silence alone is answered by its deadlines."""
    if attendance.staffed is False:
        return Absence("unstaffed", attendance.divert_to)
    return Absence("offline") if attendance.online is False else None


def went(data: Contract) -> Key | None:
    """The desk that this fact says is empty; None where it says anything else."""
    if isinstance(data, DeskPresenceChanged) and data.change in (PresenceChange.OFFLINE, PresenceChange.UNSTAFFED):
        return data.space, data.desk
    return None


def after(attendance: Attendance, event: Event[PresenceData]) -> Attendance:
    """How it is with a desk after one more of its facts."""
    match event.data:
        case DeskPresenceChanged() as data:
            attendance = _changed(attendance, data)
        case ShiftHandOverProposed():
            known = attendance.acts | {event.data.handover}
            attendance = replace(attendance, proposal=event, acts=known)
        case ShiftHandedOver() as data:
            attendance = replace(
                attendance,
                staffed=True,
                officer=data.incoming,
                divert_to=None,
                handed_over_at=event.time,
                proposal=None,
                acts=attendance.acts | {data.action},
            )
    return replace(attendance, newest=event.id)


def _changed(attendance: Attendance, data: DeskPresenceChanged) -> Attendance:
    acts = attendance.acts | ({data.action} if data.action else set())
    match data.change:
        case PresenceChange.ONLINE | PresenceChange.OFFLINE:
            return replace(attendance, online=data.change is PresenceChange.ONLINE)
        case PresenceChange.STAFFED:
            return replace(attendance, staffed=True, officer=data.officer, divert_to=None, acts=acts)
        case PresenceChange.UNSTAFFED:
            return replace(attendance, staffed=False, officer=None, divert_to=data.divert_to, acts=acts)


@dataclass(frozen=True, slots=True)
class Heard:
    """What this process has heard, and since when it listens without a break: earlier it would have heard nothing."""

    last: Mapping[Key, datetime]
    since: datetime
    offline_after: timedelta


def changes(attendances: Mapping[Key, Attendance], heard: Heard, now: datetime) -> Iterator[Event[Any]]:
    """Who came since the last look, and who has been silent for too long."""
    for key, at in heard.last.items():
        if now - at < heard.offline_after and not attendances.get(key, NEVER_SEEN).online:
            yield _sign(key, PresenceChange.ONLINE, attendances.get(key, NEVER_SEEN), now)
    for key, attendance in attendances.items():
        last = heard.last.get(key)
        if attendance.online and now - max(last or heard.since, heard.since) >= heard.offline_after:
            yield _sign(key, PresenceChange.OFFLINE, attendance, now, last)


def _sign(
    key: Key, change: PresenceChange, attendance: Attendance, now: datetime, last: datetime | None = None
) -> Event[Any]:
    """Its id derives from the fact before it, so that two instances record the same one."""
    space, desk = key
    data = DeskPresenceChanged(space=space, desk=desk, change=change, last_heard=last)
    before = attendance.newest or "never seen"
    cause = derived_id("heartbeat", space, desk.agency, desk.desk, before)
    return _of_desk(key, data, Cause(cause, cause, now), before, change)


def acted(
    act: PresenceAct, desk: Addressee, attendance: Attendance, cause: Cause, knows: Callable[[Addressee], bool]
) -> Verdict:
    """What a desk says about itself goes on record, is there already, or is refused."""
    if act.action in attendance.acts:
        return Known("recorded")
    if not knows(desk):
        return _refused(ProblemCode.SENDER_UNKNOWN, "sender", f"{desk.agency}/{desk.desk}")
    key = act.space, desk
    match act:
        case DeclareStaffed():
            data = DeskPresenceChanged(
                space=act.space, desk=desk, change=PresenceChange.STAFFED, officer=act.officer, action=act.action
            )
            return Done(_of_desk(key, data, cause, act.action))
        case DeclareUnstaffed():
            return _unstaffed(act, desk, cause, knows)
        case ProposeHandOver():
            return _proposed(act, desk, attendance, cause)
        case ConfirmHandOver():
            return _confirmed(act, desk, attendance, cause)


def _unstaffed(act: DeclareUnstaffed, desk: Addressee, cause: Cause, knows: Callable[[Addressee], bool]) -> Verdict:
    if act.divert_to is not None and (act.divert_to == desk or not knows(act.divert_to)):
        named = f"{act.divert_to.agency}/{act.divert_to.desk}"
        return _refused(ProblemCode.ACTION_UNKNOWN_DESK, "divert_to", named)
    data = DeskPresenceChanged(
        space=act.space, desk=desk, change=PresenceChange.UNSTAFFED, divert_to=act.divert_to, action=act.action
    )
    return Done(_of_desk((act.space, desk), data, cause, act.action))


def _proposed(act: ProposeHandOver, desk: Addressee, attendance: Attendance, cause: Cause) -> Verdict:
    """Only the officer on record hands over, where there is one, and never to himself: two sign."""
    if act.outgoing == act.incoming:
        return _refused(ProblemCode.FIELD_INVALID, "incoming", "both officers are the same")
    if attendance.officer not in (None, act.outgoing):
        detail = f"on duty: {attendance.officer}"
        return _refused(ProblemCode.ACTION_NOT_POSSIBLE, "outgoing", detail)
    data = ShiftHandOverProposed(
        handover=act.action,
        space=act.space,
        desk=desk,
        outgoing=act.outgoing,
        incoming=act.incoming,
        note=act.note,
        duties=act.duties,
        papers=act.papers,
    )
    return Done(_of_desk((act.space, desk), data, cause, act.action))


def _confirmed(act: ConfirmHandOver, desk: Addressee, attendance: Attendance, cause: Cause) -> Verdict:
    proposal = attendance.proposal
    if proposal is None or proposal.data.handover != act.handover:
        newest = proposal.data.handover if proposal else "none"
        return _refused(ProblemCode.ACTION_NOT_POSSIBLE, "handover", f"waiting to be confirmed: {newest}")
    if act.incoming != proposal.data.incoming:
        return _refused(ProblemCode.ACTION_NOT_POSSIBLE, "incoming", f"handed over to: {proposal.data.incoming}")
    data = ShiftHandedOver(
        handover=act.handover,
        space=act.space,
        desk=desk,
        outgoing=proposal.data.outgoing,
        incoming=proposal.data.incoming,
        proposed=proposal.id,
        proposed_at=proposal.time,
        action=act.action,
    )
    return Done(_of_desk((act.space, desk), data, cause, act.action))


def _refused(code: ProblemCode, field: str, detail: str) -> Refused:
    return Refused(Problem(code=code, field=field, detail=detail))


def _of_desk(key: Key, data: PresenceData, cause: Cause, *step: UUID | str) -> Event[Any]:
    space, desk = key
    subject = subjects.presence(space, desk.agency, desk.desk)
    return told(subject, data, cause, space, desk.agency, desk.desk, *step)
