"""Hands in what a desk says about an exercise, and tells what became of it."""

from typing import Any

from contracts.exercises import ExerciseAct
from services.desk.client import DeskClient
from services.desk.paper_view import outcome_document
from services.runtime.terminal import Language


async def said(client: DeskClient, kind: type[ExerciseAct], lang: Language, **details: Any) -> dict[str, Any]:
    """What became of it; a plan's exercise has the id of the act."""
    receipt = await client.exercise(kind, **details)
    return outcome_document(receipt, lang) | {"drill": str(details.get("drill", receipt.action))}
