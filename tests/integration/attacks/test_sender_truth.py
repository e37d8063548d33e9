"""The sender is whom the server authenticated, as the subject says; whoever claims another in the body is refused."""

import json
from pathlib import Path

from contracts import subjects
from contracts.codes import Space
from contracts.envelope import read
from contracts.events import ReportRejected
from contracts.receipts import Outcome
from contracts.subjects import Origin
from services.runtime.jetstream import read_subject
from services.runtime.sending import connection, report_sender
from tests.integration.http.hub import running_hub
from tests.unit.intake.samples import report

SENDER = Origin("kl-h-yen-the", "tram-xuan-luong")
CLAIMED = Origin("ubnd-x-tam-tien", "van-phong")


async def test_a_body_that_claims_another_sender_is_refused_and_on_record_under_who_sent_it(
    server_folder: Path,
) -> None:
    """Otherwise one unit could make another answer for a report, now or before a court years later."""
    body = json.dumps(report() | {"sender": {"agency": CLAIMED.agency, "unit": CLAIMED.point}})
    async with running_hub(server_folder, ("intake",)) as hub, connection(hub.nats.url) as client:
        sender = report_sender(client)
        await sender.listen(SENDER)
        receipt = await sender.send(SENDER, body.encode(), media_type="application/json")

        [told] = receipt.reports
        assert told.outcome is Outcome.REJECTED
        assert [(one.code.value, one.field) for one in told.problems] == [("sender.mismatch", "sender")]
        recorded = [
            (stored.subject, read(stored.body).data)
            async for stored in read_subject(client, "EVENTS", subjects.ALL_REPORTS)
        ]
        [(subject, fact)] = recorded
        assert isinstance(fact, ReportRejected)
        assert subject.split(".")[2:4] == list(SENDER)
        assert (fact.sender.agency, fact.sender.unit) == SENDER
        assert Space(subject.split(".")[0]) in Space
