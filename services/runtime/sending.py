"""Hands submissions over and waits for their receipts: the sender's side of 'acknowledged means on disk'."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Generic, TypeVar
from uuid import UUID

from nats.aio.client import Client
from nats.aio.msg import Msg

from contracts import subjects
from contracts.identifiers import new_id
from contracts.receipts import ActionReceipt, Receipt
from services.runtime.credentials import credentials
from services.runtime.jetstream import BusUnavailableError
from services.runtime.publishing import Publisher
from services.runtime.secret_files import UnusableSecretError
from services.runtime.settings import ping_seconds, servers

_REFUSED: Final = "authorization violation"

ReceiptT = TypeVar("ReceiptT", Receipt, ActionReceipt)


class NoReceiptError(Exception):
    """No receipt came in time. Nothing is promised: keep the submission and send it again under the same id."""


@dataclass(frozen=True, slots=True)
class Effort:
    """How long a receipt is waited for."""

    attempts: int
    seconds: float
    """For each attempt."""


USUAL: Final = Effort(attempts=3, seconds=5.0)


class Sender(Generic[ReceiptT]):
    """Submits under one or many origins and matches receipts by submission id."""

    def __init__(self, client: Client, inbox: Callable[[str, str], str], receipt: type[ReceiptT]) -> None:
        self._client = client
        self._publisher = Publisher(client)
        self._inbox = inbox
        self._receipt: type[ReceiptT] = receipt
        self._waiting: dict[UUID, asyncio.Future[ReceiptT]] = {}

    async def listen(self, origin: subjects.Origin) -> None:
        """Hears the receipts of this origin (`*` for all) from now on; call before the first submission."""
        await self._client.subscribe(subjects.receipts(origin.agency, origin.point), cb=self._on_receipt)
        await self._client.flush()

    async def send(
        self,
        origin: subjects.Origin,
        body: bytes,
        *,
        media_type: str | None = None,
        signature: Mapping[str, str] | None = None,
        effort: Effort = USUAL,
    ) -> ReceiptT:
        """The receipt, sending again while none comes. Sending twice is safe: the second is a duplicate.

        `signature` are the headers that it travels in (`contracts.signatures`).
        Raises `NoReceiptError` after the last attempt, `InboxFullError` when this sender's own queue is full.
        """
        for attempt in range(effort.attempts):
            submission = new_id()
            future = self._waiting[submission] = asyncio.get_running_loop().create_future()
            try:
                await self._publisher.submit(self._inbox(*origin), body, submission, media_type, signature)
                return await asyncio.wait_for(future, effort.seconds)
            except (BusUnavailableError, TimeoutError):
                if attempt + 1 < effort.attempts:
                    await asyncio.sleep(min(0.2 * 2**attempt, 2.0))
            finally:
                self._waiting.pop(submission, None)
        msg = f"no receipt after {effort.attempts} attempts"
        raise NoReceiptError(msg)

    async def _on_receipt(self, message: Msg) -> None:
        with suppress(ValueError):
            receipt = self._receipt.model_validate_json(message.data)
            future = self._waiting.get(receipt.submission)
            if future is not None and not future.done():
                future.set_result(receipt)


def report_sender(client: Client) -> Sender[Receipt]:
    """A sender of reports."""
    return Sender(client, subjects.report_inbox, Receipt)


def action_sender(client: Client) -> Sender[ActionReceipt]:
    """A sender of desk actions."""
    return Sender(client, subjects.action_inbox, ActionReceipt)


class NotAdmittedError(BusUnavailableError):
    """The server is there and does not let us in. Next: `phoihop identity create`, or PHOIHOP_NATS_CREDS."""


@asynccontextmanager
async def connection(url: str, creds: Path | None = None, *, patient: bool = False) -> AsyncIterator[Client]:
    """A client connection for commands.

    Raises `BusUnavailableError` when the server is away and we are not patient, or when the key file cannot be used;
    `NotAdmittedError` when the server does not let us in.
    """
    client, told = Client(), list[str]()

    async def listen(error: Exception) -> None:
        """Errors surface where they matter; the library would print them to the terminal."""
        told[:] = [str(error)]

    try:
        await client.connect(
            servers(url),
            **(credentials(creds).options if creds else {}),
            max_reconnect_attempts=-1 if patient else 1,  # rejected: 0, which the library takes for no limit
            reconnect_time_wait=0.2,  # type: ignore[arg-type]  # it sleeps that long; the annotation is too narrow
            allow_reconnect=patient,
            connect_timeout=2,
            ping_interval=ping_seconds(servers(url)),
            error_cb=listen,
        )
    except UnusableSecretError as error:
        raise BusUnavailableError(str(error)) from error
    except Exception as error:
        await client.close()
        if _REFUSED in " ".join([str(error), *told]).lower():
            raise NotAdmittedError(_not_admitted(url, creds)) from error
        msg = f"cannot reach NATS at {url}"
        raise BusUnavailableError(msg) from error
    try:
        yield client
    finally:
        await client.close()


def _not_admitted(url: str, creds: Path | None) -> str:
    shown = f"the key in {creds}" if creds else "a connection without a key"
    return f"NATS at {url} does not admit {shown}. Next: phoihop identity create"
