"""Photographs on the auditors' pages and in the evidence file: what arrived, what is awaited, and who looked."""

import asyncio
import json
import subprocess
import sys
import zipfile
from io import BytesIO
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from contracts import attachment_subjects, subjects
from contracts.attached import stored_id
from contracts.canonical import sha256_hex
from contracts.codes import Space
from contracts.subjects import Origin
from services.audit.entries import Received
from services.audit.store import Ledger
from services.runtime.objects import described
from services.runtime.publishing import Publisher
from services.runtime.sending import connection
from tests.integration.audit.test_review_pages import Scene, scene, sign
from tests.ledgers import RECORDED, STORED
from tests.pictures import jpeg, named

__all__ = ["scene"]
GOLDEN: Final = Path(__file__).parents[2] / "unit" / "contracts" / "golden"
INCIDENT: Final = UUID("0190a1b2-0000-7000-8000-0000000000b1")
REPORT: Final = UUID("0190a1b2-0000-7000-8000-0000000000b2")
EVENT: Final = UUID("0190a1b2-0000-7000-8000-0000000000b3")
UNIT: Final = Origin("xa-huong-tra", "to-phan-ung-1")
SENDER: Final = {"agency": UNIT.agency, "unit": UNIT.point}
REF: Final = {"report": str(REPORT), "sender": SENDER, "event": str(EVENT)}
PHOTO, AWAITED = jpeg(shade=1), jpeg(shade=2)
DIGEST: Final = sha256_hex(PHOTO)
PAGE: Final = f"/review/incidents/{INCIDENT}"


def _fact(seq: int, name: str, subject: str, event: UUID, **data: Any) -> Received:
    told = json.loads((GOLDEN / f"{name}.v1.json").read_text())
    told |= {"id": str(event), "subject": subject, "data": told["data"] | data}
    return Received(seq, subject, json.dumps(told, ensure_ascii=False).encode(), STORED)


def _photographed() -> list[Received]:
    """A report that names two photographs, what it opened, and that one of the two arrived."""
    told = json.loads((GOLDEN / "ReportAccepted.v1.json").read_text())["data"]["report"]
    told |= {"report": str(REPORT), "attachments": [named(PHOTO, caption="Cầu <b>gãy</b>"), named(AWAITED)]}
    filed = subjects.report(Space.ACTUAL, UNIT, REPORT)
    opened = _fact(10, "IncidentOpened", subjects.course(Space.ACTUAL, INCIDENT), UUID(int=91), report=REF)
    body = json.loads(opened.body) | {"incidentid": str(INCIDENT)}
    body["data"]["incident"] = str(INCIDENT)
    arrived = attachment_subjects.stored(Space.ACTUAL, UNIT, REPORT, DIGEST)
    event = stored_id(Space.ACTUAL, UNIT, REPORT, DIGEST)
    return [
        _fact(9, "ReportAccepted", filed, EVENT, sender=SENDER, report=told),
        opened._replace(body=json.dumps(body).encode()),
        _fact(11, "AttachmentStored", arrived, event, report=REF, attachment=named(PHOTO)),
    ]


async def test_an_auditor_sees_what_arrived_and_what_is_awaited_and_takes_it_along(
    scene: Scene, ledger: Ledger, tmp_path: Path
) -> None:
    """Fails when a photograph is shown unrecorded, is missing from the evidence, or is not what the record names."""
    await ledger.append(_photographed(), RECORDED)
    async with connection(scene.hub.nats.url) as client:
        await Publisher(client).attach(described(UNIT.agency, DIGEST, len(PHOTO)), PHOTO)
    await sign(scene)

    shown = await scene.page(PAGE)
    picture = await scene.client.get(f"{PAGE}/attachments/{DIGEST}")
    nothing = [
        await scene.client.get(f"{PAGE}/attachments/{what}") for what in (sha256_hex(AWAITED), "0" * 64, "..%2f..")
    ]
    evidence = await scene.post(f"{PAGE}/evidence")

    assert f"{PAGE}/attachments/{DIGEST}" in shown
    assert "Cầu &lt;b&gt;gãy&lt;/b&gt;" in shown
    assert shown.count("Chưa nhận") == 1
    assert (picture.status_code, picture.content) == (200, PHOTO)
    assert picture.headers["content-security-policy"] == "default-src 'none'; sandbox"
    assert {answer.status_code for answer in nothing} == {404}
    looks = [each.sought for each in await scene.readings() if each.command == "review photograph"]
    assert looks == [(f"incident={INCIDENT}", f"sha256={DIGEST}")]
    await asyncio.to_thread(_holds_the_photograph, evidence.content, tmp_path)


def _holds_the_photograph(content: bytes, folder: Path) -> None:
    archive = folder / "evidence.zip"
    archive.write_bytes(content)
    with zipfile.ZipFile(BytesIO(content)) as file:
        assert file.read(f"documents/{DIGEST}.jpg") == PHOTO
        assert [name for name in file.namelist() if name.endswith(".jpg")] == [f"documents/{DIGEST}.jpg"]
        assert "documents/" in file.read("README.txt").decode()
        timeline = file.read("timeline.html").decode()
        (folder / "verify.py").write_bytes(file.read("verify.py"))
    assert f"documents/{DIGEST}.jpg" in timeline
    assert "chưa nhận" in timeline
    command = [sys.executable, "-I", "-S", "verify.py", str(archive), "--trust-enclosed-policy"]
    ran = subprocess.run(command, cwd=folder, capture_output=True, check=False)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    with zipfile.ZipFile(archive, "a") as file:
        file.writestr(f"documents/{sha256_hex(b'another')}.jpg", PHOTO)
    assert subprocess.run(command, cwd=folder, capture_output=True, check=False).returncode == 1
