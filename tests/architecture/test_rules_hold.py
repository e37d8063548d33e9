"""Holds this repository to every rule of rules.py."""

from pathlib import Path

import pytest

from tests.architecture.census import PRODUCT, modules
from tests.architecture.rules import NOT_PUBLISHING, RULES, Rule, publish_calls

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_the_whole_tree_keeps(rule: Rule) -> None:
    findings = [finding for module in modules(ROOT, RULES[rule]) for finding in rule(module)]
    assert not findings, "\n".join([rule.__doc__ or "", *findings])


def test_the_census_sees_the_product() -> None:
    """An empty census would keep every rule."""
    seen = {str(module.path) for module in modules(ROOT, PRODUCT)}
    assert {"contracts/subjects.py", "contracts/identifiers.py", "services/runtime/clock.py"} <= seen


def test_every_exception_to_publishing_is_still_needed() -> None:
    """An exception that outlives its cause would hide the next offence."""
    calls = {(str(module.path), name) for module in modules(ROOT, PRODUCT) for _, name in publish_calls(module)}
    assert set(NOT_PUBLISHING) <= calls
