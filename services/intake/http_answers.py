"""What the HTTP door says in words: the outcome of what was sent, and every reason for a refusal with its fix."""

from typing import Any
from uuid import UUID

from fastapi import Request

from contracts.problems import Problem
from contracts.receipts import Outcome
from services.intake.http_reading import language


def content(
    request: Request, outcome: Outcome, problems: tuple[Problem, ...], event: UUID | None = None
) -> dict[str, Any]:
    """What every answer says; `report` is the id in the path, the sender's handle, even for an unreadable body."""
    lang = language(request)
    return {
        "report": request.path_params["report"],
        "outcome": outcome.value,
        "event": str(event) if event else None,
        "problems": [_worded(problem, lang) for problem in problems],
    }


def _worded(problem: Problem, lang: str) -> dict[str, str | None]:
    wording = problem.wording
    vietnamese = lang == "vi"
    return {
        "code": problem.code.value,
        "field": problem.field,
        "message": wording.vi if vietnamese else wording.en,
        "fix": wording.fix_vi if vietnamese else wording.fix_en,
        "detail": problem.detail,
    }
