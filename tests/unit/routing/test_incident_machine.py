"""Random reports, acts, deadlines, duplicates and reorderings against one incident: what must hold after every step."""

from datetime import timedelta
from uuid import UUID

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from contracts.codes import Role, Severity
from contracts.decisions import Addressee, Assignment, Decision
from contracts.events import DispatchAcknowledged, DispatchEscalated
from contracts.lifecycle import DispatchRepeated, ObligationExcused
from services.routing.incident.commands import Act, Command, ReachDeadline, Refused
from services.routing.incident.decide import Incident, IncidentEvent, decide, evolve, fold
from services.routing.incident.owing import owed_by
from services.routing.incident.state import Dispatch
from tests.unit.routing import cases

DESKS = tuple(Addressee(agency=f"agency-{n}", desk="truc-ban") for n in range(6))
STRANGER = Addressee(agency="stranger", desk="truc-ban")

desks = st.sampled_from(DESKS)
chains = st.lists(desks, max_size=4).map(tuple)
waits = st.integers(1, 60).map(lambda n: timedelta(minutes=n))
followers = st.lists(
    st.builds(
        cases.assignment,
        desks,
        st.sampled_from([role for role in Role if role is not Role.LEAD]),
        acknowledge_within=st.none() | waits,
        escalation=chains,
    ),
    max_size=4,
)
leads = st.builds(cases.assignment, desks, st.just(Role.LEAD), acknowledge_within=waits, escalation=chains)


_FIRES = (DispatchRepeated, DispatchEscalated, ObligationExcused)


def _decided(lead: Assignment | None, others: list[Assignment]) -> Decision | None:
    assignments = ([lead] if lead else []) + others
    return cases.decision(*assignments) if assignments else None


