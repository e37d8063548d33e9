"""Every NATS subject there is. Subjects carry identity, never a verb; the first token of a fact is its status space."""

import re
from typing import Final, NamedTuple
from uuid import UUID

from contracts.canonical import sha256_hex
from contracts.codes import Space

REPORT_INBOX: Final = "inbox.report.*.*"
ACTION_INBOX: Final = "inbox.action.*.*"
REPORTING_INBOX: Final = "inbox.reporting.*.*"
DESK_INBOX: Final = "inbox.desk.*.*"
EXERCISE_INBOX: Final = "inbox.exercise.*.*"
ALL_DRILLS: Final = f"{Space.EXERCISE.value}.drill.*"
"""Planned exercises; never in the live space."""
ALL_DRILLS_DUE: Final = "deadline.drill.*.*"
ALL_DESKS: Final = "*.desk.*.*"
"""Whether desks are there, and their shifts."""
ALL_HEARTBEATS: Final = "heartbeat.*.*.*"
"""Signs of life of desks: heard by whoever listens, stored nowhere."""
ALL_REPORTS: Final = "*.report.>"
ALL_COURSES: Final = "*.incident.*.course"
ALL_DISPATCHES: Final = "*.incident.*.dispatch.>"
ALL_INCIDENTS: Final = "*.incident.>"
ALL_REGULATIONS: Final = f"{Space.ACTUAL.value}.regulation.*"
"""What puts sets in force, and their texts. A hub has one law, so exercises go by the same."""
ALL_IDENTITIES: Final = f"{Space.ACTUAL.value}.identity.*"
"""Who may connect, one subject per agency."""
REGISTER: Final = f"{Space.ACTUAL.value}.register"
"""The texts of the register."""
ALL_SCHEDULES: Final = "deadline.schedule.*.*.*"
ALL_DUE: Final = "deadline.due.*.*.*"
ALL_OWED: Final = "*.reporting.*"
"""What agencies owe and how they met it, one subject per agency."""
ALL_REPORTING: Final = "*.reporting.>"
ALL_REPORTS_DUE: Final = "deadline.reporting.*.*.*"
ALL_LADDERS: Final = "ladder.*.*.*.*"
"""How far each report got, for the unit that filed it: apart from facts, since it can be told again from them."""
ALL_SEALED: Final = "sealed.*.*.*.*"
ALL_PARKED: Final = "parked.*.*"
PARKED_PREFIX: Final = "parked."
ALL_WITNESSES: Final = ("witness.*.add", "witness.*.newest")
ALL_CHECKPOINTS: Final = "$KV.CHECKPOINTS.>"
EVERY_FACT: Final = "*.>"
EVERYTHING: Final = ">"
_ADVISORY: Final = "$JS.EVENT.ADVISORY.CONSUMER"
ADVISORIES: Final = (f"{_ADVISORY}.MAX_DELIVERIES.*.*", f"{_ADVISORY}.MSG_TERMINATED.*.*")
_WITNESS: Final = re.compile(r"[a-z0-9][a-z0-9-]{0,31}")


class Origin(NamedTuple):
    """Agency and unit, or agency and desk: the two tokens that the server vouches for."""

    agency: str
    point: str


def report_inbox(agency: str, unit: str) -> str:
    """Where one unit, and nobody else, hands in reports."""
    return f"inbox.report.{agency}.{unit}"


def action_inbox(agency: str, desk: str) -> str:
    """Where one desk, and nobody else, hands in actions."""
    return f"inbox.action.{agency}.{desk}"


def reporting_inbox(agency: str, desk: str) -> str:
    """Where one desk, and nobody else, hands in what it does about reports of a period."""
    return f"inbox.reporting.{agency}.{desk}"


def desk_inbox(agency: str, desk: str) -> str:
    """Where one desk, and nobody else, says whether it is staffed and who takes over."""
    return f"inbox.desk.{agency}.{desk}"


def exercise_inbox(agency: str, desk: str) -> str:
    """Where one desk, and nobody else, plans exercises and calls them off."""
    return f"inbox.exercise.{agency}.{desk}"


