"""The closed union of facts that services record, each with its version. Nothing else is ever in EVENTS."""

from datetime import timedelta
from typing import Annotated, Self
from uuid import UUID

from pydantic import AwareDatetime, Field, model_validator

from contracts.access import AccessChanged
from contracts.activation import ActivationData
from contracts.attached import AttachmentStored
from contracts.codes import EscalationStep, Role, Severity, SourceFormat, Space
from contracts.correlation import Correlation
from contracts.course import CourseLifeData
from contracts.decisions import Addressee, Citation, Decision, Discretion, Obligation, OrderCap
from contracts.exercises import ExerciseData
from contracts.frozen import Contract
from contracts.identity import IdentityChanged
from contracts.lifecycle import DispatchLifeData
from contracts.personal import MOST_SEALED, PersonalDataErased, Sealed
from contracts.places import AreaCode, Latitude, Longitude
from contracts.presence import PresenceData
from contracts.problems import Problem
from contracts.reading import AuditRead
from contracts.reporting import ReportingData
from contracts.reports import Count, Report, ReportRef, Scales, Sender
from contracts.scenes import Scene
from contracts.signatures import ReportSignature
from contracts.taxonomy import Category
from contracts.text import Digest, Line, Paragraph, Token


class Original(Contract):
    """The bytes as they arrived: their digest, and the bytes themselves unless the report repeats them.

    Neither where the bytes hold, or may hold, personal values: a digest without salt would let anybody try guesses.
    """

    format: SourceFormat
    sha256: Digest | None = None
    size: Annotated[int, Field(ge=0)]
    """In bytes."""
    content: bytes | None = None
    """None for our own JSON that needed no normalising and was not signed: the report says the same."""


class ReportAccepted(Contract):
    """A unit's report is on record."""

    sender: Sender
    received_at: AwareDatetime
    """The hub's clock when the submission was stored."""
    content: Digest
    """SHA-256 of the report's RFC 8785 bytes: the same content again is a duplicate, other content a conflict.

    Where there are personal values, their salted commitments stand in these bytes instead of them.
    """
    original: Original
    report: Report
    personal: Annotated[tuple[Sealed, ...], Field(min_length=1, max_length=MOST_SEALED)] | None = None
    """What the report says about people, committed to; then the bytes it came in (`original`), and their signature."""
    signature: ReportSignature | None = None
    """Where it was signed. By another than `sender`: that one reported it, `sender` only carried it here."""

    @model_validator(mode="after")
    def _shows_no_personal_value(self) -> Self:
        if self.report.personal is not None:
            raise ValueError("a fact never holds a personal value in clear")
        if self.personal and (self.original.sha256 is not None or self.original.content is not None):
            raise ValueError("the bytes of a report with personal values are sealed, and so is their digest")
        if self.signature and (self.signature.value is None) != bool(self.personal):
            raise ValueError("a signature is sealed where there are personal values, and nowhere else")
        return self


class ReportRejected(Contract):
    """A submission was refused; it stopped nothing else. The body is not kept, its digest is."""

    sender: Sender
    received_at: AwareDatetime
    original: Original
    claimed_report: UUID | None = None
    """The id the sender gave, where it could be read."""
    problems: Annotated[tuple[Problem, ...], Field(min_length=1, max_length=20)]


class Sighting(Contract):
    """Where and when a report saw the incident, as far as it helps to recognise the same one in a later report."""

    communes: tuple[AreaCode, ...] = ()
    areas: tuple[AreaCode, ...] = ()
    """The areas it lies in, most specific first, communes among them."""
    points: tuple[tuple[Latitude, Longitude], ...] = ()
    """Positions known to within two kilometres, WGS 84."""
    occurred_at: AwareDatetime
    codes: tuple[Line, ...] = ()
    """What other systems call the incident."""


class IncidentOpened(Contract):
    """A report started an incident, and the regulation decided who gets it."""

    incident: UUID
    space: Space
    category: Category
    severity: Severity
    headline: Line
    report: ReportRef
    decision: Decision
    sighting: Sighting | None = None


class IncidentUpdated(Contract):
    """A further report was joined; `decision` is there when it changed the facts, whoever that makes responsible."""

    incident: UUID
    report: ReportRef
    correlation: Correlation
    severity: Severity
    decision: Decision | None = None
    sighting: Sighting | None = None
    supersedes: tuple[UUID, ...] = ()
    """Events of earlier reports of the same sender whose figures no longer count."""
    withdrawn: bool = False
    """The report only takes back what it supersedes."""