class OneIncident(RuleBasedStateMachine):
    """Breaks when any sequence of commands loses an obligation, doubles a fact, or leaves not exactly one lead."""

    def __init__(self) -> None:
        super().__init__()
        self.now = cases.T0
        self.state: Incident | None = None
        self.log: list[IncidentEvent] = []
        self.handled: list[Command] = []
        self.decisions: list[Decision] = []
        self.reports = 1

    @initialize(lead=leads, others=followers)
    def a_report_opens_it(self, lead: Assignment, others: list[Assignment]) -> None:
        command = cases.opening(lead, *others)
        self.decisions.append(command.decision)
        self.handle(command)

    @rule(lead=st.none() | leads, others=followers, severity=st.sampled_from(Severity))
    def another_report_joins(self, lead: Assignment | None, others: list[Assignment], severity: Severity) -> None:
        self.reports += 1
        decided = _decided(lead, others)
        self.decisions += [decided] if decided else []
        self.handle(cases.joining(cases.report(self.reports, severity=severity), decided, self.now))

    @rule(
        data=st.data(),
        name=st.sampled_from("abcdefgh"),
        delivers=st.booleans(),
        stranger=st.booleans(),
    )
    def a_desk_acts(self, data: st.DataObject, name: str, delivers: bool, stranger: bool) -> None:  # noqa: FBT001  # drawn
        issued = data.draw(st.sampled_from(self.dispatches)).issued
        build = cases.delivering if delivers else cases.acknowledging
        command = build(issued, f"{issued.dispatch} {name}", self.now)
        if stranger:
            command = Act(command.action, STRANGER, command.submission, command.at)
            assert isinstance(decide(self.state, command), Refused)
        self.handle(command)

    @precondition(lambda self: self.state.obligations)
    @rule(data=st.data(), cause=st.integers(0, 2))
    def a_deadline_is_announced(self, data: st.DataObject, cause: int) -> None:
        """Early, in time, late or again: an announcement is only a hint."""
        assert self.state is not None
        obligation = data.draw(st.sampled_from(sorted(self.state.obligations)))
        self.handle(ReachDeadline(obligation, self.now, cases.uid("cause", cause)))

    @rule(data=st.data())
    def a_message_is_redelivered(self, data: st.DataObject) -> None:
        """What is on record already yields nothing, whatever happened since."""
        command = data.draw(st.sampled_from(self.handled))
        outcome = decide(self.state, command)
        if not isinstance(command, ReachDeadline):
            assert isinstance(outcome, Refused) or outcome == ()
        self.handle(command)

    @rule(wait=st.integers(0, 45))
    def time_passes(self, wait: int) -> None:
        self.now += timedelta(minutes=wait)

    @property
    def dispatches(self) -> list[Dispatch]:
        assert self.state is not None
        return list(self.state.dispatches.values())

    def handle(self, command: Command) -> None:
        """Decides twice, records once, and looks at every state between two events of the batch."""
        outcome, again = decide(self.state, command), decide(self.state, command)
        assert outcome == again
        self.handled.append(command)
        if isinstance(outcome, Refused) or isinstance(again, Refused):
            return
        assert [e.to_bytes() for e in outcome] == [e.to_bytes() for e in again]
        for event in outcome:
            before, self.state = self.state, evolve(self.state, event)
            self.log.append(event)
            assert sum(desk == self.state.lead for desk in (*DESKS, STRANGER)) == 1
            if before is not None:
                _only_climbs(before, self.state)
                _only_silence_escalates(before, event)

    @invariant()
    def reading_the_record_gives_the_live_state(self) -> None:
        assert fold(self.log) == self.state

    @invariant()
    def no_event_is_recorded_twice(self) -> None:
        assert len({event.id for event in self.log}) == len(self.log)

    @invariant()
    def at_most_the_lead_holds_the_lead(self) -> None:
        if self.state is not None:
            assert {desk for desk, role in self.state.holdings if role is Role.LEAD} == {self.state.lead}
            newest = {d.issued.addressee: d.issued.role for d in self.dispatches}
            assert {desk for desk, role in newest.items() if role is Role.LEAD} <= {self.state.lead}

    @invariant()
    def every_dispatch_has_its_basis(self) -> None:
        bases = {(a.rule, a.citation) for decided in self.decisions for a in decided.assignments}
        known: dict[UUID, tuple[Addressee, ...]] = {}
        for issued in (d.issued for d in (self.dispatches if self.state else [])):
            assert (issued.rule, issued.citation) in bases
            if issued.escalated_from:
                chain = known[issued.escalated_from]
                assert issued.addressee in chain
                assert issued.escalation == chain[len(chain) - len(issued.escalation) :]
                assert len(issued.escalation) < len(chain)
            known[issued.dispatch] = issued.escalation

    @invariant()
    def everybody_a_decision_names_holds_what_it_says(self) -> None:
        if self.state is not None:
            told = {(d.issued.addressee, d.issued.role) for d in self.dispatches}
            assert all(self.is_told(a, told) for d in self.decisions for a in d.assignments)

    def is_told(self, said: Assignment, told: set[tuple[Addressee, Role]]) -> bool:
        """The desk has a dispatch in this role, or in one that asks more of it."""
        asks_more = {
            Role.INFORM: set(Role),
            Role.ADVISE: {Role.LEAD, Role.COMMAND, Role.DIRECT},
            Role.COORDINATE: {Role.LEAD, Role.COMMAND, Role.DIRECT},
            Role.DIRECT: {Role.LEAD, Role.COMMAND},
            Role.COMMAND: {Role.LEAD},
            Role.LEAD: set[Role](),
        }
        return any((said.addressee, role) in told for role in {said.role, *asks_more[said.role]})

    def teardown(self) -> None:
        """Time runs on: every obligation ends met or escalated, exactly once, and the chains end."""
        if self.state is None:
            return
        for _ in range(len(DESKS) * 100):
            if not (unmet := self.state.unmet):
                break
            self.now = max(self.now, unmet[0].due)
            self.handle(ReachDeadline(unmet[0].obligation, self.now, cases.uid("end")))
        assert self.state.unmet == ()
        owed = [o.obligation for e in self.log for o in owed_by(e.data)]
        fired = [e.data.obligation for e in self.log if isinstance(e.data, _FIRES)]
        answered = [e.data.dispatch for e in self.log if isinstance(e.data, DispatchAcknowledged)]
        assert len(set(owed)) == len(owed)
        assert len(set(fired)) == len(fired)
        assert all(o in fired or self.state.obligations[o] in answered for o in owed)


def _only_silence_escalates(before: Incident, event: IncidentEvent) -> None:
    if isinstance(event.data, DispatchEscalated):
        silent = before.dispatches[event.data.dispatch]
        assert silent.acknowledged is None
        assert event.time >= event.data.due


def _only_climbs(before: Incident, now: Incident) -> None:
    """No dispatch disappears, no deadline moves, no rung is taken back, nobody loses a role but a relieved lead."""
    for dispatch, then in before.dispatches.items():
        current = now.dispatches[dispatch]
        assert current.issued == then.issued
        assert then.delivered in (None, current.delivered)
        assert then.acknowledged in (None, current.acknowledged)
        assert current.escalated or not then.escalated
    assert all(role is Role.LEAD for _, role in before.holdings - now.holdings)
    assert before.joined <= now.joined


TestOneIncident = pytest.mark.timeout(600)(OneIncident.TestCase)
TestOneIncident.settings = settings(
    max_examples=120, stateful_step_count=50, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
