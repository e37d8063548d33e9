"""The intake service, wired: submissions from the bus, and the HTTP door that puts them there."""

import asyncio
from collections.abc import Mapping
from typing import Final
from uuid import UUID

from contracts.access import Role
from contracts.attached import AttachmentStored
from contracts.envelope import Event
from contracts.events import ReportAccepted, ReportRejected
from contracts.identity import IdentityKind
from contracts.ladders import ReportLadder
from contracts.receipts import Receipt
from contracts.reports import Report
from contracts.streams import INTAKE
from contracts.subject_words import PATTERNS
from contracts.subjects import Origin
from services.intake.attachments.keeping import Attachments
from services.intake.attachments.showing import AttachmentDoor
from services.intake.field import PAGES, SECTION, FieldGuard, FieldPages
from services.intake.gazetteer import Gazetteer
from services.intake.handlers import Intake, Sealing
from services.intake.http import door
from services.intake.ladders import ladder_of
from services.intake.salts import DayKeys
from services.intake.senders import Senders
from services.intake.settings import IntakeSettings
from services.intake.sheets import Sheets
from services.intake.signing_keys import SigningKeys
from services.intake.store import Reports
from services.intake.vault import Vault
from services.runtime.alone import Alone
from services.runtime.broker import Bus, Consumes, NotConnectedError
from services.runtime.register.loading import load_register
from services.runtime.sending import Effort, Sender, report_sender
from services.runtime.service import Publishes, Service
from services.runtime.turns import Turns
from services.runtime.web.access import Access
from services.runtime.web.development import by_name
from services.runtime.web.shell import Shell

MIB: Final = 1024 * 1024
WHILE_ASKED: Final = Effort(attempts=2, seconds=3.0)
"""A client waits on its request."""
TURNS: Final = Turns(share=4, burst=40, per_second=30)
"""Of intake's work, for one unit: an outbox of a day passes at once, a unit that floods us is slowed down."""


def service(settings: IntakeSettings) -> Service:
    """The whole service; nothing connects until it is run."""
    bus = Bus(settings)
    register = load_register(settings.reference / "register.yaml")
    salts, vault = DayKeys(settings.salts, settings.salt_days), Vault(bus, settings.vault_lock)
    keys = SigningKeys(bus, required=settings.signatures == "required")
    intake = Intake(bus, Reports(bus), Senders(register), keys, Sealing(salts, vault))
    hand_over = HandOver(bus)
    named = by_name(settings, Role.UNIT, IdentityKind.UNIT)
    guard = FieldGuard(settings, SECTION, {Role.UNIT}, Access(SECTION, lambda: bus.client), development=named)
    shell = Shell(SECTION, guard, PAGES)
    photographs, shown = Attachments(bus, settings.attachments_mb * MIB), AttachmentDoor(bus)
    sheets = Sheets(settings.boundaries, register)
    reports = door(settings, guard, hand_over.submit, hand_over.ladder, photographs)

    async def listen() -> None:
        await asyncio.gather(hand_over.listen(), shown.listen(), sheets.load())

    return Service(
        name="intake",
        settings=settings,
        bus=bus,
        listen=listen,
        alone=Alone(bus, "intake", settings.instance),
        consumes=(Consumes(INTAKE, Report, intake.on_submissions, turns=TURNS, conceal=vault.conceal),),
        needs=(vault.is_there,),
        background=(salts.forget_in_time,),
        http=shell.application(FieldPages(guard, shell, Gazetteer(register), sheets).routes, beyond=reports),
        publishes=(
            Publishes(PATTERNS.report, Event[ReportAccepted] | Event[ReportRejected], "report"),
            Publishes(PATTERNS.receipt, Receipt, "receipt"),
            Publishes(PATTERNS.sealed, bytes, "sealed"),
            Publishes(PATTERNS.attachment, Event[AttachmentStored], "attachment"),
        ),
    )


class HandOver:
    """Puts what came over HTTP into INBOX under the sender's subject, waits for the receipt, tells how far it got."""

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

    async def ladder(self, origin: Origin, report: UUID) -> ReportLadder | None:
        """How far a unit's own report got; None where nothing is shown of it. Raises as `submit`."""
        return await ladder_of(self._bus.client, origin, report)
