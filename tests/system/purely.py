"""Takes the reports, acts and silences of a recorded run through the pure core alone: no bus, no stream, no clock."""

from typing import cast

from contracts.codes import Space
from contracts.events import DispatchEscalated
from contracts.lifecycle import DispatchRepeated
from services.routing.deciding import Regulator
from services.routing.draft import Draft
from services.routing.drafting import Drafting, DueHint, Submission
from services.routing.incident.recording import IncidentEvent
from services.routing.store import Incidents
from services.runtime.broker import Bus
from services.stack.rehearsal.playing import Rehearsal


def on_the_pure_core(rehearsal: Rehearsal, regulator: Regulator) -> Draft:
    """Every fact and state that the same inputs, at their recorded times, yield: what is recorded is never read."""
    drafting = Drafting(Incidents(cast("Bus", None)), regulator)
    draft, reports = Draft(), {report.id: report for report in rehearsal.record.reports}
    acts = {done.action.action: done for done in rehearsal.done}
    for fact in _causes(rehearsal):
        cause = fact.causationid
        if cause in reports:
            drafting.report(draft, (reports[cause], fact.time))
        elif cause in acts:
            done = acts[cause]
            body = done.action.model_dump_json(exclude_none=True).encode()
            drafting.act(draft, Submission(done.sender, fact.correlationid, body, fact.time))
        else:
            assert isinstance(fact.data, DispatchRepeated | DispatchEscalated), fact
            drafting.due(draft, DueHint(Space.EXERCISE, fact.data.incident, fact.data.obligation, fact.time))
    return draft


def _causes(rehearsal: Rehearsal) -> list[IncidentEvent]:
    """The first fact of everything recorded together, in order."""
    facts = rehearsal.record.facts
    return [fact for before, fact in zip([None, *facts], facts, strict=False) if _begins(before, fact)]


def _begins(before: IncidentEvent | None, fact: IncidentEvent) -> bool:
    return before is None or before.causationid != fact.causationid
