"""What a unit observed and sent. Immutable; a later report corrects or withdraws it, nothing edits it."""

from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import AwareDatetime, Field, model_validator
from pydantic_core import PydanticCustomError

from contracts.attachments import MOST_ATTACHMENTS, Attachment
from contracts.codes import (
    Certainty,
    Channel,
    CountOf,
    Handling,
    MsgType,
    Severity,
    Status,
    Unit,
    Urgency,
    UrgencyMark,
)
from contracts.frozen import Contract
from contracts.personal import MOST_VALUES, PersonalValue
from contracts.places import Place
from contracts.register import AgencyTypeCode
from contracts.taxonomy import Category
from contracts.text import Line, Paragraph, Token


class Sender(Contract):
    """Who sent it: the agency and unit that the server authenticated, read from the subject, never from a body."""

    agency: Token
    unit: Token


class ReportRef(Contract):
    """One accepted report of one sender."""

    report: UUID
    sender: Sender
    event: UUID
    """The `ReportAccepted` that recorded it."""


class Count(Contract):
    """One figure with its unit and the source that gave it. Figures of different sources are never added up."""

    of: CountOf
    value: Annotated[float, Field(ge=0, le=100_000_000)]
    unit: Unit
    source: Line
    as_of: AwareDatetime | None = None


class Scales(Contract):
    """Levels on scales that stay apart: none of them may be computed from another (facts, section 5.3)."""

    disaster_risk: Annotated[int, Field(ge=1, le=5)] | None = None
    """Disaster risk 1-5, Decision 18/2021/QĐ-TTg."""
    civil_defence: Annotated[int, Field(ge=1, le=3)] | None = None
    """Civil-defence level 1-3, Law 18/2023/QH15 art. 7."""
    forest_fire_danger: Annotated[int, Field(ge=1, le=5)] | None = None
    """Forest-fire danger I-V."""
    river_alert: Annotated[int, Field(ge=1, le=3)] | None = None
    """River alert mark BĐ1-BĐ3 of the nearest station."""


class OralNotice(Contract):
    """The first word came by voice: time of knowledge counts from here, not from the form."""

    at: AwareDatetime
    channel: Channel
    to: Line
    """Which desk or post took the call; a role, never a person."""


class Methane(Contract):
    """METHANE: major incident, exact location, type, hazards, access, number of casualties, emergency services.

    Without `major_incident` it reads as ETHANE. Type and casualties live in `category` and `counts`.
    """

    major_incident: bool | None = None
    exact_location: Line | None = None
    hazards: Paragraph | None = None
    access: Paragraph | None = None
    services_present: tuple[Line, ...] = ()
    services_required: tuple[Line, ...] = ()


class FiveWs(Contract):
    """5W1H of a situation report: who, what, when, where, why, how, in words."""

    who: Paragraph | None = None
    what: Paragraph | None = None
    when: Line | None = None
    where: Line | None = None
    why: Paragraph | None = None
    how: Paragraph | None = None


