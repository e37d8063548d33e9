"""How far a report got, as the unit that filed it may see it: agencies, roles, rungs and times; no officers."""

from enum import StrEnum
from typing import Annotated, Literal
from uuid import UUID

from pydantic import AwareDatetime, Field

from contracts.codes import Role, Space
from contracts.frozen import Contract
from contracts.text import Line, Token


class Rung(StrEnum):
    """How far an agency is with what it was sent, or how its duty ended."""

    ISSUED = "issued"
    DELIVERED = "delivered"
    OPENED = "opened"
    ACKNOWLEDGED = "acknowledged"
    DEFERRED = "deferred"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    """Forwarded; still answerable until somebody accepts."""
    HANDING_OVER = "handing_over"
    RELEASED = "released"
    COMPLETED = "completed"
    LAPSED = "lapsed"
    WITHDRAWN = "withdrawn"


class LadderLine(Contract):
    """One dispatch about the incident of the report."""

    agency: Token
    name_vi: Line
    name_en: Line
    role: Role
    stands: Rung
    silence: Literal["asked_again", "escalated"] | None = None
    """What was done about its silence so far."""
    issued: AwareDatetime
    delivered: AwareDatetime | None = None
    opened: AwareDatetime | None = None
    acknowledged: AwareDatetime | None = None
    decided: AwareDatetime | None = None
    """When it accepted, deferred, declined or handed over."""


class ReportLadder(Contract):
    """All of it, as of one fact of the incident; a later one replaces it."""

    report: UUID
    space: Space
    incident: UUID
    lead: Token | None
    """The agency that leads."""
    over: bool
    """The incident was closed."""
    as_of: AwareDatetime
    """When the newest fact it tells was stored, by the hub's clock."""
    sequence: Annotated[int, Field(ge=1)]
    """That fact's place in the record of the hub: the higher is the newer."""
    lines: tuple[LadderLine, ...]
