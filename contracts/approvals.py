"""Where approvers of regulations record their steps: under subjects that name them, so the server vouches for them.

What stands there was recorded with that approver's key; nobody else, no service either, may publish there.
"""

from typing import Final

from contracts import subjects
from contracts.activation import Approver

EVERY_STEP: Final = subjects.regulation(">")
"""Every fact about regulation sets, of approvers and of the hub itself, in one order."""
_UNDER: Final = len(subjects.regulation("set").split("."))


def step(regulation_set: str, approver: Approver) -> str:
    """What one approver, and nobody else, records about one set: texts, proposals, approvals, cancellations."""
    return f"{subjects.regulation(regulation_set)}.{approver.agency}.{approver.role}"


def steps_of(agency: str, role: str) -> str:
    """The same for whichever set."""
    return f"{subjects.regulation('*')}.{agency}.{role}"


def approver_of(subject: str) -> Approver | None:
    """Whom the server vouches for; None for what the hub itself records."""
    who = subject.split(".")[_UNDER:]
    return Approver(agency=who[0], role=who[1]) if who else None
