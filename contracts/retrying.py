"""What is said when a parked message is to be handled once more: a number, and what came of it."""

from enum import StrEnum

from pydantic import Field

from contracts.frozen import Contract
from contracts.retry_subjects import LARGEST_NUMBER


class RetryOutcome(StrEnum):
    """What came of one more try."""

    DONE = "done"
    """Handled, and no longer parked."""
    FAILED = "failed"
    """The same handler failed again; it stays parked."""
    GONE = "gone"
    """Nothing is parked under this number."""
    NOT_OURS = "not_ours"
    """Whoever was asked does not handle it: somebody else does, or nobody can."""
    LATER = "later"
    """Something was away, or nobody answered; it stays parked, or was handled and its copy is still there."""


class RetryAsked(Contract):
    """Which parked message is to be handled once more."""

    sequence: int = Field(ge=1, le=LARGEST_NUMBER)
    """Its number in PARKED."""


class RetryAnswer(Contract):
    """What came of it."""

    sequence: int = Field(ge=0, le=LARGEST_NUMBER)
    """0 where what was asked held no number."""
    outcome: RetryOutcome
    reason: str = ""
    """In one line; of a fact only the kind of error and where it arose."""
