"""Why reports, or incidents, are taken to be about one thing: a closed list of reasons, each with its figures."""

from collections.abc import Iterable
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from contracts.frozen import Contract
from contracts.places import AreaCode
from contracts.taxonomy import Category
from contracts.text import Line

Score = Annotated[float, Field(ge=0, le=1)]


class _Reason(Contract):
    points: Score = 0.0
    """What it adds to the score."""


class IncidentNamed(_Reason):
    """The report names this incident."""

    code: Literal["incident_named"] = "incident_named"


class ReportFollowed(_Reason):
    """The report refers to an earlier report of its sender that belongs to this incident."""

    code: Literal["report_followed"] = "report_followed"


class SameCategory(_Reason):
    """Both are of one category."""

    code: Literal["same_category"] = "same_category"
    category: Category


class NeighbouringCategory(_Reason):
    """Two categories that different observers give to the same thing."""

    code: Literal["neighbouring_category"] = "neighbouring_category"
    category: Category
    other: Category


class Distance(_Reason):
    """Two positions this far apart."""

    code: Literal["distance"] = "distance"
    metres: Annotated[int, Field(ge=0)]


class SameCommune(_Reason):
    """Both were seen in one commune."""

    code: Literal["same_commune"] = "same_commune"
    area: AreaCode


class SameArea(_Reason):
    """One befell an area in which the other lies."""

    code: Literal["same_area"] = "same_area"
    area: AreaCode


class MinutesApart(_Reason):
    """Between the times at which they were seen."""

    code: Literal["minutes_apart"] = "minutes_apart"
    minutes: Annotated[int, Field(ge=0)]


class SameExternalCode(_Reason):
    """Both carry one code of another system for the incident."""

    code: Literal["same_external_code"] = "same_external_code"
    external: Line


class OnlyIncident(_Reason):
    """No other open incident was seen there in the period reported on."""

    code: Literal["only_incident"] = "only_incident"


Reason = Annotated[
    IncidentNamed
    | ReportFollowed
    | SameCategory
    | NeighbouringCategory
    | Distance
    | SameCommune
    | SameArea
    | MinutesApart
    | SameExternalCode
    | OnlyIncident,
    Field(discriminator="code"),
]


class Correlation(Contract):
    """How far something is about an incident, and why; the points of the reasons are the score."""

    score: Score
    reasons: Annotated[tuple[Reason, ...], Field(min_length=1, max_length=10)]

    @model_validator(mode="after")
    def _adds_up(self) -> Self:
        if self.score != added_up(reason.points for reason in self.reasons):
            raise ValueError("the score is what the reasons add up to, at most 1")
        return self


def added_up(points: Iterable[float]) -> float:
    """The score of so many points."""
    return min(1.0, round(sum(points), 3))


def correlation(*reasons: Reason) -> Correlation:
    """These reasons with their score."""
    return Correlation(score=added_up(reason.points for reason in reasons), reasons=reasons)
