"""Appends one case to a cases file: what people wrote there stays as it is, and the whole is read again before."""

import json
import os
import re
from pathlib import Path
from typing import Any, Final

import yaml

from services.routing.commands.regulation_files import load_cases
from services.runtime.documents import DocumentError

_ITEM: Final = re.compile(r"^cases:[^\n]*\n(?:\s*#[^\n]*\n|\s*\n)*( *)- ", re.MULTILINE)
_HEADER: Final = "# Cases from objections of desks. Try: phoihop regulations test FILE\n"


class CaseKnownError(ValueError):
    """The file has a case of this name."""


class NotAppendableError(ValueError):
    """The cases are not the last list of the file, written one under the other; append the case by hand."""


def append_case(file: Path, case: dict[str, Any], on: str, reporter: str) -> int:
    """How many cases the file has now; a new file begins with this day and reporter.

    Raises `CaseKnownError`, `NotAppendableError`, `DocumentError` for a file that is no cases file, `OSError`.
    """
    before: list[str] = []
    text = _HEADER + yaml.safe_dump({"on": on, "reporter": reporter}) + "cases:\n"
    indent = ""
    if file.exists():
        before = [known.name for known in load_cases(file).cases]
        if case["name"] in before:
            raise CaseKnownError(case["name"])
        text = file.read_text(encoding="utf-8").rstrip() + "\n"
        if (found := _ITEM.search(text)) is None:
            raise NotAppendableError(str(file))
        indent = found[1]
    draft = file.with_name(f".{file.stem}.{os.getpid()}.yaml")
    try:
        draft.write_text(text + _written(case, indent), encoding="utf-8")
        if _names(draft) != [*before, case["name"]]:
            raise NotAppendableError(str(file))
        draft.replace(file)
    finally:
        draft.unlink(missing_ok=True)
    return len(before) + 1


def _names(draft: Path) -> list[str]:
    try:
        return [each.name for each in load_cases(draft).cases]
    except DocumentError:
        return []


def _written(case: dict[str, Any], indent: str) -> str:
    plain = json.loads(json.dumps([case]))  # values that occur twice become two, so that no anchors are written
    lines = yaml.safe_dump(plain, allow_unicode=True, sort_keys=False, width=110).splitlines()
    return "".join(f"{indent}{line}\n" if line else "\n" for line in lines)
