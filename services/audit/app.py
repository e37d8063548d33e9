"""The audit service, wired: every fact of EVENTS, in order, into the ledger."""

from contracts.envelope import Event
from contracts.events import EventData
from contracts.streams import AUDIT
from services.audit.handlers import Audit
from services.audit.settings import AuditSettings
from services.audit.store import Ledger
from services.runtime.broker import Bus, Consumes
from services.runtime.service import Service


def service(settings: AuditSettings) -> Service:
    """The whole service; nothing connects until it is run."""
    bus = Bus(settings)
    audit = Audit(bus, Ledger(settings.dsn()))
    return Service(
        name="audit",
        settings=settings,
        bus=bus,
        load=audit.start,
        close=audit.stop,
        rewind=False,
        consumes=(Consumes(AUDIT, Event[EventData], audit.on_events, limit=500),),
        checks=(audit.is_writable, audit.is_contiguous),
    )
