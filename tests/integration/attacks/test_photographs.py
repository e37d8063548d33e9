"""Over the real accounts: a desk sees the photographs of what was dispatched to it, and no way leads to any others."""

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, Final
from uuid import UUID

import pytest
import pytest_asyncio

from contracts import subjects
from contracts.canonical import sha256_hex
from contracts.codes import Role, Space
from contracts.decisions import Citation, CitationStatus, Discretion
from contracts.identity import Identity
from contracts.receipts import Outcome
from contracts.subjects import Origin
from services.desk.client import DeskClient
from services.intake.attachments.keeping import Attachments, Kept
from services.intake.attachments.showing import AttachmentDoor
from services.runtime.broker import Bus
from services.runtime.settings import RuntimeSettings
from tests.integration.attacks.arena import DESK, INTAKE, NEXT_DESK, OTHER_DESK, ROUTING, UNIT, Arena
from tests.pictures import jpeg, named

pytestmark = pytest.mark.asyncio(loop_scope="module")
GOLDEN: Final = Path(__file__).parents[2] / "unit" / "contracts" / "golden"
INCIDENT: Final = UUID("019a8f2e-5b00-7000-8000-0000000000a1")
REPORT: Final = UUID("019a8f2e-5b00-7000-8000-0000000000a2")
EVENT: Final = "019a8f2e-5b00-7000-8000-0000000000a3"
PHOTO, AWAITED = jpeg(shade=1), jpeg(shade=2)
WHO: Final = Origin("alpha", "u1")
SENDER: Final = {"agency": WHO.agency, "unit": WHO.point}
REF: Final = {"report": str(REPORT), "sender": SENDER, "event": EVENT}
WITHHELD: Final = Discretion(
    rule="p-1",
    exact_for=(Role.LEAD,),
    others_see="commune",
    reason_vi="Công trình",
    reason_en="Works",
    citation=Citation(instrument="t", text="t", status=CitationStatus.UNVERIFIED),
).model_dump(mode="json")


def _fact(name: str, subject: str, **data: Any) -> tuple[str, bytes]:
    event = json.loads((GOLDEN / f"{name}.v1.json").read_text())
    event |= {"subject": subject, "id": EVENT} if name == "ReportAccepted" else {"subject": subject}
    return subject, json.dumps(event | {"data": event["data"] | data}).encode()


def _dispatch(who: Identity, **data: Any) -> tuple[str, bytes]:
    told = subjects.dispatch(Space.ACTUAL, INCIDENT, who.agency or "", who.point)
    to = {"agency": who.agency, "desk": who.point}
    return _fact("DispatchIssued", told, incident=str(INCIDENT), space="actual", addressee=to, **data)


async def _record(arena: Arena, who: Identity, *facts: tuple[str, bytes]) -> None:
    line = await arena.line(who)
    for subject, body in facts:
        answer = json.loads((await line.client.request(subject, body)).data)
        assert "error" not in answer


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def photographs(arena: Arena) -> AsyncIterator[Attachments]:
    """Intake's part, under intake's own identity, and an incident with a photograph on disk and one awaited."""
    bus = Bus(RuntimeSettings(nats_url=arena.server.url, nats_creds=arena.proof(INTAKE)))
    await bus.connect()
    bus.stopping = True  # its connection ends with the test, not the test with its connection
    await AttachmentDoor(bus).listen()
    told = json.loads((GOLDEN / "ReportAccepted.v1.json").read_text())["data"]["report"]
    told |= {"report": str(REPORT), "attachments": [named(PHOTO), named(AWAITED, caption="Cầu")]}
    told.pop("sender", None)
    filed = subjects.report(Space.ACTUAL, WHO, REPORT)
    await _record(arena, INTAKE, _fact("ReportAccepted", filed, sender=SENDER, report=told))
    opened = _fact("IncidentOpened", subjects.course(Space.ACTUAL, INCIDENT), incident=str(INCIDENT), report=REF)
    await _record(arena, ROUTING, opened, _dispatch(DESK))
    yield Attachments(bus, 1024 * 1024)
    await bus.broker.stop()


async def _sent(photographs: Attachments) -> None:
    async def body(_most: int) -> bytes:
        return PHOTO

    kept = await photographs.keep(WHO, REPORT, sha256_hex(PHOTO), body)
    assert isinstance(kept, Kept)
    assert kept.outcome in {Outcome.ACCEPTED, Outcome.DUPLICATE}


async def _desk(arena: Arena, who: Identity) -> DeskClient:
    return DeskClient((await arena.line(who)).client, Space.ACTUAL, Origin(who.agency or "", who.point))


async def test_a_desk_sees_the_photographs_of_what_was_dispatched_to_it(arena: Arena, photographs: Attachments) -> None:
    await _sent(photographs)
    desk = await _desk(arena, DESK)

    stored, awaited = await desk.attachments(INCIDENT)
    shown = await desk.attachment(INCIDENT, sha256_hex(PHOTO))

    assert stored.stored_at is not None
    assert (awaited.stored_at, awaited.attachment.caption) == (None, "Cầu")
    assert shown is not None
    assert shown[1] == PHOTO
    assert await desk.attachment(INCIDENT, sha256_hex(AWAITED)) is None


@pytest.mark.parametrize("who", [NEXT_DESK, OTHER_DESK], ids=lambda who: who.name)
async def test_a_desk_without_a_dispatch_sees_nothing_whatever_it_knows(
    arena: Arena, photographs: Attachments, who: Identity
) -> None:
    """Need to know is a dispatch: neither the agency, nor the incident's id, nor the digest is enough."""
    await _sent(photographs)
    desk = await _desk(arena, who)

    assert await desk.attachments(INCIDENT) == ()
    assert await desk.attachment(INCIDENT, sha256_hex(PHOTO)) is None


async def test_a_desk_from_which_the_place_is_kept_back_sees_no_photograph(
    arena: Arena, photographs: Attachments
) -> None:
    """A photograph shows what the words leave out."""
    await _sent(photographs)
    await _record(arena, ROUTING, _dispatch(OTHER_DESK, withheld=WITHHELD))
    desk = await _desk(arena, OTHER_DESK)

    assert await desk.attachments(INCIDENT) == ()
    assert await desk.attachment(INCIDENT, sha256_hex(PHOTO)) is None


@pytest.mark.parametrize("digest", ["", "..", "0" * 63, "A" * 64, "0" * 64])
async def test_what_is_no_digest_or_nobodys_is_not_there(arena: Arena, photographs: Attachments, digest: str) -> None:
    await _sent(photographs)

    assert await (await _desk(arena, DESK)).attachment(INCIDENT, digest) is None


async def test_a_unit_cannot_ask_as_a_desk(arena: Arena, photographs: Attachments) -> None:
    await _sent(photographs)
    unit = await arena.line(UNIT)

    await unit.client.publish(f"desk.attachments.actual.alpha.d1.{INCIDENT}", b"{}", reply=unit.client.new_inbox())
    await unit.settled()

    assert len(unit.violations) == 1
