"""Which open incidents are like one of them: every pair scored as when one is opened, for people to decide on."""

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

from rich.console import Console
from rich.markup import escape

from contracts.correlation_words import said
from contracts.course import MergeSuggested
from services.routing.commands.incident_view import listed
from services.routing.correlation.correlate import THRESHOLD
from services.routing.correlation.open_incidents import OpenIncidents
from services.routing.correlation.suggesting import PERHAPS, Similar, ranked
from services.routing.incident.history import Recorded, history
from services.runtime.terminal import Language

Courses = Mapping[UUID, list[Recorded]]
WORTH_SHOWING: Final = 0.4
"""What is less alike is not shown: it has little more in common than its category."""


def similar_to(incident: UUID, courses: Courses) -> dict[str, Any] | None:
    """The document of `phoihop incident similar`; None where the incident is not open. Its courses are of one space."""
    index = OpenIncidents()
    for facts in courses.values():
        for fact in facts:
            index.apply(fact.event)
    standing = {one.incident: one for one in index.standing() if index.current(one.incident) == one.incident}
    if incident not in standing:
        return None
    others = (one for one in standing.values() if one.incident != incident)
    found = ranked(standing[incident], others, WORTH_SHOWING)
    return {
        "incident": str(incident),
        "joined_from": THRESHOLD,
        "suggested_from": PERHAPS,
        "similar": [_one(similar, courses, suggested=_suggested(courses[incident])) for similar in found],
    }


def _suggested(facts: list[Recorded]) -> frozenset[UUID]:
    return frozenset(fact.event.data.other for fact in facts if isinstance(fact.event.data, MergeSuggested))


def _one(similar: Similar, courses: Courses, suggested: frozenset[UUID]) -> dict[str, Any]:
    past, why = history(courses[similar.incident]), similar.correlation
    if past is None:
        raise ValueError(f"incident {similar.incident} has no opening")
    return listed(similar.incident, past) | {
        "score": why.score,
        "perhaps_the_same": why.score >= PERHAPS,
        "suggested": similar.incident in suggested,
        "reasons": [
            reason.model_dump(mode="json") | dict(zip(("vi", "en"), said(reason), strict=True))
            for reason in why.reasons
        ],
    }


def show_similar(console: Console, document: dict[str, Any], lang: Language) -> None:
    """The likeliest first, each with its reasons and what to type."""
    for one in document["similar"]:
        sure = lang.pick("có thể trùng", "perhaps the same") if one["perhaps_the_same"] else lang.pick("khác", "other")
        style = "yellow" if one["perhaps_the_same"] else "dim"
        console.print(f"[{style}]{one['score']:.2f}  {sure}[/]  {one['incident']}  {escape(one['headline'])}")
        for reason in one["reasons"]:
            console.print(f"      +{reason['points']:.2f}  {escape(reason[lang.value])}")
    if not document["similar"]:
        console.print(lang.pick("Không có sự cố nào giống.", "No open incident is like it."))
    elif document["similar"][0]["perhaps_the_same"]:
        console.print(
            lang.pick("Nếu là một: ", "If it is the same: ")
            + f"phoihop desk merge DESK DISPATCH --into {document['similar'][0]['incident']} --reason …"
        )
