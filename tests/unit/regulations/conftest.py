"""The reference register and set, loaded once, and a short way to state facts."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Protocol

import pytest

from contracts.codes import Severity, UrgencyMark
from contracts.decisions import Decision, Facts
from contracts.register import AreaKind
from contracts.reports import Scales
from contracts.taxonomy import Category
from services.routing.in_force.reference import Reference, load_reference
from services.routing.regulations.engine.decide import decide
from services.routing.regulations.engine.resolve import day_of

FOLDER = Path(__file__).parents[3] / "deploy" / "reference"
AT = datetime(2026, 11, 22, 5, 0, tzinfo=UTC)


class States(Protocol):
    """Makes facts from a category, the areas named, and whatever else matters to the test."""

    def __call__(self, category: str, *areas: str, **other: Any) -> Facts: ...


class Decides(Protocol):
    """Decides facts by the reference set."""

    def __call__(self, facts: Facts, at: datetime = AT) -> Decision: ...


@pytest.fixture(scope="session")
def reference() -> Reference:
    return load_reference(FOLDER)


@pytest.fixture(scope="session")
def state(reference: Reference) -> States:
    def stated(category: str, *areas: str, **other: Any) -> Facts:
        given: dict[str, Any] = {
            "severity": Severity.UNKNOWN,
            "urgency_mark": UrgencyMark.KHAN,
            "position_unknown": False,
            "casualties": False,
            "occurred_at": AT,
            "first_reporter": "kl-h-yen-the",
        } | other
        levels = {name: given.pop(name) for name in Scales.model_fields if name in given}
        day = reference.register.on(day_of(given["occurred_at"]))
        return Facts(
            category=Category(category),
            scales=Scales(**levels),
            areas=areas,
            communes=day.of_kind(areas, AreaKind.COMMUNE),
            **given,
        )

    return stated


@pytest.fixture(scope="session")
def decided(reference: Reference) -> Decides:
    def by_reference(facts: Facts, at: datetime = AT) -> Decision:
        return decide(facts, reference.regulations, reference.register, at)

    return by_reference
