"""What an act needs to know from outside its incident: the rules, the register, the other incident. Pure lookups."""

from datetime import datetime
from typing import Final
from uuid import UUID

from contracts.actions import Action, Decline, Merge, Misroute, SetLevel, Split, Transfer
from contracts.decisions import Decision, Facts, ObligationKind
from services.routing.deciding import Regulator
from services.routing.draft import Held
from services.routing.incident.commands import Absorb, Act, Around, Posts, Revive

_NOWHERE: Final = UUID(int=0)


def other_of(action: Action) -> UUID:
    """The second incident that the act concerns; an id that no incident has where there is none."""
    match action:
        case Merge():
            return action.into
        case Split():
            return action.released
        case _:
            return _NOWHERE


def around(  # noqa: PLR0911  # one line per kind of act
    regulator: Regulator, action: Action, held: Held, other: Held, at: datetime
) -> Around:
    """What the incident's own facts do not say."""
    match action:
        case SetLevel() if held.facts is not None:
            return Around(decision=regulator.decide(_levelled(held.facts, action), at))
        case Merge() if held.facts is not None and other.facts is not None:
            decision = regulator.decide(regulator.joined(other.facts, held.facts), at)
            return Around(decision=decision, other=other.state)
        case Split():
            return Around(other=other.state)
        case Misroute():
            return Around(owner=regulator.owner)
        case Transfer():
            return Around(reachable=regulator.knows(action.to, at))
        case Decline() if action.forward_to is not None:
            return Around(reachable=regulator.knows(action.forward_to, at))
        case _:
            return Around()


def follow_up(act: Act, before: Held) -> Absorb | Revive | None:
    """What the act means for the other incident; recorded together with it or not at all."""
    match act.action:
        case Merge() as action if before.state is not None and act.around.decision is not None:
            return Absorb(action, before.state, act.around.decision, act.submission, act.at)
        case Split() as action:
            return Revive(action, act.submission, act.at)
        case _:
            return None


def after_the_order(regulator: Regulator, held: Held, obligation: UUID, at: datetime) -> Decision | None:
    """Who is responsible once an order that ends by law has ended; None where no order ends."""
    if held.state is None or held.facts is None:
        return None
    ends = any(o.obligation == obligation and o.kind is ObligationKind.ORDER_EXPIRES for o in held.state.unmet)
    return regulator.decide(held.facts, at) if ends else None


def posts_beyond(regulator: Regulator, held: Held, obligation: UUID, at: datetime) -> Posts:
    """What the desks are that the silence of whoever owes this may reach."""
    dispatch = held.state.obligations.get(obligation) if held.state else None
    if held.state is None or dispatch is None:
        return Posts()
    return regulator.posts(held.state.dispatches[dispatch].desk.agency, at)


def _levelled(facts: Facts, action: SetLevel) -> Facts:
    changes = {"severity": action.severity, "scales": action.scales}
    return facts.model_copy(update={name: value for name, value in changes.items() if value is not None})
