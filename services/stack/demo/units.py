"""The field of the story: every unit sends its submissions at their time, over NATS, and keeps the receipts."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from contracts.identifiers import new_id
from contracts.identity import unit
from contracts.receipts import Receipt
from contracts.subjects import Origin
from services.runtime.clock import now
from services.runtime.sending import NoReceiptError, Sender, report_sender
from services.stack.demo.filing import Written, write
from services.stack.demo.pace import Pace
from services.stack.demo.scenario import Filing
from services.stack.identity.lines import Lines

Heard = Callable[[Filing, Receipt, datetime], None]


@dataclass(slots=True)
class Units:
    """What the units sent and what they were told."""

    heard: Heard
    """Called with every receipt."""
    receipts: dict[str, Receipt] = field(default_factory=dict)
    unanswered: list[str] = field(default_factory=list)
    """Submissions whose receipt never came."""
    _written: dict[str, Written] = field(default_factory=dict)
    _settled: dict[str, asyncio.Event] = field(default_factory=dict)

    async def play(self, parties: Lines, filings: tuple[Filing, ...], pace: Pace) -> None:
        """Sends everything at its time; what follows an earlier submission waits for that one's receipt."""
        senders: dict[Origin, Sender[Receipt]] = {}
        for origin in dict.fromkeys(filing.origin for filing in filings):
            senders[origin] = report_sender(await parties.of(unit(*origin)))
            await senders[origin].listen(origin)
        self._settled = {filing.key: asyncio.Event() for filing in filings}
        async with asyncio.TaskGroup() as group:
            for filing in filings:
                group.create_task(self._file(senders[filing.origin], filing, pace))

    async def _file(self, sender: Sender[Receipt], filing: Filing, pace: Pace) -> None:
        await asyncio.sleep((pace.hub(filing.at) - now()).total_seconds())
        for earlier in filing.waits_for():
            await self._settled[earlier].wait()
        written = self._written[filing.key] = write(filing, pace, self._written, new_id)
        try:
            receipt = await sender.send(filing.origin, written.body, media_type=written.media_type)
        except NoReceiptError:
            self.unanswered.append(filing.key)
        else:
            self.receipts[filing.key] = receipt
            self.heard(filing, receipt, now())
        finally:
            self._settled[filing.key].set()
