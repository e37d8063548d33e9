"""Duty desks under test: each on its own durable, writing down what it is handed, acting until there is a receipt.

Raw client, own code: what they were handed is evidence against the services, so nothing here comes from the services.
"""

import asyncio
import json
import uuid
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.errors import Error as NatsError

RECEIPT_SECONDS = 3.0


@dataclass(frozen=True, slots=True)
class Received:
    """One delivery to a desk."""

    desk: str
    """`space/agency/desk`."""
    sequence: int
    subject: str
    body: bytes


@dataclass(slots=True)
class Acted:
    """One action of a desk, kept until its receipt."""

    action: str
    told: list[dict[str, Any]] = field(default_factory=list)


@dataclass(slots=True)
class Desk:
    """One duty desk on its own durable; a live one acknowledges what it is sent."""

    client: Client
    agency: str
    desk: str
    space: str = "actual"
    received: list[Received] = field(default_factory=list)
    acted: list[Acted] = field(default_factory=list)
    _open: dict[str, tuple[Acted, asyncio.Event]] = field(default_factory=dict)
    _connection: int = -1

    @property
    def durable(self) -> str:
        """The one consumer of this desk in this space."""
        return f"desk_{self.space}_{self.agency}_{self.desk}"

    async def listen(self) -> None:
        """Hears the receipts of this desk from now on."""
        await self.client.subscribe(f"receipt.{self.agency}.{self.desk}", cb=self._on_receipt)
        await self.client.flush()

    async def work(self, stop: asyncio.Event, every: int = 1) -> None:
        """Takes dispatches until `stop`, acknowledging every n-th by an action that is sent until its receipt."""
        await self.listen()
        seen: set[str] = set()
        async with asyncio.TaskGroup() as tasks:
            while not stop.is_set():
                for event in await self.take(0.3):
                    if event["type"].startswith("phoihop.DispatchIssued.") and event["id"] not in seen:
                        seen.add(event["id"])
                        if len(seen) % every == 0:
                            tasks.create_task(self.act(event["data"], "acknowledge"))

    async def take(self, wait: float, batch: int = 200) -> list[dict[str, Any]]:
        """What the durable hands out within `wait` seconds, or has at once for 0; acknowledged after it is noted."""
        try:
            await self._resume()
            messages = await self._pull(wait, batch)
        except (NatsError, TimeoutError):
            await asyncio.sleep(0.05)
            return []
        events = []
        for message in messages:
            at = f"{self.space}/{self.agency}/{self.desk}"
            self.received.append(Received(at, message.metadata.sequence.stream, message.subject, message.data))
            events.append(json.loads(message.data))
            with suppress(NatsError):
                await message.ack()
        return events

    async def _resume(self) -> None:
        """The durable, made at the first watch; after a lost connection, what was on its way is asked for again."""
        if self._connection != self.client.stats["reconnects"]:
            connection = self.client.stats["reconnects"]
            config = {
                "durable_name": self.durable,
                "filter_subject": f"{self.space}.incident.*.dispatch.{self.agency}.{self.desk}",
                "ack_policy": "explicit",
                "ack_wait": 60_000_000_000,
                "max_ack_pending": 1000,
                "max_deliver": -1,
            }
            wanted = _json({"stream_name": "EVENTS", "config": config})
            await self.client.request(f"$JS.API.CONSUMER.DURABLE.CREATE.EVENTS.{self.durable}", wanted, timeout=5)
            await self.client.request(f"$JS.API.CONSUMER.RESET.EVENTS.{self.durable}", b"{}", timeout=5)
            self._connection = connection

    async def _pull(self, wait: float, batch: int) -> list[Msg]:
        """One request to its end. Rejected: the library's `fetch`, which drops what it has when its time runs out."""
        inbox, messages, connection = self.client.new_inbox(), list[Msg](), self._connection
        subscription = await self.client.subscribe(inbox)
        wanted = _json({"batch": batch} | ({"expires": int(wait * 1e9)} if wait else {"no_wait": True}))
        try:
            await self.client.publish(f"$JS.API.CONSUMER.MSG.NEXT.EVENTS.{self.durable}", wanted, reply=inbox)
            while len(messages) < batch and (message := await subscription.next_msg(wait + 2)).reply:
                messages.append(message)
        except (NatsError, TimeoutError):
            self._connection = -1
        except asyncio.CancelledError:  # what came is noted nowhere: it is asked for again, from the first gap
            self._connection = -1
            raise
        finally:
            await subscription.unsubscribe()
        if self.client.stats["reconnects"] != connection:
            # asked for on a connection that is new: what the one before took with it would come after these
            self._connection = -1
            return []
        return messages

    async def act(self, dispatch: dict[str, Any], kind: str) -> Acted:
        """Sends one action until its receipt comes."""
        action = {
            "type": kind,
            "action": str(uuid.uuid4()),
            "space": self.space,
            "incident": dispatch["incident"],
            "dispatch": dispatch["dispatch"],
            "sent": datetime.now(UTC).isoformat(),
        }
        acted, heard = Acted(action["action"]), asyncio.Event()
        self.acted.append(acted)
        while not acted.told:
            submission = str(uuid.uuid4())
            self._open[submission] = acted, heard
            try:
                await self.client.publish(
                    f"inbox.action.{self.agency}.{self.desk}", _json(action), headers={"Phoihop-Submission": submission}
                )
                await asyncio.wait_for(heard.wait(), RECEIPT_SECONDS)
            except (TimeoutError, NatsError):
                await asyncio.sleep(0.2)
        return acted

    async def _on_receipt(self, message: Msg) -> None:
        receipt = json.loads(message.data)
        if receipt["submission"] in self._open:
            acted, heard = self._open[receipt["submission"]]
            acted.told.append(receipt)
            heard.set()


def _json(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode()
