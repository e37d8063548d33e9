"""What `phoihop report` does: reads files, keeps them in the outbox, sends, tells what became of each."""

import sys
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from contracts.receipts import Receipt, ReportReceipt
from contracts.subjects import Origin
from services.intake.outbox import Outbox, Waiting
from services.runtime.addresses import bus_creds, bus_url, origin
from services.runtime.jetstream import BusUnavailableError
from services.runtime.publishing import InboxFullError
from services.runtime.sending import NoReceiptError, Sender, connection, report_sender
from services.runtime.settings import RuntimeSettings
from services.runtime.terminal import Language

MEDIA_TYPES: Final = {".json": "application/json", ".cap": "application/cap+xml", ".xml": "application/xml"}


class NoUnitError(ValueError):
    """Nobody was named as the sender."""


class Nothing(ValueError):  # noqa: N818  # reads as what it says
    """Neither files nor anything waiting."""


class UnreadableFileError(OSError):
    """A file that was named cannot be read."""


@dataclass(frozen=True, slots=True)
class Line:
    """What became of one report of one file."""

    file: str
    outcome: str
    receipt: ReportReceipt | None = None

    def document(self, lang: Language) -> dict[str, Any]:
        """The promised JSON of one report."""
        problems = self.receipt.problems if self.receipt else ()
        return {
            "file": self.file,
            "outcome": self.outcome,
            "report": str(self.receipt.report) if self.receipt else None,
            "errors": [
                {
                    "code": problem.code.value,
                    "field": problem.field,
                    "message": lang.pick(problem.wording.vi, problem.wording.en),
                    "fix": lang.pick(problem.wording.fix_vi, problem.wording.fix_en),
                    "detail": problem.detail,
                }
                for problem in problems
            ],
        }


async def submit(files: Sequence[str], unit: str, outbox: Path | None, *, flush: bool) -> list[Line]:
    """Sends the files, or what waits in the outbox, in order."""
    box = Outbox(outbox) if outbox else None
    submissions = [] if flush and not files else _read(files, unit)
    if box is not None:
        for one in submissions:
            box.put(one.agency, one.unit, one.file, one.media_type, one.body)
        submissions = box.waiting()
    if not submissions and not flush:
        raise Nothing
    settings = RuntimeSettings()
    try:
        async with connection(bus_url(settings), bus_creds(settings)) as client:
            return [line async for line in _send_all(report_sender(client), submissions, box)]
    except BusUnavailableError:
        return [_unsent(one, box) for one in submissions]


async def _send_all(sender: Sender[Receipt], submissions: Sequence[Waiting], box: Outbox | None) -> AsyncIterator[Line]:
    for who in {Origin(one.agency, one.unit) for one in submissions}:
        await sender.listen(who)
    for one in submissions:
        try:
            receipt = await sender.send(Origin(one.agency, one.unit), one.body, media_type=one.media_type)
        except (NoReceiptError, InboxFullError):
            yield _unsent(one, box)
            continue
        if box is not None:
            box.settle(one.number, receipt.model_dump_json())
        for each in receipt.reports:
            yield Line(one.file, each.outcome.value, each)


def _unsent(one: Waiting, box: Outbox | None) -> Line:
    return Line(one.file, "queued" if box is not None else "unreachable")


def _read(files: Sequence[str], unit: str) -> list[Waiting]:
    if (who := origin(unit)) is None:
        raise NoUnitError
    return [Waiting(0, *who, file, _media_type(file), _bytes(file)) for file in files]


def _bytes(file: str) -> bytes:
    try:
        return sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
    except OSError as error:
        raise UnreadableFileError(str(error)) from error


def _media_type(file: str) -> str | None:
    return MEDIA_TYPES.get(Path(file).suffix.lower())
