"""The part of the routing service that planned exercises are: what it consumes and publishes."""

from collections.abc import Callable
from datetime import datetime
from typing import NamedTuple

from contracts import subjects
from contracts.envelope import one_of
from contracts.exercises import ExerciseAction, ExerciseData
from contracts.reports import Report
from contracts.streams import EXERCISE_ACTIONS, EXERCISE_DUE, EXERCISE_SCHEDULES
from contracts.subject_words import PATTERNS, READABLE
from services.routing.deciding import Regulator
from services.routing.exercises.handlers import Exercises
from services.routing.exercises.planning import Law
from services.routing.exercises.store import Drills
from services.routing.regulations.engine.resolve import day_of
from services.runtime.broker import Bus, Consumes
from services.runtime.service import Publishes

PUBLISHES = (
    Publishes(PATTERNS.drill, one_of(ExerciseData), "planned-exercise"),
    Publishes(READABLE[subjects.REPORT_INBOX], Report, "exercise-report"),
)


class ExercisesPart(NamedTuple):
    """The part, wired."""

    consumes: tuple[Consumes, ...]


def exercises_part(bus: Bus, regulators: Callable[[datetime], Regulator]) -> ExercisesPart:
    """The part; nothing connects until the service is run."""

    def law(at: datetime) -> Law:
        regulator = regulators(at)
        return Law(regulator.register.on(day_of(at)), regulator.owner)

    exercises = Exercises(bus, Drills(bus), law)
    return ExercisesPart(
        (
            Consumes(EXERCISE_ACTIONS, ExerciseAction, exercises.on_actions),
            Consumes(EXERCISE_SCHEDULES, one_of(ExerciseData), exercises.on_plans),
            Consumes(EXERCISE_DUE, bytes, exercises.on_due),
        )
    )
