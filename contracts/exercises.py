"""Planned exercises: which reports are filed when, who planned it, whether it began or was called off."""

from datetime import timedelta
from typing import Annotated, Final, Literal
from uuid import UUID

from pydantic import AwareDatetime, Field, JsonValue, TypeAdapter, field_validator, model_validator
from pydantic_core import PydanticCustomError

from contracts.codes import Space
from contracts.decisions import Addressee
from contracts.frozen import Contract
from contracts.reports import Sender
from contracts.text import Line, Paragraph, Token

MOST_REPORTS: Final = 200
FILLED_IN: Final = frozenset({"report", "status", "sent", "references"})
"""What the hub fills in when it files a report: nothing planned can ever be taken for a live report."""
NEVER_PLANNED: Final = FILLED_IN | {"personal"}


class DrillReport(Contract):
    """One report of our own JSON that a unit files in the course of the exercise."""

    key: Token
    at: Annotated[timedelta, Field(ge=timedelta(), le=timedelta(days=7))]
    """Since the exercise began."""
    sender: Sender
    seen_before: Annotated[timedelta, Field(ge=timedelta())] = timedelta()
    """How long before it was sent somebody saw it."""
    refers_to: tuple[Token, ...] = ()
    """Earlier reports of the same unit that this one updates."""
    report: dict[str, JsonValue]

    @field_validator("report")
    @classmethod
    def _left_to_the_hub(cls, report: dict[str, JsonValue]) -> dict[str, JsonValue]:
        if stated := sorted(NEVER_PLANNED & report.keys()):
            raise PydanticCustomError("field.invalid", "never planned: {stated}", {"stated": ", ".join(stated)})
        return report


DrillReports = Annotated[tuple[DrillReport, ...], Field(min_length=1, max_length=MOST_REPORTS)]


class ExercisePlanned(Contract):
    """An exercise will run on the production path, in the exercise space, at its time."""

    drill: UUID
    name: Line
    scenario: Token
    by: Addressee
    officer: Line | None = None
    starts_at: AwareDatetime
    reports: DrillReports


class ExerciseStarted(Contract):
    """Its time came; the first report is filed."""

    drill: UUID
    starts_at: AwareDatetime


class ExerciseCancelled(Contract):
    """It was called off; reports not yet filed never are."""

    drill: UUID
    by: Addressee
    officer: Line | None = None
    action: UUID
    reason: Paragraph


class _Act(Contract):
    """What every act about an exercise states."""

    action: UUID
    """Made once by the desk; sending again under the same id is always safe."""
    space: Literal[Space.EXERCISE]
    sent: AwareDatetime
    officer: Line | None = None
    """Role and post, never a person file."""


class PlanExercise(_Act):
    """The exercise gets the id of this act."""

    type: Literal["plan_exercise"] = "plan_exercise"
    name: Line
    scenario: Token
    starts_at: AwareDatetime
    reports: DrillReports

    @model_validator(mode="after")
    def _refers_to_earlier_reports(self) -> "PlanExercise":
        earlier: set[tuple[str, Sender]] = set()
        for one in self.reports:
            if any((key, one.sender) not in earlier for key in one.refers_to):
                raise PydanticCustomError("field.invalid", "{key} refers to no earlier one", {"key": one.key})
            earlier.add((one.key, one.sender))
        if len({key for key, _ in earlier}) < len(self.reports):
            raise PydanticCustomError("field.invalid", "two reports have the same key")
        return self


class CancelExercise(_Act):
    """Nothing more of it is filed."""

    type: Literal["cancel_exercise"] = "cancel_exercise"
    drill: UUID
    reason: Paragraph


ExerciseAct = PlanExercise | CancelExercise
ExerciseAction = Annotated[ExerciseAct, Field(discriminator="type")]
EXERCISE_ACTION: TypeAdapter[ExerciseAct] = TypeAdapter(ExerciseAction)

ExerciseData = ExercisePlanned | ExerciseStarted | ExerciseCancelled
"""Recorded under the subject of one exercise."""