def heartbeat(space: Space, agency: str, desk: str) -> str:
    """Where one desk, and nobody else, shows that it is watching; never stored."""
    return f"heartbeat.{space.value}.{agency}.{desk}"


def receipts(agency: str, point: str) -> str:
    """Where one unit or desk hears what became of its submissions."""
    return f"receipt.{agency}.{point}"


def report(space: Space, origin: Origin, report_id: UUID) -> str:
    """Everything about one report of one sender."""
    return f"{space.value}.report.{origin.agency}.{origin.point}.{report_id}"


def reports(space: Space) -> str:
    """Everything about all reports of one space."""
    return f"{space.value}.report.>"


def course(space: Space, incident: UUID) -> str:
    """What happened to the incident as a whole."""
    return f"{space.value}.incident.{incident}.course"


def dispatch(space: Space, incident: UUID, agency: str, desk: str) -> str:
    """What one desk owes and does for one incident."""
    return f"{space.value}.incident.{incident}.dispatch.{agency}.{desk}"


def incident(space: Space, incident_id: UUID) -> str:
    """Every fact of one incident: the consistency boundary."""
    return f"{space.value}.incident.{incident_id}.>"


def desk_feed(space: Space, agency: str, desk: str) -> str:
    """Every dispatch fact of one desk."""
    return f"{space.value}.incident.*.dispatch.{agency}.{desk}"


def presence(space: Space, agency: str, desk: str) -> str:
    """Whether one desk is there, and its shifts."""
    return f"{space.value}.desk.{agency}.{desk}"


def drill(drill_id: UUID) -> str:
    """One planned exercise."""
    return f"{Space.EXERCISE.value}.drill.{drill_id}"


def owed(space: Space, agency: str) -> str:
    """What one agency owes about periods, and how it met it."""
    return f"{space.value}.reporting.{agency}"


def regime(space: Space, area: str) -> str:
    """Which reporting calendars desks have begun or ended for one area."""
    return f"{space.value}.reporting.regime.{area}"


def papers(space: Space, agency: str, desk: str) -> str:
    """Copies of reports and requests for reports, for one desk alone."""
    return f"{space.value}.reporting.desk.{agency}.{desk}"


def refused_action(space: Space, origin: Origin, submission: UUID) -> str:
    """The refusal of one action of one desk; one subject each, so that 'first' can be expected."""
    return f"{space.value}.action.{origin.agency}.{origin.point}.{submission}"


def sealed(space: Space, origin: Origin, report_id: UUID) -> str:
    """The personal values of one report on their way to the vault, encrypted to it."""
    return f"sealed.{space.value}.{origin.agency}.{origin.point}.{report_id}"


def ladder(space: Space, origin: Origin, report_id: UUID) -> str:
    """How far one report got: for the unit that filed it, and nobody else."""
    return f"ladder.{space.value}.{origin.agency}.{origin.point}.{report_id}"


def ladder_feed(origin: Origin, report_id: UUID) -> str:
    """The same in whichever status space the report was filed; one unit hears only what names it."""
    return f"ladder.*.{origin.agency}.{origin.point}.{report_id}"


def erasure(space: Space, incident_id: UUID) -> str:
    """What was done with the personal values of one incident's reports; apart from routing's own facts of it."""
    return f"{space.value}.personal.{incident_id}"


def reading(reading_id: UUID) -> str:
    """One reading of the record; always in the live space, one subject each, so that 'first' can be expected."""
    return f"{Space.ACTUAL.value}.reading.{reading_id}"


def identity(agency: str) -> str:
    """Who may connect in the name of one agency, from when to when."""
    return f"{Space.ACTUAL.value}.identity.{agency}"


def regulation(set_code: str) -> str:
    """The texts of one regulation set and what was decided about putting it in force."""
    return f"{Space.ACTUAL.value}.regulation.{set_code}"


def schedule(space: Space, incident_id: UUID, obligation: UUID) -> str:
    """The one scheduled message of one obligation; publishing again replaces it."""
    return f"deadline.schedule.{space.value}.{incident_id}.{obligation}"


