"""The picture of two incidents after random reports, acts, merges, splits and deadlines: it says what deciding held."""

from itertools import pairwise

import pytest
from hypothesis import HealthCheck, settings

from services.routing.commands.incident_view import document
from services.routing.incident.evolve import fold
from services.routing.incident.history import Recorded, State, history
from services.routing.incident.picture import picture
from tests.unit.routing.test_life_machine import TwoIncidents

INSTANTS = 6


class Pictures(TwoIncidents):
    """Breaks when a lead is missing, doubled or another than the one that deciding held, at any instant looked at."""

    def teardown(self) -> None:
        """Looks back at some instants of each life, the last among them."""
        for log in self.logs.values():
            facts = [Recorded(event, event.time) for event in log]
            for count in range(len(facts), 0, -max(1, len(facts) // INSTANTS)):
                _is_what_was_held(facts[:count])


def _is_what_was_held(facts: list[Recorded]) -> None:
    held, told = fold(fact.event for fact in facts), history(facts)
    assert held is not None
    assert told is not None
    assert (told.lead, told.severity, told.scales) == (held.lead, held.severity, held.scales)
    assert all(earlier.until == later.since for earlier, later in pairwise(told.leads))
    assert [one.until for one in told.leads][-1] is None
    assert (told.state is State.OPEN, told.merged_into) == (not held.over, held.merged_into)
    assert tuple((one.since, one.who) for one in told.command) == held.command
    assert {one.ref.event for one in told.reports} <= held.joined
    seen = picture(facts, facts[-1].at)
    assert seen is not None
    assert len(document(seen, [])["timeline"]) == len(facts)


TestPictures = pytest.mark.timeout(300)(Pictures.TestCase)
TestPictures.settings = settings(
    max_examples=20, stateful_step_count=30, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
