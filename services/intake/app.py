"""The intake service, wired: submissions from the bus, and the HTTP door that puts them there."""

from collections.abc import Mapping
from typing import Final

from contracts.envelope import Event
from contracts.events import ReportAccepted, ReportRejected
from contracts.receipts import Receipt
from contracts.reports import Report
from contracts.streams import INTAKE
from contracts.subject_words import PATTERNS
from contracts.subjects import Origin
from services.intake.handlers import Intake, Sealing
from services.intake.http import door
from services.intake.salts import DayKeys
from services.intake.senders import Senders
from services.intake.settings import IntakeSettings
from services.intake.signing_keys import SigningKeys
from services.intake.store import Reports
from services.intake.vault import Vault
from services.runtime.broker import Bus, Consumes, NotConnectedError
from services.runtime.register.loading import load_register
from services.runtime.sending import Effort, Sender, report_sender
from services.runtime.service import Publishes, Service

WHILE_ASKED: Final = Effort(attempts=2, seconds=3.0)
"""A client waits on its request."""


def service(settings: IntakeSettings) -> Service:
    """The whole service; nothing connects until it is run."""
    bus = Bus(settings)
    senders = Senders(load_register(settings.reference / "register.yaml"))
    salts, vault = DayKeys(settings.salts, settings.salt_days), Vault(bus, settings.vault_lock)
    intake = Intake(bus, Reports(bus), senders, SigningKeys(bus), Sealing(salts, vault))
    hand_over = HandOver(bus)
    return Service(
        name="intake",
        settings=settings,
        bus=bus,
        load=hand_over.listen,
        consumes=(Consumes(INTAKE, Report, intake.on_submissions, conceal=vault.conceal),),
        needs=(vault.is_there,),
        background=(salts.forget_in_time,),
        http=door(settings, hand_over.submit),
        publishes=(
            Publishes(PATTERNS.report, Event[ReportAccepted] | Event[ReportRejected], "report"),
            Publishes(PATTERNS.receipt, Receipt, "receipt"),
            Publishes(PATTERNS.sealed, bytes, "sealed"),
        ),
    )


class HandOver:
    """Puts what came over HTTP into INBOX under the sender's subject, and waits for the receipt."""

    def __init__(self, bus: Bus) -> None:
        self._bus = bus
        self._sender: Sender[Receipt] | None = None

    async def listen(self) -> None:
        """Hears all receipts from now on."""
        self._sender = report_sender(self._bus.client)
        await self._sender.listen(Origin("*", "*"))

    async def submit(self, origin: Origin, body: bytes, media_type: str, signature: Mapping[str, str]) -> Receipt:
        """The receipt; raises `NotConnectedError` before the bus is there, `NoReceiptError` when none comes in time."""
        if self._sender is None:
            raise NotConnectedError
        return await self._sender.send(origin, body, media_type=media_type, signature=signature, effort=WHILE_ASKED)
