"""SECURITY.md claims nothing without a test: each row of its threat model names some, and each of them exists."""

import ast
import re
from pathlib import Path
from typing import Final

import pytest

ROOT: Final = Path(__file__).resolve().parents[2]
PAGE: Final = (ROOT / "SECURITY.md").read_text(encoding="utf-8")
NAMED: Final = sorted(set(re.findall(r"`(tests/[\w/]+\.py)(?:::(\w+))?`", PAGE)))
ROWS: Final = [
    line for line in PAGE.splitlines() if line.startswith("| ") and not line.startswith(("| who tries", "|---"))
]


def _tests_of(file: str) -> set[str]:
    tree = ast.parse((ROOT / file).read_text(encoding="utf-8"))
    return {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)}


def test_the_threat_model_is_there() -> None:
    assert len(ROWS) >= 15
    assert len(NAMED) >= len(ROWS)


@pytest.mark.parametrize(("file", "test"), NAMED)
def test_every_test_that_is_named_exists(file: str, test: str) -> None:
    """Breaks if a guard's test is removed or renamed while the guard is still claimed."""
    assert (ROOT / file).is_file()
    assert not test or test in _tests_of(file)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.split("|")[2].strip()[:40])
def test_every_row_says_who_what_how_and_which_test(row: str) -> None:
    who, what, how, tests = (cell.strip() for cell in row.strip("|").split("|"))

    assert all((who, what, how))
    assert "::test_" in tests
