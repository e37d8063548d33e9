"""How subjects are written for people: with names in braces where identities stand, and what each name means."""

from typing import Final, NamedTuple

from contracts import subjects

TOKENS: Final = {
    "space": "Status space: actual, exercise or test; facts of one never mix with another's.",
    "agency": "Code of the agency in the register.",
    "unit": "Code of the reporting unit in its agency.",
    "desk": "Code of the duty desk in its agency.",
    "point": "Code of the unit or desk in its agency.",
    "report": "Id of the report, made once by its sender (UUID).",
    "area": "Code of the area in the register.",
    "incident": "Id of the incident (UUID).",
    "obligation": "Id of the obligation (UUID).",
    "submission": "Id of the submission (UUID).",
    "reading": "Id of one reading of the record (UUID).",
    "drill": "Id of the planned exercise (UUID).",
    "number": "Place of a report in its exercise, from 0.",
    "set": "Code of the regulation set.",
    "sha256": "SHA-256 of the attachment's bytes, lower-case hexadecimal.",
    "role": "Role of an approver of regulations in its agency.",
}
"""What the names in braces stand for."""


class _Patterns(NamedTuple):
    """Subjects with names in braces where identities stand, for the published description."""

    report: str = "{space}.report.{agency}.{unit}.{report}"
    course: str = "{space}.incident.{incident}.course"
    dispatch: str = "{space}.incident.{incident}.dispatch.{agency}.{desk}"
    refused_action: str = "{space}.action.{agency}.{desk}.{submission}"
    receipt: str = "receipt.{agency}.{point}"
    owed: str = "{space}.reporting.{agency}"
    regime: str = "{space}.reporting.regime.{area}"
    papers: str = "{space}.reporting.desk.{agency}.{desk}"
    drill: str = "exercise.drill.{drill}"
    presence: str = "{space}.desk.{agency}.{desk}"
    reading: str = "actual.reading.{reading}"
    regulation: str = "actual.regulation.{set}"
    regulation_step: str = "actual.regulation.{set}.{agency}.{role}"
    register: str = "actual.register"
    ladder: str = "ladder.{space}.{agency}.{unit}.{report}"
    sealed: str = "sealed.{space}.{agency}.{unit}.{report}"
    erasure: str = "{space}.personal.{incident}"
    attachment: str = "{space}.attachment.{agency}.{unit}.{report}.{sha256}"


PATTERNS: Final = _Patterns()
READABLE: Final = {
    subjects.REPORT_INBOX: "inbox.report.{agency}.{unit}",
    subjects.ACTION_INBOX: "inbox.action.{agency}.{desk}",
    subjects.ALL_REPORTS: PATTERNS.report,
    subjects.ALL_DISPATCHES: PATTERNS.dispatch,
    subjects.ALL_SEALED: PATTERNS.sealed,
    subjects.REPORTING_INBOX: "inbox.reporting.{agency}.{desk}",
    subjects.EXERCISE_INBOX: "inbox.exercise.{agency}.{desk}",
    subjects.ALL_DRILLS: PATTERNS.drill,
    subjects.ALL_DRILLS_DUE: "deadline.drill.{drill}.{number}",
    subjects.DESK_INBOX: "inbox.desk.{agency}.{desk}",
    subjects.ALL_COURSES: PATTERNS.course,
    subjects.ALL_INCIDENTS: "{space}.incident.{incident}.>",
    subjects.ALL_OWED: PATTERNS.owed,
    subjects.ALL_DESKS: PATTERNS.presence,
    subjects.ALL_REPORTS_DUE: "deadline.reporting.{space}.{agency}.{obligation}",
    subjects.ALL_DUE: "deadline.due.{space}.{incident}.{obligation}",
    subjects.EVERY_FACT: "{space}.>",
}
"""Filters of consumers -> the subjects they take, with names where the filter has wildcards."""
