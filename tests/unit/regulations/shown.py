"""Looks whether a test that stands for something is really there: one entry `file::test` below the folder of tests."""

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Final

TESTS: Final = Path(__file__).parents[2]


def absent(named: Iterable[str]) -> list[str]:
    """The entries that name no test."""
    return sorted({entry for entry in named if not _is_there(*entry.split("::"))})


def _is_there(file: str, test: str) -> bool:
    path = TESTS / file
    text = path.read_text(encoding="utf-8") if path.is_file() else ""
    return re.search(rf"^ *(async )?def {test}\(", text, re.MULTILINE) is not None
