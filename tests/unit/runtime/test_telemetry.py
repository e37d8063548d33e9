"""Measures have labels from closed lists only, so that their number never grows with units, reports or subjects."""

import ast
from pathlib import Path

import pytest
from prometheus_client import Counter, Gauge, Histogram

from contracts.codes import Space
from contracts.problems import ProblemCode
from contracts.receipts import Outcome
from contracts.streams import CONSUMERS
from services.runtime import telemetry

ROOT = Path(__file__).parents[3]
MEASURES = {name: one for name, one in vars(telemetry).items() if isinstance(one, Counter | Gauge | Histogram)}
BOUNDED = {"consumer", "kind", "outcome", "process"}
ALLOWED = {  # what may stand in `.labels(...)`: literals and values of closed lists
    "row.consumer.durable",
    "consumer.durable",
    "self._consumer.durable",
    "receipt.outcome.value",
    "report.outcome.value",
    "refusal.problem.code.value",
    "kept.outcome.value",
    "kept.problem.code.value",
    "alarm.value",
    "denial.value",
    "outcome.value",
    "process.name",  # what the stack's supervisor runs
    "str(given.status)",  # a witness answers with the few statuses of its protocol
}


def test_every_label_is_of_a_closed_list() -> None:
    assert {label for measure in MEASURES.values() for label in measure._labelnames} <= BOUNDED
    assert len(MEASURES) >= 8


def test_no_call_hands_a_label_that_a_sender_chooses() -> None:
    """Breaks when somebody labels by subject, unit, desk or incident: one series each, for ever."""
    found = {(str(file.relative_to(ROOT)), one) for file in ROOT.glob("services/**/*.py") for one in _labels(file)}

    assert found
    assert sorted((file, one) for file, one in found if one not in ALLOWED and not _is_literal(one)) == []


def test_the_series_of_all_measures_together_stay_few() -> None:
    kinds = {"http", "report", "action", "presence-action", "reporting-action"}
    consumers, refusals = len(CONSUMERS), len(ProblemCode)  # only the HTTP door tells refusals by their code

    assert consumers * sum(1 for one in MEASURES.values() if one._labelnames == ("consumer",)) < 150
    assert len(kinds) * len(Outcome) + refusals < 200


def test_an_exercise_never_stands_in_live_figures() -> None:
    """Breaks when a drill's reports make a live dashboard move."""
    counted = {space: telemetry.outcomes(space) for space in Space}

    assert [space for space, measure in counted.items() if measure is telemetry.OUTCOMES] == [Space.ACTUAL]


@pytest.mark.parametrize("name", sorted(MEASURES))
def test_a_measure_is_named_ours_and_says_what_it_counts(name: str) -> None:
    measure = MEASURES[name]

    assert measure._name.startswith("phoihop_")
    assert measure._documentation.endswith(".")


def _labels(file: Path) -> list[str]:
    calls = [node for node in ast.walk(ast.parse(file.read_text("utf-8"))) if isinstance(node, ast.Call)]
    return [
        ast.unparse(argument)
        for call in calls
        if isinstance(call.func, ast.Attribute) and call.func.attr == "labels"
        for argument in [*call.args, *(keyword.value for keyword in call.keywords)]
    ]


def _is_literal(text: str) -> bool:
    return isinstance(ast.parse(text, mode="eval").body, ast.Constant)
