"""The sender's outbox: what is in it leaves it only with a receipt, in order, whatever dies in between."""

import asyncio
import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from uuid import UUID

import pytest

from contracts import subjects
from contracts.codes import Space
from contracts.envelope import read
from contracts.events import ReportAccepted
from contracts.identifiers import new_id
from contracts.receipts import Outcome, Receipt, ReportReceipt
from contracts.reports import Sender
from contracts.subjects import Origin
from services.intake import submitting
from services.intake.outbox import Outbox, UnusableOutboxError, Waiting
from services.runtime.publishing import InboxFullError
from services.runtime.sending import NoReceiptError
from tests.integration.cli.commands import written
from tests.integration.cli.conftest import Phoihop
from tests.integration.http.hub import ROOT, Hub
from tests.integration.http.requests_of_units import OTHER_UNIT, UNIT, report, update

DIES_BEFORE_SETTLING = """
import os
from services.intake.outbox import Outbox
Outbox.settle = lambda *_: os._exit(9)
from services.cli import main
main()
"""


def _recorded(hub: Hub, unit: str = UNIT) -> list[str]:
    """Ids of this unit's reports on record, in the order of the stream."""
    agency, point = unit.split("/")
    facts = [read(stored.body).data for stored in asyncio.run(hub.facts(subjects.facts(Space.EXERCISE)))]
    sender = Sender(agency=agency, unit=point)
    return [str(one.report.report) for one in facts if isinstance(one, ReportAccepted) and one.sender == sender]