class DispatchIssued(Contract):
    """One duty desk owes something for one incident in one role (a công điện is exactly this)."""

    dispatch: UUID
    incident: UUID
    space: Space
    addressee: Addressee
    role: Role
    category: Category
    severity: Severity
    headline: Line
    place: Line
    reports: tuple[ReportRef, ...]
    rule: Token
    sentence_vi: Paragraph
    sentence_en: Paragraph
    citation: Citation
    obligations: tuple[Obligation, ...]
    escalation: tuple[Addressee, ...]
    """Who is next on silence, in order."""
    escalated_from: UUID | None = None
    """The dispatch whose silence, or whose empty desk, caused this one."""
    forwarded_from: UUID | None = None
    """The dispatch that was declined or handed over; its desk stays answerable until this one is accepted."""
    consents_to: UUID | None = None
    """Accepting this is one of the consents that the named dispatch needs before it may be accepted."""
    approvals: tuple[Addressee, ...] = ()
    """Whose consent is needed before this may be accepted."""
    objects_to: UUID | None = None
    """The dispatch whose desk objects to the rule that brought it; an answer is asked for."""
    any_one_of: Line | None = None
    """The same in all dispatches of which one acknowledgement is enough."""
    follow_up_every: timedelta | None = None
    """How often a report is owed after the first."""
    order: OrderCap | None = None
    """Set where what this desk orders ends by law."""
    text: Paragraph | None = None
    """What the reports say in words, the newest first."""
    counts: Annotated[tuple[Count, ...], Field(max_length=50)] | None = None
    """The figures of the reports, as their senders gave them."""
    scene: Scene | None = None
    scales: Scales | None = None
    """The levels at which the incident stood."""
    withheld: Discretion | None = None
    """Set where this desk is not shown the exact position, with the rule and the reason; None: nothing is kept back."""


class DispatchDelivered(Contract):
    """The dispatch reached the desk's screen."""

    dispatch: UUID
    incident: UUID
    action: UUID
    officer: Line | None = None


class DispatchAcknowledged(Contract):
    """The desk has it; its obligation to acknowledge is met, late or in time."""

    dispatch: UUID
    incident: UUID
    action: UUID
    officer: Line | None = None
    late: bool
    note: Paragraph | None = None


class DispatchEscalated(Contract):
    """Nobody acknowledged by the deadline; `next` is the dispatch issued instead, None at the end of the chain."""

    dispatch: UUID
    incident: UUID
    obligation: UUID
    due: AwareDatetime
    next: UUID | None = None
    skipped: tuple[Addressee, ...] = ()
    """Desks of the chain passed over because they already lead, command or direct here."""
    step: EscalationStep | None = None
    """Which step of the chain `next` is; None at the end of the chain."""
    absent: tuple[EscalationStep, ...] = ()
    """Steps left out because the register names nobody for them in the silent desk's agency."""
    alarm: bool = False
    """The top desk is asked, or nobody is left to ask: people are to be woken by other means too."""


class ActionRefused(Contract):
    """A desk asked for something that is not its to do or not possible now."""

    sender: Addressee
    action: UUID | None = None
    problems: Annotated[tuple[Problem, ...], Field(min_length=1, max_length=20)]
    current_state: Line | None = None


EventData = (
    ReportAccepted
    | ReportRejected
    | AttachmentStored
    | IncidentOpened
    | IncidentUpdated
    | DispatchIssued
    | DispatchDelivered
    | DispatchAcknowledged
    | DispatchEscalated
    | ActionRefused
    | AuditRead
    | IdentityChanged
    | AccessChanged
    | PersonalDataErased
    | DispatchLifeData
    | CourseLifeData
    | ActivationData
    | ReportingData
    | PresenceData
    | ExerciseData
)

CourseData = IncidentOpened | IncidentUpdated | CourseLifeData
"""Recorded under the course of an incident."""

DispatchData = DispatchIssued | DispatchDelivered | DispatchAcknowledged | DispatchEscalated | DispatchLifeData
"""Recorded under one dispatch of an incident: what its desk sees."""

IncidentEventData = CourseData | DispatchData
