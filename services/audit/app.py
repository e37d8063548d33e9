"""The audit service, wired: every fact of EVENTS, in order, into the ledger."""

from contracts.envelope import Event
from contracts.events import EventData
from contracts.personal import Openings
from contracts.streams import AUDIT, AUDIT_SEALED
from services.audit.handlers import Audit
from services.audit.personal.arrivals import PersonalArrivals
from services.audit.personal.keys import KeyRing
from services.audit.personal.values import PersonalValues
from services.audit.settings import AuditSettings
from services.audit.store import Ledger
from services.runtime.alone import Alone
from services.runtime.broker import Bus, Consumes
from services.runtime.service import Service


def service(settings: AuditSettings) -> Service:
    """The whole service; nothing connects until it is run."""
    bus = Bus(settings)
    audit = Audit(bus, Ledger(settings.dsn()))
    values = PersonalValues(settings.dsn(), KeyRing(settings.personal_keys))
    arrivals = PersonalArrivals(bus, values, settings.vault_keys())

    async def load() -> None:
        await arrivals.start()
        await audit.start()

    async def close() -> None:
        await audit.stop()
        await arrivals.stop()

    return Service(
        name="audit",
        settings=settings,
        bus=bus,
        alone=Alone(bus, "audit", settings.instance),
        load=load,
        close=close,
        rewind=False,
        consumes=(
            Consumes(AUDIT, Event[EventData], audit.on_events, limit=500),
            Consumes(AUDIT_SEALED, Openings, arrivals.on_sealed),
        ),
        checks=(audit.is_writable, audit.is_contiguous, audit.is_whole),
    )