def test_what_was_reported_offline_waits_and_is_sent_later_in_order(
    hub: Hub, offline: Phoihop, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A unit without a line reports at once and loses nothing; an update never overtakes what it updates."""
    box = tmp_path / "outbox.db"
    first = report()
    bodies = [first, update(references=[first["report"]]), report()]
    files = [written(tmp_path, body) for body in bodies]

    queued = offline("report", *files, "--as", UNIT, "--outbox", box, "--json")
    for file in files:
        file.unlink()
    monkeypatch.setenv("PHOIHOP_NATS_URL", hub.nats.url)
    sent = offline("report", "--outbox", box, "--flush", "--json")
    nothing_left = offline("report", "--outbox", box, "--flush", "--json")

    assert (queued.code, [one["outcome"] for one in queued.document]) == (0, ["queued"] * 3)
    assert (sent.code, [one["outcome"] for one in sent.document]) == (0, ["accepted"] * 3)
    assert [one["report"] for one in sent.document] == [body["report"] for body in bodies]
    assert [one for one in _recorded(hub) if one in {body["report"] for body in bodies}] == [
        body["report"] for body in bodies
    ]
    assert (nothing_left.code, nothing_left.document) == (0, [])


def test_what_waits_goes_before_what_is_new(
    hub: Hub, offline: Phoihop, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    box = tmp_path / "outbox.db"
    old, new = report(), report()
    offline("report", written(tmp_path, old), "--as", UNIT, "--outbox", box)
    monkeypatch.setenv("PHOIHOP_NATS_URL", hub.nats.url)

    sent = offline("report", written(tmp_path, new), "--as", UNIT, "--outbox", box, "--json")

    assert [one["report"] for one in sent.document] == [old["report"], new["report"]]


def test_a_sender_killed_after_the_receipt_and_before_noting_it_sends_again_and_hears_duplicate(
    hub: Hub, phoihop: Phoihop, tmp_path: Path
) -> None:
    """Breaks if a repeat were a second report: the crash between send and settle is the one nobody can avoid."""
    box, body = tmp_path / "outbox.db", report()
    file = written(tmp_path, body)
    command = [sys.executable, "-c", DIES_BEFORE_SETTLING, "report", str(file), "--as", UNIT, "--outbox", str(box)]

    died = subprocess.run(command, cwd=ROOT, env=os.environ, check=False, capture_output=True)
    after = phoihop("report", "--outbox", box, "--flush", "--json")

    assert died.returncode == 9
    assert [(one["report"], one["outcome"]) for one in after.document] == [(body["report"], "duplicate")]
    assert _recorded(hub).count(body["report"]) == 1
    assert Outbox(box).waiting() == []


def test_a_refused_report_leaves_the_outbox_with_its_reasons_and_blocks_nothing(
    phoihop: Phoihop, tmp_path: Path
) -> None:
    box = tmp_path / "outbox.db"
    files = [written(tmp_path, report(category="X")), written(tmp_path, report())]

    ran = phoihop("report", *files, "--as", UNIT, "--outbox", box, "--json")

    assert (ran.code, [one["outcome"] for one in ran.document]) == (2, ["rejected", "accepted"])
    assert Outbox(box).waiting() == []


def test_receipts_stay_as_proof_of_what_was_sent(phoihop: Phoihop, tmp_path: Path) -> None:
    box, body = tmp_path / "outbox.db", report()
    phoihop("report", written(tmp_path, body), "--as", UNIT, "--outbox", box)

    with sqlite3.connect(box) as database:
        ((sent, receipt),) = database.execute("SELECT body, receipt FROM submission").fetchall()
    database.close()

    assert body["report"].encode() in sent
    assert Receipt.model_validate_json(receipt).reports[0].outcome is Outcome.ACCEPTED


class ScriptedSender:
    """Answers as told: an exception for the submissions named, a receipt for all others."""

    def __init__(self, failures: dict[bytes, Exception]) -> None:
        self.failures = failures
        self.sent: list[bytes] = []

    async def send(self, _who: Origin, body: bytes, **_options: object) -> Receipt:
        self.sent.append(body)
        if failure := self.failures.get(body):
            raise failure
        return Receipt(submission=new_id(), reports=(ReportReceipt(report=UUID(int=1), outcome=Outcome.ACCEPTED),))


@pytest.mark.parametrize("failure", [NoReceiptError(), InboxFullError()])
async def test_after_one_without_a_receipt_its_unit_sends_nothing_more_and_others_do(
    tmp_path: Path, failure: Exception
) -> None:
    """Sending on would let an update arrive before the report it updates."""
    box = _filled(tmp_path, [(UNIT, b"1"), (UNIT, b"2"), (OTHER_UNIT, b"3"), (UNIT, b"4")])
    sender = ScriptedSender({b"2": failure})
    senders = {Origin(*unit.split("/")): sender for unit in (UNIT, OTHER_UNIT)}

    lines = [line async for line in submitting._send_all(senders, box.waiting(), box)]  # type: ignore[arg-type]

    assert sender.sent == [b"1", b"2", b"3"]
    assert [line.outcome for line in lines] == ["accepted", "queued", "accepted", "queued"]
    assert [one.body for one in box.waiting()] == [b"2", b"4"]


def test_what_was_put_is_on_disk_for_every_other_process(tmp_path: Path) -> None:
    _filled(tmp_path, [(UNIT, b"1"), (OTHER_UNIT, b"2")])

    waiting = Outbox(tmp_path / "outbox.db").waiting()

    assert [(one.agency, one.unit, one.body) for one in waiting] == [
        (*UNIT.split("/"), b"1"),
        (*OTHER_UNIT.split("/"), b"2"),
    ]


def test_a_file_that_is_no_outbox_is_left_as_it_is(tmp_path: Path) -> None:
    file = tmp_path / "report.json"
    file.write_text("{}" * 1000)

    with pytest.raises(UnusableOutboxError, match=r"report\.json"):
        Outbox(file)

    assert file.read_text() == "{}" * 1000


def _filled(folder: Path, bodies: Iterable[tuple[str, bytes]]) -> Outbox:
    box = Outbox(folder / "outbox.db")
    for unit, body in bodies:
        agency, point = unit.split("/")
        box.put(Waiting(0, agency, point, "-", None, body))
    return box
