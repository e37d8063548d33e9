"""What a sender gets back: the promise that its report is on disk, or why it was refused."""

from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import Field

from contracts.frozen import Contract
from contracts.problems import Problem
from contracts.text import Line


class Outcome(StrEnum):
    """What became of one report or action. `conflict` is a rejection of its own: same id, other content."""

    ACCEPTED = "accepted"
    DUPLICATE = "duplicate"
    CONFLICT = "conflict"
    REJECTED = "rejected"


class ReportReceipt(Contract):
    """The outcome of one report of a submission; an envelope with several alerts gets one per alert."""

    report: UUID
    outcome: Outcome
    event: UUID | None = None
    """The fact in EVENTS that records it; None only where nothing may be kept."""
    problems: Annotated[tuple[Problem, ...], Field(max_length=20)] = ()


class Receipt(Contract):
    """The answer to one submission, sent only after its facts are in EVENTS, on disk."""

    submission: UUID
    """The `Phoihop-Submission` header of the message answered."""
    reports: tuple[ReportReceipt, ...] = ()


class ActionReceipt(Contract):
    """The answer to one desk action; a refused one says why and shows the current state."""

    submission: UUID
    action: UUID
    outcome: Outcome
    events: tuple[UUID, ...] = ()
    problems: Annotated[tuple[Problem, ...], Field(max_length=20)] = ()
    current_state: Line | None = None
