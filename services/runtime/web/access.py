"""What a section knows of ways in: codes that were offered, what they opened and what has ended, all on one stream.

That a code works once is the server's decision: the first message under its subject wins, whichever process asks.
"""

import base64
import hashlib
import hmac
import os
from collections import OrderedDict
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final, NamedTuple, Protocol, TypeVar

from nats.aio.client import Client
from pydantic import ValidationError

from contracts import access_subjects as subjects
from contracts.access import Ended, Holder, Offered, Opened, Role
from contracts.frozen import Contract
from contracts.streams import ACCESS
from services.runtime.broker import NotConnectedError
from services.runtime.clock import monotonic
from services.runtime.jetstream import BusUnavailableError, last_on_subject
from services.runtime.publishing import Expectation, Publisher, Recorded
from services.runtime.web import codes

BELIEVED: Final = timedelta(seconds=2)
"""For so long a session that was not over is not asked about again: how quickly an end takes effect at most."""
WITHOUT_WORD: Final = timedelta(minutes=10)
"""While the bus is away, for so long a session goes on that was known not to be over."""
_REMEMBERED: Final = 20_000
_CREDENTIAL_BYTES: Final = 32

Kept = TypeVar("Kept", bound=Contract)


class Device(NamedTuple):
    """An enrolled device, and what it proves itself with from now on."""

    holder: Holder
    session: str
    credential: str


class Entry(NamedTuple):
    """Somebody came in."""

    holder: Holder
    session: str


class Book(Protocol):
    """Where ways in are kept. Every question raises `BusUnavailableError` where nothing can be known."""

    async def over(self, session: str) -> bool:
        """Whether a session has ended, as known within the last seconds."""
        ...

    async def enter(self, typed: str, now: datetime, roles: frozenset[Role]) -> Entry | None:
        """Uses a code up for one session; None for an unknown, used, expired or strange one."""
        ...

    async def enrol(self, typed: str, now: datetime, roles: frozenset[Role]) -> Device | None:
        """Uses a code up for a device; a crash before its answer arrives costs the code."""
        ...

    async def device(self, credential: str) -> Entry | None:
        """The device that this proves; None where it was never enrolled, or has ended."""
        ...

    async def note(self, holder: Holder, session: str, now: datetime) -> None:
        """Remembers a session that no code opened, so that it can be listed and ended."""
        ...

    async def end(self, session: str, now: datetime, by: str) -> None:
        """Lets nobody in under this id any more."""
        ...


class Access:
    """The book on the bus."""

    def __init__(self, section: str, client: Callable[[], Client]) -> None:
        self._section = section
        self._client = client
        self._known: OrderedDict[str, tuple[bool, float]] = OrderedDict()

    async def over(self, session: str) -> bool:
        """As last heard within `BELIEVED`; while the bus is away, within `WITHOUT_WORD`."""
        ended, heard = self._known.get(session, (False, float("-inf")))
        if ended or monotonic() - heard < BELIEVED.total_seconds():
            return ended
        try:
            ended = await self._newest(subjects.ended(self._section, session)) is not None
        except BusUnavailableError:
            if monotonic() - heard < WITHOUT_WORD.total_seconds():
                return False
            raise
        self._remember(session, ended)
        return ended

    async def enter(self, typed: str, now: datetime, roles: frozenset[Role]) -> Entry | None:
        """The first to say so wins."""
        found = await self._offer(typed, now, roles)
        if found is None or not await self._open(found.session, Opened(holder=found.holder, at=now)):
            return None
        return found

    async def enrol(self, typed: str, now: datetime, roles: frozenset[Role]) -> Device | None:
        """Only the hash of the credential is kept."""
        found = await self._offer(typed, now, roles, device=True)
        if found is None:
            return None
        secret = base64.urlsafe_b64encode(os.urandom(_CREDENTIAL_BYTES)).decode().rstrip("=")
        if not await self._open(found.session, Opened(holder=found.holder, credential=_hash(secret), at=now)):
            return None
        return Device(found.holder, found.session, f"{found.session}.{secret}")

    async def device(self, credential: str) -> Entry | None:
        """Asks the server each time: a device that has ended gets no token more."""
        session, _, secret = credential.partition(".")
        if not session.isascii() or not session.isalnum() or len(session) > _CREDENTIAL_BYTES:
            return None
        body = await self._newest(subjects.opened(self._section, session))
        opened = _read(Opened, body)
        if opened is None or opened.credential is None or not hmac.compare_digest(opened.credential, _hash(secret)):
            return None
        if await self._newest(subjects.ended(self._section, session)) is not None:
            return None
        return Entry(opened.holder, session)

    async def note(self, holder: Holder, session: str, now: datetime) -> None:
        """Like a code that was used."""
        await self._open(session, Opened(holder=holder, at=now))

    async def end(self, session: str, now: datetime, by: str) -> None:
        """Saying it again changes nothing."""
        ended = Ended(by=by, at=now).model_dump_json().encode()
        subject = subjects.ended(self._section, session)
        await self._publisher.keep(ended, Expectation(subject, 0))
        self._remember(session, ended=True)

    async def _offer(self, typed: str, now: datetime, roles: frozenset[Role], *, device: bool = False) -> Entry | None:
        """What a code offers, if it still offers it here."""
        if (access := codes.id_of(typed)) is None:
            return None
        offered = _read(Offered, await self._newest(subjects.offered(self._section, access)))
        if offered is None or offered.expires_at <= now or offered.holder.role not in roles:
            return None
        if (device and not offered.device) or await self.over(access):
            return None
        return Entry(offered.holder, access)

    async def _open(self, access: str, opened: Opened) -> bool:
        subject = subjects.opened(self._section, access)
        return isinstance(await self._publisher.keep(_body(opened), Expectation(subject, 0)), Recorded)

    async def _newest(self, subject: str) -> bytes | None:
        try:
            stored = await last_on_subject(self._client(), ACCESS.name, subject)
        except NotConnectedError as error:
            raise BusUnavailableError("not connected yet") from error
        return stored.body if stored else None

    @property
    def _publisher(self) -> Publisher:
        try:
            return Publisher(self._client())
        except NotConnectedError as error:
            raise BusUnavailableError("not connected yet") from error

    def _remember(self, session: str, ended: bool) -> None:  # noqa: FBT001  # the answer itself
        self._known[session] = ended, monotonic()
        self._known.move_to_end(session)
        while len(self._known) > _REMEMBERED:
            self._known.popitem(last=False)


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def _body(opened: Opened) -> bytes:
    return opened.model_dump_json(exclude_none=True).encode()


def _read(kind: type[Kept], body: bytes | None) -> Kept | None:
    """What a message of the stream says; None where there is none, or where it is not as we write them."""
    try:
        return kind.model_validate_json(body) if body is not None else None
    except ValidationError:
        return None
