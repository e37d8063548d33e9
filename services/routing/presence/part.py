"""The part of the routing service that the presence of desks is: what it hears, consumes, runs and publishes."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import NamedTuple

from contracts.decisions import Addressee
from contracts.envelope import one_of
from contracts.presence import PresenceAction, PresenceData
from contracts.streams import PRESENCE_ACTIONS
from contracts.subject_words import PATTERNS
from services.routing.presence.handlers import Presence
from services.routing.presence.store import Attendances
from services.routing.settings import RoutingSettings
from services.runtime.broker import Bus, Consumes
from services.runtime.service import Publishes

PUBLISHES = (Publishes(PATTERNS.presence, one_of(PresenceData), "desk-presence"),)


class PresencePart(NamedTuple):
    """The part, wired."""

    presence: Presence
    consumes: tuple[Consumes, ...]


def presence_part(bus: Bus, settings: RoutingSettings, knows: Callable[[Addressee, datetime], bool]) -> PresencePart:
    """The part; nothing connects until the service is run."""
    presence = Presence(bus, Attendances(bus), knows, timedelta(seconds=settings.offline_seconds))
    return PresencePart(presence, (Consumes(PRESENCE_ACTIONS, PresenceAction, presence.on_actions),))
