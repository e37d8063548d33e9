"""Field units under test: they send at a steady rate, keep each report until its receipt, and remember.

Raw client, own code: what they were told is evidence against the services, so nothing here comes from the services.
"""

import asyncio
import json
import random
import time
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.errors import Error as NatsError

RECEIPT_SECONDS = 3.0
TICK = 0.02

UNITS = (
    ("ubnd-x-phong-dien", "van-phong"),
    ("ca-x-phong-thai", "to-antt"),
    ("qs-x-huong-tra", "dan-quan"),
    ("ubnd-x-thuan-an", "van-phong"),
    ("ca-x-a-luoi-1", "to-antt"),
    ("ubnd-x-xuan-luong", "van-phong"),
    ("kl-h-yen-the", "tram-xuan-luong"),
    ("ubnd-x-cu-jut", "van-phong"),
)
AREAS = (
    *("19819", "19858", "19996", "19900", "20056"),
    *("07246", "07264", "24640", "24649"),
)
CATEGORIES = ("NAT-FLOOD", "NAT-SLIDE", "FOR-FIRE", "FIR-BLDG", "PUB-VIOL", "TRA-ROAD", "SAR-LAND", "INF-UTIL")

Kind = Literal["new", "repeat", "conflict", "bad"]


@dataclass(slots=True)
class Sent:
    """One submission of one unit, kept until its receipt."""

    agency: str
    unit: str
    kind: Kind
    body: bytes
    report: str | None
    """The id in the body; None where the body is broken on purpose."""
    began: float = field(default_factory=time.monotonic)
    attempts: int = 0
    told: list[dict[str, Any]] = field(default_factory=list)
    """Every receipt that came for it, late ones too."""
    waited: float | None = None
    """Seconds until the first receipt."""


@dataclass(slots=True)
class Units:
    """All units on one connection. `sent` is what the checker holds the system to."""

    client: Client
    seed: int
    senders: Sequence[tuple[str, str]] = UNITS
    """Who sends, each as likely as the others."""
    sent: list[Sent] = field(default_factory=list)
    _open: dict[str, tuple[Sent, asyncio.Event]] = field(default_factory=dict)
    _random: random.Random = field(init=False)

    def __post_init__(self) -> None:
        self._random = random.Random(self.seed)

    async def listen(self) -> None:
        """Hears every receipt from now on."""
        await self.client.subscribe("receipt.>", cb=self._on_receipt)
        await self.client.flush()

    async def send_while(self, more: Callable[[float], bool], per_second: float) -> None:
        """Sends at this rate while `more(seconds so far)`, then waits until every submission has its receipt."""
        began, due = time.monotonic(), 0
        async with asyncio.TaskGroup() as tasks:
            while more(elapsed := time.monotonic() - began):
                while due < elapsed * per_second:
                    due += 1
                    tasks.create_task(self.send(self.next()))
                await asyncio.sleep(TICK)

    def next(self) -> Sent:
        """The next submission: mostly new reports, some repeated, some in conflict, some broken."""
        earlier = [one for one in self.sent[-200:] if one.kind == "new" and one.told]
        roll = self._random.random()
        if roll < 0.06 and earlier:
            again = self._random.choice(earlier)
            made = Sent(again.agency, again.unit, "repeat", again.body, again.report)
        elif roll < 0.09 and earlier:
            again = self._random.choice(earlier)
            other = json.loads(again.body) | {"headline": f"Nội dung khác {uuid.uuid4()}"}
            made = Sent(again.agency, again.unit, "conflict", _json(other), again.report)
        elif roll < 0.13:
            agency, unit = self._random.choice(self.senders)
            made = Sent(agency, unit, "bad", _json(self.report(category=f"NO-{uuid.uuid4()}")), None)
        else:
            return self.fresh()
        self.sent.append(made)
        return made

    def report(self, **changes: Any) -> dict[str, Any]:
        """One valid incident report; `changes` replace or add fields."""
        now = datetime.now(UTC)
        place = {"kind": "area", "code": self._random.choice(AREAS), "valid_on": now.date().isoformat()}
        seen = now - timedelta(minutes=self._random.randrange(3000))
        spot = {"kind": "point", "lat": 16 + self._random.random(), "lon": 107 + self._random.random()}
        return {
            "type": "incident",
            "report": str(uuid.UUID(int=self._random.getrandbits(128), version=4)),
            "status": "Actual",
            "sent": now.isoformat(),
            "observed_at": seen.isoformat(),
            "category": self._random.choice(CATEGORIES),
            "headline": f"Báo cáo thử {len(self.sent)}",
            "urgency_mark": "hoa_toc" if self._random.random() < 0.03 else "thuong",
            "places": [place, spot],
        } | changes

    def fresh(self, **changes: Any) -> Sent:
        """One more new report; `changes` as in `report`."""
        agency, unit = self._random.choice(self.senders)
        body = self.report(**changes)
        self.sent.append(Sent(agency, unit, "new", _json(body), body["report"]))
        return self.sent[-1]

    async def send(self, one: Sent, headers: Mapping[str, str] | None = None) -> Sent:
        """Sends until a receipt comes: the contract of every sender."""
        subject, heard = f"inbox.report.{one.agency}.{one.unit}", asyncio.Event()
        while not one.told:
            one.attempts += 1
            submission = str(uuid.uuid4())
            self._open[submission] = one, heard
            try:
                await self.client.publish(
                    subject, one.body, headers={"Phoihop-Submission": submission, **(headers or {})}
                )
                await asyncio.wait_for(heard.wait(), RECEIPT_SECONDS)
            except (TimeoutError, NatsError):
                await asyncio.sleep(0.2)
        return one

    async def _on_receipt(self, message: Msg) -> None:
        receipt = json.loads(message.data)
        if receipt["submission"] in self._open:
            one, heard = self._open[receipt["submission"]]
            one.told.extend(receipt["reports"])
            if one.waited is None:
                one.waited = time.monotonic() - one.began
            heard.set()


def waits(sent: list[Sent]) -> Iterator[float]:
    """How long each submission waited for its first receipt, shortest first."""
    return iter(sorted(one.waited for one in sent if one.waited is not None))


def _json(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode()
