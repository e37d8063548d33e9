"""Decides what an objection to a rule does: the owner of the rules is asked, answers, and the desk hears the answer."""

from datetime import timedelta
from typing import Final

from contracts.actions import AnswerMisroute, Misroute
from contracts.codes import Role
from contracts.decisions import Assignment, Obligation, ObligationKind
from contracts.identifiers import derived_id
from contracts.lifecycle import DispatchCompleted, MisrouteAnswered, MisrouteRaised
from services.routing.incident.authority import impossible
from services.routing.incident.commands import Act
from services.routing.incident.issuing import Instead, issue, matter_of
from services.routing.incident.ladder import Outcome, acknowledged, act_cause, by_desk, excused
from services.routing.incident.recording import dispatch_event
from services.routing.incident.state import Dispatch, Incident

ANSWER_WITHIN: Final = timedelta(days=7)
"""Design default: an objection is about the next case, not about this one."""


def object_to(state: Incident, held: Dispatch, command: Act, action: Misroute) -> Outcome:
    """The duty stands meanwhile: an objection is no refusal."""
    owner = command.around.owner
    if owner is None or any(d.issued.objects_to == held.issued.dispatch for d in state.dispatches.values()):
        return impossible(state, held)
    cause, rule = act_cause(command), held.issued
    matter = matter_of(state, held)
    asked = Assignment(
        addressee=owner,
        role=Role.ADVISE,
        rule=rule.rule,
        sentence_vi=rule.sentence_vi,
        sentence_en=rule.sentence_en,
        citation=rule.citation,
    )
    item = issue(matter, asked, state.dispatches, cause, Instead(objects_to=rule.dispatch))
    owed = Obligation(
        obligation=derived_id(item.data.dispatch, ObligationKind.ANSWER),
        kind=ObligationKind.ANSWER,
        due=command.at + ANSWER_WITHIN,
        basis=rule.citation,
    )
    item = item.model_copy(update={"data": item.data.model_copy(update={"obligations": (owed,)})})
    raised = MisrouteRaised(
        dispatch=action.dispatch,
        incident=state.incident,
        action=action.action,
        officer=action.officer,
        finding=action.finding,
        text=action.text,
        rule=rule.rule,
        set=held.basis[0],
        set_version=held.basis[1],
        owner=owner,
        item=item.data.dispatch,
    )
    return (by_desk(state, command, raised), item)


def answer(state: Incident, held: Dispatch, command: Act, action: AnswerMisroute) -> Outcome:
    """The answer stands on the dispatch objected to, where its desk sees it; the request for it is done."""
    objected = state.dispatches.get(held.issued.objects_to) if held.issued.objects_to else None
    owed = next((o for o in held.issued.obligations if o.kind is ObligationKind.ANSWER), None)
    if objected is None or owed is None:
        return impossible(state, held)
    cause = act_cause(command)
    answered = MisrouteAnswered(
        dispatch=objected.issued.dispatch,
        incident=state.incident,
        action=action.action,
        officer=action.officer,
        answer=action.answer,
        text=action.text,
        late=command.at > owed.due,
    )
    done = DispatchCompleted(
        dispatch=action.dispatch,
        incident=state.incident,
        action=action.action,
        officer=action.officer,
        summary=action.text,
    )
    return (
        *acknowledged(state, held, command, action),
        *excused(state, held, "completed", cause),
        by_desk(state, command, done),
        dispatch_event(answered, (state.space, state.incident, objected.desk), cause, objected.issued.dispatch),
    )
