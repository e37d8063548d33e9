"""What must hold of an incident after every fact, whatever the fact is."""

from collections.abc import Callable
from typing import Final

from contracts.codes import Role
from services.routing.incident.decide import Incident
from services.routing.incident.state import Dispatch, Standing

_FINAL: Final = {Standing.RELEASED, Standing.WITHDRAWN}


def one_lead(state: Incident) -> None:
    """One desk leads, and none other holds the role."""
    assert state.lead is not None
    leading = {desk for desk, role in state.holdings if role is Role.LEAD}
    assert leading <= {state.lead}


def only_climbs(before: Incident, now: Incident) -> None:
    """No dispatch disappears, no rung is taken back, nothing final is undone, and no report is lost."""
    rungs: tuple[Callable[[Dispatch], object], ...] = (
        lambda d: d.delivered,
        lambda d: d.opened,
        lambda d: d.acknowledged,
    )
    for dispatch, then in before.dispatches.items():
        current = now.dispatches[dispatch]
        assert current.issued == then.issued
        assert all(rung(then) in (None, rung(current)) for rung in rungs)
        assert then.standing not in _FINAL or current.standing is then.standing
        assert current.version >= then.version
        assert then.acted <= current.acted
    assert before.joined <= now.joined
    assert before.command == now.command[: len(before.command)]
    assert [since for since, _ in now.command] == sorted(since for since, _ in now.command)
