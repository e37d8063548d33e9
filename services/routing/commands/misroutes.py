"""Decides what objections to rules there are in an incident, how they stand, and what a resolved one expects of a set.

It reads no storage and no clock; how a case is written to a file is decided elsewhere.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from contracts.codes import Misrouting, MisroutingAnswer, Role
from contracts.decisions import Addressee, Decision, ObligationKind
from contracts.events import DispatchIssued
from contracts.lifecycle import MisrouteAnswered, MisrouteRaised
from services.routing.incident.recording import IncidentEvent
from services.routing.regulations.engine.resolve import RegisterIndex
from services.routing.regulations.proof.counterexample import document, report_of

_WHY: Final = 200


class UnansweredError(ValueError):
    """The owner of the rules has not answered yet, so nobody knows what the case must expect."""


class RoleUnknownError(ValueError):
    """The rule changes because the role was wrong; somebody has to say which one is right."""


@dataclass(frozen=True, slots=True)
class Objection:
    """A desk's objection to the rule that brought it a dispatch."""

    raised: MisrouteRaised
    raised_at: datetime
    desk: Addressee
    role: Role
    decision: Decision
    """By which the dispatch was issued, with the facts it looked at."""
    due: datetime | None = None
    """By when the owner of the rules is to answer."""
    answered: MisrouteAnswered | None = None
    answered_at: datetime | None = None

    def late(self, now: datetime) -> bool:
        """Whether the answer came, or is, after its time."""
        if self.answered is not None:
            return self.answered.late
        return self.due is not None and now > self.due


def objections(facts: Iterable[IncidentEvent]) -> tuple[Objection, ...]:
    """Every objection in one incident, from all its facts in recorded order."""
    decision: Decision | None = None
    issued: dict[UUID, tuple[DispatchIssued, Decision]] = {}
    found: dict[UUID, Objection] = {}
    for event in facts:
        data = event.data
        decided = getattr(data, "decision", None)
        decision = decided if isinstance(decided, Decision) else decision
        if isinstance(data, DispatchIssued) and decision is not None:
            issued[data.dispatch] = (data, decision)
            if data.objects_to in found:
                found[data.objects_to] = replace(found[data.objects_to], due=_due(data))
        elif isinstance(data, MisrouteRaised) and data.dispatch in issued:
            dispatch, basis = issued[data.dispatch]
            found[data.dispatch] = Objection(data, event.time, dispatch.addressee, dispatch.role, basis)
        elif isinstance(data, MisrouteAnswered) and (known := found.get(data.dispatch)) and known.answered is None:
            found[data.dispatch] = replace(known, answered=data, answered_at=event.time)
    return tuple(found.values())


def as_case(objection: Objection, register: RegisterIndex, right: Role | None = None) -> dict[str, Any]:
    """The resolved objection as a case of a cases file, built from the facts the decision looked at.

    `right` is the role the desk should have. Raises `UnansweredError` or `RoleUnknownError`.
    """
    said = objection.raised
    return {
        "name": case_name(objection),
        "why": " ".join(said.text.split())[:_WHY],
        "report": document(report_of(objection.decision.facts, register)),
        "expect": _expectation(objection, right),
    }


def case_name(objection: Objection) -> str:
    """What the case of an objection is called: always the same, so that it is not appended twice."""
    return f"misroute-{objection.raised.finding.value.replace('_', '-')}-{objection.raised.item.hex[:12]}"


def _expectation(objection: Objection, right: Role | None) -> dict[str, Any]:
    """What a set that took the answer to heart decides."""
    desk = f"{objection.desk.agency}/{objection.desk.desk}"
    if objection.answered is None:
        raise UnansweredError(str(objection.raised.item))
    if objection.answered.answer is MisroutingAnswer.RULE_CHANGES:
        if right is not None:
            return _with_role(desk, right)
        if objection.raised.finding is Misrouting.WRONG_ROLE:
            raise RoleUnknownError(desk)
        return {"absent": [desk]}
    assigned = {(a.addressee, a.role) for a in objection.decision.assignments}
    if (objection.desk, objection.role) in assigned:
        return _with_role(desk, objection.role)
    return {"gives": [objection.raised.rule]}  # it came by silence or by hand-over, which no set decides alone


def _with_role(desk: str, role: Role) -> dict[str, Any]:
    return {"lead": desk} if role is Role.LEAD else {"roles": {desk: role.value}}


def _due(item: DispatchIssued) -> datetime | None:
    return next((owed.due for owed in item.obligations if owed.kind is ObligationKind.ANSWER), None)
