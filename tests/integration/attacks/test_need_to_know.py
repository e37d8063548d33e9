"""Exactly where protected works are reaches only the roles that a rule names, through the real server and services."""

import asyncio
import json
import shutil
from pathlib import Path
from typing import Final

import pytest

from contracts import subjects
from contracts.codes import Role
from contracts.envelope import read
from contracts.events import DispatchIssued
from contracts.receipts import Outcome
from contracts.subjects import Origin
from services.runtime.sending import connection, report_sender
from tests.integration.http.hub import REFERENCE, Hub, running_hub
from tests.integration.http.requests_of_units import report

pytestmark = pytest.mark.asyncio(loop_scope="module")

SENDER: Final = Origin("ubnd-x-tam-tien", "van-phong")
LAT: Final = 16.46371
LON: Final = 107.59094
PROTECTED: Final = """
protected:
  - code: p-dams
    valid_from: 2025-07-01
    citation: {instrument: t, text: t, status: unverified}
    categories: [INF-DAM]
    exact_for: [lead]
    reason_vi: Công trình quan trọng
    reason_en: Protected works
"""


def _reference(folder: Path) -> Path:
    """The reference folder with one rule of protection more."""
    shutil.copytree(REFERENCE, copied := folder / "reference")
    (copied / "regulations" / "95-protected.yaml").write_text(PROTECTED, encoding="utf-8")
    return copied


async def _dispatches(hub: Hub) -> list[tuple[DispatchIssued, bytes]]:
    """Every dispatch, once there are some, with the bytes its desk is handed."""
    async with asyncio.timeout(30):
        while True:
            stored = await hub.facts(subjects.ALL_DISPATCHES)
            found = [(read(one.body).data, one.body) for one in stored]
            issued = [(data, body) for data, body in found if isinstance(data, DispatchIssued)]
            if issued:
                return issued
            await asyncio.sleep(0.1)


@pytest.mark.timeout(120)
async def test_a_desk_that_is_only_told_never_receives_where_protected_works_are(
    server_folder: Path, tmp_path: Path
) -> None:
    """A curious officer of any of the desks that are told could otherwise map what is protected."""
    said = report(
        status="Actual",
        category="INF-DAM",
        headline=f"Rò rỉ thân đập tại {LAT}, {LON}",
        description=f"Toạ độ {LAT}, {LON}",
        places=[
            *({"kind": "area", "code": code, "valid_on": "2026-11-20"} for code in ("19996", "19819")),
            {"kind": "point", "lat": LAT, "lon": LON},
            {"kind": "words", "text": "Cống số 2"},
        ],
        position_unknown=False,
    )
    async with running_hub(server_folder, ("intake",)) as hub:
        await hub.serve("routing", reference=str(_reference(tmp_path)))
        async with connection(hub.nats.url) as client:
            sender = report_sender(client)
            await sender.listen(SENDER)
            receipt = await sender.send(SENDER, json.dumps(said).encode(), media_type="application/json")
            assert receipt.reports[0].outcome is Outcome.ACCEPTED, receipt
        issued = await _dispatches(hub)

    leads = [data for data, _ in issued if data.role is Role.LEAD]
    others = [(data, body) for data, body in issued if data.role is not Role.LEAD]
    assert [str(LAT) in data.place for data in leads] == [True]
    assert others
    for data, body in others:
        assert data.withheld is not None
        assert data.withheld.reason_en == "Protected works"
        for figure in (str(LAT), str(LON), "Cống số 2"):
            assert figure.encode() not in body, (data.addressee, figure)