def due(space: Space, incident_id: UUID, obligation: UUID) -> str:
    """Where the server puts that message when its time has come."""
    return f"deadline.due.{space.value}.{incident_id}.{obligation}"


def report_schedule(space: Space, agency: str, obligation: UUID) -> str:
    """The one scheduled message of one report that an agency owes."""
    return f"deadline.schedule.{space.value}.{agency}.{obligation}"


def report_due(space: Space, agency: str, obligation: UUID) -> str:
    """Where the server puts that message when its time has come."""
    return f"deadline.reporting.{space.value}.{agency}.{obligation}"


def drill_schedule(drill_id: UUID, number: int) -> str:
    """The one scheduled message of one report of an exercise."""
    return f"deadline.schedule.{Space.EXERCISE.value}.{drill_id}.{number}"


def drill_due(drill_id: UUID, number: int) -> str:
    """Where the server puts that message when its time has come."""
    return f"deadline.drill.{drill_id}.{number}"


def parked(stream: str, consumer: str) -> str:
    """Messages of one consumer that can never succeed."""
    return f"parked.{stream}.{consumer}"


def kept_checkpoint(origin: str) -> str:
    """Where the newest checkpoint of one ledger is kept."""
    return f"$KV.CHECKPOINTS.{checkpoint_key(origin)}"


def checkpoint_key(origin: str) -> str:
    """What stands for a ledger in keys: its origin may hold what no key may, so half its SHA-256, hexadecimal."""
    return sha256_hex(origin.encode())[:32]


def witness(name: str) -> str:
    """Where one witness takes checkpoints to cosign, and answers (c2sp.org/tlog-witness `add-checkpoint`).

    Raises `ValueError` for a name that may not stand in a subject.
    """
    if not _WITNESS.fullmatch(name):
        raise ValueError(f"{name!r} is no name of a witness on the bus: lower-case letters, digits, hyphens")
    return f"witness.{name}.add"


def witnessed(name: str) -> str:
    """Where one witness shows the newest checkpoint of a ledger that it cosigned."""
    return f"witness.{name}.newest"


def facts(space: Space) -> str:
    """Every fact of one status space."""
    return f"{space.value}.>"


def origin_of(inbox_subject: str) -> Origin:
    """The sender the server authenticated, read from an inbox subject (`inbox.report.*.*` and its like)."""
    _, _, agency, point = inbox_subject.split(".")
    return Origin(agency, point)


def due_of(due_subject: str) -> tuple[Space, UUID, UUID]:
    """Space, incident and obligation of a due message."""
    _, _, space, incident_id, obligation = due_subject.split(".")
    return Space(space), UUID(incident_id), UUID(obligation)


def course_of(course_subject: str) -> tuple[Space, UUID]:
    """Space and incident of a fact of a course."""
    space, _, incident_id, _ = course_subject.split(".")
    return Space(space), UUID(incident_id)


def incident_of(fact_subject: str) -> tuple[Space, UUID]:
    """Space and incident of any fact of an incident, of its course or of a dispatch."""
    space, _, incident_id, _ = fact_subject.split(".", 3)
    return Space(space), UUID(incident_id)


def report_due_of(due_subject: str) -> tuple[Space, str, UUID]:
    """Space, agency and obligation of a due message about a report that an agency owes."""
    _, _, space, agency, obligation = due_subject.split(".")
    return Space(space), agency, UUID(obligation)


def drill_due_of(due_subject: str) -> tuple[UUID, int]:
    """Exercise and number of the report of a due message."""
    _, _, drill_id, number = due_subject.split(".")
    return UUID(drill_id), int(number)


def heart_of(heartbeat_subject: str) -> tuple[Space, str, str]:
    """Space, agency and desk of a sign of life; raises `ValueError` for a space that does not exist."""
    _, space, agency, desk = heartbeat_subject.split(".")
    return Space(space), agency, desk


def space_of_fact(subject: str) -> Space:
    """The status space of any fact."""
    return Space(subject.split(".", 1)[0])
