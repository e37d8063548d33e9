"""What the names in braces of the published subjects stand for."""

from typing import Final

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
}
"""What the names in braces stand for."""