class _Filed(Contract):
    """What every report states about itself."""

    report: UUID
    """Made once by the sender; sending again under the same id is always safe."""
    status: Status
    msg_type: MsgType = MsgType.ALERT
    sent: AwareDatetime
    """The sender's clock; a claim."""
    observed_at: AwareDatetime
    """When it was seen in the world, by the sender's clock."""
    sender: Sender | None = None
    """What the body claims. Anything but the authenticated sender is refused."""
    handling: Handling = Handling.ORDINARY
    urgency_mark: UrgencyMark = UrgencyMark.THUONG
    references: Annotated[tuple[UUID, ...], Field(max_length=20)] = ()
    """Earlier reports of the same sender that this one updates or cancels."""
    incident: UUID | None = None
    """The incident the sender believes this belongs to."""
    incident_codes: Annotated[tuple[Line, ...], Field(min_length=1, max_length=10)] | None = None
    """What other systems call the incident, for example the number of a 112 call. It suggests, it never joins."""
    places: Annotated[tuple[Place, ...], Field(max_length=20)] = ()
    counts: Annotated[tuple[Count, ...], Field(max_length=50)] = ()
    personal: Annotated[tuple[PersonalValue, ...], Field(max_length=MOST_VALUES)] | None = None
    """Names and contacts of people, one line each. Taken out and sealed before anything is recorded."""
    oral: OralNotice | None = None
    attachments: Annotated[tuple[Attachment, ...], Field(max_length=MOST_ATTACHMENTS)] | None = None
    """Photographs that follow, each by itself, once this report has its receipt."""
    on_behalf_of: Sender | None = None
    """The unit whose call a duty officer logs here; the unit then owes it in writing. Needs `oral`."""

    @model_validator(mode="after")
    def _update_names_what_it_updates(self) -> Self:
        if self.msg_type in (MsgType.UPDATE, MsgType.CANCEL) and not self.references:
            raise PydanticCustomError(
                "references.missing",
                "Update and Cancel must reference an earlier report",
            )
        return self

    @model_validator(mode="after")
    def _names_each_attachment_once(self) -> Self:
        named = [one.sha256 for one in self.attachments or ()]
        if len(set(named)) < len(named):
            raise PydanticCustomError("field.invalid", "each attachment is named once")
        return self

    @model_validator(mode="after")
    def _a_call_was_taken(self) -> Self:
        if self.on_behalf_of is not None and self.oral is None:
            raise PydanticCustomError("field.missing", "an entry for another unit says when and how it was told (oral)")
        return self


class IncidentReport(_Filed):
    """Field observation of one incident, in METHANE order."""

    type: Literal["incident"] = "incident"
    category: Category
    headline: Line
    description: Paragraph | None = None
    urgency: Urgency = Urgency.UNKNOWN
    severity: Severity = Severity.UNKNOWN
    certainty: Certainty = Certainty.UNKNOWN
    scales: Scales = Scales()
    methane: Methane | None = None
    measures_taken: Paragraph | None = None
    requests: Annotated[tuple[Line, ...], Field(max_length=20)] = ()
    forecast: Paragraph | None = None
    position_unknown: bool = False
    """The sender says that nobody knows where it is (a missing boat); differs from a place left out."""
    present: Annotated[tuple[AgencyTypeCode, ...], Field(max_length=20)] = ()
    """The types of agency on scene, as codes; `methane.services_present` says it in words that no rule reads."""
    restricted_since: AwareDatetime | None = None
    """Since when the restriction or suspension reported on is in force; left out, since it was observed."""


class ReportingWindow(Contract):
    """The period a situation report covers; it need not be a calendar day (facts, section 4.2)."""

    since: AwareDatetime
    until: AwareDatetime

    @model_validator(mode="after")
    def _runs_forward(self) -> Self:
        if self.until <= self.since:
            raise PydanticCustomError("time.invalid", "the window must end after it starts")
        return self


class SituationReport(_Filed):
    """EDXL-SitRep's five kinds of situation report, on an incident or on a period and area."""

    type: Literal["situation"] = "situation"
    kind: Literal[
        "field_observation",
        "situation_information",
        "response_resource_totals",
        "casualty_and_illness_summary",
        "management_reporting_summary",
    ]
    headline: Line
    window: ReportingWindow | None = None
    nil: bool = False
    """'Không phát sinh': nothing new happened. A nil report is a report; silence is an alarm."""
    narrative: FiveWs = FiveWs()
    measures_taken: Paragraph | None = None
    requests: Annotated[tuple[Line, ...], Field(max_length=20)] = ()
    next_report_at: AwareDatetime | None = None
    calendar: Token | None = None
    """The reporting calendar it answers; needed only for reports on a special matter."""
    service_note: Paragraph | None = None
    """For the sender's own service alone; never on the horizontal copy."""

    @model_validator(mode="after")
    def _is_about_something(self) -> Self:
        if self.incident is None and self.window is None:
            raise PydanticCustomError("field.missing", "a situation report needs an incident or a window")
        if self.nil and self.counts:
            raise PydanticCustomError("field.invalid", "a nil report carries no counts")
        return self


Report = Annotated[IncidentReport | SituationReport, Field(discriminator="type")]
